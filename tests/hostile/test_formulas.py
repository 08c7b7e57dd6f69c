"""No file that goes out holds a formula, whatever its cells are called: all are written by glassbox.csv_file."""

import ast
import csv
import io
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest

from glassbox.input_error import Reason
from glassbox.paths import PACKAGE, ROOT
from glassbox.playground import own_data, take_home
from glassbox.playground.setup import Setup
from glassbox.playground.trainer import Trainer
from glassbox.text import csv_table
from glassbox.text.reader import TextVerdict
from glassbox.ui.pages.read import batch
from glassbox.ui.pages.read.batch import FileReading
from tests.ui.dashboard import upload, visit

FORMULAS = ("=cmd|' /C calc'!A0", "@SUM(1+1)*cmd|' /C calc'!A0", "-1+1", "+1+1", "\t=1+1", "\r=1+1")
BEGINNINGS = ("=", "+", "-", "@", "\t", "\r")
WRITER = PACKAGE / "csv_file.py"


def formulas(written: str) -> list[str]:
    """The cells of a CSV text that a spreadsheet would calculate."""
    cells = (cell for row in csv.reader(io.StringIO(written, newline="")) for cell in row)
    return [cell for cell in cells if cell.startswith(BEGINNINGS) and not is_number(cell)]


def is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("formula", FORMULAS)
def test_the_names_of_files(formula: str) -> None:
    readings = [FileReading(formula, None, {}, Reason("broken", {}, formula))]
    assert formulas(batch.to_csv(readings).decode("utf-8-sig")) == []


def test_the_table_of_files_which_the_browser_can_download() -> None:
    app = upload(visit(), **{f"{FORMULAS[0]}.png": b"", f"{FORMULAS[1]}.png": b""})
    assert list(app.dataframe[0].value["name"]) == [f"'{FORMULAS[0]}.png", f"'{FORMULAS[1]}.png"]


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_table_of_texts_with_its_verdicts(formula: str) -> None:
    quoted = formula.replace('"', '""')
    table = csv_table.read(f'"{quoted} ","text"\n"{quoted}","{quoted}"\n-1.5,b\n'.encode())
    verdicts = [Reason("empty", {}, formula), TextVerdict(0, formula, 1.0, np.ones(1))]
    lines = list(csv_table.with_verdicts(table, [formula], verdicts))
    assert formulas("\r\n".join(lines)) == [] and lines[2].startswith("-1.5,b,")


@pytest.mark.parametrize("formula", FORMULAS[:4])
def test_the_points_of_the_playground(formula: str) -> None:
    rows = "\n".join(f'{number},{number % 3},"{formula if number % 2 else "b"}"' for number in range(20))
    data = own_data.read(f'"{formula} 1","{formula} 2","{formula} 3"\n{rows}'.encode())
    written = take_home.points_csv(Trainer(Setup(data="own"), data))
    assert formula in data.classes and formulas(written) == [] and f"'{formula}" in written


def uses(path: Path) -> Iterator[str]:
    """Yield what `path` uses of Python's and pandas' ways to write CSV."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        by_python = isinstance(node, ast.Attribute) and ast.unparse(node) in ("csv.writer", "csv.DictWriter")
        by_another_name = isinstance(node, ast.ImportFrom) and node.module == "csv"
        by_pandas = isinstance(node, ast.Attribute) and node.attr == "to_csv"
        if by_python or by_another_name or by_pandas:
            yield f"{path.relative_to(ROOT)}:{node.lineno}"


def test_nothing_else_writes_csv() -> None:
    sources: Iterable[Path] = [ROOT / "dashboard.py", *(ROOT / "pages").glob("*.py"), *PACKAGE.rglob("*.py")]
    assert [use for path in sources if path != WRITER for use in uses(path)] == []
    assert len(list(uses(WRITER))) == 1
