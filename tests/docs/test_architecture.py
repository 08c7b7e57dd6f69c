"""What the architecture page says of the rooms, held against the code."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "glassbox"
PAGE = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")


def imports(folder: Path) -> Iterator[tuple[Path, str]]:
    """Each module that a file under `folder` imports, anywhere in it."""
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from ((path, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield path, node.module


def test_the_table_names_every_room() -> None:
    rooms = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert set(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)) == rooms


def test_graph_imports_nothing_else_of_glassbox() -> None:
    inner = [(path, name) for path, name in imports(PACKAGE / "graph") if name.split(".")[0] == "glassbox"]
    assert inner
    assert [entry for entry in inner if not entry[1].startswith("glassbox.graph")] == []


def test_only_the_engine_imports_onnxruntime() -> None:
    importers = {
        path.relative_to(PACKAGE).parts[0] for path, name in imports(PACKAGE) if name.split(".")[0] == "onnxruntime"
    }
    assert importers == {"engine"}


def test_only_the_dashboard_imports_streamlit_and_the_dashboard() -> None:
    outside = [folder for folder in PACKAGE.iterdir() if folder.is_dir() and folder.name != "ui"]
    found = {
        path.relative_to(PACKAGE).as_posix()
        for folder in outside
        for path, name in imports(folder)
        if name.split(".")[0] == "streamlit" or name.startswith("glassbox.ui")
    }
    assert found == set()
