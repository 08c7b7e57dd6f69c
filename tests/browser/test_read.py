"""A visitor's way through the first screen, in a real browser."""

import io
import re

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, FilePayload, Page, expect

from glassbox.digits import images, strokes
from glassbox.digits.reader import Reader
from glassbox.ui.base import i18n
from glassbox.zoo import digit_models
from tests.browser.server import settle
from tests.digits import pages

WORDS = {language: i18n.strings(language) for language in i18n.LANGUAGES}
EN, ZH = WORDS["en"], WORDS["zh"]
SAMPLES = {sample.label: sample for sample in strokes.SAMPLES}


@pytest.fixture
def page(page: Page, address: str) -> Page:
    """The first screen, its verdicts drawn."""
    page.goto(address)
    expect(page.locator(".gb-card-label").first).to_be_visible()
    return page


def picture(label: str) -> FilePayload:
    file = io.BytesIO()
    Image.fromarray(255 - strokes.draw(SAMPLES[label].strokes)).save(file, "PNG")
    return {"name": f"{label}.png", "mimeType": "image/png", "buffer": file.getvalue()}


def read(payload: FilePayload) -> list[str]:
    """What the networks read in a file, in the order of the cards."""
    verdicts = Reader(digit_models.load()).read(images.prepare(payload["buffer"]).digit)
    return [verdict.label for verdict in verdicts.values()]


def give(page: Page, *files: FilePayload) -> None:
    page.get_by_role("radio", name=EN["read.way.upload"]).click()
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(list(files))


def draw(page: Page, label: str) -> None:
    """Draw a sample's strokes on the sheet with the mouse."""
    box = page.locator("canvas.sheet").bounding_box()
    assert box
    for stroke in SAMPLES[label].strokes:
        points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]
        page.mouse.move(*points[0])
        page.mouse.down()
        for point in points[1:]:
            page.mouse.move(*point)
        page.mouse.up()


def labels(page: Page) -> list[str]:
    return page.locator(".gb-card-label").all_inner_texts()


def test_first_visit_is_already_read(page: Page, context: BrowserContext) -> None:
    """Its cards tell each probability, its link is copied, and a card leads to its network, and Back home."""
    expect(page.locator(".gb-card")).to_have_count(3)
    expect(page.locator(".gb-summary")).to_contain_text(re.compile("read"))
    expect(page.locator("canvas.sheet")).to_be_visible()
    expect(page).to_have_url(re.compile(r"[?&]d="))
    assert not page.get_by_test_id("stException").count()

    page.locator(".gb-card-chart").first.locator(".gb-card-bar").nth(5).hover()
    expect(page.locator(".gb-card-readout")).to_contain_text(["(5)"] * 3)
    page.locator(".gb-card-chart").first.focus()
    page.keyboard.press("End")
    expect(page.locator(".gb-card-readout")).to_contain_text(["(9)"] * 3)

    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name=EN["components.copy_link.copy"]).click()
    expect(page.get_by_role("button", name=EN["components.copy_link.copied"])).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == page.url.replace("/?", "?")

    page.locator('.gb-card[data-model="cnn"] a').click()
    expect(page).to_have_url(re.compile(r"/(cnn\?|model_zoo\?.*model=cnn)"))
    page.go_back()
    expect(page.locator(".gb-card")).to_have_count(3)


def test_several_pictures_give_a_table(page: Page) -> None:
    give(page, picture("3"), picture("7"))
    expect(page.get_by_role("heading", name=EN["read.batch.title"].format(count=2))).to_be_visible()
    with page.expect_download() as download:
        page.get_by_test_id("stDownloadButton").get_by_role("button").click()
    lines = download.value.path().read_text("utf-8-sig").splitlines()
    assert [line.split(",")[0] for line in lines] == ["file", "3.png", "7.png"]


def test_drawn_digit_is_read_and_comes_back_with_the_page(page: Page) -> None:
    draw(page, "7")
    expect(page.locator(".gb-card-label").nth(1)).to_have_text("7")
    page.get_by_test_id("stSidebar").get_by_role("link", name=EN["model_zoo.name"]).click()
    expect(page.get_by_role("heading", name=EN["model_zoo.question"])).to_be_visible()
    page.get_by_test_id("stSidebar").get_by_role("link", name=EN["read.name"]).click()
    undo = page.get_by_role("button", name=EN["components.canvas.undo"])
    for _ in SAMPLES["7"].strokes:  # they lie on the sheet again, no more and no fewer
        expect(undo).to_be_enabled()
        undo.click()
    expect(undo).to_be_disabled()


