"""A network that learns before one's eyes, in a real browser."""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from glassbox.ui.base import i18n
from tests.browser.server import settle

EN = i18n.strings("en")
WORDS = "components.training_board.view."
VIEW = {key.removeprefix(WORDS): words for key, words in EN.items() if key.startswith(WORDS)}


@pytest.fixture
def playground(context: BrowserContext, address: str) -> Page:
    opened = context.new_page()
    opened.goto(f"{address}/playground?lang=en&layers=3&rate=0.1")
    expect(opened.locator(".gb-board-node").first).to_be_visible()
    return opened


def figure(page: Page, name: str) -> float:
    text = page.locator(".gb-board-figures span", has_text=VIEW[name]).locator("b").inner_text()
    return float(text.replace(",", "").removesuffix("%"))


def test_it_plays_learns_pauses_and_resets(playground: Page) -> None:
    before = figure(playground, "train_loss")
    playground.get_by_role("button", name=VIEW["play"]).click()
    expect(playground.locator(".gb-board-figures b").first).not_to_have_text("0")
    expect(playground.locator(".gb-board-figures b").first).to_have_text(re.compile(r"[1-9]\d+"))  # several answers
    playground.get_by_role("button", name=VIEW["pause"]).click()
    expect(playground.get_by_role("button", name=VIEW["play"])).to_be_visible()
    assert figure(playground, "train_loss") < before
    playground.get_by_role("button", name=VIEW["reset"]).click()
    expect(playground.locator(".gb-board-figures b").first).to_have_text("0")
    assert figure(playground, "train_loss") == before


def test_a_layer_more_is_in_the_link(playground: Page) -> None:
    expect(playground.locator(".gb-board-node")).to_have_count(7 + 3 + 1)
    playground.get_by_role("button", name=VIEW["more_layers"]).click()
    expect(playground.locator(".gb-board-node")).to_have_count(7 + 3 + 3 + 1)
    expect(playground.locator(".gb-board-head").nth(2)).to_have_text("−3+")
    expect(playground).to_have_url(re.compile(r"layers=3-3"))
    expect(playground).to_have_url(re.compile(r"rate=0\.1"))
    playground.go_back()
    expect(playground.locator(".gb-board-node")).to_have_count(7 + 3 + 1)


@pytest.mark.parametrize("pause", [0, 150, 300])
def test_every_click_counts(playground: Page, pause: int) -> None:
    head = playground.locator(".gb-board-head").nth(1)
    expect(head).to_have_text("−3+")
    more = head.get_by_role("button").last
    for _ in range(4):
        more.click()
        playground.wait_for_timeout(pause)
    expect(playground.locator(".gb-board-node")).to_have_count(7 + 7 + 1)
    expect(playground).to_have_url(re.compile(r"layers=7"))
    expect(head).to_have_text("−7+")
    expect(more).to_be_focused()  # the next neuron is one key away
    for _ in range(4):
        playground.keyboard.press("Enter")
    expect(playground.locator(".gb-board-node")).to_have_count(7 + 8 + 1)  # no more than there may be


def test_every_step_counts(playground: Page) -> None:
    for _ in range(4):
        playground.get_by_role("button", name=VIEW["step"]).click()
    expect(playground.locator(".gb-board-figures b").first).to_have_text("4")


def test_a_weight_set_by_hand_is_in_the_formula(playground: Page) -> None:
    playground.locator(".gb-board-weights input").first.fill("2.5")
    playground.keyboard.press("Enter")
    expect(playground.locator(".gb-board-formula")).to_contain_text("tanh(2.50·h₁,₁")


def test_pasted_rows_become_the_data(playground: Page) -> None:
    playground.get_by_role("radio", name=EN["playground.more.own"]).click()
    box = playground.get_by_label(EN["playground.csv.paste"])
    box.fill("\n".join(f"{i},{i % 7},{'no' if i < 20 else 'yes'}" for i in range(40)))
    box.press("Control+Enter")
    playground.get_by_role("button", name=EN["playground.csv.use"]).click()
    expect(playground.locator(".gb-board-scale")).to_contain_text("yes")
    expect(playground).to_have_url(re.compile(r"data=own"))


def test_a_file_that_is_refused_makes_way_for_the_next(playground: Page) -> None:
    playground.get_by_role("radio", name=EN["playground.more.own"]).click()
    rows = "\n".join(f"{i},{i % 7},{{label}}" for i in range(20))
    chooser, files = playground.locator("input[type=file]"), ("first", "second")
    for name in files:
        data = rows.format(label=name).encode()
        chooser.set_input_files({"name": f"{name}.csv", "mimeType": "text/csv", "buffer": data})
        expect(playground.get_by_test_id("stAlert")).to_contain_text(f"“{name}”")
        settle(playground)  # an uploader of its own stands there for the next one


def test_points_are_painted_while_it_plays_and_rubbed_out(playground: Page) -> None:
    playground.get_by_role("button", name=VIEW["play"]).click()
    playground.get_by_role("button", name=VIEW["brush_paint"].format(name="B")).click()
    plane = playground.locator(".gb-board-surface")
    plane.focus()
    playground.keyboard.press("ArrowRight")
    playground.keyboard.press(" ")  # as the finger and the mouse do
    expect(playground).to_have_url(re.compile("data=own"))
    expect(playground.get_by_role("button", name=VIEW["pause"])).to_be_visible()
    playground.get_by_role("button", name=VIEW["brush_clear"]).click()
    expect(playground.locator(".gb-board-figures")).to_contain_text(re.compile(r"Training loss\s+–"))
    box = plane.bounding_box()
    assert box
    playground.mouse.move(box["x"] + 80, box["y"] + 80)
    playground.mouse.down()
    playground.mouse.move(box["x"] + 200, box["y"] + 80, steps=12)
    playground.mouse.up()
    expect(playground.locator(".gb-board-figures")).to_contain_text(re.compile(r"Training loss\s+\d"))
