"""The server ends and starts again while a page is open: the page stays, says what happens, and goes on by itself."""

import sys
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Page, expect

from glassbox.paths import ROOT
from tests.browser.server import serve, settle
from tests.browser.test_read import ZH, labels, picture

COMMAND = [sys.executable, "-m", "streamlit", "run", "dashboard.py"]


def give(page: Page, label: str) -> None:
    page.get_by_role("radio", name=ZH["read.way.upload"]).click()
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(picture(label))
    expect(page.locator(".gb-card-label").first).to_have_text(label)
    settle(page)


def test_a_page_outlives_its_server(context: BrowserContext, tmp_path: Path) -> None:
    page = context.new_page()
    with serve(COMMAND, ROOT, tmp_path / "log") as address:
        page.goto(f"{address}/?lang=zh")
        give(page, "8")
    gone = page.get_by_role("dialog", name=ZH["components.copy_link.gone"])
    expect(gone).to_contain_text(ZH["components.copy_link.gone_text"])
    assert set(labels(page)) == {"8"}, "what was there can still be read"
    page.keyboard.press("Escape")
    expect(gone).to_have_count(0)
    reminder = page.get_by_role("status").filter(has_text=ZH["components.copy_link.gone"])
    expect(reminder).to_be_visible()
    with serve(COMMAND, ROOT, tmp_path / "second", port=urlsplit(address).port or 0):
        expect(reminder).to_have_count(0)
        expect(page.locator("canvas.sheet")).to_be_visible()  # the page begins anew, with what its link carries
        settle(page)
        assert set(labels(page)) == {"8"} and not page.get_by_test_id("stException").count()
        give(page, "7")
