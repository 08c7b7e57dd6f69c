"""What an answer costs, as a visitor asks: on the map, by the keyboard and in the link, without any other server."""

import re

from playwright.sync_api import Page, expect

from tests.browser.server import settle


def test_a_country_is_pressed_on_the_map_and_kept_in_the_link(page: Page, address: str) -> None:
    elsewhere: list[str] = []
    page.on("request", lambda request: None if address in request.url else elsewhere.append(request.url))
    page.goto(f"{address}/sustainability?lang=en&part=where")
    map_ = page.locator(".gb-world")
    brazil = map_.locator("[data-code=BRA]")
    brazil.scroll_into_view_if_needed()
    brazil.hover()
    expect(map_.get_by_role("status")).to_have_text(re.compile(r"Brazil: 98\.3 g"))
    brazil.click()
    expect(page).to_have_url(re.compile("country=BRA"))
    expect(page.get_by_text("91% of the electricity")).to_be_visible()
    expect(brazil).to_have_class(re.compile("chosen"))
    page.reload()
    expect(page.get_by_text("91% of the electricity")).to_be_visible()
    assert [url for url in elsewhere if not url.startswith(("data:", "blob:"))] == []


def test_the_machine_is_measured_again(page: Page, address: str) -> None:
    page.goto(f"{address}/sustainability?lang=en")
    press = page.get_by_role("button", name="Measure again")
    expect(press).to_be_visible()
    page.wait_for_timeout(5_500)  # the page takes no second reading sooner
    page.reload()
    expect(press).to_be_visible()
    settle(page)
    fresh = page.get_by_text(re.compile(r"measured [1-4]\.\d+\ss ago"))
    expect(fresh).to_have_count(0)
    press.click()
    expect(fresh).to_be_visible()
