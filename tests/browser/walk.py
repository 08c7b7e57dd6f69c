"""A walk over the pages in a real browser: `python -m tests.browser.walk [--pages cnn text] [--times FILE]`.

This is the full form, before a release: each page by its own address in each language, light and dark, on a laptop and
on a phone. It prints what it finds, with the exit status 1 if that is anything, and writes when each page was painted
first and when it had settled. test_walk.py walks a covering half of it.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import axe_playwright_python
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect

from benchmarks.browser import WATCH
from glassbox.paths import ROOT
from glassbox.ui.base import i18n
from glassbox.ui.frame.places import PLACES, address
from tests.browser.server import PATIENCE, chromium, serve, settle

LAPTOP, PHONE = 1280, 390
HEIGHT = 6000
"""Tall enough for nearly all of a page: what is far below the window is drawn only when it comes near."""
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
LOOK = Path(__file__).with_name("look.js").read_text(encoding="utf-8")
ASKED_TWICE = ("/_stcore/health", "/_stcore/host-config")
"""What Streamlit's frontend asks for below a page's own address first, as it can't know where the app is mounted: it
is answered with 404, which the browser writes to the console, and asked for below the app's address then."""


class Mix(NamedTuple):
    """How a visitor looks at a page."""

    language: str
    theme: str
    width: int


MIXES = tuple(Mix(*one) for one in product(i18n.LANGUAGES, ("light", "dark"), (LAPTOP, PHONE)))


@dataclass(frozen=True)
class Times:
    """Milliseconds since the page was asked for until something was painted, 0 if it was opened by a link of the app,
    and until nothing changed any more."""

    page: str
    mix: Mix
    painted: float
    settled: float


@dataclass
class Walk:
    """What was found, by page and mix, and the times."""

    url: str
    found: dict[tuple[str, Mix], dict[str, list[Any]]] = field(default_factory=dict)
    times: list[Times] = field(default_factory=list)

    @contextmanager
    def tour(self, browser: Browser) -> Iterator["Tour"]:
        """A visitor with a window of their own."""
        context = browser.new_context()
        context.set_default_timeout(PATIENCE)
        context.add_init_script(WATCH)
        yield Tour(self, context.new_page())
        context.close()

    def told(self) -> str:
        """Return what was found, a line each."""
        return "\n".join(
            f"{key} {mix.language} {mix.theme} {mix.width}: {kind}: {one}"
            for (key, mix), kinds in self.found.items()
            for kind, there in kinds.items()
            for one in there
        )

    def write_times(self, file: Path) -> None:
        file.write_text(json.dumps([asdict(one) for one in self.times], indent=0), encoding="utf-8")


