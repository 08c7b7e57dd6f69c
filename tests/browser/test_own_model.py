"""A model of one's own in a real browser: dropped in, its graph searched and gone through, run, and refused."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from glassbox.ui.base import i18n
from glassbox.zoo import tiny_models
from tests.browser.server import settle

EN = i18n.strings("en")


@pytest.fixture
def own(page: Page, address: str) -> Page:
    page.goto(f"{address}/own_model?lang=en&model=residual")
    expect(said(page)).to_contain_text("Conv", timeout=60_000)  # a process is started, and the model read and run
    return page


def said(page: Page) -> Locator:
    """What the graph says is chosen."""
    return page.locator(".graph .said")


def drop(page: Page, name: str, data: bytes) -> None:
    page.get_by_role("button", name=EN["own_model.file.open"]).first.click()
    page.locator(".st-key-own_model input[type=file]").set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": data}
    )


def heading(page: Page) -> Locator:
    return page.locator(".st-key-gb_operator_panel h3")


def test_a_file_is_dropped_in_run_and_gone_through(own: Page) -> None:
    drop(own, "mine.onnx", tiny_models.no_number())
    expect(own.get_by_text(re.compile("mine.onnx")).first).to_be_visible()
    own.get_by_role("button", name=EN["own_model.run"]).first.click()
    begins = own.get_by_role("button", name=EN["own_model.bad.go"])
    begins.click()
    expect(heading(own)).to_have_text("Log")
    expect(own).to_have_url(re.compile("tensor=logarithm"))
    graph = own.locator(".graph .scroller")
    graph.focus()
    own.keyboard.press("ArrowDown")
    expect(said(own)).to_contain_text("Mul · weighted")
    expect(heading(own)).to_have_text("Mul")


def test_an_operator_is_found_by_its_shape_and_a_block_opened_by_keys(own: Page) -> None:
    own.get_by_role("combobox", name=EN["components.operator_graph.search"]).fill("flatten")
    own.get_by_role("option").filter(has_text="Flatten").click()
    expect(heading(own)).to_have_text("Flatten")
    expect(said(own)).to_contain_text("Flatten")
    own.get_by_role("button", name=EN["components.operator_graph.open_all"]).click()
    own.get_by_role("button", name=EN["components.operator_graph.close_all"]).click()
    own.locator(".graph .scroller").focus()
    in_block = EN["components.operator_graph.operators"].split("} ")[1]
    for _ in range(8):
        own.keyboard.press("ArrowUp")
        if in_block in (said(own).text_content() or ""):
            break
    expect(said(own)).to_contain_text(in_block)
    own.keyboard.press("Enter")
    expect(own.get_by_role("button", name=EN["components.operator_graph.close"])).to_be_visible()


def test_an_operator_is_clicked_on_the_canvas(page: Page, address: str) -> None:
    page.goto(f"{address}/own_model?lang=en&model=no_number")
    expect(heading(page)).to_have_text("ReduceMean")
    settle(page)
    box = page.locator(".graph .scroller").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2 - 20, box["y"] + 35)
    # The first box from the top, in the middle, is the input.
    expect(heading(page)).to_have_text(re.compile(r"Input\s+x"))


def test_the_bodies_of_an_operator_are_entered_and_left(page: Page, address: str) -> None:
    page.goto(f"{address}/own_model?lang=en&model=loops&tensor=y")
    expect(heading(page)).to_have_text("If")
    page.get_by_role("button", name=re.compile("then_branch")).click()
    page.locator(".graph .scroller").focus()
    for _ in range(4):
        page.keyboard.press("ArrowDown")
        if "Loop" in (said(page).text_content() or ""):
            break
    page.get_by_role("button", name=re.compile("Loop · body")).click()
    way = page.get_by_role("navigation", name=EN["components.operator_graph.way"])
    expect(way.get_by_role("button")).to_have_count(3)
    way.get_by_role("button", name=EN["components.operator_graph.main"]).click()
    expect(way.get_by_role("button")).to_have_count(0)


def test_a_file_that_means_harm_gives_a_sentence_and_the_page_goes_on(own: Page) -> None:
    drop(own, "harm.onnx", b"\x08\x0a" * 500)
    expect(own.get_by_role("alert").first).to_contain_text("ONNX")
    own.goto(own.url.replace("model=own", "model=cnn"))
    expect(said(own)).to_contain_text("Conv")
