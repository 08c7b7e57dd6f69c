"""What a session holds of its visitor: every entry with its bytes, and where a digit is still to be found in it."""

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
    """The bytes of all that `value` holds: texts in UTF-8, arrays as they lie in memory, 8 for a number.

    What Python itself needs to keep order among them is not counted.
    """
    return sum(_bytes(leaf) for leaf in leaves(value))


def copies(value: object, digit: NDArray[np.uint8], link: str) -> int:
    """In how many places of `value` the digit is found: as an array, as its bytes, or as its text in a link."""
    raw, whole = digit.tobytes(), digit.astype(np.float64)
    return sum(_holds(leaf, digit.shape, raw, whole, link) for leaf in leaves(value))


def leaves(value: object) -> Iterator[object]:
    """The values within `value` that hold no others, through dicts, sequences, dataclasses and objects' attributes."""
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
    """What `value` consists of; None if it is a value by itself."""
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


def _holds(leaf: object, shape: tuple[int, ...], raw: bytes, whole: NDArray[np.float64], link: str) -> bool:
    if isinstance(leaf, str):
        return link in leaf
    if isinstance(leaf, bytes | bytearray):
        return raw in leaf
    if not isinstance(leaf, np.ndarray) or leaf.dtype.kind not in "uif" or leaf.shape[-2:] != shape:
        return False
    pictures = leaf.reshape(-1, *shape)
    return bool(any(np.array_equal(one, whole) or np.allclose(255 * one, whole, atol=1e-3) for one in pictures))
