"""How soon the dashboard is there, and what memory it holds: `python -m benchmarks.server`.

Starts the server as a user would and opens it in Chromium (Playwright's own, or the system's). Linux only.
"""

import shutil
from time import perf_counter, sleep

from playwright.sync_api import Browser, FilePayload, Page, sync_playwright

from benchmarks.dashboard import PATIENCE, dashboard
from benchmarks.measure import report, resident_megabytes
from benchmarks.predict import drawn_seven

VERDICTS = ".gb-card-label:text-matches('[0-9]')"  # on each network's card
ARTICLE_MODELS = 3
UPLOAD = "[data-testid=stMain] [data-testid=stButtonGroup] button >> nth=1"  # the second of the ways in
SETTLED = "[data-testid=stApp][data-test-script-state=notRunning]"
TABLE = "[data-testid=stDataFrame]"
PREDICTIONS = 50


def main() -> None:
    start = perf_counter()
    with dashboard() as (url, server):
        report("server healthy after", perf_counter() - start, "s", 4)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
            for visit in ("first", "second"):
                report(f"verdicts drawn after the page opens, {visit} visit", seconds_to_verdicts(browser, url), "s", 3)
            page = browser.new_page()
            open_upload(page, url)
            read_one_by_one(page)
            report(f"resident memory after {PREDICTIONS} pictures, one by one", resident_megabytes(server), "MB", 260)
            read_together(page)
            report(f"resident memory after {PREDICTIONS} more, in one table", resident_megabytes(server), "MB", 260)
            browser.close()


def seconds_to_verdicts(browser: Browser, url: str) -> float:
    page = browser.new_page()
    start = perf_counter()
    page.goto(url, wait_until="commit")
    wait_for_verdicts(page)
    seconds = perf_counter() - start
    page.close()
    return seconds


def wait_for_verdicts(page: Page) -> None:
    page.locator(VERDICTS).nth(ARTICLE_MODELS - 1).wait_for(timeout=1000 * PATIENCE)


def open_upload(page: Page, url: str) -> None:
    page.goto(url)
    wait_for_verdicts(page)
    page.locator(UPLOAD).click()


def read_one_by_one(page: Page) -> None:
    """Two pictures in turn, PREDICTIONS times; each time the cards must have changed."""
    for turn in range(PREDICTIONS):
        before = shown(page)
        give(page, [png(f"{turn}", mirrored=bool(turn % 2))])
        end = perf_counter() + PATIENCE
        while shown(page) == before:
            if perf_counter() > end:
                raise RuntimeError(f"the verdicts did not change for picture {turn}")
            sleep(0.02)


def read_together(page: Page) -> None:
    """PREDICTIONS files in one upload, as a teacher with a class's digits does."""
    give(page, [png(f"{turn}") for turn in range(PREDICTIONS)])
    page.locator(TABLE).wait_for(timeout=1000 * PATIENCE)


def give(page: Page, files: list[FilePayload]) -> None:
    """Upload `files` once the page has settled: it brings a fresh field after each upload."""
    page.locator(SETTLED).wait_for(timeout=1000 * PATIENCE)
    page.wait_for_function("document.querySelectorAll('input[type=file]').length === 1", timeout=1000 * PATIENCE)
    page.locator("input[type=file]").set_input_files(files)


def shown(page: Page) -> list[str]:
    """What the networks' cards say of their verdicts; nothing while the page redraws them."""
    return page.locator("article[data-model] .gb-card-readout").all_inner_texts()


def png(name: str, mirrored: bool = False) -> FilePayload:
    content = drawn_seven((280, 280), "PNG", mirrored)
    return {"name": f"{name}.png", "mimeType": "image/png", "buffer": content}


if __name__ == "__main__":
    main()
