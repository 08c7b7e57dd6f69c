"""The tables of facts in this folder, each with its source and licence in its first lines (`# ...`) or columns."""

import csv
from pathlib import Path
from typing import TypeVar

import msgspec

Row = TypeVar("Row")


def table(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file below its heading, without the lines that begin with `#`."""
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def records(path: Path, kind: type[Row]) -> list[Row]:
    """Return the rows of a CSV file as the dataclass `kind`; an empty cell takes the default of its field.

    Raises ValueError naming the file, the row and the field that is missing or wrong.
    """
    found = []
    for number, row in enumerate(table(path), 1):
        try:
            found.append(msgspec.convert({name: cell for name, cell in row.items() if cell}, kind, strict=False))
        except msgspec.ValidationError as error:
            raise ValueError(f"{path.name}, row {number}: {error}") from error
    return found
