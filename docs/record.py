"""Takes the pictures of the READMEs and the first minutes as an animation, from the running app.

    python -m docs.record [--only NAME ...]

Writes docs/pictures/KEY.LANGUAGE.webp, one for each page and language, docs/pictures/first-minutes.LANGUAGE.webp, and
the tables of all pages into the READMEs. Needs Chromium and a font with Chinese.
"""

import argparse
import io
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize

from glassbox.digits import images, links, strokes
from glassbox.paths import ROOT
from glassbox.ui.base import i18n
from glassbox.ui.frame.places import PLACES
from tests.browser.server import chromium, serve, settle

OUT = ROOT / "docs" / "pictures"
READMES = {"en": ROOT / "README.md", "zh": ROOT / "README.zh.md"}
BEGIN, END = "<!-- pages -->\n", "<!-- /pages -->"
"""Between these the table of all pages stands in a README."""
COLUMNS = 3
WINDOW: ViewportSize = {"width": 1280, "height": 860}
SIDE = 640
"""Width of a picture in pixels."""
QUALITY = 78
FILM_SIDE, FILM_QUALITY = 720, 60
LIMIT = 3_000_000
"""Bytes of the animation."""
FILM = "first-minutes"
CHARTS_DRAWN = """() => ![...document.querySelectorAll(
    '[data-testid="stSkeleton"], [data-testid="stPlotlyChart"]:not(:has(.main-svg))'
  )].some((one) => one.getBoundingClientRect().top < innerHeight)"""
"""Whether nothing in the window waits for its chart."""
SEVEN = next(sample for sample in strokes.SAMPLES if sample.label == "7")


def main() -> None:
    names = [*PLACES, FILM]
    parser = argparse.ArgumentParser(prog="python -m docs.record", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=names, default=names, metavar="NAME")
    parser.add_argument("--languages", nargs="+", choices=list(i18n.LANGUAGES), default=list(i18n.LANGUAGES))
    options = parser.parse_args()
    OUT.mkdir(exist_ok=True)
    with dashboard() as address, chromium() as browser:
        for language in options.languages:
            for name in options.only:
                if name == FILM:
                    film(browser, address, language)
                else:
                    picture(browser, address, language, name)
    for language, readme in READMES.items():
        before, _, rest = readme.read_text(encoding="utf-8").partition(BEGIN)
        readme.write_text(before + BEGIN + table(language) + END + rest.partition(END)[2], encoding="utf-8")


def table(language: str) -> str:
    """Return all pages as a table in Markdown: each one's question below its picture."""
    words = i18n.strings(language)
    questions = {key: words[f"{key}.question"] for key in PLACES}
    cells = [
        f'<a href="docs/pictures/{key}.{language}.webp"><img src="docs/pictures/{key}.{language}.webp" width="260" '
        f'alt="{question}"></a><br>{question}'
        for key, question in questions.items()
    ]
    cells += [""] * (-len(cells) % COLUMNS)
    rows = [f"| {' | '.join(cells[start : start + COLUMNS])} |\n" for start in range(0, len(cells), COLUMNS)]
    return "".join([f"{'|   ' * COLUMNS}|\n{'|---' * COLUMNS}|\n", *rows])


