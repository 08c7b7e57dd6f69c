"""A page that was taken away, opened as a file without a network: it plays, speaks both languages, asks nobody."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.server import settle


def saved(context: BrowserContext, address: str, key: str, folder: Path) -> Page:
    """The file of the page `key`, opened without a network. The test fails by what it reports or asks for."""
    page = context.new_page()
    page.goto(f"{address}/{key}?lang=en")
    settle(page)  # while a page is built, its foot moves away from a click
    page.get_by_role("button", name="Take this page away").click()
    save = page.get_by_role("button", name="Save the file")
    expect(save).to_be_visible()
    settle(page)  # a run that ends meanwhile would take the file away
    with page.expect_download() as download:
        save.click()
    file = folder / f"{key}.html"
    download.value.save_as(file)
    assert file.stat().st_size <= 2_000_000
    page.close()
    context.set_offline(True)
    opened = context.new_page()
    opened.on("pageerror", lambda error: pytest.fail(str(error)))
    opened.on("console", lambda message: pytest.fail(message.text) if message.type == "error" else None)
    opened.on("request", lambda request: pytest.fail(request.url) if request.url.startswith("http") else None)
    opened.goto(file.as_uri())
    return opened


def test_components_play_and_both_languages_are_there(context: BrowserContext, address: str, tmp_path: Path) -> None:
    page = saved(context, address, "rnn", tmp_path)
    expect(page.get_by_role("heading", level=1)).to_have_text("When does a network make up its mind?")
    page.get_by_role("button", name="Play").click()
    expect(page.get_by_text(re.compile(r"Row ([5-9]|[12]\d) of 28"))).to_be_visible()
    page.get_by_role("button", name="中文").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("网络在什么时候拿定主意？")
    expect(page.get_by_role("button", name="播放")).to_be_visible()
    expect(page.get_by_text("When does a network make up its mind?")).to_be_hidden()


def test_charts_are_drawn_and_tell_their_numbers(context: BrowserContext, address: str, tmp_path: Path) -> None:
    page = saved(context, address, "model_zoo", tmp_path)
    chart = page.locator(".gb-chart .main-svg").first
    expect(chart).to_be_visible()
    page.locator(".gb-chart .scatterlayer .point, .gb-chart .barlayer .point").first.hover(force=True)
    expect(page.locator(".gb-chart .hoverlayer .hovertext").first).to_be_visible()
