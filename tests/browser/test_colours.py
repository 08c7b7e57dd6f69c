"""The colours of drawings on a cold load, without the page's style sheet, and after a change of theme."""

from collections.abc import Callable
from operator import itemgetter

import pytest
from playwright.sync_api import BrowserContext, Locator

from tests.browser.server import PATIENCE

# The page's style sheet never applies: what a component needs has to come with it.
_WITHOUT_STYLE_SHEET = """
new MutationObserver(() => {
  for (const style of document.querySelectorAll('[data-testid="stHtml"] style')) style.media = "not all"
}).observe(document, { childList: true, subtree: true })
"""
# How many pixels of a canvas are painted, and how many of them lean to blue, to orange, to the light and to the dark.
_COUNT = """(canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height)
  const count = { all: 0, blue: 0, orange: 0, light: 0, dark: 0 }
  for (let i = 0; i < data.length; i += 4) {
    const [red, green, blue, opacity] = data.subarray(i, i + 4)
    if (opacity < 32) continue
    count.all++
    count.blue += blue > red + 24
    count.orange += red > blue + 24
    count.light += Math.min(red, green, blue) > 216
    count.dark += Math.max(red, green, blue) < 48
  }
  return count
}"""
DRAWINGS = {
    "text?lang=zh&view=inside": ".st-key-gb_text_rows canvas",
    "rnn": "section[data-network=gru] canvas >> nth=1",
    "explain": ".gb-map:has(.gb-signed) canvas",
    "mlp": ".pair canvas",
    "playground": ".gb-board-surface",
}
"""By address: a drawing with numbers of both signs."""


def counted(drawing: Locator, wanted: Callable[[dict[str, int]], object]) -> dict[str, int]:
    """Return the counts of `drawing` as soon as they are as `wanted`, or the last ones. It may be drawn anew."""
    for _ in range(PATIENCE // 100):
        count: dict[str, int] = drawing.evaluate(_COUNT)
        if wanted(count):
            break
        drawing.page.wait_for_timeout(100)
    return count


@pytest.mark.parametrize("path", DRAWINGS)
def test_signs_have_their_colours_without_the_style_sheet(context: BrowserContext, address: str, path: str) -> None:
    page = context.new_page()
    page.add_init_script(_WITHOUT_STYLE_SHEET)
    page.goto(f"{address}/{path}")
    count = counted(page.locator(DRAWINGS[path]).first, itemgetter("all"))
    assert count["blue"] and count["orange"]


@pytest.mark.parametrize("path", DRAWINGS)
def test_a_drawing_follows_a_change_of_theme(context: BrowserContext, address: str, path: str) -> None:
    """Paper and ink, whichever of the two fills more of the drawing, change places."""
    page = context.new_page()
    page.goto(f"{address}/{path}")
    drawing = page.locator(DRAWINGS[path]).first
    before = counted(drawing, lambda count: count["light"] != count["dark"])
    paper_first = before["light"] > before["dark"]
    page.emulate_media(color_scheme="dark")
    after = counted(drawing, lambda count: (count["dark"] > count["light"]) is paper_first)
    assert (after["dark"] > after["light"]) is paper_first
    assert after["blue"] and after["orange"]
