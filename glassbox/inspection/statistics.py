"""Statistics of one tensor's numbers, in one pass over pieces that stay in the processor's cache."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassbox.inspection.answer import number, texts

BINS = 32
MOST_BINNED = 4096
"""Cells that the histogram of a run's tensor counts: of a larger tensor every n-th."""
_PIECE = 65_536
_ONES: Mapping[type, NDArray[Any]] = {kind: np.ones(_PIECE, kind) for kind in (np.float32, np.float64)}
_LOOKED_AT = 4
"""Places along each axis that tell most units alive."""
NEAR = 0.01
"""A cell is saturated within this share of the range from one of its ends."""


def statistics(values: NDArray[Any]) -> dict[str, Any]:
    """Return the statistics of `values` as facts; those of floats leave NaN and infinities out.

    `nan`, `infinite` and `zeros` are counts; `least`, `largest`, `mean` and `std` are None where no finite number is.
    Text has `distinct` and `samples` in their place.
    """
    facts: dict[str, Any] = {"type": dtype_name(values), "shape": list(values.shape), "cells": int(values.size)}
    if values.dtype.kind in "OUS":
        flat = values.reshape(-1)[:MOST_BINNED].tolist()
        return facts | {"distinct": len(set(map(str, flat))), "samples": texts(flat[:8])}
    flat = _real(values).reshape(-1)
    small = flat.dtype in (np.float16, np.float32) and flat.size > _PIECE
    with np.errstate(over="ignore", invalid="ignore"):
        found = _moments(flat, np.float32 if small else np.float64)
        if small and found["largest"] is not None and found["std"] is None:  # squares too large for float32
            found = _moments(flat, np.float64)
    return facts | found


