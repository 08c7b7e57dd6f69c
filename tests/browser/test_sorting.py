"""A transformer that learns to sort before one's eyes, in a real browser."""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from glassbox.ui.base import i18n

EN = i18n.strings("en")
WORDS = "components.sorting_board."
VIEW = {key.removeprefix(WORDS): words for key, words in EN.items() if key.startswith(WORDS)}


@pytest.fixture
def sorting(context: BrowserContext, address: str) -> Page:
    opened = context.new_page()
    opened.goto(f"{address}/sorting?lang=en&rate=0.01")
    expect(opened.locator(".gb-sorting-tokens button")).to_have_count(6)
    return opened


def figure(page: Page, name: str) -> float:
    text = page.locator(".gb-sorting-figures span", has_text=VIEW[name]).locator("b").inner_text()
    return float(text.replace(",", "").removesuffix("%"))


def test_it_learns_to_sort_and_looks_at_the_letter_it_writes(sorting: Page) -> None:
    before = figure(sorting, "loss")
    sorting.get_by_role("button", name=VIEW["play"], exact=False).first.click()
    expect(sorting.locator(".gb-sorting-figures b").first).to_have_text(
        re.compile(r"^([2-9]\d\d|\d,\d+)$"), timeout=90_000
    )
    sorting.get_by_role("button", name=VIEW["pause"]).click()
    expect(sorting.locator(".gb-sorting-play")).to_contain_text(VIEW["play"])
    assert figure(sorting, "loss") < before / 2 and figure(sorting, "accuracy") > 50
    assert sorting.locator(".gb-sorting-arcs path").count() >= 3
    sorting.get_by_label(VIEW["letters"]).fill("HBE")
    expect(sorting.locator(".gb-sorting-tokens")).to_contain_text("hbe>")
    expect(sorting.locator(".gb-sorting-answer b")).to_have_text(["↓ b", "↓ e", "↓ h"])
    sorting.get_by_role("button", name=VIEW["reset"]).click()
    expect(sorting.locator(".gb-sorting-figures b").first).to_have_text("0")
    assert figure(sorting, "loss") == before


def test_each_step_counts_and_letters_that_are_none_are_said(sorting: Page) -> None:
    for _ in range(3):
        sorting.get_by_role("button", name=VIEW["step"]).click()
    expect(sorting.locator(".gb-sorting-figures b").first).to_have_text("3")
    box = sorting.get_by_label(VIEW["letters"])
    box.fill("xyz")
    expect(sorting.locator(".gb-sorting-letters small")).to_have_text(VIEW["letters_hint"])
    expect(box).to_have_value("xyz")
    expect(sorting.locator(".gb-sorting-tokens")).to_contain_text("cab>")


def test_a_token_shows_its_own_arcs_and_two_heads_have_two_maps(sorting: Page) -> None:
    expect(sorting.locator(".gb-sorting-heads svg")).to_have_count(1)
    sorting.locator(".gb-sorting-tokens button").first.click()
    expect(sorting.locator(".gb-sorting-arcs path")).to_have_count(1)  # the first token sees none but itself
    sorting.locator(".st-key-sorting_heads_widget").get_by_role("radio", name="2").click()
    expect(sorting.locator(".gb-sorting-heads svg")).to_have_count(2)
    expect(sorting).to_have_url(re.compile(r"heads=2"))
    sorting.locator(".gb-sorting-heads rect").last.hover()
    expect(sorting.locator(".gb-sorting-value")).to_contain_text(re.compile(r"Head 2: . at . \S*\d\.\d%"))
