"""No page has a fault that axe-core finds, of whatever impact, in both languages and themes, on a laptop and a phone:
headings, names, contrast, focus, tables, lists."""

from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, Page, expect

from glassbox.paths import ROOT
from glassbox.ui.base import i18n
from glassbox.ui.frame.places import PLACES
from tests.browser.server import PATIENCE, settle

LAPTOP, PHONE = {"width": 1280, "height": 6000}, {"width": 390, "height": 6000}
"""Tall enough for nearly all of a page: what is far below the window is drawn only when it comes near."""
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
FAULTS = """async () => {
  const quick = { resultTypes: ["violations"], preload: false }
  const apart = { ...quick, rules: { "color-contrast": { enabled: false } } }
  const looks = new Map()
  const walk = (root, behind) => {
    for (const element of root.children) {
      const { color, backgroundColor, backgroundImage, opacity, fontSize, fontWeight } = getComputedStyle(element)
      const ground = `${opacity} ${backgroundColor} ${backgroundImage}`
      const under = ground === "1 rgba(0, 0, 0, 0) none" ? behind : `${behind} ${ground}`
      const words = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim())
      const { width, bottom } = element.getBoundingClientRect()
      if (words && width && bottom < innerHeight) looks.set([color, fontSize, fontWeight, under].join(), element)
      walk(element, under)
      if (element.shadowRoot) walk(element.shadowRoot, under)
    }
  }
  walk(document.body, "")
  const contrast = { ...quick, runOnly: ["color-contrast"] }
  const found = [await axe.run(document, apart), await axe.run({ include: [...looks.values()] }, contrast)]
  const told = ({ impact, id, nodes }) => [impact, id, nodes.map(({ html }) => html)]
  return found.flatMap(({ violations }) => violations.map(told))
}"""
"""All rules; contrast, which takes axe ten times as long as the rest together, once for each look that words have:
their colour, size and weight, and all backgrounds and opacities that they stand on."""


@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("zh", "dark")])
def test_pages_have_no_faults_that_axe_finds(browser: Browser, address: str, language: str, theme: str) -> None:
    """`theme` on a laptop, the other one on a phone: each page in both languages, themes and widths."""
    visitor = browser.new_context(viewport=LAPTOP, color_scheme=theme)  # type: ignore[arg-type]
    visitor.set_default_timeout(PATIENCE)
    page, found, words = visitor.new_page(), {}, i18n.strings(language)
    page.goto(f"{address}?lang={language}")
    other = {"light": "dark", "dark": "light"}[theme]
    for key in PLACES:
        page.get_by_test_id("stSidebar").get_by_role("link", name=words[f"{key}.name"], exact=True).click()
        expect(page.locator("h1")).to_have_text(words[f"{key}.question"])
        for shade, size in ((theme, LAPTOP), (other, PHONE)):
            page.emulate_media(color_scheme=shade)  # type: ignore[arg-type]
            page.set_viewport_size(size)  # type: ignore[arg-type]
            settle(page)
            if there := faults(page):
                found[key, shade, size["width"]] = there
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        page.set_viewport_size(LAPTOP)  # type: ignore[arg-type]
    visitor.close()
    assert len(PLACES) == 1 + len([*(ROOT / "pages").glob("*.py")])
    assert found == {}


def test_words_that_can_hardly_be_read_are_found(browser: Browser) -> None:
    """Each on its background, one of them in the shadow of a component."""
    visitor = browser.new_context()
    page = visitor.new_page()
    page.set_content("""<html lang="en"><title>Words</title><main><h1>Words</h1><p>legible</p>
        <p style="color: #bbb">faint</p><div style="background: #444"><p>on grey</p></div><div id="host"></div>""")
    page.evaluate("""document.querySelector("#host").attachShadow({ mode: "open" }).innerHTML =
        '<section style="opacity: 0.3"><p>behind a veil</p></section>'""")
    seen = page.evaluate(f"{AXE}; null") or faults(page)
    visitor.close()
    ((_, rule, where),) = seen
    assert rule == "color-contrast" and [html.split(">")[1] for html in where] == [
        "faint</p",
        "on grey</p",
        "behind a veil</p",
    ]


def faults(page: Page) -> list[tuple[str, str, list[str]]]:
    """Return the impact, the rule and the elements of each fault."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    answer: list[Any] = page.evaluate(FAULTS)
    return [(impact, rule, [html[:200] for html in elements]) for impact, rule, elements in answer]
