"""The grid of a convolution under the mouse, the finger and the keyboard, in a real browser."""

import re

import pytest
from playwright.sync_api import Page, expect

from glassbox.ui.base import i18n
from tests.browser.server import settle
from tests.model_names import english

EN = i18n.strings("en")


@pytest.fixture(scope="module")
def opened(shared: Page, address: str) -> Page:
    shared.goto(f"{address}/cnn")
    expect(shared.locator(".convolution .title")).to_have_text(re.compile("Map"))
    return shared


@pytest.fixture
def cnn(opened: Page) -> Page:
    settle(opened)
    return opened


def hover(page: Page, canvas: str, x: float, y: float) -> None:
    target = page.locator(f".convolution {canvas} canvas")
    target.scroll_into_view_if_needed()
    box = target.bounding_box()
    assert box
    page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])


def test_hovering_works_out_the_cell_and_the_engine_agrees(cnn: Page) -> None:
    for canvas, x, y, title in (
        (".result", 0.5, 0.5, "row 14, column 14"),
        (".result", 0.5, 0.4, "row 11, column 14"),
        (".source", 0.5, 0.5, "row 14, column 14"),
    ):
        hover(cnn, canvas, x, y)
        expect(cnn.locator(".convolution .title")).to_contain_text(title)
        expect(cnn.locator(".convolution .products div")).to_have_count(9)
        expect(cnn.locator(".convolution .engine")).to_have_class(re.compile("good"))
    hover(cnn, ".maps", 0.03, 0.2)
    expect(cnn.locator(".convolution .title")).to_contain_text(re.compile(r"Map (1|9|10)\b"))


def test_picked_cell_is_followed_to_where_it_goes(cnn: Page) -> None:
    cnn.locator(".convolution .maps canvas").scroll_into_view_if_needed()
    hover(cnn, ".result", 0.3, 0.3)
    cell = cnn.locator(".convolution .title").inner_text()
    found = re.search(r"Map (\d+), row (\d+), column (\d+)", cell)
    assert found
    cnn.mouse.down()
    cnn.mouse.up()
    layer, row, column = (int(number) for number in found.groups())
    pooled = EN["cnn.cell_of"].format(tensor="pool", map=layer, row=(row + 1) // 2, column=(column + 1) // 2)
    expect(cnn.get_by_text(pooled)).to_be_visible()


def test_a_map_of_the_overview_is_worked_out(cnn: Page) -> None:
    maps = cnn.locator(".overview img").nth(1)
    box = maps.bounding_box()
    assert box
    maps.click(position={"x": box["width"] * 2.5 / 8, "y": box["height"] * 0.9})  # the third of the last row
    expect(cnn.locator(".convolution .title")).to_contain_text("Map 27")


def test_keyboard_moves_the_cell_and_says_so(cnn: Page) -> None:
    result = cnn.locator(".convolution .result canvas")
    hover(cnn, ".result", 0.5, 0.5)
    result.focus()
    cnn.keyboard.press("ArrowDown")
    expect(cnn.locator(".convolution .title")).to_contain_text("row 15, column 14")
    expect(cnn.locator(".convolution .said")).to_contain_text("row 15, column 14")


def test_the_map_is_built_paused_and_finished_at_once(cnn: Page) -> None:
    before = cnn.locator(".convolution .title").inner_text()
    cnn.get_by_role("button", name=EN["components.convolution.play"], exact=True).click()
    expect(cnn.locator(".convolution .title")).not_to_have_text(before)
    cnn.get_by_role("button", name=EN["components.convolution.pause"], exact=True).click()
    result = cnn.locator(".convolution .result canvas")
    part = result.evaluate("canvas => canvas.toDataURL()")
    cnn.get_by_role("button", name=EN["components.convolution.at_once"], exact=True).click()
    expect(cnn.get_by_role("button", name=EN["components.convolution.play"], exact=True)).to_be_visible()
    assert result.evaluate("canvas => canvas.toDataURL()") != part


def test_a_deep_layers_cell_sums_over_all_its_channels(cnn: Page) -> None:
    cnn.get_by_role("radio", name=english("cnn_deep")).first.click()
    cnn.get_by_role("radio", name="conv6").click()
    expect(cnn.locator(".convolution .channels figcaption")).to_contain_text("each of the 96 channels")
    expect(cnn.locator(".convolution .engine")).to_have_class(re.compile("good"))
    hover(cnn, ".maps", 0.02, 0.9)
    expect(cnn.locator(".convolution .engine")).to_contain_text("Tap map")
    cnn.mouse.down()
    cnn.mouse.up()
    expect(cnn.locator(".convolution .channels figcaption")).to_contain_text("each of the 96 channels")
    expect(cnn.locator(".convolution .engine")).to_have_class(re.compile("good"))
