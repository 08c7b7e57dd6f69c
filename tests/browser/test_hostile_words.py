"""Words of strangers in a real browser: none becomes a picture or a link, and nothing is fetched for one."""

import csv
import io
from collections.abc import Sequence
from itertools import cycle
from urllib.parse import urlencode

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from glassbox.ui.base import i18n
from tests.hostile.words import NOWHERE, WORDS

EN = i18n.strings("en")
HOST = NOWHERE.removesuffix("/leak")


@pytest.fixture
def visited(context: BrowserContext) -> Page:
    page = context.new_page()
    page.on("request", lambda request: requests.append(request.url))
    requests: list[str] = []
    page.asked = requests  # type: ignore[attr-defined]
    return page


def table(heading: Sequence[str], labels: Sequence[str], count: int = 20) -> bytes:
    file = io.StringIO()
    rows = [[number, number % 7, label] for number, label in zip(range(count), cycle(labels), strict=False)]
    csv.writer(file).writerows([heading, *rows])
    return file.getvalue().encode()


def assert_harmless(page: Page) -> None:
    """Nothing on the page points to HOST, and nothing was asked of it."""
    assert page.locator(f'[src*="{HOST}"], [href*="{HOST}"]').count() == 0
    assert [url for url in page.asked if HOST in url] == []  # type: ignore[attr-defined]


def test_headings_and_classes_of_ones_own_data(visited: Page, address: str) -> None:
    """Three words a file, each file a row longer than the one before: the page says of which it speaks."""
    visited.goto(f"{address}/playground?lang=en")
    visited.get_by_role("radio", name=EN["playground.more.own"]).click()
    for count, start in enumerate(range(0, len(WORDS), 3), start=20):
        words = WORDS[start : start + 3]
        labels = [f"{word}{number}" for number, word in enumerate(words)]
        data = {"name": f"{count}.csv", "mimeType": "text/csv", "buffer": table(words, labels, count)}
        visited.locator("input[type=file]").set_input_files(data)
        expect(visited.get_by_test_id("stAlert")).to_contain_text(f"{count} rows in use")
        expect(visited.get_by_test_id("stAlert").locator("code")).to_have_count(6)
        assert_harmless(visited)


def test_cells_in_an_error(visited: Page, address: str) -> None:
    visited.goto(f"{address}/playground?lang=en")
    visited.get_by_role("radio", name=EN["playground.more.own"]).click()
    for number, word in enumerate(WORDS):
        rows = table(["x", "y", "z"], ["a", "b"]) + f'1,"{word}",a\n'.encode()
        visited.locator("input[type=file]").set_input_files(
            {"name": f"{number}.csv", "mimeType": "text/csv", "buffer": rows}
        )
        expect(visited.get_by_test_id("stAlert")).to_contain_text("column 2")
        assert_harmless(visited)


def test_a_text_that_came_with_a_link(visited: Page, address: str) -> None:
    text = f"a film, {NOWHERE}/auto ![x]({NOWHERE}.png) [x]({NOWHERE}) <img src={NOWHERE}.png>"
    visited.goto(f"{address}/text?{urlencode({'lang': 'en', 'task': 'sentiment', 'view': 'swap', 'text': text})}")
    expect(visited.get_by_label("Instead of")).to_be_visible()
    assert_harmless(visited)
