"""Poems written in a real browser: shown as poems, turned, written at once, taken another way, without a fault."""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from glassbox.ui.base import i18n
from glassbox.zoo import folder
from tests.browser.server import settle
from tests.browser.walk import faults

EN = i18n.strings("en")
WORDS = {name.removeprefix("components.text_writer."): text for name, text in EN.items() if ".text_writer." in name}
PATH = "/writing?lang=en&writer=poet_zh&form=wujue&given=acrostic&words=春夏秋冬"
pytestmark = pytest.mark.skipif("poet_zh" not in folder.names("transformer"), reason="poet_zh is not among the models")


@pytest.fixture
def poem(context: BrowserContext, address: str) -> Page:
    opened = context.new_page()
    opened.goto(f"{address}{PATH}")
    expect(opened.locator(".gb-writer-verdict li")).to_have_count(4)
    return opened


def test_a_poem_stands_in_columns_from_right_to_left_and_can_be_turned(poem: Page) -> None:
    signs = poem.locator(".gb-poem > span:not(.gb-line-end)")
    assert [signs.nth(place).text_content() for place in (0, 5, 10, 15)] == [*"春夏秋冬"]
    expect(poem.locator(".gb-poem > .gb-given")).to_have_count(4)

    def place(number: int) -> tuple[float, float]:
        box = signs.nth(number).bounding_box()
        assert box is not None
        return box["x"], box["y"]

    assert place(1)[1] > place(0)[1] and place(5)[0] < place(0)[0]
    poem.get_by_role("button", name=WORDS["horizontal"]).click()
    expect(poem).to_have_url(re.compile("layout=horizontal"))
    assert place(1)[0] > place(0)[0] and place(5)[1] > place(0)[1]
    expect(poem.locator(".gb-poem > [data-tone]")).to_have_count(20)


def test_begun_again_it_comes_character_by_character_or_at_once(poem: Page) -> None:
    signs, verdict = poem.locator(".gb-poem > span"), poem.locator(".gb-writer-verdict li")
    poem.get_by_role("slider", name=re.compile(WORDS["speed"])).fill("0")
    poem.get_by_role("button", name=WORDS["again"]).click()
    expect(signs.nth(1)).to_be_visible()
    expect(verdict).to_have_count(0)
    poem.get_by_role("button", name=WORDS["at_once"]).click()
    expect(verdict).to_have_count(4)
    expect(signs).to_have_count(24)
    expect(poem.locator(".gb-writer-said")).to_contain_text(str(verdict.first.text_content()))


def test_another_way_is_taken_in_a_poem(poem: Page) -> None:
    poem.locator(".gb-poem > span").nth(7).click()
    expect(poem.locator(".gb-writer-text")).to_have_attribute("aria-valuetext", re.compile("tone"))
    poem.locator(".gb-writer-next button[aria-pressed=false]").first.click()
    expect(poem).to_have_url(re.compile("ways=7\\."))
    expect(poem.locator(".gb-poem > .gb-taken")).to_have_count(1)


def test_recurrent_text_comes_at_once(context: BrowserContext, address: str) -> None:
    page = context.new_page()
    page.goto(f"{address}/writing?lang=en&writer=en&prompt=the+film+")
    expect(page.locator(".gb-writer-text > span").nth(47)).to_be_visible()
    page.get_by_role("button", name=WORDS["at_once"]).click()
    expect(page.locator(".gb-writer-text > span")).to_have_count(400)
    expect(page.locator(".gb-writer-count")).to_have_text(WORDS["full"])


def test_poems_have_no_faults_and_fit_the_screen(poem: Page) -> None:
    for theme, width in (("light", 390), ("dark", 390), ("dark", 1280)):
        poem.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        poem.set_viewport_size({"width": width, "height": 900})
        expect(poem.locator(".gb-writer-verdict li")).to_have_count(4)
        settle(poem)
        wide = poem.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert faults(poem) == [] and wide == 0, (theme, width)
