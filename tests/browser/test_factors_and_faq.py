"""The four factors and the questions as a visitor meets them: a link to a question, a search, another chip."""

import re

from playwright.sync_api import Page, expect


def test_link_to_a_question_opens_it_in_sight(page: Page, address: str) -> None:
    page.goto(f"{address}/faq?lang=en&q=large")
    answer = page.locator(".st-key-gb_q_large")
    expect(answer).to_contain_text("a transformer, in which each token")
    expect(answer).to_be_in_viewport()


def test_terms_are_found_while_typing_and_lead_to_their_page(page: Page, address: str) -> None:
    page.goto(f"{address}/faq?lang=en&term=softmax")
    asked = page.locator(".gb-glossary .gb-asked")
    expect(asked).to_contain_text("softmax")
    expect(asked).to_be_in_viewport()
    page.get_by_role("searchbox").fill("卷积核")
    expect(page.locator(".gb-glossary dl > div:visible")).to_contain_text(["kernel, filter"])
    page.locator(".gb-glossary dl > div:visible dd a").first.click()
    expect(page).to_have_url(re.compile(r"/cnn\?.*lang=en"))


def test_a_term_in_a_text_opens_its_meaning_beside_it_and_no_other_tab(page: Page, address: str) -> None:
    page.goto(f"{address}/factors?lang=en")
    term = page.locator('a[href^="faq?"][title]').first
    expect(term.locator("em")).to_have_attribute("lang", "zh-CN")
    windows = len(page.context.pages)
    term.click()
    box = page.locator("[popover]:popover-open")
    expect(box).to_contain_text(term.get_attribute("title") or "nothing")
    assert len(page.context.pages) == windows
    page.keyboard.press("Escape")
    expect(box).to_have_count(0)


def test_terms_that_nobody_knows_are_said_to_be_unknown(page: Page, address: str) -> None:
    page.goto(f"{address}/faq?lang=zh")
    page.get_by_role("searchbox").fill("zzzz")
    expect(page.locator(".gb-glossary [role=status]")).to_contain_text("没有相符的术语")


def test_bill_changes_with_the_chip(page: Page, address: str) -> None:
    page.goto(f"{address}/factors?lang=en&run=GPT-3+175B+%28davinci%29")
    expect(page.get_by_text("1,000 of them, sharing the work evenly")).to_be_visible()
    before = page.get_by_text("sharing the work evenly").inner_text()
    page.get_by_role("combobox", name="on this chip").click()
    page.keyboard.type("MI300X")
    expect(page.get_by_role("option")).to_have_text("AMD Instinct MI300X")
    page.keyboard.press("Enter")
    expect(page.get_by_text("one AMD Instinct MI300X")).to_be_visible()
    assert page.get_by_text("sharing the work evenly").inner_text() != before
    expect(page).to_have_url(re.compile("on=AMD"))
