"""Numbers are written by one module: no other formats a percentage, and no text spaces its sign."""

import re
from pathlib import Path

import pytest

from glassbox.paths import CONTENT, LOCALE, ROOT

UI = ROOT / "glassbox" / "ui"
SOURCES = [*UI.rglob("*.py"), *(ROOT / "pages").glob("*.py"), ROOT / "dashboard.py"]
SCRIPTS = [*UI.rglob("*.js")]
TEXTS = [*LOCALE.rglob("*.toml"), *CONTENT.rglob("*.md"), *CONTENT.rglob("*.toml")]
PERCENT = re.compile(
    r"""
    :[,.~\d]*%\}                         # a format of Python or, in a hover text, of d3: {share:.1%}, %{y:.1%}
    | ["'][,.~\d]*\d~?%["']              # a format of d3 by itself: ".0%"
    | \}(\s|\\u00a0|\{[\w.]*NO_BREAK\})*%(?![{;])  # a sign written behind a number
    | "[ ]?%"                            # or as a unit
    """,
    re.VERBOSE,
)
STYLES = re.compile(
    r"""
    [\w-]+:\{100\ \*\ [^{}]+\}%               # a length in CSS: "width:{100 * share:.3f}%"
    | color-mix\(.*\)
    | f"\{100\ \*\ min\(max\(\(value.*        # charts/dots.py
    | `\$\{100\ \*\ share\}%`|`\$\{\(100\ \*\ unit\)\ /\ panel\.units\}%`  # preparation/boxes.js, time_film/panel.js
    | "100%"                                   # the whole width
    | \.endswith\("%"\)
    """,
    re.VERBOSE,
)
EXPONENT = re.compile(r":[+,]?(\.\d+)?[eE]\}|%\{\w+:[^}]*[eg]\}|%\.\dg|\.toExponential\(|\.toPrecision\(")
"""What would write 5.69e-05: Python's and d3's formats, and JavaScript's."""
SPACED = re.compile(r"[\d}][\s\u00a0\u202f]+[%％]|\{[\w.]+\}\s*[%％]|％")


def lines(files: list[Path], passed: str) -> list[tuple[str, str]]:
    return [
        (f"{file.relative_to(ROOT)}:{place}", line)
        for file in files
        if file.name != passed
        for place, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
    ]


def test_percentages_are_formatted_in_one_module() -> None:
    for files, passed in ((SOURCES, "formats.py"), (SCRIPTS, "numbers.js")):
        found = [place for place, line in lines(files, passed) if PERCENT.search(STYLES.sub("", line))]
        assert len(files) > 30 and found == []


def test_powers_of_ten_are_formatted_in_one_module() -> None:
    for files, passed in ((SOURCES, "formats.py"), (SCRIPTS, "numbers.js")):
        assert [place for place, line in lines(files, passed) if EXPONENT.search(line)] == []


def test_the_percent_sign_follows_its_number_in_every_text() -> None:
    found = [place for place, line in lines(TEXTS, "") if SPACED.search(line)]
    assert len(TEXTS) > 60 and found == []


@pytest.mark.parametrize(
    "written",
    [
        'f"{share:.1%}"',
        'hover="%{y:.2%}"',
        'tickformat=".0%"',
        'tickformat=".2~%"',
        'f"{100 * share:.1f} %"',
        'f"{text}{formats.NO_BREAK}%"',
        '_slider("noise", " %")',
        "`${share} %`",
        "`${100 * size}%`",
        'said=f"{100 * share:.1f}%"',
    ],
)
def test_a_format_of_ones_own_is_found(written: str) -> None:
    assert PERCENT.search(STYLES.sub("", written))


@pytest.mark.parametrize("written", ["95 % interval", "95\u00a0% 区间", "{share}%", "80 ％"])
def test_a_spaced_sign_is_found(written: str) -> None:
    assert SPACED.search(written)
