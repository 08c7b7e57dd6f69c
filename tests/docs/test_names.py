"""What texts and docstrings name of the code is there: a function, module or file that has moved is found here."""

import importlib
import re
from pathlib import Path

import pytest

from glassbox.paths import CONTENT, LOCALE, PACKAGE, ROOT

TEXTS = [*CONTENT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *ROOT.glob("*.md"), *LOCALE.rglob("*.toml")]
TEXTS.remove(ROOT / "CHANGELOG.md")  # which tells of what was
SOURCES = [*PACKAGE.rglob("*.py"), *(ROOT / "export").rglob("*.py")]
NAME = re.compile(r"`(glassbox(?:\.\w+)+)")
FILE = re.compile(
    r"(?<![\w/.])((?:glassbox|export|tests|pages|content|docs|benchmarks)/[\w/.-]+\.(?:py|md|toml|csv|json))"
)
BLANKS = ("KEY", "NAME", "LANG")
"""What stands for a name in a rule."""


def named(pattern: re.Pattern[str]) -> set[tuple[str, str]]:
    return {(found, path.name) for path in TEXTS + SOURCES for found in pattern.findall(path.read_text("utf-8"))}


def exists(name: str) -> bool:
    module, *rest = "glassbox", *name.split(".")[1:]
    value: object = importlib.import_module(module)
    for part in rest:
        module = f"{module}.{part}"
        try:
            value = getattr(value, part, None) or importlib.import_module(module)
        except ImportError:
            return False
    return True


def test_every_name_is_in_the_code() -> None:
    assert len(named(NAME)) > 40
    assert {one for one in named(NAME) if not exists(one[0])} == set()


def test_every_file_is_there() -> None:
    files = {one for one in named(FILE) if not any(blank in one[0] for blank in BLANKS)}
    assert len(files) > 20
    assert {one for one in files if not Path(ROOT, one[0]).exists()} == set()


@pytest.mark.parametrize("name", ["glassbox.graph.gradient.differentiate", "glassbox.ui.frame.glossary.terms"])
def test_names_are_found(name: str) -> None:
    assert exists(name) and not exists(f"{name}.nowhere") and not exists("glassbox.nowhere")
