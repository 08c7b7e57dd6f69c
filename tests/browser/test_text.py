"""Text read and written in a real browser: type, point, swap, write, stop, take another way."""

import re

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from glassbox.ui.base import i18n
from tests.browser.server import settle

EN = i18n.strings("en")


@pytest.fixture(scope="module")
def opened(shared: Page, address: str) -> Page:
    shared.goto(f"{address}/text?lang=en&task=sentiment&text=the+film+is+good&view=swap")
    expect(cards(shared)).to_have_count(3)
    return shared


@pytest.fixture
def text(opened: Page) -> Page:
    settle(opened)
    return opened


@pytest.fixture
def writing(context: BrowserContext, address: str) -> Page:
    opened = context.new_page()
    opened.goto(f"{address}/writing?lang=en&writer=en&prompt=the+film+")
    expect(opened.locator(".gb-writer-text")).to_have_text(re.compile("the film ...."))
    return opened


def cards(page: Page) -> Locator:
    return page.locator(".st-key-gb_passages article")


def test_pointing_shows_the_same_place_in_all(text: Page) -> None:
    cards(text).first.locator(".gb-token").nth(1).hover()
    for i in range(3):
        expect(cards(text).nth(i).locator(".gb-passage-read")).to_contain_text("After “film”")
    cards(text).nth(1).locator(".gb-passage-text").focus()
    text.keyboard.press("Home")
    text.keyboard.press("ArrowRight")
    text.keyboard.press("ArrowRight")
    expect(cards(text).nth(2).locator(".gb-passage-read")).to_contain_text("After “is”")


def test_another_word_is_put_in_by_click_and_keyboard(text: Page) -> None:
    both = text.locator("article[data-name=before], article[data-name=after]")
    expect(both).to_have_count(2)
    both.first.locator(".gb-token").nth(3).click()
    box = text.get_by_label(EN["text.swap_label"])
    box.fill("bad")
    box.press("Enter")
    expect(both.last.locator(".gb-passage-text")).to_contain_text("the film is bad")


def test_text_is_read_while_it_is_typed(text: Page) -> None:
    text.locator("textarea").press_sequentially(", but the end", delay=20)
    expect(cards(text).first.locator(".gb-token")).to_have_count(8)
    expect(text).to_have_url(re.compile("text=the\\+film\\+is\\+good%2C\\+but\\+the\\+end"))
    text.locator("textarea").fill("这部电影真好看。")
    expect(cards(text).first.locator(".gb-token")).to_have_count(8)
    expect(cards(text).first.locator(".gb-passage-bars li")).to_have_count(8)  # the task followed: eight topics
    text.locator("textarea").fill("  ")
    expect(text.get_by_text(EN["frame.text_error.blank"])).to_be_visible()
    text.locator("textarea").fill("x" * 501)
    expect(text.get_by_text(re.compile("This text has 501 characters"))).to_be_visible()
    expect(text.locator("textarea")).to_have_value("x" * 501)


def test_it_writes_stops_and_takes_another_way(writing: Page) -> None:
    sheet = writing.locator(".gb-writer-text > span")
    expect(sheet).to_have_count(48)
    writing.get_by_role("button", name=EN["components.text_writer.write"]).click()
    expect(sheet.nth(80)).to_be_visible()  # the server was asked more than once
    writing.get_by_role("button", name=EN["components.text_writer.pause"]).click()
    expect(writing.get_by_role("button", name=EN["components.text_writer.write"])).to_be_visible()
    before = [sign or "" for sign in sheet.all_text_contents()][:10]
    sheet.nth(10).click()
    other = writing.locator(".gb-writer-next button[aria-pressed=false]").first
    other.click()
    expect(writing).to_have_url(re.compile("ways=10\\."))
    expect(writing.locator(".gb-taken")).to_have_count(1)
    expect(sheet.nth(16)).to_be_visible()  # and it goes on from there
    assert [sign or "" for sign in sheet.all_text_contents()][:10] == before


def test_what_is_copied_is_underlined_counted_and_said(writing: Page) -> None:
    sheet, underlined = writing.locator(".gb-writer-text > span"), writing.locator(".gb-writer-text > span.gb-copied")
    writing.get_by_role("button", name=EN["components.text_writer.write"]).click()
    expect(sheet.nth(100)).to_be_visible()
    writing.get_by_role("button", name=EN["components.text_writer.pause"]).click()
    expect(writing.get_by_role("button", name=EN["components.text_writer.write"])).to_be_visible()
    count, copied = sheet.count(), underlined.count()
    assert 0 < copied < count
    said = EN["components.text_writer.copied"].format(share=f"{copied / count:.1%}", count=count, length=12)
    expect(writing.locator(".gb-writer-copied")).to_have_text(said)
    expect(writing.locator(".gb-writer-said")).to_contain_text(said)
    lines = {sheet.nth(place).evaluate("node => getComputedStyle(node).textDecorationLine") for place in range(count)}
    assert lines == {"none", "underline"}
    underlined.first.click()
    here = re.compile(re.escape(EN["components.text_writer.copied_here"]))
    expect(writing.locator(".gb-writer-text")).to_have_attribute("aria-valuetext", here)
    writing.locator(".gb-writer-text > span:not(.gb-copied)").first.click()
    expect(writing.locator(".gb-writer-text")).not_to_have_attribute("aria-valuetext", here)


