"""The tables of facts in this folder, each with its source and licence in its first lines (`# ...`) or columns."""

import csv
from pathlib import Path
from typing import TypeVar

import msgspec

from glassbox.records import DamagedFileError, contents

Row = TypeVar("Row")


def records(path: Path, kind: type[Row]) -> list[Row]:
    """Return the rows of a CSV file as the dataclass `kind`; an empty cell takes the default of its field.

    Lines that begin with `#` are passed over, and so are columns that `kind` lacks. Raises DamagedFileError, a
    ValueError, naming the file, the row and the field that is missing or wrong.
    """
    found = []
    for number, row in enumerate(table(path), 1):
        try:
            found.append(msgspec.convert({name: cell for name, cell in row.items() if cell}, kind, strict=False))
        except (msgspec.ValidationError, TypeError) as error:
            raise DamagedFileError(path, error, f"row {number}") from error
    return found


def table(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file below its heading, without the lines that begin with `#`.

    Raises DamagedFileError if there are none.
    """
    try:
        lines = contents(path).decode("utf-8").splitlines()
        found = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    except (OSError, ValueError, csv.Error) as error:
        raise DamagedFileError(path, error) from error
    if not found:
        raise DamagedFileError(path, "it has no rows")
    return found
