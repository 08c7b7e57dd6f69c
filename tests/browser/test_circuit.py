"""The film of a training in a real browser: slide, play, point, switch heads off; and a sum typed."""

import re

import pytest
from playwright.sync_api import Page, expect

from glassbox.ui.base import i18n
from glassbox.zoo import transformer_models
from tests.browser.server import settle

EN = i18n.strings("en")
STEPS = [checkpoint.step for checkpoint in transformer_models.load().cards["induction"].checkpoints]

PAID = "items => items.map((item) => Number(item.style.getPropertyValue('--paid')))"


@pytest.fixture(scope="module")
def opened(shared: Page, address: str) -> Page:
    shared.goto(f"{address}/circuit?lang=en&sequence=QWERTY")
    expect(shared.locator(".head canvas").last).to_be_visible()
    return shared


@pytest.fixture
def circuit(opened: Page) -> Page:
    settle(opened)
    return opened


def after(number: int) -> str:
    return EN["components.head_film.step"].format(step=f"{STEPS[number]:,}")


def test_the_slider_goes_through_the_training_and_the_link_keeps_its_place(circuit: Page) -> None:
    clock, slider = circuit.locator(".film output"), circuit.locator(".film input[type=range]")
    says = circuit.locator(".says li")
    expect(clock).to_have_text(after(11))
    expect(says.nth(6)).to_have_text("W")
    slider.fill("0")
    expect(clock).to_have_text(after(0))
    expect(circuit.locator(".says li.wrong").first).to_be_visible()
    expect(circuit).to_have_url(re.compile(rf"step={STEPS[0]}\b"))
    circuit.reload()
    expect(clock).to_have_text(after(0))
    circuit.get_by_role("button", name=EN["components.head_film.play"]).click()
    expect(clock).to_have_text(after(11), timeout=30_000)
    expect(circuit).to_have_url(re.compile(rf"step={STEPS[-1]}\b"))


def test_pointing_reads_a_pattern_and_shades_the_letters(circuit: Page) -> None:
    canvas, readout = circuit.locator(".head canvas").last, circuit.locator(".film .readout")
    canvas.focus()
    for _ in range(3):
        circuit.keyboard.press("ArrowUp")
    expect(readout).to_contain_text(
        re.compile(r"Head 2\.2, at the \w in place 10: .+% of its attention goes to the \w")
    )
    paid = circuit.locator(".read li").evaluate_all(
        "items => items.map(i => Number(i.style.getPropertyValue('--paid')))"
    )
    assert 0.9 < sum(paid) < 1.1 and all(share == 0 for share in paid[10:])
    canvas.blur()
    expect(readout).to_have_text(EN["components.head_film.hint"])


def test_a_head_is_switched_off_by_the_keyboard_and_the_focus_stays(circuit: Page) -> None:
    switch = circuit.locator(".head button").first
    expect(switch).to_have_attribute("aria-pressed", "false")
    switch.focus()
    circuit.keyboard.press("Enter")
    expect(switch).to_have_attribute("aria-pressed", "true")
    expect(circuit.locator(".says li.wrong").first).to_be_visible()
    expect(circuit).to_have_url(re.compile(r"off=1\.1"))
    expect(switch).to_be_focused()
    circuit.get_by_text(EN["circuit.verify"], exact=True).click()
    expect(circuit.get_by_text(EN["circuit.yours"].format(heads="1.1"))).to_be_visible()
    switch.focus()
    circuit.keyboard.press("Enter")
    expect(switch).to_have_attribute("aria-pressed", "false")
    expect(circuit.locator(".says li.wrong")).to_have_count(0)


def test_a_sum_is_typed_and_a_digit_chosen(circuit: Page) -> None:
    box = circuit.get_by_label(EN["circuit.sum"], exact=True)
    box.fill("95 + 7")
    box.press("Enter")
    expect(circuit.locator(".gb-columns .gb-answer")).to_contain_text("0102")
    circuit.get_by_role("radio", name=EN["circuit.place_2"]).click()
    expect(circuit).to_have_url(re.compile(r"digit=2"))
    box.fill("95 and 7")
    box.press("Enter")
    expect(circuit.get_by_role("alert")).to_contain_text("58 + 67")
    expect(circuit.locator(".gb-columns .gb-answer")).to_contain_text("0102")
