"""The rooms of the dashboard are stacked: each imports from those below it, and none from its neighbours' pages."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from glassbox.paths import PACKAGE, ROOT

ORDER = ("server", "base", "charts", "components", "frame", "pages")
"""From the bottom up. The library lies below all of them, pages/*.py and dashboard.py above; `server` stands alone."""
STARTS_IT = "glassbox.cli.dashboard"
"""The command that starts the dashboard."""
FILES = sorted(PACKAGE.rglob("*.py"))


def imports(file: Path) -> Iterator[str]:
    """The modules that `file` imports, wherever in it, with what it takes from them."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{file}: a relative import"
            yield from (f"{node.module}.{name.name}" for name in node.names)


def room(module: str) -> str | None:
    """The room of the dashboard that a module is in."""
    parts = module.split(".")
    return parts[2] if parts[:2] == ["glassbox", "ui"] and len(parts) > 2 else None


def page(module: str) -> str | None:
    """The page that a module belongs to."""
    parts = module.split(".")
    return parts[3] if room(module) == "pages" and len(parts) > 3 else None


def module_of(file: Path) -> str:
    return ".".join(file.relative_to(PACKAGE.parent).with_suffix("").parts)


def test_every_room_is_in_the_order() -> None:
    rooms = {room(module_of(file)) for file in FILES} - {None, "__init__"}
    assert rooms == {*ORDER}


@pytest.mark.parametrize("above", ORDER)
def test_a_room_imports_only_from_those_below_it(above: str) -> None:
    wrong = [
        f"{module_of(file)} -> {name}"
        for file in FILES
        if room(module_of(file)) == above
        for name in imports(file)
        if (below := room(name)) and ORDER.index(below) > ORDER.index(above)
    ]
    assert wrong == []


def test_no_page_imports_from_another() -> None:
    files = {file: page(module_of(file)) for file in FILES if page(module_of(file)) != "__init__"}
    files |= {file: file.stem for file in (ROOT / "pages").glob("*.py")} | {ROOT / "dashboard.py": "read"}
    wrong = [
        f"{file.relative_to(ROOT)} -> {name}"
        for file, own in files.items()
        if own
        for name in imports(file)
        if page(name) not in (None, own)
    ]
    assert len(files) > 60 and wrong == []


def test_the_library_knows_nothing_of_the_dashboard() -> None:
    library = [file for file in FILES if not module_of(file).startswith(("glassbox.ui", STARTS_IT))]
    wrong = [
        f"{module_of(file)} -> {name}"
        for file in library
        for name in imports(file)
        if name.split(".")[0] == "streamlit" or name.startswith("glassbox.ui")
    ]
    assert len(library) > 60 and wrong == []


def strings(file: Path) -> set[str]:
    """The files of locale/ whose strings `file` asks for: `rnn` for t("rnn.question")."""
    asked = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "t":
            key = node.args[0].values[0] if isinstance(node.args[0], ast.JoinedStr) else node.args[0]
            for one in (key.body, key.orelse) if isinstance(key, ast.IfExp) else (key,):
                if isinstance(one, ast.Constant):  # else the page's key is a variable: t(f"{key}.name")
                    asked.add(str(one.value).partition(".")[0])
    return asked


def test_strings_of_a_page_are_used_by_that_page_alone() -> None:
    """So that a page can be deleted with them. A chart may be drawn for one page."""
    shared = {"frame", "charts", "components"}
    pages = {file: page(module_of(file)) for file in FILES if page(module_of(file)) != "__init__"}
    pages |= {file: file.stem for file in (ROOT / "pages").glob("*.py")} | {ROOT / "dashboard.py": "read"}
    wrong = [str(file) for file, own in pages.items() if own and strings(file) - shared - {own}]
    rooms = {file: room(module_of(file)) for file in FILES}
    wrong += [
        str(file) for file, of in rooms.items() if of in ("base", "components", "frame") and strings(file) - shared
    ]
    wrong += [str(file) for file, of in rooms.items() if of == "charts" and len(strings(file) - shared) > 1]
    assert wrong == []
