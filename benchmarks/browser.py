"""What each page takes in a browser: `python -m benchmarks.browser [--pages cnn text] [--url URL]`.

By page, in a new tab of a browser that has been on the first screen: kB over the wire, milliseconds until something is
painted and until nothing changes any more, opened by its address, again, and by a link of the app; and the processor's
milliseconds that the server and the browser ran for the first opening. Linux only.
"""

import argparse
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, sleep

from playwright.sync_api import BrowserContext, CDPSession, Page, sync_playwright

from benchmarks.dashboard import PATIENCE, dashboard
from benchmarks.measure import descendants, processor_seconds, report
from benchmarks.server import seconds_to_verdicts
from glassbox.ui.base import i18n
from glassbox.ui.frame.places import PLACES, address

WATCH = """new MutationObserver(() => { window.changed = performance.now() }).observe(document, {
  childList: true, subtree: true, attributes: true, attributeFilter: ["data-test-script-state"] })"""
"""Notes when the page changed last: an element came or went, or a run began or ended. For a page's first script."""
CALM = """() => document.querySelector('[data-test-script-state="notRunning"]')
  && !document.querySelector('[data-testid="stSkeleton"], [data-testid="stSpinner"]')
  && performance.now() - window.changed > 400"""
PAINTED = "performance.getEntriesByName('first-contentful-paint')[0].startTime"


@dataclass(frozen=True)
class Opening:
    """Milliseconds until something was painted and until nothing changed, kB over the wire, and the milliseconds that
    the server and the browser ran."""

    painted: float
    settled: float
    kilobytes: float
    server: float
    browser: float


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.browser", description=__doc__)
    parser.add_argument("--pages", nargs="+", choices=PLACES, default=list(PLACES), metavar="KEY")
    options = parser.parse_args()
    start = perf_counter()
    with dashboard() as (url, server):
        report("server healthy after", perf_counter() - start, "s", 1)
        report("processor time of the server until then", processor_seconds(server), "s", 1)
        wait_until_prepared(server)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
            report("first verdicts drawn in a new browser", seconds_to_verdicts(browser, url), "s", 1.5)
            context = browser.new_context(locale="en-US", viewport={"width": 1280, "height": 900})
            context.add_init_script(WATCH)
            first = opened(context, url, server)
            report("first load", first.kilobytes, "kB", 900)
            print(f"{'':16}{'first':>24}{'again':>20}{'by link':>16}{'ran for the first':>24}")
            for key in options.pages:
                print(line(context, f"{url}/{address(PLACES[key])}", key, server), flush=True)
            browser.close()


def line(context: BrowserContext, url: str, key: str, server: int) -> str:
    """Return what a page took, as a line of the table."""
    first, again = opened(context, url, server), opened(context, url, server)
    linked = followed(context, url, key)
    return (
        f"{key:<16}{first.kilobytes:5.0f} kB {first.painted:5.0f} {first.settled:6.0f} ms"
        f"{again.painted:10.0f} {again.settled:6.0f} ms{linked:13.0f} ms"
        f"   server {first.server:4.0f}, browser {first.browser:5.0f} ms"
    )


def opened(context: BrowserContext, url: str, server: int) -> Opening:
    """Open an address in a new tab, and return what that took."""
    page = context.new_page()
    loaded: list[float] = []
    devtools: CDPSession = context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.on("Network.loadingFinished", lambda event: loaded.append(event["encodedDataLength"] / 1000))
    ran, browsed = processor_seconds(server), browser_seconds()
    page.goto(url)
    settle(page)
    painted, settled = page.evaluate(f"[{PAINTED}, window.changed]")
    ran, browsed = processor_seconds(server) - ran, browser_seconds() - browsed
    page.close()
    return Opening(painted, settled, sum(loaded), 1000 * ran, 1000 * browsed)


def followed(context: BrowserContext, url: str, key: str) -> float:
    """Open another page, then the page `key` by its link there; return the milliseconds until nothing changed."""
    page = context.new_page()
    page.goto(url.rpartition("/")[0] + ("/faq" if key != "faq" else "/mlp"))
    settle(page)
    name = i18n.strings("en")[f"{key}.name"]
    link = page.get_by_test_id("stSidebar").get_by_role("link", name=name, exact=True)
    asked = link.evaluate("link => { const asked = performance.now(); link.click(); return asked }")
    page.wait_for_function(f"location.pathname === '/{address(PLACES[key])}'")
    settle(page)
    settled: float = page.evaluate("window.changed") - asked
    page.close()
    return settled


def settle(page: Page) -> None:
    page.wait_for_function(CALM, polling=50, timeout=1000 * PATIENCE)


def browser_seconds() -> float:
    """Return the time that the browser's processes have run so far, those that are there now."""
    return sum(processor_seconds(one) for one in descendants(os.getpid()) if "chrom" in _command(one))


def wait_until_prepared(server: int) -> None:
    """Wait until the server's child process has made the files that are sent compressed."""
    end = perf_counter() + 10 * PATIENCE  # it lets visitors go first
    while any("prepared_files" in _command(one) for one in descendants(server)):
        if perf_counter() > end:
            raise RuntimeError("the server has not made its files")
        sleep(0.2)


def _command(process: int) -> str:
    try:
        return Path(f"/proc/{process}/cmdline").read_text()
    except OSError:  # it has ended
        return ""


if __name__ == "__main__":
    main()
