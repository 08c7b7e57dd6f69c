"""A running dashboard and a real Chromium, once for all browser tests.

Playwright leaves a running event loop in the thread, which asyncio.run would refuse: both end with these tests.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect

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


@pytest.fixture(scope="package")
def visitor(browser: Browser, address: str) -> Iterator[BrowserContext]:
    """An English browser on a laptop, with a window that stays open: the next one finds its process there, and in it
    Streamlit's code compiled."""
    visitor = browser.new_context(locale="en-US", viewport={"width": 1280, "height": 900})
    visitor.set_default_timeout(PATIENCE)
    visitor.new_page().goto(f"{address}/_stcore/health")
    yield visitor
    visitor.close()


@contextmanager
def watched(visitor: BrowserContext) -> Iterator[BrowserContext]:
    """The visitor, whose browser has kept nothing and keeps nothing; fails if a page has asked another computer for
    anything."""
    expect.set_options(timeout=PATIENCE)
    asked = set[str | None]()

    def note(request: Request) -> None:
        asked.add(urlsplit(request.url).hostname)

    visitor.on("request", note)
    before = visitor.pages
    yield visitor
    for opened in visitor.pages:
        if opened not in before:
            opened.close()
    visitor.remove_listener("request", note)
    visitor.set_offline(False)
    visitor.clear_cookies()
    visitor.clear_permissions()
    before[0].evaluate("localStorage.clear()")
    assert asked <= {"127.0.0.1", "localhost", None}, "None: data, blobs and files"


@pytest.fixture
def context(visitor: BrowserContext) -> Iterator[BrowserContext]:
    """The visitor, for one test."""
    with watched(visitor) as visits:
        yield visits


@pytest.fixture(scope="module")
def shared(visitor: BrowserContext) -> Iterator[Page]:
    """A window of the visitor's that stays open for all tests of a file, which are about one page: to open it takes
    longer than most of what they do. Each finds it as the one before has left it."""
    with watched(visitor) as visits:
        yield visits.new_page()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """An empty window of the visitor's."""
    return context.new_page()