def test_digit_can_be_drawn_with_the_keyboard(page: Page) -> None:
    before = page.url
    page.locator("canvas.sheet").focus()
    for key in ["ArrowUp"] * 16 + ["Space"] + ["ArrowDown"] * 32 + ["Space"]:
        page.keyboard.press(key)
    expect(page).not_to_have_url(before)
    expect(page.locator(".gb-card-label").nth(1)).to_have_text("1")


def inked(page: Page) -> int:
    """Return the pixels of the sheet on which there is anything."""
    return int(
        page.locator("canvas.sheet").evaluate(
            "(sheet) => sheet.getContext('2d').getImageData(0, 0, sheet.width, sheet.height).data"
            ".filter((value, i) => i % 4 === 3 && value > 60).length"
        )
    )


def darkest(page: Page) -> int:
    """Return the least red of what covers the sheet."""
    return int(
        page.locator("canvas.sheet").evaluate(
            "(sheet) => { const { data } = sheet.getContext('2d').getImageData(0, 0, sheet.width, sheet.height);"
            " let least = 255;"
            " for (let i = 0; i < data.length; i += 4) if (data[i + 3] > 250) least = Math.min(least, data[i]);"
            " return least }"
        )
    )


def test_strokes_are_undone_and_clear_leaves_an_empty_sheet_which_can_be_undone(page: Page) -> None:
    draw(page, "4")
    undo, clear = (page.get_by_role("button", name=EN[f"components.canvas.{name}"]) for name in ("undo", "clear"))
    for _ in SAMPLES["4"].strokes:
        undo.click()
    expect(undo).to_be_disabled()
    draw(page, "0")
    expect(page.locator(".gb-card-label").nth(1)).to_have_text("0")
    clear.click()
    expect(clear).to_be_disabled()
    expect(page.locator(".gb-card-label").nth(1)).to_have_text("0")  # the last result stays

    draw(page, "3")
    expect(page.locator(".gb-card-label").nth(1)).to_have_text("3")
    drawn = inked(page)
    assert darkest(page) < 40
    clear.click()
    expect(page.get_by_text(EN["components.canvas.hint_cleared"])).to_be_visible()
    assert inked(page) == 0
    undo.click()
    expect(page.get_by_text(EN["components.canvas.hint"], exact=True)).to_be_visible()
    assert darkest(page) < 40 and inked(page) == drawn
    expect(clear).to_be_enabled()


def test_reloaded_sheet_shows_the_digit_of_the_link(page: Page) -> None:
    before = page.url
    draw(page, "3")
    expect(page).not_to_have_url(before)
    expect(page.locator(".gb-card-label").nth(1)).to_have_text("3")
    page.reload()
    expect(page.get_by_text(EN["components.canvas.hint_ghost"])).to_be_visible()
    assert darkest(page) > 120 and inked(page) > 500
    expect(page.locator(".gb-card-label").nth(1)).to_have_text("3")


def test_strokes_are_no_steps_of_the_history(context: BrowserContext, address: str) -> None:
    page = context.new_page()
    page.goto(f"{address}/mlp?lang=en")
    page.get_by_test_id("stSidebar").get_by_role("link", name=EN["read.name"]).click()
    expect(page.locator("canvas.sheet")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/\?.*d="))
    steps = page.evaluate("history.length")
    for label in ("4", "7"):
        before = page.url
        draw(page, label)
        expect(page).not_to_have_url(before)
    expect(page.locator(".gb-card-label").nth(1)).not_to_have_text("")
    assert page.evaluate("history.length") == steps
    settle(page)  # what a component sends after Back would ask for the page that was left
    page.go_back()
    expect(page.get_by_role("heading", name=EN["mlp.question"])).to_be_visible()


def test_back_pressed_while_a_stroke_is_read_leads_back(context: BrowserContext, address: str) -> None:
    page = context.new_page()
    page.goto(f"{address}/mlp?lang=en")
    page.get_by_test_id("stSidebar").get_by_role("link", name=EN["read.name"]).click()
    expect(page.locator("canvas.sheet")).to_be_visible()
    settle(page)
    box = page.locator("canvas.sheet").bounding_box()
    assert box
    page.mouse.move(box["x"] + 40, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 40)
    page.locator("canvas.sheet").evaluate(
        "(sheet) => { addEventListener('popstate', () =>"
        " sheet.dispatchEvent(new PointerEvent('pointerup', { pointerId: 1 }))); history.back() }"
    )  # the stroke ends before the page that was gone back to is here
    expect(page.get_by_role("heading", name=EN["mlp.question"])).to_be_visible()
    settle(page)
    expect(page.get_by_role("heading", name=EN["mlp.question"])).to_be_visible()


def test_one_of_several_digits_is_chosen_by_pointer_and_by_key(page: Page) -> None:
    row = pages.png(255 - pages.page(["104"]))
    give(page, {"name": "104.png", "mimeType": "image/png", "buffer": row})
    radios = page.locator(".gb-found input")
    expect(radios).to_have_count(3)
    expect(page.locator(".gb-found label")).to_have_text(["1", "0", "4"])
    page.locator(".gb-found label").first.click()
    expect(page.locator(".gb-card-label").nth(1)).to_have_text("1")
    expect(radios.first).to_be_checked()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".gb-card-label").nth(1)).to_have_text("0")
    expect(radios.nth(1)).to_be_focused()  # the next digit is one key away
    boxes = page.locator(".gb-boxes button")
    expect(boxes).to_have_count(3)
    boxes.nth(2).click()
    expect(page.locator(".gb-card-label").nth(1)).to_have_text("4")
    expect(radios.nth(2)).to_be_checked()
    expect(boxes.nth(2)).to_have_class("gb-chosen")
    frame, box = (page.locator(one).bounding_box() for one in (".gb-frame.gb-picture", ".gb-boxes"))
    assert frame and box
    height, width = pages.page(["104"]).shape
    assert abs(box["width"] / box["height"] - width / height) < 0.05 and box["width"] <= frame["width"]


