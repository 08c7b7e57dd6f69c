"""On a phone nothing is cut off that a visitor has to read."""

import pytest
from playwright.sync_api import Browser, expect

from glassbox.ui.base import i18n
from glassbox.ui.frame import places
from tests.browser.server import PATIENCE

CUT = "link => [...link.querySelectorAll('span, div, p')].filter(one => one.scrollWidth > one.clientWidth).length"


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_the_longest_question_that_comes_next_is_read_to_its_end(browser: Browser, address: str, language: str) -> None:
    strings = i18n.strings(language)
    before = max(places.PLACES, key=lambda key: len(strings[f"{places.after(key).key}.question"]))
    visitor = browser.new_context(viewport={"width": 320, "height": 700})
    page = visitor.new_page()
    page.goto(f"{address}/{places.address(places.PLACES[before])}?lang={language}")
    following = page.locator(".st-key-gb_next a")
    expect(following).to_contain_text(strings[f"{places.after(before).key}.question"], timeout=PATIENCE)
    assert following.evaluate(CUT) == 0
    visitor.close()