class Tour:
    """A visitor's way through the pages, and what the browser reports on it."""

    def __init__(self, walk: Walk, page: Page) -> None:
        self.walk, self.page = walk, page
        self.reported: dict[str, list[Any]] = {}
        page.on("pageerror", lambda error: self._report("error", str(error)))
        page.on("console", self._said)
        page.on("request", self._asked)

    def open(self, key: str, mix: Mix) -> None:
        """Open a page by its address."""
        self._dress(mix)
        self.page.goto(f"{self.walk.url}/{address(PLACES[key])}?lang={mix.language}")
        self._look(key, mix, asked=0.0)

    def follow(self, key: str, mix: Mix) -> None:
        """Open a page by its link in the sidebar, which is folded away on a phone; the first screen by its address."""
        self._dress(mix)
        link = self.page.get_by_test_id("stSidebar").get_by_role(
            "link", name=i18n.strings(mix.language)[f"{key}.name"], exact=True, include_hidden=True
        )
        if not link.count():
            return self.open(key, mix)
        asked: float = link.evaluate("link => { const asked = performance.now(); link.click(); return asked }")
        return self._look(key, mix, asked)

    def tab_through(self, key: str, mix: Mix) -> None:
        """Press Tab from the first control of the page's main part until the focus leaves it."""
        stops = self.page.evaluate("look.beginTabbing()")
        for _ in range(stops + 10):
            self.page.keyboard.press("Tab")
            if self.page.evaluate("look.noteFocus()"):
                break
        self._keep(key, mix, self.page.evaluate("look.endTabbing()"))

    def _dress(self, mix: Mix) -> None:
        self.page.emulate_media(color_scheme=mix.theme)  # type: ignore[arg-type]
        self.page.set_viewport_size({"width": mix.width, "height": HEIGHT})

    def _look(self, key: str, mix: Mix, asked: float) -> None:
        words = i18n.strings(mix.language)
        expect(self.page.locator("h1")).to_have_text(words[f"{key}.question"], timeout=PATIENCE)
        foot = self.page.get_by_test_id("stExpander").filter(has_text=words["frame.foot.how"])
        expect(foot).to_be_visible(timeout=PATIENCE)
        settle(self.page)
        painted, changed = self.page.evaluate(
            "[performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0, window.changed]"
        )
        self.walk.times.append(Times(key, mix, painted if not asked else 0.0, changed - asked))
        prepare(self.page)
        self._keep(key, mix, self.page.evaluate("look.seen()") | {"axe": faults(self.page)} | self.reported)
        self.reported.clear()

    def _keep(self, key: str, mix: Mix, seen: Mapping[str, list[Any]]) -> None:
        found = {kind: there for kind, there in seen.items() if there}
        if found:
            self.walk.found.setdefault((key, mix), {}).update(found)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.location["url"].endswith(ASKED_TWICE):
            self._report("console", message.text)

    def _asked(self, request: Request) -> None:
        asked = urlsplit(request.url)
        if asked.scheme in ("http", "https") and asked.netloc != urlsplit(self.walk.url).netloc:
            self._report("other host", request.url)

    def _report(self, kind: str, what: str) -> None:
        self.reported.setdefault(kind, []).append(what)


def prepare(page: Page) -> None:
    """Load axe-core and look.js into the page, once."""
    if not page.evaluate("'axe' in window && 'look' in window"):
        page.evaluate(f"{AXE}; {LOOK}; null")


def faults(page: Page) -> list[tuple[str, str, list[str]]]:
    """Return the impact, the rule and the elements of each fault that axe-core finds."""
    prepare(page)
    answer: list[Any] = page.evaluate("look.faults()")
    return [(impact, rule, [html[:200] for html in elements]) for impact, rule, elements in answer]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.browser.walk", description=__doc__)
    parser.add_argument("--pages", nargs="+", choices=PLACES, default=list(PLACES), metavar="KEY")
    parser.add_argument("--times", type=Path, help="the JSON file to write when each page was painted and had settled")
    parser.add_argument("--pictures", type=Path, help="the folder for a picture of each page as it was seen")
    parser.add_argument("--url", help="a running dashboard; without it, one is started")
    options = parser.parse_args(arguments)
    with TemporaryDirectory() as folder, chromium() as browser:
        if options.url:
            walk = _everything(browser, options.url.rstrip("/"), options)
        else:
            command = [sys.executable, "-m", "streamlit", "run", "dashboard.py"]
            with serve(command, ROOT, Path(folder) / "log.txt") as url:
                walk = _everything(browser, url, options)
    if options.times:
        walk.write_times(options.times)
    return 1 if walk.found else 0


def _everything(browser: Browser, url: str, options: argparse.Namespace) -> Walk:
    walk = Walk(url)
    for mix in MIXES:
        with walk.tour(browser) as tour:
            for key in options.pages:
                tour.open(key, mix)
                if options.pictures:
                    tour.page.screenshot(path=options.pictures / f"{key}_{'_'.join(map(str, mix))}.png")
                tour.tab_through(key, mix)
                last = walk.times[-1]
                found = json.dumps(walk.found.get((key, mix), {}), ensure_ascii=False)
                print(
                    f"{key:<16}{' '.join(map(str, mix)):<16}{last.painted:6.0f} {last.settled:6.0f} ms  {found}",
                    flush=True,
                )
    return walk


def _print(walk: Walk, key: str, mix: Mix) -> None:
    times = f"{walk.times[-1].painted:6.0f} {walk.times[-1].settled:6.0f} ms"
    found = json.dumps(walk.found.get((key, mix), {}), ensure_ascii=False)
    print(f"{key:<16}{mix.language} {mix.theme:<6}{mix.width:<5}{times}  {found}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
