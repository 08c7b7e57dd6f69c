"""A visitor's own points, from a CSV file of three columns: two numbers, and a class or a height."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from glassbox import csv_file
from glassbox.csv_file import CsvError
from glassbox.playground.data import LIMIT, DataSet

MAX_BYTES, MAX_ROWS, MIN_ROWS = 200_000, 1_000, 10
MAX_CLASSES = 5
MAX_NUMBER = 1e9
NAME_SHOWN = 20
"""Characters of a cell in an error."""
_REACH = 0.9 * LIMIT
"""What is brought is moved and stretched, axis by axis, to fill the plane to here; heights, to between -1 and 1."""


class Row(NamedTuple):
    """The three cells of a row, without the spaces around them, and its number in the file."""

    number: int
    x: str
    y: str
    value: str


def read(data: bytes, seed: int = 1) -> DataSet:
    """Return the points of a CSV file, shuffled by `seed`. A first row without numbers in its first two columns is a
    heading.

    The third column holds a height where it has more than MAX_CLASSES different numbers, else the class. Raises
    CsvError: too_large, encoding, empty, quotes, wide, columns, number, few, many, one_class, classes, flat.
    """
    rows = _rows(data)
    first = rows[0]
    heading = _number(first.x) is None and _number(first.y) is None
    columns = first[1:] if heading else ("x", "y", "label")
    rows = rows[1:] if heading else rows
    if len(rows) < MIN_ROWS:
        message = f"The file has {len(rows)} rows; at least {MIN_ROWS} are needed."
        raise CsvError("few", message, count=len(rows), limit=MIN_ROWS)
    if len(rows) > MAX_ROWS:
        number = rows[MAX_ROWS].number
        raise CsvError("many", f"Row {number} is one too many: up to {MAX_ROWS} are read.", row=number, limit=MAX_ROWS)
    given = np.array([[_required(row, "x"), _required(row, "y")] for row in rows])
    low, high = given.min(0), given.max(0)
    for name, constant in zip(columns[:2], low == high, strict=True):
        if constant:
            short = name[:NAME_SHOWN]
            raise CsvError("flat", f"The column {short!r} has the same value in every row.", column=short)
    values, classes = _values(rows)
    centre, spread = (low + high) / 2, (high - low) / (2 * _REACH)
    middle, reach = (0.0, 1.0) if classes else ((values.min() + values.max()) / 2, np.ptp(values) / 2 or 1.0)
    order = np.random.default_rng(seed).permutation(len(rows))
    return DataSet(
        points=((given - centre) / spread)[order].astype(np.float32),
        values=((values - middle) / reach)[order].astype(np.float32),
        classes=classes,
        centre=(float(centre[0]), float(centre[1]), float(middle)),
        spread=(float(spread[0]), float(spread[1]), float(reach)),
        columns=columns,
    )


def _rows(data: bytes) -> list[Row]:
    """The rows that are not empty, cut into three cells each."""
    text, _ = csv_file.decode(data, MAX_BYTES)
    rows = []
    for number, cells in csv_file.records(text):
        if len(cells) != 3:
            raise CsvError("columns", f"Row {number} has {len(cells)} columns where three are needed.", row=number)
        rows.append(Row(number, *(cell.strip() for cell in cells)))
    if not rows:
        raise CsvError("empty", "The file has no rows.")
    return rows


def _values(rows: list[Row]) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """The third column: the index of each row's class and the classes' names, or heights and no names."""
    labels = [row.value for row in rows]
    names = sorted(set(labels), key=lambda label: (_number(label) is None, _number(label) or 0.0, label))
    if len(names) == 1:
        label = names[0][:NAME_SHOWN]
        message = f"Every row is of the class {label!r}; at least two classes are needed."
        raise CsvError("one_class", message, label=label, row=rows[-1].number)
    if len(names) <= MAX_CLASSES:
        for row in rows:
            if not row.value:
                raise _no_number(row, "value")
        return np.array([names.index(label) for label in labels], np.float64), tuple(names)
    if all(_number(label) is None for label in labels):
        message = f"There are {len(names)} classes; up to {MAX_CLASSES} can be shown."
        raise CsvError("classes", message, count=len(names), limit=MAX_CLASSES)
    return np.array([_required(row, "value") for row in rows]), ()


def _required(row: Row, cell: str) -> float:
    number = _number(getattr(row, cell))
    if number is None:
        raise _no_number(row, cell)
    return number


def _no_number(row: Row, cell: str) -> CsvError:
    column, text = Row._fields.index(cell), getattr(row, cell)[:NAME_SHOWN]
    message = f"Row {row.number}, column {column}: {text!r} is not a finite number up to {MAX_NUMBER:g}."
    return CsvError("number", message, row=row.number, column=column, text=text)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) and abs(number) <= MAX_NUMBER else None
