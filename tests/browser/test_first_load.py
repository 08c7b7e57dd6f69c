"""What a first visit loads, in kB of 1000 bytes over the wire: a phone on a slow line waits for each of them."""

import time
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, expect

from glassbox.ui.server.prepared_files import streamlit_files
from tests.browser.server import PATIENCE

FIRST_SCREEN = 900
FIRST_CHART = 1500


@pytest.fixture(scope="module")
def prepared(address: str) -> str:
    """The address of the dashboard, once its server has made the last of its files."""
    (font,) = streamlit_files()._replaced
    deadline = time.monotonic() + 4 * PATIENCE / 1000  # they are made beside whatever else runs
    while time.monotonic() < deadline:
        with urlopen(address + font) as answer:
            if len(answer.read()) < 100_000:
                return address
        time.sleep(0.5)
    pytest.fail("the server has not made its files")


@pytest.mark.parametrize("encoding", ["br", "gzip"])
def test_the_first_screen_and_the_first_chart_load_little(browser: Browser, prepared: str, encoding: str) -> None:
    """Over plain HTTP, other than from this machine, browsers take gzip alone."""
    visitor = browser.new_context(locale="en-US", viewport={"width": 1280, "height": 900})
    page = visitor.new_page()
    devtools = visitor.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.send("Network.setExtraHTTPHeaders", {"headers": {"Accept-Encoding": encoding}})
    loaded: list[float] = []
    asked: list[str] = []
    encodings: set[str | None] = set()
    devtools.on("Network.loadingFinished", lambda event: loaded.append(event["encodedDataLength"] / 1000))
    page.on("request", lambda request: asked.append(request.url))
    page.on("response", lambda response: encodings.add(response.headers.get("content-encoding")))

    page.goto(prepared)
    expect(page.locator(".gb-card-label").first).to_be_visible(timeout=PATIENCE)
    page.wait_for_load_state("networkidle")
    first = sum(loaded)
    assert 300 < first <= FIRST_SCREEN, (first, sorted(loaded)[-5:])
    assert encodings == {encoding, None}

    page.locator("[data-testid=stSidebar] a[href*=model_zoo]").click()
    page.locator("[class*=st-key-gb_chart_]").first.scroll_into_view_if_needed(timeout=2 * PATIENCE)
    expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible(timeout=2 * PATIENCE)
    page.wait_for_load_state("networkidle")
    assert 300 < sum(loaded) - first <= FIRST_CHART, sorted(loaded)[-5:]
    assert not [url for url in asked if "Italic" in url or "SourceCode" in url]
    visitor.close()