def histogram(
    values: NDArray[Any], least: float | None, largest: float | None, most: int = MOST_BINNED
) -> NDArray[np.int64]:
    """Return the counts (BINS,) of finite cells in equal bins from `least` to `largest`; of more than `most` every
    n-th cell is counted. One value alone is in the first bin."""
    if least is None or largest is None or values.dtype.kind in "OUS":
        return np.zeros(BINS, np.int64)
    flat = _real(values).reshape(-1)
    sample = flat[:: max(1, -(-flat.size // most))].astype(np.float64)
    finite = np.isfinite(sample)
    sample = sample if finite.all() else sample[finite]
    width = (largest - least) / BINS
    if not 0 < width < np.inf:
        return np.bincount(np.zeros(len(sample), np.int64), minlength=BINS)
    counts = np.bincount(((sample - least) / width).astype(np.int64), minlength=BINS)
    counts[BINS - 1] += counts[BINS:].sum()  # the largest itself stands at the end of the last bin
    return counts[:BINS]


def dead_units(values: NDArray[Any], axis: int) -> tuple[int, int]:
    """Return how many units (places on `axis`) are 0 everywhere, and how many there are."""
    units = np.moveaxis(values, axis, 0)
    places: tuple[Any, ...] = tuple(slice(None, None, max(1, size // _LOOKED_AT)) for size in units.shape[1:])
    few = units[:, *places]
    dead = np.flatnonzero(_all_zero(few))  # most are told by a few cells
    return int(_all_zero(units[dead]).sum()), len(units)


def _all_zero(units: NDArray[Any]) -> NDArray[np.bool_]:
    """Return of each place on the first axis whether all is 0 there."""
    seen: NDArray[np.bool_] = (units != 0).reshape(len(units), math.prod(units.shape[1:])).any(axis=1)
    return ~seen


def largest_at(values: NDArray[Any]) -> list[int] | None:
    """Return the place of the largest number, NaN left out; None where there is no number."""
    if values.dtype.kind not in "fiub" or not values.size:
        return None
    found = np.where(np.isnan(values), -np.inf, values) if values.dtype.kind == "f" else values
    return [int(axis) for axis in np.unravel_index(int(np.argmax(found)), values.shape)]


def largest_in_rows(values: NDArray[Any], most: int) -> list[int] | None:
    """Return the place of the largest number in each row along the last axis, where the other axes but one have the
    size 1 and there are 2 to `most` rows; None for other arrays, and for those with NaN."""
    if values.dtype.kind not in "fiu" or values.ndim < 2 or not values.size:
        return None
    rows = values.reshape(-1, values.shape[-1])
    if not 2 <= len(rows) <= most or max(values.shape[:-1]) != len(rows) or np.isnan(rows).any():
        return None
    return [int(place) for place in rows.argmax(-1)]


def saturated(values: NDArray[Any], low: float, high: float) -> float:
    """Return the share of cells that lie within NEAR of the range's ends."""
    if not values.size:
        return 0.0
    margin = NEAR * (high - low)
    return float(((values <= low + margin) | (values >= high - margin)).mean())


def dtype_name(values: NDArray[Any]) -> str:
    """Return the type as `opening.element_name` says it."""
    return "string" if values.dtype.kind in "OUS" else str(values.dtype.name)


def _real(values: NDArray[Any]) -> NDArray[Any]:
    """Return numbers that NumPy's functions take: complex ones by their size, ONNX's own small types as float32."""
    if values.dtype.kind == "c":
        return np.asarray(np.abs(values))
    return values if values.dtype.kind in "fiub" else values.astype(np.float32)


def _moments(flat: NDArray[Any], exact: type[np.float32] | type[np.float64]) -> dict[str, Any]:
    """Return the statistics of flat numbers, summed in the type `exact`.

    Pieces are summed as inner products, in float32 to six digits, and then in float64. Numbers far from 0 would lose
    their spread so; theirs are differences from the first one.
    """
    zeros, least, largest, sums = 0, np.inf, -np.inf, _Sums(exact)
    for piece, low, high in _finite(flat):
        least, largest = min(least, low), max(largest, high)
        if low <= 0 <= high:
            zeros += int(np.count_nonzero(piece == 0))
        sums.add(piece)  # now, as it is in the cache
    facts: dict[str, Any] = {"nan": 0, "infinite": 0, "zeros": zeros}
    if sums.count < flat.size:
        facts["nan"] = int(np.isnan(flat).sum())
        facts["infinite"] = flat.size - sums.count - facts["nan"]
    if not sums.count:
        return facts | dict.fromkeys(("least", "largest", "mean", "std"))
    mean, spread = sums.mean, sums.variance
    if not spread > mean * mean / 4:
        apart = _Sums(exact, shift=float(exact(next(_finite(flat))[0][0])))
        for piece, *_ in _finite(flat):
            apart.add(piece)
        mean, spread = apart.shift + apart.mean, apart.variance
    return facts | {
        "least": number(least),
        "largest": number(largest),
        "mean": number(mean),
        "std": number(math.sqrt(max(spread, 0.0))),
    }


def _finite(flat: NDArray[Any]) -> Iterator[tuple[NDArray[Any], float, float]]:
    """Yield the finite numbers in pieces, with the least and the largest of each."""
    for start in range(0, flat.size, _PIECE):
        piece = flat[start : start + _PIECE]
        low, high = float(piece.min()), float(piece.max())
        if not math.isfinite(low + high) and piece.dtype.kind == "f":
            piece = piece[np.isfinite(piece)]
            if not piece.size:
                continue
            low, high = float(piece.min()), float(piece.max())
        yield piece, low, high


@dataclass
class _Sums:
    """Sums over pieces of numbers, each less `shift`; they may be infinite or NaN."""

    exact: type[np.float32] | type[np.float64]
    shift: float = 0.0
    count: int = 0
    total: float = 0.0
    squares: float = 0.0

    def add(self, piece: NDArray[Any]) -> None:
        cells: NDArray[Any] = np.asarray(piece, self.exact)
        if self.shift:
            cells = np.subtract(cells, self.exact(self.shift))
        self.count += cells.size
        self.total += float(np.dot(cells, _ONES[self.exact][: cells.size]))
        self.squares += float(np.dot(cells, cells))

    @property
    def mean(self) -> float:
        return self.total / self.count

    @property
    def variance(self) -> float:
        return self.squares / self.count - self.mean * self.mean
