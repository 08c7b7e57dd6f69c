"""A visitor teaches a network and asks for an explanation, in a real browser."""

import re

from playwright.sync_api import Page, expect

from glassbox.ui.base import i18n
from tests.model_names import english

EN = i18n.strings("en")


def test_teaching_beat_by_beat_and_forgetting(page: Page, address: str) -> None:
    page.goto(f"{address}/backprop?lang=en")
    page.get_by_role("button", name=EN["components.stepper.next"], exact=True).click()
    expect(page.locator(".gb-map-title").filter(has_text=EN["frame.questions.truth_map"])).to_be_visible()
    page.get_by_role("button", name=re.compile("^Teach the|Teach the MLP")).click()
    expect(page.get_by_text(re.compile(r"\d+ forgotten, \d+ learned"))).to_be_visible()
    film = page.locator(".gb-film")
    expect(film.get_by_text(EN["components.lesson_film.step"].format(step=5), exact=True)).to_be_visible()
    film.locator(".gb-film-wall").focus()
    page.keyboard.press("ArrowRight")
    expect(film.get_by_role("status")).to_contain_text(re.compile("^This 5 was read as 5 before the lesson"))
    page.get_by_role("button", name=EN["backprop.teach.rehearse"].format(count=10)).click()
    expect(film.locator("i.gb-practised")).to_have_count(10)
    expect(film.get_by_text(EN["components.lesson_film.step"].format(step=10), exact=True)).to_be_visible()
    page.get_by_role("button", name=EN["backprop.teach.reset"]).click()
    expect(film.get_by_text(EN["components.lesson_film.step"].format(step=0), exact=True)).to_be_visible()


def test_one_press_of_back_undoes_one_choice(page: Page, address: str) -> None:
    page.goto(f"{address}/backprop?lang=en")
    chosen = page.locator(".st-key-backprop_model_widget").get_by_role("radio", checked=True)
    expect(chosen).to_have_text(english("rnn"))  # it misreads the digit
    page.get_by_role("radio", name=english("mlp"), exact=True).click()
    expect(page).to_have_url(re.compile("model=mlp"))
    page.get_by_role("radio", name=english("cnn"), exact=True).click()
    expect(page).to_have_url(re.compile("model=cnn"))
    page.go_back()
    expect(chosen).to_have_text(english("mlp"))
    page.go_back()
    expect(chosen).to_have_text(english("rnn"))


def test_the_step_plays_to_its_end_and_the_error_is_read_off_row_by_row(page: Page, address: str) -> None:
    page.goto(f"{address}/backprop?lang=en&model=rnn")
    page.get_by_role("button", name=EN["components.stepper.play"], exact=True).click()
    expect(page.get_by_text(EN["components.stepper.beat"].format(number=7, count=7))).to_be_visible(timeout=20_000)
    expect(page.get_by_text(re.compile(r"^The loss fell from"))).to_be_visible()
    expect(page).to_have_url(re.compile(r"beat=7"))
    page.get_by_text(EN["backprop.time.title"], exact=True).click()
    chart = page.get_by_role("img", name=re.compile("^The size of the error at each row"))
    expect(chart).to_be_visible()
    spoken = re.findall(r"(RNN|LSTM|GRU)[^()]*\(\S+ → (\S+)\)", chart.get_attribute("aria-label") or "")
    chart.focus()
    page.keyboard.press("ArrowRight")
    first = " · ".join(f"{name} {value}" for name, value in spoken)
    expect(page.get_by_role("status").filter(has_text=f"{EN['backprop.time.row_axis']} 1: {first}")).to_be_visible()


def test_explanation_is_chosen_and_its_pixels_tell_their_value(page: Page, address: str) -> None:
    page.goto(f"{address}/explain?lang=en")
    page.get_by_role("button", name=re.compile(r"^All \d+ maps")).click()
    titles = page.locator("button.gb-map-title")
    titles.nth(4).click()  # the second method, the second network
    method, model = EN["frame.method.gradient_times_input"], english("cnn")
    heading = page.get_by_role("heading", name=EN["explain.detail"].format(method=method, model=model))
    expect(heading).to_be_in_viewport()
    expect(titles).to_have_count(0)  # the list makes way
    canvas = page.locator(".gb-map canvas").first
    canvas.focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".gb-map figcaption").first).to_contain_text(re.compile(r"row 16, column 15: \S+"))


def test_pixels_are_erased_by_dragging_along_the_curve(page: Page, address: str) -> None:
    page.goto(f"{address}/explain?lang=en&networks=mlp&label=1")
    figure = page.locator(".erasing")
    said = figure.get_by_role("status")
    expect(said).to_contain_text("0 of 784 pixels changed.")
    curve = figure.locator("figure svg")
    curve.scroll_into_view_if_needed()
    box = curve.bounding_box()
    assert box
    page.mouse.move(box["x"] + 60, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 12, box["y"] + 60, steps=5)
    page.mouse.up()
    expect(said).to_contain_text("784 of 784 pixels changed.")
    figure.get_by_role("slider").focus()
    page.keyboard.press("Home")
    expect(said).to_contain_text("0 of 784 pixels changed.")
