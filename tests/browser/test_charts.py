"""Charts that a visitor explores: drawn when near, read by pointing, by a table and by the keyboard, led to sources."""

import re

from playwright.sync_api import Locator, Page, expect

from glassbox.ui.base import i18n
from tests.browser.server import settle

EN = i18n.strings("en")


def box(page: Page, key: str) -> Locator:
    return page.locator(f".st-key-gb_chart_{key}")


def mark(chart: Locator, place: int) -> tuple[float, float]:
    """The middle of a mark in the window."""
    found = chart.locator(".scatterlayer .point").nth(place)
    found.scroll_into_view_if_needed()
    where = found.bounding_box()
    assert where
    return where["x"] + where["width"] / 2, where["y"] + where["height"] / 2


def test_charts_wait_until_they_are_near_and_keep_their_room(page: Page, address: str) -> None:
    page.goto(f"{address}/sustainability?lang=en")
    below = box(page, "footprint_versions")
    expect(below).to_be_attached()
    settle(page)
    before = below.bounding_box()
    assert below.locator(".js-plotly-plot").count() == 0
    below.scroll_into_view_if_needed()
    expect(below.locator(".js-plotly-plot")).to_be_visible()
    after = below.bounding_box()
    assert before and after and before["height"] == after["height"] > 300


def test_page_without_a_chart_does_not_load_plotly(page: Page, address: str) -> None:
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url) if "PlotlyChart" in request.url else None)
    page.goto(f"{address}/mlp?lang=en")
    expect(page.locator(".st-key-gb_network canvas, .st-key-gb_network svg").first).to_be_visible()
    assert not loaded
    page.goto(f"{address}/model_zoo?lang=en")
    expect(page.locator(".st-key-gb_accuracy table")).to_be_visible()
    assert not loaded
    box(page, "calibration").scroll_into_view_if_needed()
    expect(box(page, "calibration").locator(".js-plotly-plot")).to_be_visible()
    assert loaded


def test_a_point_says_what_it_is_and_leads_to_its_source_as_its_row_does(page: Page, address: str) -> None:
    page.goto(f"{address}/factors?lang=en")
    chart = box(page, "era_milestones_False")
    chart.scroll_into_view_if_needed()
    expect(chart.locator(".js-plotly-plot")).to_be_visible()
    expect(page.get_by_text(EN["charts.hint"]).first).to_be_visible()
    where = mark(chart, 0)
    page.mouse.move(*where)
    said = "Theseus · Bell Laboratories · 1950-07-02"
    expect(chart.locator(".hoverlayer")).to_contain_text(said)
    page.mouse.click(*where)
    status = page.get_by_role("status").filter(has_text=said)
    expect(status).to_be_visible()
    expect(status.get_by_role("link")).to_have_attribute("href", re.compile("technologyreview"))

    page.get_by_text(EN["factors.table"]).first.click()
    row = page.get_by_role("row", name=re.compile("^Theseus"))
    expect(row.get_by_role("link")).to_have_attribute("href", re.compile("technologyreview"))


def test_the_versions_of_a_network_are_named_and_say_what_they_cost(page: Page, address: str) -> None:
    page.goto(f"{address}/sustainability?lang=en&model=cnn_deep&cost=bytes")
    chart = box(page, "footprint_versions")
    chart.scroll_into_view_if_needed()
    expect(chart.get_by_text("INT8 static").first).to_be_visible()
    page.mouse.move(*mark(chart, 0))
    expect(chart.locator(".hoverlayer")).to_contain_text(re.compile(r"Deep CNN FP32: misreads 0\.\d\d%"))


def test_curves_are_read_in_a_table_that_scrolls_by_keyboard(page: Page, address: str) -> None:
    page.goto(f"{address}/privacy?lang=en")
    chart = box(page, "privacy_price")
    chart.scroll_into_view_if_needed()
    expect(chart.locator(".js-plotly-plot")).to_be_visible()
    page.locator(".st-key-privacy_price_numbers").get_by_text(EN["charts.numbers"]).click()
    table = page.locator(".st-key-privacy_price_numbers .gb-table")
    expect(table.get_by_role("columnheader").first).to_have_text(EN["privacy.epsilon_axis"])
    table.focus()
    expect(table).to_be_focused()
