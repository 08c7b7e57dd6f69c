"""A column of texts in a CSV file, and the same file with a verdict on each."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from glassbox.csv_file import CsvError, decode, line, records
from glassbox.graph.model import fresh
from glassbox.input_error import Reason
from glassbox.text.reader import TextVerdict

MAX_BYTES, MAX_ROWS, MAX_CELLS = 20_000_000, 100_000, 2_000_000
"""Limits of a file. What is within them takes up to 350 MB of memory while it is read."""
COLUMN = "text"
"""The column that is read where there are several and none is named."""
_CHECKED = ("familiar", "unfamiliarity")
NAMED, NAME_SHOWN = 20, 60
"""Columns that an error names, and the characters of each name in it."""


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
        """The cells of the column, row by row."""
        index = self.columns.index(self.column)
        return tuple(row[index] for row in self.rows)


def read(
    data: bytes,
    column: str | None = None,
    *,
    guess: bool = False,
    max_bytes: int = MAX_BYTES,
    max_rows: int = MAX_ROWS,
    max_cells: int = MAX_CELLS,
) -> Table:
    """Return the table of a CSV file whose first row is its heading; see `glassbox.csv_file` for what is read.

    The texts are in `column`; None: in the only column, in the one named COLUMN or, with `guess`, in that with the
    longest texts. Cells that a row lacks are empty; they are counted in `max_cells`. Reading ends at the first row that
    is one too many. Raises CsvError: too_large, encoding, empty, column, choose, many, cells, broken, quotes, wide.
    """
    text, encoding = decode(data, max_bytes)
    columns: tuple[str, ...] = ()
    rows: list[tuple[str, ...]] = []
    for number, cells in records(text):
        if not columns:
            columns = tuple(cell.strip() for cell in cells)
            continue
        if len(cells) > len(columns):
            raise CsvError(
                "broken",
                f"Row {number:,} has {len(cells)} cells where the heading has {len(columns)}; a text with the "
                "separator in it needs quotation marks around it.",
                row=number,
                cells=len(cells),
                heading=len(columns),
            )
        if len(rows) == max_rows:
            message = f"The file has more than {max_rows:,} rows; up to {max_rows:,} can be read."
            raise CsvError("many", message, limit=max_rows)
        if (len(rows) + 1) * len(columns) > max_cells:
            message = (
                f"The file has more than {max_cells:,} cells, counting {len(columns):,} in each row as in the heading; "
                f"up to {max_cells:,} can be read. Keep the columns that are needed."
            )
            raise CsvError("cells", message, heading=len(columns), limit=max_cells)
        rows.append((*cells, *[""] * (len(columns) - len(cells))))
    if not rows:
        raise CsvError("empty", "The file has no rows under its heading.")
    chosen = _longest(columns, rows) if guess else None
    return Table(
        columns=columns, rows=tuple(rows), column=_chosen(columns, column, otherwise=chosen), encoding=encoding
    )


def with_verdicts(
    table: Table,
    labels: Sequence[str],
    verdicts: Iterable[TextVerdict | Reason],
    say: Callable[[Reason], str] = str,
    *,
    checked: bool = False,
) -> Iterator[str]:
    """Yield the lines of `table` as CSV, each with its verdict, confidence, the probability of each of `labels` (in the
    model's order, in whatever words) and, where a text could not be read, the reason as `say` puts it.

    `checked`: also whether the text is familiar ("true" or "false"), and its unfamiliarity; all verdicts have theirs.
    """
    taken = set(table.columns)
    added: list[str] = []
    for name in ("verdict", "confidence", *labels, *_CHECKED[: 2 * checked], "problem"):
        added.append(fresh(name, taken))
        taken.add(added[-1])
    yield line([*table.columns, *added])
    for row, verdict in zip(table.rows, verdicts, strict=True):
        if isinstance(verdict, Reason):
            yield line([*row, *[""] * (len(added) - 1), say(verdict)])
        else:
            numbers = [f"{value:.6g}" for value in (verdict.confidence, *verdict.probabilities)]
            if checked and verdict.familiarity:
                numbers += [str(verdict.familiarity.familiar).lower(), f"{verdict.familiarity.unfamiliarity:.6g}"]
            yield line([*row, labels[verdict.index], *numbers, ""])


def _chosen(columns: tuple[str, ...], column: str | None, otherwise: str | None) -> str:
    """Return `column`, else the only column or COLUMN, else `otherwise`. Raises CsvError: column, choose."""
    if column is not None:
        if column.strip() not in columns:
            message = f"There is no column named {column!r}; there are {_listed(columns)}."
            raise CsvError("column", message, column=column, columns=_first(columns))
        return column.strip()
    if len(columns) == 1:
        return columns[0]
    if COLUMN in columns:
        return COLUMN
    if otherwise is None:
        message = f"There are several columns and none is named 'text'; choose one of {_listed(columns)}."
        raise CsvError("choose", message, columns=_first(columns))
    return otherwise


def _first(columns: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of the first NAMED columns, each cut to NAME_SHOWN characters; "…" for what is left out."""
    names = tuple(name if len(name) <= NAME_SHOWN else f"{name[:NAME_SHOWN]}…" for name in columns[:NAMED])
    return names if len(columns) <= NAMED else (*names, "…")


def _listed(columns: tuple[str, ...]) -> str:
    """Return the names of columns for a sentence; one with a comma in it stands in quotation marks."""
    return ", ".join(repr(name) if "," in name else name for name in _first(columns))


def _longest(columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """Return the column with the most characters in its cells."""
    return columns[max(range(len(columns)), key=lambda index: sum(len(row[index]) for row in rows))]
