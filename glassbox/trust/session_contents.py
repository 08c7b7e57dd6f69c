"""The contents of a visitor's session: the bytes of an entry, and how many copies of a digit are in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

LIMIT = 200_000
"""Values looked at in one entry; what lies beyond is not counted. A session of the dashboard has some hundreds."""
_NUMBER = 8


def size(value: object) -> int:
    """Return the bytes of all that `value` holds: texts in UTF-8, arrays as in memory, 8 for a number.

    The memory that Python needs for its own objects is not counted.
    """
    return sum(_bytes(leaf) for leaf in leaves(value))


def copies(value: object, digit: NDArray[np.uint8], link: str) -> int:
    """Return how often `value` holds the digit: as an array, as its bytes, or as its text in a link."""
    raw, pixels = digit.tobytes(), digit.astype(np.float64)
    return sum(_holds(leaf, raw=raw, pixels=pixels, link=link) for leaf in leaves(value))


def leaves(value: object) -> Iterator[object]:
    """Yield the values within `value` that hold no others, through dicts, sequences, dataclasses and attributes."""
    waiting, seen = [value], set[int]()
    while waiting and len(seen) < LIMIT:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        inner = _inside(one)
        if inner is None:
            yield one
        else:
            waiting.extend(inner)


def _inside(value: object) -> list[object] | None:
    """Return the values that `value` holds; None if it holds no others."""
    if isinstance(value, str | bytes | bytearray | np.ndarray | np.generic | int | float | None):
        return None
    if isinstance(value, Mapping):
        return [*value.keys(), *value.values()]
    if isinstance(value, Sequence | Set):
        return list(value)
    if is_dataclass(value) and not isinstance(value, type):
        return [getattr(value, field.name) for field in fields(value)]
    inner: dict[str, Any] | None = None if isinstance(value, type) else getattr(value, "__dict__", None)
    return list(inner.values()) if inner else None


def _bytes(leaf: object) -> int:
    if isinstance(leaf, str):
        return len(leaf.encode("utf-8", "surrogatepass"))
    if isinstance(leaf, bytes | bytearray):
        return len(leaf)
    if isinstance(leaf, np.ndarray | np.generic):
        return int(leaf.nbytes)
    return _NUMBER if isinstance(leaf, int | float) else 0


def _holds(leaf: object, *, raw: bytes, pixels: NDArray[np.float64], link: str) -> bool:
    """Return whether `leaf` holds a digit, given as bytes, as pixels (28, 28) from 0 to 255 and as its link."""
    if isinstance(leaf, str):
        return link in leaf
    if isinstance(leaf, bytes | bytearray):
        return raw in leaf
    if not isinstance(leaf, np.ndarray) or leaf.dtype.kind not in "uif" or leaf.shape[-2:] != pixels.shape:
        return False
    pictures = leaf.reshape(-1, *pixels.shape)
    return bool(any(np.array_equal(one, pixels) or np.allclose(255 * one, pixels, atol=1e-3) for one in pictures))
