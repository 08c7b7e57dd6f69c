"""On a phone nothing is cut off that a visitor has to read."""

import pytest
from playwright.sync_api import Page, expect

from glassbox.ui.base import i18n
from glassbox.ui.frame import places
from tests.browser.server import PATIENCE

CUT = "link => [...link.querySelectorAll('span, div, p')].filter(one => one.scrollWidth > one.clientWidth).length"


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_the_longest_question_that_comes_next_is_read_to_its_end(page: Page, address: str, language: str) -> None:
    strings = i18n.strings(language)
    before = max(places.PLACES, key=lambda key: len(strings[f"{places.after(key).key}.question"]))
    page.set_viewport_size({"width": 320, "height": 700})
    page.goto(f"{address}/{places.address(places.PLACES[before])}?lang={language}")
    following = page.locator(".st-key-gb_next a")
    expect(following).to_contain_text(strings[f"{places.after(before).key}.question"], timeout=PATIENCE)
    assert following.evaluate(CUT) == 0


def test_a_table_wider_than_a_phone_shows_that_it_goes_on(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(f"{address}/explainability?lang=en")
    table = page.locator(".gb-table").first
    expect(table).to_be_visible(timeout=PATIENCE)
    assert table.evaluate("table => table.scrollWidth > table.clientWidth"), "else there is nothing to show"
    drawn = table.evaluate("table => getComputedStyle(table).backgroundAttachment")
    assert drawn == "local, local, scroll, scroll", "shadows that stay at the edges, below covers that move"


def test_the_strip_of_maps_fades_where_it_goes_on(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(f"{address}/cnn?lang=en")
    strip = page.locator(".maps .gb-edges")
    expect(strip).to_be_visible(timeout=PATIENCE)
    expect(strip).to_have_css("--gb-fade-left", "0px")
    expect(strip).to_have_css("--gb-fade-right", "32px")
    strip.evaluate("strip => strip.scrollTo(strip.scrollWidth, 0)")
    expect(strip).to_have_css("--gb-fade-left", "32px")
    expect(strip).to_have_css("--gb-fade-right", "0px")
