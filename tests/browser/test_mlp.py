"""The MLP's neurons and the lesson on forward propagation under a visitor's hands."""

import re

from playwright.sync_api import Page, expect

from glassbox.ui.base import i18n

EN = i18n.strings("en")


def opened(page: Page, address: str, key: str) -> None:
    page.goto(f"{address}/{key}?lang=en")
    expect(page.get_by_role("heading", name=EN[f"{key}.question"])).to_be_visible()


def test_neuron_is_picked_and_removed_with_the_keyboard(page: Page, address: str) -> None:
    opened(page, address, "mlp")
    neurons = page.locator(".neurons")
    neurons.focus()
    page.keyboard.press("ArrowDown")
    pointed = neurons.get_attribute("aria-valuenow")
    page.keyboard.press("Enter")
    heading = EN["mlp.one"].format(number=pointed, count=128)
    expect(page.get_by_role("heading", name=heading)).to_be_visible()
    neurons.focus()
    page.keyboard.press("Delete")
    expect(page.get_by_text(EN["mlp.is_removed"])).to_be_visible()
    expect(page.locator(".neuron.removed")).to_have_count(1)


def test_neurons_that_the_verdict_needs_are_orange(page: Page, address: str) -> None:
    opened(page, address, "mlp")
    page.get_by_role("radio", name=EN["mlp.shade_effect"]).click()
    page.get_by_role("button", name=EN["mlp.remove_most"]).click()
    page.get_by_role("button", name=EN["mlp.restore"]).click()
    needed = page.locator(".neuron.picked circle")
    expect(needed).to_have_attribute("style", re.compile("--gb-positive"))


def test_lesson_steps_and_plays_to_its_end(page: Page, address: str) -> None:
    opened(page, address, "forward")
    now = page.locator("li.now b")
    expect(now).to_have_text(EN["forward.picture"])
    expect(page.get_by_role("heading", name=re.compile(EN["forward.flatten"]))).to_be_hidden()
    page.get_by_role("button", name=EN["components.stepper.next"], exact=True).click()
    expect(now).to_have_text(EN["forward.flatten"])
    expect(page.get_by_role("heading", name=re.compile(EN["forward.flatten"]))).to_be_visible()
    page.get_by_role("button", name=EN["components.stepper.play"], exact=True).click()
    expect(now).to_have_text(EN["forward.softmax"])
    expect(page.get_by_role("button", name=EN["components.stepper.next"], exact=True)).to_be_disabled()
    expect(page).to_have_url(re.compile("beat=5"))
    expect(page.get_by_role("heading", name=re.compile(EN["forward.flatten"]))).to_be_hidden()


def test_lesson_does_not_play_for_those_who_prefer_reduced_motion(page: Page, address: str) -> None:
    page.emulate_media(reduced_motion="reduce")
    opened(page, address, "forward")
    expect(page.get_by_role("button", name=EN["components.stepper.next"], exact=True)).to_be_visible()
    expect(page.get_by_role("button", name=EN["components.stepper.play"], exact=True)).to_be_hidden()


def test_shares_follow_the_temperature_while_it_moves(page: Page, address: str) -> None:
    """The plain softmax, the slider by its keys, and back to the confidence of the first screen."""
    page.goto(address)
    share = page.locator(".gb-card[data-model=mlp] .gb-card-sure").inner_text().removesuffix(" sure")
    opened(page, address, "forward")
    page.get_by_role("button", name=EN["forward.softmax"]).click()
    top = page.locator(".temperature li.top small")
    expect(top).to_have_text(share)
    page.get_by_role("button", name=EN["components.temperature.plain"]).click()
    expect(top).not_to_have_text(share)
    expect(page).to_have_url(re.compile("temperature=1.00"))
    expect(page.get_by_text("With T = 1.00 it would be")).to_be_visible()
    slider = page.get_by_role("slider", name=EN["components.temperature.name"])
    slider.focus()
    for _ in range(9):
        page.keyboard.press("ArrowLeft")
        page.wait_for_timeout(50)
    expect(page).to_have_url(re.compile("temperature=0.91"))
    expect(slider).to_have_value("0.91")
    page.get_by_role("button", name="The network's own").click()
    expect(top).to_have_text(share)
    expect(page).to_have_url(re.compile("temperature=own"))
