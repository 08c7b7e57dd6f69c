"""Reading row by row in a real browser: play, slide, point, ask."""

import re

import pytest
from playwright.sync_api import Page, expect

from glassbox.ui.base import i18n
from tests.browser.answers import Answers
from tests.browser.server import settle

EN = i18n.strings("en")


@pytest.fixture
def rnn(page: Page, address: str) -> Page:
    page.goto(f"{address}/rnn?lang=en")
    expect(page.locator("section[data-network=gru] canvas").first).to_be_visible()
    return page


def row(number: int) -> str:
    return EN["components.time_film.row"].format(row=number, rows=28)


def test_rows_are_played_slid_read_and_asked(rnn: Page) -> None:
    clock, slider = rnn.locator("output"), rnn.locator("input[type=range]")
    card = rnn.locator(".st-key-gb_rows_number")
    expect(clock).to_have_text(row(15))
    expect(card).to_contain_text("row 15")  # the sum is that of the row that is current
    rnn.get_by_role("button", name=EN["components.time_film.play"]).click()
    expect(clock).not_to_have_text(row(15))
    rnn.get_by_role("button", name=EN["components.time_film.pause"]).click()
    slider.fill("14")
    expect(clock).to_have_text(row(14))
    slider.press("ArrowRight")
    expect(clock).to_have_text(row(15))
    slider.press("ArrowRight")
    expect(card).to_contain_text("row 16")

    state = rnn.locator("section[data-network=lstm] canvas").first
    state.hover(position={"x": 44, "y": 100})
    expect(rnn.locator(".readout")).to_contain_text(re.compile(r"LSTM · Hidden state, row 13, unit 6: −?\d"))
    state.click(position={"x": 44, "y": 100})
    expect(rnn.locator(".st-key-gb_rows_number")).to_contain_text("LSTM: Hidden state, row 13, unit 6")
    expect(clock).to_have_text(row(13))
    rnn.get_by_role("button", name=re.compile("Forget gate f, row 13, unit 6 =")).click()
    expect(rnn.locator(".st-key-gb_rows_number")).to_contain_text("LSTM: Forget gate f, row 13, unit 6")


def test_an_answer_does_not_take_back_who_has_gone_on_since(page: Page, address: str) -> None:
    answers = Answers(page)
    page.goto(f"{address}/rnn?lang=en")
    expect(page.locator("section[data-network=gru] canvas").first).to_be_visible()
    settle(page)
    slider = page.locator("input[type=range]")
    answers.holds = True
    slider.fill("10")
    answers.arrive()  # to row 10, on which the visitor stayed long enough
    slider.fill("20")
    answers.let_one_run_through()
    expect(page.locator("output")).to_have_text(row(20))


def test_the_race_tells_the_end_at_the_end_and_marks_each_change_of_mind(rnn: Page) -> None:
    slider = rnn.locator("input[type=range]")
    said = rnn.locator("section[data-network=rnn] > p")
    dots = rnn.locator(".lane").first.locator("i:visible")
    slider.fill("1")
    expect(said).to_be_hidden()
    expect(dots).to_have_count(0)
    slider.fill("28")
    expect(said).to_be_visible()
    changes = re.search(r"(\d+) ×", said.inner_text())
    assert changes
    expect(dots).to_have_count(int(changes[1]))
    expect(rnn.locator(".lane").first.locator("span.leads")).to_have_text("7")


def test_gates_wait_behind_a_switch(rnn: Page) -> None:
    gates = rnn.locator("section[data-network=lstm] .inner")
    expect(gates.first).to_be_hidden()
    rnn.get_by_label(EN["components.time_film.gates"]).check()
    expect(gates).to_have_count(5)
    expect(gates.first).to_be_visible()


def test_keyboard_reads_and_asks(rnn: Page) -> None:
    state = rnn.locator("section[data-network=rnn] canvas").nth(1)
    state.focus()
    rnn.keyboard.press("ArrowDown")
    rnn.keyboard.press("ArrowRight")
    expect(rnn.locator(".readout")).to_contain_text("row 2, unit 2")
    rnn.keyboard.press("Enter")
    expect(rnn.locator(".st-key-gb_rows_number")).to_contain_text("RNN: Hidden state, row 2, unit 2")


BRIGHTNESS = """canvas => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height)
  const grey = data.filter((_, i) => i % 4 < 3)
  return grey.reduce((sum, value) => sum + value, 0) / grey.length
}"""
HAS_BLUE = """canvas => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height)
  return data.some((red, i) => i % 4 === 0 && data[i + 2] > red + 60)
}"""


def test_film_has_the_colours_of_the_theme_and_follows_it(rnn: Page) -> None:
    """Mostly paper: bright on white, dark on black; what is below zero is blue, also when the page opens with it."""
    state = rnn.locator("section[data-network=lstm] canvas").first
    rnn.locator("input[type=range]").fill("28")  # rows to come are faint
    assert state.evaluate(BRIGHTNESS) > 150
    assert state.evaluate(HAS_BLUE)
    rnn.emulate_media(color_scheme="dark")
    rnn.wait_for_function(f"canvas => ({BRIGHTNESS})(canvas) < 100", arg=state.element_handle())
    assert state.evaluate(HAS_BLUE)
