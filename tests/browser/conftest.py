"""A running dashboard and a real Chromium, once for all browser tests.

Playwright leaves a running event loop in the thread, which asyncio.run would refuse: both end with these tests.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from glassbox.paths import ROOT
from tests.browser.server import PATIENCE, chromium, serve


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="package")
def address(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a dashboard, started for these tests on a free port."""
    command = [sys.executable, "-m", "streamlit", "run", "dashboard.py"]
    with serve(command, ROOT, tmp_path_factory.mktemp("server") / "log.txt") as served:
        yield served


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A visitor with an English browser, on a laptop; fails if a page has asked another computer for anything."""
    visitor = browser.new_context(locale="en-US", viewport={"width": 1280, "height": 900})
    asked = set[str | None]()
    visitor.on("request", lambda request: asked.add(urlsplit(request.url).hostname))
    visitor.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    yield visitor
    visitor.close()
    assert asked <= {"127.0.0.1", "localhost", None}, "None: data, blobs and files"


@pytest.fixture
def page(context: BrowserContext, address: str) -> Page:
    """The first screen, its verdicts drawn."""
    opened = context.new_page()
    opened.goto(address)
    expect(opened.locator(".gb-card-label").first).to_be_visible()
    return opened
