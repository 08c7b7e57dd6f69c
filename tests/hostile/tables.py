"""CSV files made to harm, built when a test asks for them: a small file that is large, slow or never ends once read."""

from collections.abc import Mapping

WIDE = 60_000
"""Columns of the wide files: each empty row below them would be as wide."""


def wide(rows: int = 1_000) -> bytes:
    """Return a heading of WIDE cells over `rows` rows of a letter: 62 kB that padding makes 60 million cells."""
    return b"text" + b"," * (WIDE - 1) + b"\n" + b"a\n" * rows


def within_the_limits(columns: int, rows: int) -> bytes:
    """Return a table of `columns` named columns whose `rows` rows have one cell each: the rest is left to padding."""
    return ",".join(f"column {number}" for number in range(columns)).encode() + b"\na" * rows


def full(columns: int, rows: int, cell: str = "好的") -> bytes:
    """Return a table of `cell`s: each is a string of its own in memory."""
    return ("text" + f",{cell}" * (columns - 1) + f"\n{','.join([cell] * columns)}" * rows).encode()


FILES: Mapping[str, bytes] = {
    "60,000 columns, 62 kB": wide(),
    "60,000 columns, 104 kB": wide(22_000),
    "one row of 400,000 cells": b"text\n" + b"ab," * 400_000,
    "a wide row in a quoted one": b'text\n"' + b"\n" * 1000 + b'"' + b",ab" * 400_000,
    "999 columns and many rows": within_the_limits(999, rows=9_999),
    "a long cell": b"text\n" + b"x" * 4_000_000,
    "a long heading": b"x" * 4_000_000 + b",text\na,b",
    "many rows": b"text\n" + b"a\n" * 2_000_000,
    "many empty rows": b"text\n" + b"\r\n" * 2_000_000,
    "many rows of nothing": b"text,\n" + b" ,\n" * 1_500_000,
    "quotes never closed": b'text\n"' + b"a,b\n" * 1_000_000,
    "doubled quotes never closed": b'text\n"' + b'""' * 2_000_000,
    "only quotes": b'"' * 4_000_001,
    "NULs": b"text\n" + b"\0" * 4_000_000,
    "NULs in a row": b"text,b\n" + b"\0,\0\n" * 9_000,
    "white space": b" " * 4_000_000,
    "UTF-16": b"\xff\xfe" + "text\n".encode("utf-16-le") + "𠀀\n".encode("utf-16-le") * 9_000,
    "UTF-16 cut short": b"\xff\xfe" + b"a" * 3_999_999,
    "no encoding": b"text\n" + b"\x81\x20\xff" * 1_000_000,
    "one rare character widens all": b"text\n" + b"x" * 4_000_000 + "𠀀".encode(),
}
"""Each up to 5 MB, which the dashboard takes, by what is wrong with it."""
