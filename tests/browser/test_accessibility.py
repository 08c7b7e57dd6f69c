"""No page has a fault that axe-core finds, of whatever impact: headings, names, contrast, focus, tables, lists."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from glassbox.ui.base import i18n
from glassbox.ui.frame.places import PLACES
from tests.browser.server import PATIENCE

SCREEN = {"width": 1280, "height": 6000}
"""Tall enough for all of a page: what is far below the window is drawn only when it comes near."""


@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("zh", "dark")])
def test_pages_have_no_faults_that_axe_finds(browser: Browser, address: str, language: str, theme: str) -> None:
    visitor = browser.new_context(viewport=SCREEN, color_scheme=theme)  # type: ignore[arg-type]
    visitor.set_default_timeout(PATIENCE)
    page, found, words = visitor.new_page(), {}, i18n.strings(language)
    page.goto(f"{address}?lang={language}")
    for key in PLACES:
        page.get_by_test_id("stSidebar").get_by_role("link", name=words[f"{key}.name"], exact=True).click()
        expect(page.locator("h1")).to_have_text(words[f"{key}.question"])
        settle(page)
        if faults := Axe().run(page).response["violations"]:
            found[key] = [(fault["impact"], fault["id"], fault["nodes"][0]["html"][:200]) for fault in faults]
    visitor.close()
    assert len(PLACES) == 16
    assert found == {}


def settle(page: Page) -> None:
    """Wait until the page has run and has nothing left to draw."""
    page.wait_for_function(
        """() => {
          const app = document.querySelector('[data-testid="stApp"]')
          const size = document.querySelectorAll("*").length
          const busy = app.dataset.testScriptState !== "notRunning" || size !== window.lastSize
          const drawing = document.querySelector('[data-testid="stSkeleton"], [data-testid="stSpinner"]')
          window.lastSize = size
          window.calm = busy || drawing ? 0 : (window.calm ?? 0) + 1
          return window.calm >= 3
        }""",
        polling=100,
    )
