"""What a language model looks at, in a real browser: point, choose, switch off, open."""

import re

import pytest
from playwright.sync_api import Locator, Page, WebSocket, expect

from glassbox.ui.base import i18n
from tests.browser.answers import Answers
from tests.browser.server import settle

EN = i18n.strings("en")
WORDS = {name.removeprefix("components.attention."): text for name, text in EN.items() if ".attention." in name}


def told(word: str) -> re.Pattern[str]:
    """The string `word` of the figure with anything in its placeholders."""
    return re.compile(".+".join(map(re.escape, re.split(r"\{\w+\}", WORDS[word]))))


def sign_in(cell: Locator) -> str:
    """The character in a cell, without how it is read."""
    return str(cell.evaluate("cell => cell.firstChild.textContent"))


@pytest.fixture(scope="module")
def sent(shared: Page) -> list[bytes | str]:
    """What the browser sends to the server, message after message."""
    messages: list[bytes | str] = []

    def keep(message: bytes | str) -> None:
        messages.append(message)

    def follow(socket: WebSocket) -> None:
        socket.on("framesent", keep)

    shared.on("websocket", follow)
    return messages


def opened(page: Page, address: str) -> Page:
    page.goto(f"{address}/transformer?lang=en&model=poet_zh")
    expect(page.locator(".pictures canvas").last).to_be_visible()
    return page


@pytest.fixture(scope="module")
def stays(shared: Page, address: str, sent: list[bytes | str]) -> Page:
    return opened(shared, address)


@pytest.fixture
def figure(stays: Page) -> Page:
    settle(stays)
    return stays


def test_pointing_is_read_in_the_browser_alone(figure: Page, sent: list[bytes | str]) -> None:
    said, title = figure.locator(".said"), figure.locator(".next h2")
    expect(said).to_have_text(told("head_looks"))
    figure.wait_for_timeout(1_500)  # what the page sends by itself when it opens
    before = len(sent)
    cells = figure.locator(".cell.sign")
    at_end = title.text_content()
    cells.nth(6).hover()
    expect(title).to_contain_text(sign_in(cells.nth(6)))
    expect(figure.locator(".cell.hidden").first).to_be_visible()
    cells.nth(3).hover()
    expect(said).to_contain_text(sign_in(cells.nth(3)))
    figure.mouse.move(5, 5)  # out of the figure
    expect(title).to_have_text(str(at_end))
    assert len(sent) == before


def test_place_and_head_are_held_and_in_the_link(page: Page, address: str) -> None:
    figure = opened(page, address)
    figure.locator(".cell.sign").nth(6).click()
    expect(figure).to_have_url(re.compile(r"at=7\b"))
    figure.locator(".pictures button").nth(6).click()
    expect(figure).to_have_url(re.compile(r"head=2\.3"))
    expect(figure.locator(".pictures button").nth(6)).to_have_attribute("aria-pressed", "true")
    poem = figure.locator(".poem")
    poem.focus()
    poem.press("ArrowRight")
    poem.press("ArrowRight")  # at once, before the server has answered
    expect(figure).to_have_url(re.compile(r"at=9\b"))
    expect(poem).to_have_attribute("aria-valuetext", re.compile("head 3 of layer 2"))
    figure.reload()
    expect(figure.locator(".pictures button").nth(6)).to_have_attribute("aria-pressed", "true")
    expect(figure.locator(".cell.pointed")).to_have_count(1)


def test_the_answer_to_a_choice_does_not_undo_the_next_one(page: Page, address: str) -> None:
    answers = Answers(page)
    page.goto(f"{address}/transformer?lang=en&model=poet_zh&at=7")
    poem = page.locator(".poem")
    expect(page.locator(".pictures canvas").last).to_be_visible()
    here = int(str(poem.get_attribute("aria-valuenow")))
    answers.holds = True
    poem.press("ArrowRight")
    answers.arrive()
    poem.press("ArrowRight")
    answers.let_one_run_through()
    expect(poem).to_have_attribute("aria-valuenow", str(here + 2))
    answers.let_one_run_through()
    expect(poem).to_have_attribute("aria-valuenow", str(here + 2))
    expect(page).to_have_url(re.compile(r"at=9\b"))