def test_sample_is_picked(page: Page) -> None:
    page.get_by_role("radio", name=EN["read.way.samples"]).click()
    number = [sample.label for sample in strokes.SAMPLES].index("3") + 1
    button = page.get_by_role("button", name=EN["components.samples.one"].format(number=number, label="3"))
    button.click()
    expect(page.locator(".gb-card-label").nth(1)).to_have_text("3")
    expect(button).to_be_focused()  # the next sample is one key away


def test_uploaded_picture_is_read_a_broken_one_is_said_and_the_last_result_stays(page: Page) -> None:
    give(page, picture("3"))
    expect(page.locator(".gb-card-label")).to_have_text(read(picture("3")))
    assert page.get_by_test_id("stFileUploaderFile").count() == 0  # its bytes were let go
    give(page, {"name": "broken.png", "mimeType": "image/png", "buffer": picture("7")["buffer"][:150]})
    expect(page.get_by_role("alert")).to_contain_text(EN["read.picture_error.broken"])
    assert labels(page) == read(picture("3"))


def test_language_switch(page: Page) -> None:
    page.get_by_role("radio", name=EN["read.way.samples"]).click()
    page.get_by_role("radio", name=i18n.LANGUAGES["zh"]).click()
    expect(page.get_by_role("heading", name=ZH["read.question"])).to_be_visible()
    expect(page).to_have_url(re.compile(r"lang=zh"))
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(page.get_by_role("radio", name=ZH["read.way.samples"])).to_be_checked()  # what was open stays open
    page.reload()
    expect(page.get_by_role("heading", name=ZH["read.question"])).to_be_visible()


def test_shared_link_shows_the_same_digit_to_someone_else(page: Page, browser: Browser) -> None:
    before = page.url
    give(page, picture("3"))
    expect(page).not_to_have_url(before)
    expect(page.locator(".gb-card-label")).to_have_text(read(picture("3")))
    other = browser.new_context(locale="zh-CN", viewport={"width": 400, "height": 820})
    try:
        guest = other.new_page()
        guest.goto(page.url.replace("lang=en", "lang=zh"))
        expect(guest.locator(".gb-card-label")).to_have_text(read(picture("3")))
        assert guest.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 400
    finally:
        other.close()


def test_the_verdicts_follow_the_finger_on_a_phone(context: BrowserContext, address: str) -> None:
    """In the bar below the sheet, before the pen is lifted; it goes where the cards themselves are in sight."""
    phone = context.new_page()
    phone.set_viewport_size({"width": 390, "height": 664})
    phone.goto(address)
    bar = phone.locator(".gb-verdict-bar")
    expect(bar).to_be_visible()
    expect(bar.locator("b")).to_have_text(phone.locator(".gb-card-label").all_inner_texts())
    before = bar.inner_text()
    box = phone.locator("canvas.sheet").bounding_box()
    assert box and box["y"] + box["height"] < 600
    (stroke,) = SAMPLES["0"].strokes
    points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]
    phone.mouse.move(*points[0])
    phone.mouse.down()
    for point in points[1:]:
        phone.mouse.move(*point)
    expect(bar).not_to_have_text(before)
    expect(bar.locator("b")).to_have_text(["0", "0", "0"])
    phone.mouse.up()
    bar.click()
    expect(bar).to_be_hidden()
