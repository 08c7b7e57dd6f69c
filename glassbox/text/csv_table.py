"""A column of texts in a CSV file, as people keep them, and the same file with a verdict on each."""

import csv
import io
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from glassbox.graph.model import fresh
from glassbox.text.reader import TextVerdict
from glassbox.text.tokens import TextError

MAX_BYTES, MAX_ROWS = 20_000_000, 100_000
COLUMN = "text"
"""The column that is read where there are several and none is named."""
_SEPARATORS = ",;\t"
csv.field_size_limit(MAX_BYTES)  # a text that is too long is told so in its row, and does not stop the others

_SENTENCES = {
    "too_large": "The file has {megabytes} MB; up to {limit} MB can be read.",
    "encoding": "The file is written in an encoding other than UTF-8, UTF-16 and GB18030; save it as CSV UTF-8.",
    "empty": "The file has no rows under its heading.",
    "column": "There is no column named {column!r}; there are {columns}.",
    "choose": "There are several columns and none is named 'text'; choose one of {columns}.",
    "many": "The file has {rows:,} rows; up to {limit:,} can be read.",
    "broken": "Row {row:,} has {cells} cells where the heading has {heading}; a text with the separator in it needs "
    "quotation marks around it.",
    "quotes": "The quotation marks in row {row:,} don't match: a text that begins with one ends with one, and those "
    "inside are doubled.",
}


class TableError(ValueError):
    """Why a file can't be used. `code`: a key of _SENTENCES; `details`: what its sentence names."""

    def __init__(self, code: str, **details: object) -> None:
        super().__init__(_SENTENCES[code].format(**details))
        self.code, self.details = code, details


@dataclass(frozen=True)
class Table:
    """A CSV file: `rows` of as many cells as there are `columns`; the texts are in `column`. `encoding` as Python
    names it."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    column: str
    encoding: str

    @property
    def texts(self) -> tuple[str, ...]:
        """What stands in the column, row by row."""
        place = self.columns.index(self.column)
        return tuple(row[place] for row in self.rows)


def read(data: bytes, column: str | None = None, limit: int = MAX_ROWS) -> Table:
    """Read a CSV file whose first row is its heading: UTF-8 with or without its mark, UTF-16 with it, or GB18030.

    The texts are in `column`; None: in the only column, or in the one named COLUMN. Commas, semicolons or tabs may
    separate. Empty lines are passed over. Raises TableError, for more than `limit` rows too.
    """
    if len(data) > MAX_BYTES:
        raise TableError("too_large", megabytes=math.ceil(len(data) / 1e5) / 10, limit=MAX_BYTES // 1_000_000)
    text, encoding = _decoded(data)
    first = next((line for line in text.splitlines() if line.strip()), "")
    columns: tuple[str, ...] = ()
    rows: list[tuple[str, ...]] = []
    count = 0
    for number, cells in _records(text, max(_SEPARATORS, key=first.count)):
        if not columns:
            columns = tuple(cell.strip() for cell in cells)
        elif (count := count + 1) <= limit:
            if len(cells) > len(columns):
                raise TableError("broken", row=number, cells=len(cells), heading=len(columns))
            rows.append((*cells, *[""] * (len(columns) - len(cells))))
    if count > limit:
        raise TableError("many", rows=count, limit=limit)
    if not rows:
        raise TableError("empty")
    return Table(columns, tuple(rows), _chosen(columns, column), encoding)


def with_verdicts(
    table: Table,
    labels: Sequence[str],
    verdicts: Iterable[TextVerdict | TextError],
    say: Callable[[TextError], str] = str,
) -> Iterator[str]:
    """The lines of `table` as CSV, each with its verdict, confidence, the probability of each of `labels` (in the
    model's order, in whatever words) and, where a text could not be read, the reason as `say` puts it."""
    taken = set(table.columns)
    added: list[str] = []
    for name in ("verdict", "confidence", *labels, "problem"):
        added.append(fresh(name, taken))
        taken.add(added[-1])
    yield _line([*table.columns, *added])
    for row, verdict in zip(table.rows, verdicts, strict=True):
        if isinstance(verdict, TextError):
            yield _line([*row, "", "", *[""] * len(labels), say(verdict)])
        else:
            numbers = [f"{value:.6g}" for value in (verdict.confidence, *verdict.probabilities)]
            yield _line([*row, labels[verdict.index], *numbers, ""])


def _records(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """The records with anything in them, numbered as a spreadsheet numbers its rows."""
    number = 0
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True), 1):
            if any(cell.strip() for cell in cells):
                yield number, cells
    except csv.Error:
        raise TableError("quotes", row=number + 1) from None


def _decoded(data: bytes) -> tuple[str, str]:
    marked = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    encodings = ("utf-16",) if marked else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return data.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise TableError("encoding")


def _chosen(columns: tuple[str, ...], column: str | None) -> str:
    there = ", ".join(columns)
    if column is not None:
        if column.strip() not in columns:
            raise TableError("column", column=column, columns=there)
        return column.strip()
    if len(columns) > 1 and COLUMN not in columns:
        raise TableError("choose", columns=there)
    return columns[0] if len(columns) == 1 else COLUMN


def _line(cells: Sequence[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(cells)  # it quotes a cell that holds a part of its line end
    return line.getvalue().removesuffix("\r\n")
