"""No page has anything that a visitor would trip over: an exception, an error in the console, a request to another
host, a page wider than the screen, words above its title, words cut off, a fault that axe-core finds (of whatever
impact: headings, names, contrast, focus, tables, lists), a control that the Tab key does not reach or that does not
show its focus."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from glassbox.paths import ROOT
from glassbox.ui.base import i18n
from glassbox.ui.frame.places import PLACES
from tests.browser.walk import LAPTOP, MIXES, PHONE, Mix, Walk, faults, prepare

TIMES = "GLASSBOX_WALK_TIMES"
"""Environment variable: the folder for a JSON file a language, with when each page had settled."""
SCREENS = (("light", LAPTOP), ("dark", PHONE), ("light", PHONE), ("dark", LAPTOP))


def covering(language: str) -> list[tuple[str, Mix]]:
    """Return each page with the mix to look at it in: a quarter of the pages with each theme and width, another one in
    the other language; so each page is seen in both languages, themes and widths, and each mix on some pages."""
    turn = list(i18n.LANGUAGES).index(language)
    quarter = -(-len(PLACES) // len(SCREENS))
    screens = [SCREENS[(number // quarter) ^ turn] for number in range(len(PLACES))]
    return [(key, Mix(language, *screen)) for key, screen in zip(PLACES, screens, strict=True)]


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_no_page_has_anything_to_trip_over(browser: Browser, address: str, language: str) -> None:
    """The keyboard's way is the same in each language, and is gone in the first."""
    walk = Walk(address)
    with walk.tour(browser) as tour:
        for key, mix in covering(language):
            tour.follow(key, mix)
            if language == next(iter(i18n.LANGUAGES)):
                tour.tab_through(key, mix)
    if folder := os.environ.get(TIMES):
        walk.write_times(Path(folder) / f"{language}.json")
    assert not walk.found, walk.told()
    assert [one.page for one in walk.times] == list(PLACES)


def test_each_page_is_seen_in_both_languages_themes_and_widths() -> None:
    visits = [visit for language in i18n.LANGUAGES for visit in covering(language)]
    for key in PLACES:
        mixes = [mix for page, mix in visits if page == key]
        assert [len(set(values)) for values in zip(*mixes, strict=True)] == [2, 2, 2]
    assert {mix for _, mix in visits} == set(MIXES)
    assert len(PLACES) == 1 + len([*(ROOT / "pages").glob("*.py")])


def test_words_that_can_hardly_be_read_are_found(browser: Browser) -> None:
    """Each on its background, one of them in the shadow of a component."""
    visitor = browser.new_context()
    page = visitor.new_page()
    page.set_content("""<html lang="en"><title>Words</title><main><h1>Words</h1><p>legible</p>
        <p style="color: #bbb">faint</p><div style="background: #444"><p>on grey</p></div><div id="host"></div>""")
    page.evaluate("""document.querySelector("#host").attachShadow({ mode: "open" }).innerHTML =
        '<section style="opacity: 0.3"><p>behind a veil</p></section>'""")
    seen = faults(page)
    visitor.close()
    ((_, rule, where),) = seen
    assert rule == "color-contrast" and [html.split(">")[1] for html in where] == [
        "faint</p",
        "on grey</p",
        "behind a veil</p",
    ]


MAIN = (
    '<html lang="en"><title>Page</title><main data-testid="stMain" tabindex="0" style="display: block">'
    "<section>{}</section><h1>Page</h1>{}</main>"
)


@pytest.mark.parametrize(
    ("above", "body", "kind"),
    [
        ("<p>Advertisement</p>", "", "above the title"),
        ("", '<p style="width: 40px; overflow: hidden; white-space: nowrap">far too long a label</p>', "cut off"),
        ("", '<svg width="40" height="20"><text x="0" y="15">far too long a label</text></svg>', "cut off"),
        ("", '<div style="height: 20px; overflow: hidden"><p>one<br>two<br>three</p></div>', "cut off"),
        ("", '<div style="width: 3000px">wide</div>', "horizontal scroll"),
        ("", '<div data-testid="stException">Traceback</div>', "exception"),
        ("", '<div data-testid="stAlertContentError">no model</div>', "red box"),
    ],
)
def test_what_a_visitor_would_trip_over_is_found(browser: Browser, above: str, body: str, kind: str) -> None:
    visitor = browser.new_context(viewport={"width": PHONE, "height": 800})
    page = visitor.new_page()
    page.set_content(MAIN.format(above, f"<p>{'Words of the page that can all be read. ' * 3}</p>{body}"))
    prepare(page)
    seen = page.evaluate("look.seen()")
    visitor.close()
    assert [name for name, there in seen.items() if there] == [kind]


def test_what_the_keyboard_can_not_do_is_found(browser: Browser) -> None:
    visitor = browser.new_context()
    page = visitor.new_page()
    page.set_content(
        MAIN.format(
            "",
            """<button>plain</button><button style="outline: none">unseen</button>
        <a href="#" id="trap">a trap</a><button>never</button>""",
        )
    )
    page.evaluate("""document.querySelector("#trap").addEventListener("keydown", (event) => event.preventDefault())""")
    prepare(page)
    tour = Walk("http://localhost")
    with tour.tour(browser) as visit:
        visit.page = page
        visit.tab_through("read", MIXES[0])
    visitor.close()
    assert tour.found["read", MIXES[0]] == {
        "not reached by Tab": ["button.: never"],
        "focus not seen": ["button.: unseen"],
    }