@contextmanager
def dashboard() -> Iterator[str]:
    """The address of a dashboard that runs meanwhile."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "streamlit", "run", "dashboard.py"]
        with serve(command, ROOT, Path(folder) / "log") as address:
            yield address


def opened(browser: Browser, address: str, language: str, key: str) -> Page:
    """The page `key` of a visitor with a seven, settled."""
    context = browser.new_context(
        viewport=WINDOW, color_scheme="light", locale=language, reduced_motion="no-preference"
    )
    page = context.new_page()
    page.set_default_timeout(60_000)
    path = "" if key == "read" else key
    page.goto(f"{address}/{path}?lang={language}&d={links.to_link(drawn_seven())}")
    settle(page)
    return page


def drawn_seven() -> NDArray[np.uint8]:
    """A seven as the first screen makes it of a drawing."""
    file = io.BytesIO()
    Image.fromarray(255 - strokes.draw(SEVEN.strokes)).save(file, "PNG")
    return images.prepare(file.getvalue()).digit


def picture(browser: Browser, address: str, language: str, key: str) -> None:
    """Write the picture of the top of one page."""
    page = opened(browser, address, language, key)
    page.evaluate("dispatchEvent(new Event('scroll'))")  # charts near the window's foot wait for it
    page.wait_for_timeout(500)
    settle(page)
    page.wait_for_function(CHARTS_DRAWN)
    save([shot(page, SIDE)], [0], f"{key}.{language}", QUALITY)
    page.context.close()


@dataclass
class Film:
    """Frames of a page, each with the milliseconds that it is shown."""

    page: Page
    frames: list[Image.Image] = field(default_factory=list)
    milliseconds: list[int] = field(default_factory=list)

    def take(self, milliseconds: int) -> None:
        self.frames.append(shot(self.page, FILM_SIDE))
        self.milliseconds.append(milliseconds)

    def follow(self, times: int, milliseconds: int) -> None:
        """Take `times` frames, `milliseconds` apart on the page and in the film."""
        for _ in range(times):
            self.page.wait_for_timeout(milliseconds)
            self.take(milliseconds)


def film(browser: Browser, address: str, language: str) -> None:
    """Write the first minutes: a digit is drawn and read, a neuron and a map are looked into, the rows are played."""
    page = opened(browser, address, language, "read")
    made = Film(page)
    made.take(1200)
    for scene in (draw_a_three, look_into_the_mlp, look_into_the_cnn, play_the_rows, look_into_the_poet):
        scene(made, lambda key: visit(page, language, key))
    save(made.frames, made.milliseconds, f"{FILM}.{language}", FILM_QUALITY)
    page.context.close()


def visit(page: Page, language: str, key: str) -> None:
    """Go on to the page `key` by its link in the sidebar, as a visitor does."""
    name = i18n.strings(language)[f"{key}.name"]
    page.get_by_test_id("stSidebar").get_by_role("link", name=name, exact=True).click()
    settle(page)
    page.mouse.move(1, 1)


def draw_a_three(made: Film, _: Callable[[str], None]) -> None:
    """A three is drawn, and the verdicts follow the pen."""
    page = made.page
    sample = next(one for one in strokes.SAMPLES if one.label == "3")
    sheet = page.locator("canvas.sheet")
    box = sheet.bounding_box()
    assert box
    for stroke in sample.strokes:
        for number, (x, y) in enumerate(stroke):
            page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=2)
            if number == 0:
                page.mouse.down()
            if number % 4 == 3:
                made.follow(1, 120)
        page.mouse.up()
    settle(page)
    made.take(1800)


def look_into_the_mlp(made: Film, go: Callable[[str], None]) -> None:
    """The neurons of the MLP and what feeds them."""
    go("mlp")
    made.take(2200)


def look_into_the_cnn(made: Film, go: Callable[[str], None]) -> None:
    """The window of the CNN slides over the digit."""
    go("cnn")
    made.take(1000)
    play(made.page)
    made.follow(14, 150)


def play_the_rows(made: Film, go: Callable[[str], None]) -> None:
    """The rows go into the RNN, and its verdict changes."""
    go("rnn")
    made.take(800)
    play(made.page)
    made.follow(22, 150)
    made.take(800)


def look_into_the_poet(made: Film, go: Callable[[str], None]) -> None:
    """What the transformer looks at."""
    go("transformer")
    made.take(2500)


def play(page: Page) -> None:
    """Press the first button that plays."""
    for words in ("Play", "播放"):
        button = page.get_by_role("button", name=words)
        if button.count():
            button.first.click()
            return


def shot(page: Page, side: int) -> Image.Image:
    """What the window shows, `side` pixels wide."""
    seen = Image.open(io.BytesIO(page.screenshot(animations="allow"))).convert("RGB")
    return seen.resize((side, round(seen.height * side / seen.width)), Image.Resampling.LANCZOS)


def save(frames: Sequence[Image.Image], milliseconds: Sequence[int], name: str, quality: int) -> None:
    """Write a picture, or several frames as an animation without an end."""
    file = OUT / f"{name}.webp"
    options: dict[str, Any] = {"save_all": True, "append_images": frames[1:], "duration": list(milliseconds), "loop": 0}
    frames[0].save(file, quality=quality, method=6, **(options if len(frames) > 1 else {}))
    size = file.stat().st_size
    print(f"{file.relative_to(ROOT)}  {size / 1000:.0f} kB  {sum(milliseconds) / 1000:.1f} s", flush=True)
    if size > LIMIT:
        raise SystemExit(f"{file.name} is larger than {LIMIT} bytes")


if __name__ == "__main__":
    main()
