"""Statistics of one tensor's numbers, in one pass over pieces that stay in the processor's cache."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassbox.inspection.answer import number, texts

BINS = 32
MOST_BINNED = 65_536
"""Cells that a histogram counts: of a larger tensor every n-th."""
_PIECE = 32_768
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
    return facts | _moments(_real(values).reshape(-1))


def histogram(values: NDArray[Any], least: float | None, largest: float | None) -> NDArray[np.int64]:
    """Return the counts (BINS,) of finite cells in equal bins from `least` to `largest`; of a large tensor every n-th
    cell is counted (MOST_BINNED). One value alone is in the first bin."""
    if least is None or largest is None or values.dtype.kind in "OUS":
        return np.zeros(BINS, np.int64)
    flat = _real(values).reshape(-1)
    sample = flat[:: max(1, -(-flat.size // MOST_BINNED))].astype(np.float64)
    sample = sample[np.isfinite(sample)]
    width = (largest - least) / BINS
    if not 0 < width < np.inf:
        return np.bincount(np.zeros(len(sample), np.int64), minlength=BINS)
    return np.bincount(np.minimum(((sample - least) / width).astype(np.int64), BINS - 1), minlength=BINS)


def dead_units(values: NDArray[Any], axis: int) -> tuple[int, int]:
    """Return how many units (places on `axis`) are 0 everywhere, and how many there are."""
    units = np.moveaxis(_real(values), axis, 0).reshape(values.shape[axis], -1)
    return int((~units.any(axis=1)).sum()), len(units)


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


def _moments(flat: NDArray[Any]) -> dict[str, Any]:
    finite = nan = infinite = zeros = 0
    least, largest, shift = np.inf, -np.inf, None
    total = squares = 0.0
    for start in range(0, flat.size, _PIECE):
        piece = flat[start : start + _PIECE]
        zeros += int(np.count_nonzero(piece == 0))
        if piece.dtype.kind == "f" and not np.isfinite(piece.min() + piece.max()):
            nan += int(np.isnan(piece).sum())
            infinite += int(np.isinf(piece).sum())
            piece = piece[np.isfinite(piece)]
            if not piece.size:
                continue
        finite += piece.size
        least, largest = min(least, float(piece.min())), max(largest, float(piece.max()))
        exact = piece.astype(np.float64)
        if shift is None:
            shift = float(exact.mean())
        exact -= shift  # the spread of numbers far from 0 would be lost in their squares
        total += float(exact.sum())
        squares += float((exact * exact).sum())
    facts: dict[str, Any] = {"nan": nan, "infinite": infinite, "zeros": zeros}
    if not finite or shift is None:
        return facts | dict.fromkeys(("least", "largest", "mean", "std"))
    apart = total / finite
    variance = max(squares / finite - apart * apart, 0.0)
    return facts | {
        "least": number(least),
        "largest": number(largest),
        "mean": number(shift + apart),
        "std": number(np.sqrt(variance)),
    }
