"""A visitor's own points, from a CSV file of three columns: two numbers, and a class or a height."""

from __future__ import annotations

import csv
import io
import math

import numpy as np

from glassbox.playground.data import LIMIT, DataSet

MAX_BYTES, MAX_ROWS, MIN_ROWS = 200_000, 1_000, 10
MAX_CLASSES = 5
_REACH = 0.9 * LIMIT
"""What is brought is moved and stretched, axis by axis, to fill the plane to here; heights, to between -1 and 1."""


class CsvError(ValueError):
    """Why a file can't be used. `code`: too_large, encoding, empty, columns, number, few, many, one_class, classes or
    flat; `details`: what the sentence for it names, such as `row`, counted from 1 with the heading."""

    def __init__(self, code: str, **details: object) -> None:
        self.code, self.details = code, details
        named = ", ".join(f"{name} {value}" for name, value in details.items())
        super().__init__(f"the file can't be used ({code}{': ' + named if named else ''})")


def read(text: bytes, seed: int = 1) -> DataSet:
    """The points of a CSV file, shuffled by `seed`. A first line without numbers in its first two columns is a heading.

    The third column holds a height where it has more than MAX_CLASSES different numbers, else the class. Commas,
    semicolons and tabs may separate. Raises CsvError.
    """
    rows = _rows(text)
    first = rows[0][1]
    heading = _number(first[0]) is None and _number(first[1]) is None
    columns = (first[0], first[1], first[2]) if heading else ("x", "y", "label")
    rows = rows[1:] if heading else rows
    if len(rows) < MIN_ROWS:
        raise CsvError("few", count=len(rows), limit=MIN_ROWS)
    if len(rows) > MAX_ROWS:
        raise CsvError("many", row=rows[MAX_ROWS][0], limit=MAX_ROWS)
    places = np.array([[_required(line, row, c) for c in (0, 1)] for line, row in rows], np.float64)
    low, high = places.min(0), places.max(0)
    for axis in (0, 1):
        if not high[axis] > low[axis]:
            raise CsvError("flat", column=columns[axis])
    centre, spread = (low + high) / 2, (high - low) / (2 * _REACH)
    values, classes = _values(rows)
    lowest, highest = (0.0, 0.0) if classes else (float(values.min()), float(values.max()))
    middle, reach = (lowest + highest) / 2, (highest - lowest) / 2 or 1.0
    order = np.random.default_rng(seed).permutation(len(rows))
    points = ((places - centre) / spread)[order].astype(np.float32)
    return DataSet(
        points,
        ((values[order] - middle) / reach).astype(np.float32),
        classes,
        (float(centre[0]), float(centre[1]), middle),
        (float(spread[0]), float(spread[1]), reach),
        columns,
    )


def _rows(text: bytes) -> list[tuple[int, list[str]]]:
    """The lines that are not empty, with their numbers, cut into three cells each."""
    if len(text) > MAX_BYTES:
        raise CsvError("too_large", kilobytes=math.ceil(len(text) / 1000), limit=MAX_BYTES // 1000)
    try:
        decoded = text.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise CsvError("encoding") from None
    first = next((line for line in decoded.splitlines() if line.strip()), "")
    if not first:
        raise CsvError("empty")
    separator = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(decoded, newline=""), delimiter=separator)
    rows = []
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append((reader.line_num, [cell.strip() for cell in cells]))
                if len(cells) != 3:
                    raise CsvError("columns", row=reader.line_num)
    except csv.Error:
        raise CsvError("columns", row=reader.line_num) from None
    if not rows:
        raise CsvError("empty")
    return rows


def _values(rows: list[tuple[int, list[str]]]) -> tuple[np.ndarray[tuple[int], np.dtype[np.float64]], tuple[str, ...]]:
    """The third column: numbers of classes and their names, or heights and no names."""
    labels = [row[2] for _, row in rows]
    names = sorted(set(labels), key=lambda label: (_number(label) is None, _number(label) or 0.0, label))
    if len(names) == 1:
        raise CsvError("one_class", label=names[0], row=rows[-1][0])
    if len(names) <= MAX_CLASSES:
        for line, row in rows:
            if not row[2]:
                raise CsvError("number", row=line, column=3, text="")
        return np.array([names.index(label) for label in labels], np.float64), tuple(names)
    if all(_number(label) is None for label in labels):
        raise CsvError("classes", count=len(names), limit=MAX_CLASSES)
    return np.array([_required(line, row, 2) for line, row in rows]), ()


def _required(line: int, row: list[str], column: int) -> float:
    number = _number(row[column])
    if number is None:
        raise CsvError("number", row=line, column=column + 1, text=row[column][:20])
    return number


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) and abs(number) <= 1e9 else None
