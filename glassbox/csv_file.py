"""CSV files: those that people's programs save, cut into records within limits, and those that go out to them."""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from glassbox.input_error import InputError

SEPARATORS = ",;\t"
ENCODINGS = ("utf-8-sig", "gb18030")
"""What a file is read in, unless it begins with the mark of UTF-16; as Python names them."""
MAX_COLUMNS = 1_000
"""Cells that a row may have."""

_LINE = re.compile(r"[^\r\n]+")
_FORMULA = re.compile(r"[\0-\x20\ufeff]*[-=+@－＝＋＠]|[\t\r\n]")
_NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")


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


def records(text: str, max_columns: int = MAX_COLUMNS) -> Iterator[Record]:
    """Yield the rows of a CSV text that have anything in them; its first line tells which of SEPARATORS it uses.

    They are those of csv.reader(strict=True), which would hold a row of any width before its cells can be counted. One
    row is in memory at a time. Raises CsvError at a row that can't be read: quotes (its quotation marks don't match),
    wide (it has more than `max_columns` cells).
    """
    blank, cell = _patterns(_separator(text))
    number, position, row = 1, 0, list[str]()
    while position < len(text) or row:
        if not row and (empty := blank.match(text, position)):  # counted at once: there may be millions
            number += empty[0].count("\n") + empty[0].count("\r") - empty[0].count("\r\n")
            position = empty.end()
        if not (found := cell.match(text, position)):
            message = (
                f"The quotation marks in row {number:,} don't match: a text that begins with one ends with one, and "
                "those inside are doubled."
            )
            raise CsvError("quotes", message, row=number)
        if len(row) == max_columns:
            message = f"Row {number:,} has more than {max_columns:,} cells; keep the columns that are needed."
            raise CsvError("wide", message, row=number, limit=max_columns)
        position = found.end()
        row.append(found["bare"] if found["quoted"] is None else found["quoted"].replace('""', '"'))
        if not found["separator"]:
            if any(one.strip() for one in row):
                yield Record(number, row)
            number, row = number + 1, []


def text(rows: Iterable[Iterable[object]]) -> str:
    """Return `rows` as the text of a CSV file, each as `line` writes it."""
    return "".join(f"{line(row)}\r\n" for row in rows)


def line(cells: Iterable[object]) -> str:
    """Return a row of a CSV file without its line end (RFC 4180). Everything that goes out is written by this: no text
    in it is a formula."""
    file = io.StringIO()
    row = [disarmed(cell) if isinstance(cell, str) else cell for cell in cells]
    csv.writer(file, lineterminator="\r\n").writerow(row)  # it quotes a cell that holds a part of its line end
    return file.getvalue().removesuffix("\r\n")


def disarmed(cell: str) -> str:
    """Return `cell`, an apostrophe before it if a spreadsheet would take it for a formula; a number is none.

    https://owasp.org/www-community/attacks/CSV_Injection
    """
    return f"'{cell}" if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell) else cell


def _separator(text: str) -> str:
    """Return the one of SEPARATORS that is most often in the first line with anything in it."""
    found = re.search(r"\S", text)
    if not found:
        return SEPARATORS[0]
    start = max(text.rfind(end, 0, found.start()) for end in "\r\n") + 1
    return max(SEPARATORS, key=next(_LINE.finditer(text, start))[0].count)


def _patterns(separator: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return the patterns of rows with nothing in them, and of a cell, `quoted` or `bare`, up to the end of its row or
    past the `separator`."""
    blank = rf"(?:(?:{separator}|[^\S\r\n])*+(?:\r\n?|\n))++"
    quoted = r'"(?P<quoted>[^"]*+(?:""[^"]*+)*+)"'
    bare = rf'(?!")(?P<bare>[^{separator}\r\n]*+)'
    return re.compile(blank), re.compile(rf"(?:{quoted}|{bare})(?:(?P<separator>{separator})|\r\n|\r|\n|\Z)")


def _megabytes(size: int) -> str:
    """A size in MB, its last decimal rounded up: what is above a limit is shown above it."""
    return f"{-(-size // 100_000) / 10:g}"
