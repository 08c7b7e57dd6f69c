"""An answer: plain facts and plain arrays, which can go through a pipe; and how numbers become facts."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from glassbox.engine.answer import Answer

__all__ = ["Answer", "limited", "number", "sizes", "text", "texts"]
LONGEST_TEXT = 400
"""Characters of a text from the file that an answer quotes."""


def number(value: Any) -> float | None:
    """Return a real number as a fact: None where it is NaN or infinite, which JSON can't write."""
    real = float(value)
    return real if math.isfinite(real) else None


def text(value: Any) -> str:
    """Return a text from the file as a fact: at most LONGEST_TEXT characters, without control characters."""
    plain = "".join(letter if letter.isprintable() else " " for letter in str(value)[: LONGEST_TEXT + 1])
    return plain if len(plain) <= LONGEST_TEXT else f"{plain[:LONGEST_TEXT]}…"


def texts(values: Iterable[Any]) -> list[str]:
    """Return each of `values` as `text`."""
    return [text(value) for value in values]


def sizes(shape: Iterable[int | str | None] | None) -> list[int | str] | None:
    """Return a shape as a fact: "?" for a size of which nothing is known, None where not even their number is."""
    return None if shape is None else [size if isinstance(size, int) else text(size or "?") for size in shape]


def limited(values: Mapping[str, Any], most: int) -> dict[str, Any]:
    """Return the first `most` entries."""
    return dict(list(values.items())[:most])
