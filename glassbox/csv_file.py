"""CSV files as people's programs save them: decoded and cut into records, within a limit of bytes."""

import csv
import io
from collections.abc import Iterator
from typing import NamedTuple

from glassbox.input_error import InputError

SEPARATORS = ",;\t"
ENCODINGS = ("utf-8-sig", "gb18030")
"""What a file is read in, unless it begins with the mark of UTF-16; as Python names them."""


class CsvError(InputError):
    """A file that can't be used."""


class Record(NamedTuple):
    """A row of a file with its number, which is that of a spreadsheet's row."""

    number: int
    cells: list[str]


def decode(data: bytes, limit: int) -> tuple[str, str]:
    """Return the text of a file, and its encoding as Python names it: UTF-8 with or without its mark, UTF-16 with it,
    or GB18030.

    Raises CsvError: too_large (more than `limit` bytes), encoding.
    """
    if len(data) > limit:
        message = f"The file has {_megabytes(len(data))} MB; up to {_megabytes(limit)} MB can be read."
        raise CsvError("too_large", message, size=len(data), limit=limit)
    for encoding in ("utf-16",) if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ENCODINGS:
        try:
            return data.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise CsvError(
        "encoding", "The file is written in an encoding other than UTF-8, UTF-16 and GB18030; save it as CSV UTF-8."
    )


def records(text: str) -> Iterator[Record]:
    """Yield the rows of a CSV text that have anything in them; its first line tells which of SEPARATORS it uses.

    Raises CsvError "quotes" at the row whose quotation marks don't match.
    """
    first = next((line for line in text.splitlines() if line.strip()), "")
    separator = max(SEPARATORS, key=first.count)
    # A cell may be as long as the text, so that one that is too long for its use is told so in its row.
    csv.field_size_limit(max(csv.field_size_limit(), len(text)))
    number = 0
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True), 1):
            if any(cell.strip() for cell in cells):
                yield Record(number, cells)
    except csv.Error:
        message = (
            f"The quotation marks in row {number + 1:,} don't match: a text that begins with one ends with one, and "
            "those inside are doubled."
        )
        raise CsvError("quotes", message, row=number + 1) from None


def _megabytes(size: int) -> str:
    """A size in MB, its last decimal rounded up: what is above a limit is shown above it."""
    return f"{-(-size // 100_000) / 10:g}"