@pytest.mark.parametrize(("width", "beside"), [(1280, True), (400, False)])
def test_maps_of_a_text_stand_side_by_side_where_there_is_room(
    context: BrowserContext, address: str, width: int, beside: bool
) -> None:
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{address}/text?lang=zh&view=inside")
    maps = page.locator(".st-key-gb_text_rows .map")
    expect(maps).to_have_count(4)
    boxes = [maps.nth(i).locator("..").bounding_box() for i in range(2)]
    first, second = [box for box in boxes if box]
    assert (first["y"] == second["y"]) is beside
    assert (second["x"] >= first["x"] + first["width"]) is beside
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= width


def test_a_map_of_a_text_tells_the_cell_pointed_at(context: BrowserContext, address: str) -> None:
    page = context.new_page()
    page.goto(f"{address}/text?lang=en&task=sentiment&text=the+film+is+good&view=inside")
    film = page.locator(".st-key-gb_text_rows")
    drawing = film.locator("canvas").first
    expect(drawing).to_be_visible()
    box = drawing.bounding_box()
    assert box
    units = int(drawing.evaluate("(canvas) => canvas.width"))
    drawing.hover(position={"x": box["width"] * (units - 0.5) / units, "y": box["height"] * 1.5 / 4})
    expect(film.locator(".readout")).to_contain_text(str(units))
    mark = film.locator(".point").first.bounding_box()
    assert mark and abs(mark["x"] + mark["width"] - box["x"] - box["width"]) < 1


CHANGING = "it could have been a great film , but it is a bad , dull and lifeless mess , and yet i laughed"
_OVERLAPS = """(marks) => marks.filter((mark, i) => {
  const [a, token] = [mark, mark.parentElement].map((one) => one.getBoundingClientRect())
  const others = marks.slice(0, i).map((other) => other.getBoundingClientRect())
  const inside = a.left >= token.left - 1 && a.right <= token.right + 1 && a.width > 8
  return !inside || others.some((b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)
}).length"""
_TONES = """(tokens) => tokens.map((token) => [
  token.style.getPropertyValue("--tone"), Number(token.style.getPropertyValue("--share"))])"""


@pytest.mark.parametrize("width", [1280, 390])
def test_each_verdict_on_the_way_is_readable_and_stands_at_its_token(
    context: BrowserContext, address: str, width: int
) -> None:
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{address}/text?lang=en&task=sentiment&text={CHANGING.replace(' ', '+')}")
    expect(cards(page)).to_have_count(3)
    marks = page.locator(".st-key-gb_passages .gb-token i")
    assert marks.count() > 3
    assert marks.evaluate_all(_OVERLAPS) == 0
    for i in range(marks.count()):
        mark = marks.nth(i)
        where = mark.locator("xpath=..")
        where.hover()
        card = mark.locator("xpath=ancestor::article")
        expect(card.locator(".gb-passage-read")).to_contain_text(f": {mark.get_attribute('data-word')}, ")
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= width


def test_a_colour_means_one_thing_on_the_page(context: BrowserContext, address: str) -> None:
    """A network's own colour: the verdict at the end; grey: another one; orange and blue: for and against it."""
    page = context.new_page()
    page.goto(f"{address}/text?lang=en&task=sentiment&text={CHANGING.replace(' ', '+')}&view=decided")
    expect(cards(page)).to_have_count(3)
    for card in cards(page).all():
        colour = card.evaluate("(card) => card.style.getPropertyValue('--colour')")
        verdict = card.locator(".gb-passage-verdict em").inner_text()
        for i, (tone, _) in enumerate(card.locator(".gb-token").evaluate_all(_TONES)):
            card.locator(".gb-token").nth(i).hover()
            same = f": {verdict}, " in card.locator(".gb-passage-read").inner_text()
            assert tone == (colour if same else "var(--gb-grey)")
    decided = page.locator("article[data-name=occlusion]")
    expect(decided).to_be_visible()
    tones = [tone for tone, share in decided.locator(".gb-token").evaluate_all(_TONES) if share]
    assert set(tones) == {"var(--gb-positive)", "var(--gb-negative)"}