def test_a_head_is_switched_off_and_on_again(figure: Page) -> None:
    shares = figure.locator(".bars em")
    before = shares.all_text_contents()
    figure.get_by_role("button", name=told("switch_off")).click()
    expect(figure.locator(".pictures .off")).to_have_count(1)
    expect(figure.locator(".hint")).to_contain_text(WORDS["next_patched"])
    assert figure.locator(".bars em").all_text_contents() != before
    figure.get_by_role("button", name=WORDS["all_on"]).click()
    expect(figure.locator(".pictures .off")).to_have_count(0)
    expect(figure.locator(".bars button")).to_have_count(len(before))
    assert shares.all_text_contents() == before


def test_a_score_opens_down_to_its_products(page: Page, address: str) -> None:
    figure = opened(page, address)
    parts = figure.locator(".parts")
    expect(figure.locator(".tick")).to_contain_text("✓")
    head = parts.get_by_role("button", name=told("head_reads")).first
    head.click()
    expect(head).to_have_attribute("aria-expanded", "true")
    parts.get_by_role("button", name=told("source")).first.click()
    expect(figure.locator("table caption", has_text=EN["transformer.opened.products"])).to_be_attached()
    settle(page)
    figure.locator(".st-key-look_on_0 button").click()
    expect(figure.locator(".st-key-look_back button")).to_be_visible()


def test_another_token_is_explained_and_held_against_a_second(figure: Page) -> None:
    second = figure.locator(".bars button").nth(1)
    token = str(second.locator("b").text_content())
    second.click()
    expect(figure.locator(".score h2")).to_contain_text(token)
    figure.locator(".compare button").nth(1).click()
    expect(figure.locator(".score h2")).to_have_text(told("score_against"))
    expect(figure.locator(".tick")).to_contain_text("✓")


def test_what_the_lens_shows_without_the_last_norm_is_said_to_be_no_probabilities(figure: Page) -> None:
    figure.get_by_role("button", name=WORDS["without_norm"], exact=True).click()
    expect(figure.locator(".lens .note")).to_have_text(WORDS["raw_note"])


def test_the_cache_grows_row_by_row_and_is_timed_when_asked(page: Page, address: str) -> None:
    words = {name.removeprefix("components.key_value_cache."): text for name, text in EN.items() if "_cache." in name}
    page.goto(f"{address}/transformer?lang=en&model=poet_zh&section=cache")
    slider, place, kept = (page.locator(f".cache {part}") for part in ("input", "output", ".kept"))
    slider.fill("3")
    expect(place).to_have_text(re.compile(r"^Token 3 of "))
    expect(page.locator(".cache li.ahead").first).to_be_visible()
    three = str(kept.text_content())
    page.get_by_role("button", name=words["play"]).click()
    expect(place).not_to_have_text(re.compile(r"^Token 3 of "))
    page.get_by_role("button", name=words["pause"]).click()
    expect(kept).not_to_have_text(three)
    page.get_by_role("button", name=EN["transformer.cache.measure"]).click()
    expect(page.locator(".cache .times dt")).to_have_text([words["with"], words["without"]])


def test_a_play_is_read_word_by_word_and_another_poet_is_a_click_away(page: Page, address: str) -> None:
    page.goto(f"{address}/transformer?lang=en")
    words = page.locator(".poem .word")
    expect(words.nth(2)).to_have_text("O␣")
    expect(page.locator(".poem small")).to_have_count(0)
    page.locator(".cell.sign").nth(8).click()
    expect(page).to_have_url(re.compile(r"at=10\b"))
    page.get_by_role("radio", name=EN["transformer.writes.quatrains"]).click()
    expect(page.locator(".poem .word")).to_have_count(0)
    expect(page.locator(".poem small").first).to_have_text("chuáng")
    expect(page).to_have_url(re.compile(r"model=poet_zh"))
    expect(page).not_to_have_url(re.compile(r"at="))
