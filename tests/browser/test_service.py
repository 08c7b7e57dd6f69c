"""A request to a model goes out from the page itself, and is explored by mouse, finger and keyboard."""

import json
import re

from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.server import PATIENCE, settle


def open_page(page: Page, address: str, query: str = "") -> None:
    page.goto(f"{address}/service?lang=en&model=cnn{query}")
    expect(page.locator(".exchange .verdict")).to_have_text(re.compile("The service reads"))
    settle(page)


def test_a_request_is_sent_and_its_answer_is_the_pages_own_verdict(page: Page, address: str) -> None:
    page.goto(f"{address}/?lang=en")
    read = page.locator(".gb-card[data-model=cnn] .gb-card-label").inner_text()
    open_page(page, address)
    with page.expect_request("**/v2/models/cnn/infer") as sent, page.expect_response("**/infer") as received:
        page.get_by_role("button", name="Send again").click()
    verdict = page.locator(".exchange .verdict")
    expect(verdict).to_have_text(re.compile(f"The service reads {read}; this page reads {read}. .*to the last bit"))
    request, answer = page.locator(".exchange .message").all()
    body = sent.value.post_data
    assert body and body in request.inner_text().replace("\n", "")  # the very bytes, in lines
    numbers = json.loads(received.value.body())["outputs"][0]["data"]
    assert numbers.index(max(numbers)) == int(read)
    expect(answer).to_contain_text("HTTP/1.1 200 OK")
    steps = [row.inner_text().splitlines()[0] for row in page.locator(".exchange .steps li").all()]
    assert steps == ["Connect", "Way there", "In the server", "Way back", "Receive"]
    phases = page.locator(".exchange .phases")
    for phase in ("Parse", "Queue", "Run, in a batch of 1", "Serialise"):
        expect(phases.get_by_text(phase, exact=True)).to_be_visible()
    expect(page.locator(".exchange .note")).to_have_text(re.compile("Sent 2 times"))


def test_each_part_is_explained_where_it_is_pointed_at_and_by_the_keyboard(page: Page, address: str) -> None:
    open_page(page, address, "&form=binary")
    explanation = page.locator(".exchange .explanation")
    request = page.locator(".exchange .request")
    request.get_by_role("button", name="shape").hover()
    expect(explanation).to_contain_text("The length of the tensor along each axis")
    request.get_by_role("button", name="shape").focus()
    page.keyboard.press("ArrowDown")
    expect(explanation).to_contain_text("FP32")
    page.keyboard.press("End")
    expect(explanation).to_contain_text("Tensor in binary")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(explanation).to_contain_text("Row 1, column 2: 0, bytes")
    picture = page.locator(".exchange canvas")
    picture.focus()
    page.keyboard.press("ArrowDown")
    expect(explanation).to_contain_text("Row 2, column 2")
    expect(request.locator("i.here")).to_have_count(1)


def test_a_finger_touches_a_pixel_a_number_and_a_bar(browser: Browser, address: str) -> None:
    context = browser.new_context(locale="en-US", viewport={"width": 390, "height": 844}, has_touch=True)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    open_page(page, address)
    explanation = page.locator(".exchange .explanation")
    page.locator(".exchange canvas").tap()
    expect(explanation).to_have_text(re.compile("Row 1[45], column 1[45]: "))
    page.locator(".exchange .bars li").nth(7).tap()
    expect(explanation).to_contain_text("Class 7")
    page.locator(".exchange .request i").first.tap()
    expect(explanation).to_contain_text("Row 1, column 1: 0")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()


def test_what_goes_wrong_is_said_in_a_sentence(page: Page, address: str) -> None:
    def refuse(route: Route) -> None:
        route.fulfill(status=429, json={"error": "too many"})

    open_page(page, address)
    verdict, send = page.locator(".exchange .verdict"), page.get_by_role("button", name="Send again")
    page.route("**/v2/**", refuse)
    send.click()
    expect(verdict).to_contain_text("Too many requests from your address")
    page.unroute("**/v2/**")
    page.route("**/v2/**", lambda route: route.abort())
    send.click()
    expect(verdict).to_contain_text("did not get through")
    page.unroute("**/v2/**")
    page.route("**/v2/**", lambda route: route.fulfill(status=404, body="<html>Not here</html>"))
    send.click()
    expect(verdict).to_contain_text("Nothing answers at this address")
    expect(page.locator(".exchange .answer")).to_contain_text("<html>Not here</html>")
    page.unroute("**/v2/**")
    send.click()
    expect(verdict).to_contain_text("to the last bit")
