"""A visitor holds explanations to account, in a real browser."""

import re

from playwright.sync_api import Page, expect

from glassbox.ui.base import i18n
from tests.browser.server import settle

EN = i18n.strings("en")


def test_own_picture_joins_the_scoreboard(page: Page, address: str) -> None:
    page.goto(f"{address}/explainability?lang=en")
    page.get_by_role("button", name=EN["explainability.ask"]).click()
    expect(page.locator(".gb-axis > .gb-yours")).to_have_count(38, timeout=60_000)
    expect(page.get_by_text(re.compile(r"^On your picture \d+ of 38"))).to_be_visible()
    settle(page)
    page.get_by_text(EN["explainability.completeness"]).click()
    expect(page.get_by_role("columnheader", name=EN["explainability.missed_own"])).to_be_visible()


def test_choice_of_a_slice_and_of_a_network_is_in_the_link(page: Page, address: str) -> None:
    page.goto(f"{address}/explainability?lang=en&mistakes=gru")
    expect(page.get_by_text(re.compile(r"^The GRU errs on"))).to_be_visible()
    settle(page)
    page.get_by_text(EN["explainability.slices"]).click()
    page.get_by_role("radio", name=EN["explainability.slant"]).click()
    expect(page.get_by_text(re.compile(r"^Your digit leans by"))).to_be_visible()
    expect(page).to_have_url(re.compile(r"slices=slant"))
    expect(page.locator(".gb-marked")).to_have_count(1)


def test_nothing_is_wider_than_a_phone(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{address}/explainability?lang=en")
    expect(page.locator(".gb-dots").last).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
