"""Slices of digits by how they are written: pen, slant and size, each measured from the pixels by one formula.

Digits are uint8 (..., 28, 28), white ink on black; a measure has their leading shape. Empty pictures measure 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Digits = NDArray[np.uint8]
Values = NDArray[np.float64]


def thickness(digits: Digits) -> Values:
    """Return the pen's width in pixels: twice the ink over the length of its outline, 2 sum(x) / sum(|grad x|).

    A stroke of width w and length l has the ink w l and an outline of about 2 l. The outline's length is the total
    variation (co-area formula: Federer, 1959), so grey edges count as they are and nothing has to be thresholded.
    """
    ink = np.pad(digits / 255.0, [(0, 0)] * (digits.ndim - 2) + [(1, 1), (1, 1)])
    here = ink[..., :-1, :-1]
    outline = np.hypot(ink[..., :-1, 1:] - here, ink[..., 1:, :-1] - here).sum((-2, -1))
    return _ratio(2 * ink.sum((-2, -1)), outline)


def slant(digits: Digits) -> Values:
    """Return the slant in degrees, positive to the right: atan(-m11 / m02), from the central moments of the ink.

    m11 = sum x (c - c0)(r - r0), m02 = sum x (r - r0)^2 over rows r and columns c: the shear that sets a digit upright.
    """
    ink = digits / 255.0
    rows, columns = np.arange(ink.shape[-2])[:, None], np.arange(ink.shape[-1])[None, :]
    total = ink.sum((-2, -1))
    down = rows - _ratio((ink * rows).sum((-2, -1)), total)[..., None, None]
    across = columns - _ratio((ink * columns).sum((-2, -1)), total)[..., None, None]
    shear = _ratio(-(ink * across * down).sum((-2, -1)), (ink * down**2).sum((-2, -1)))
    return np.asarray(np.degrees(np.arctan(shear)))


def size(digits: Digits) -> Values:
    """Return the square root of height times width, in pixels, of the box around all pixels of at least half ink."""
    lit = digits >= 128
    height, width = (_extent(np.asarray(lit.any(axis))) for axis in (-1, -2))
    return np.asarray(np.sqrt(height * width))


MEASURES: Mapping[str, Callable[[Digits], Values]] = {"thickness": thickness, "slant": slant, "size": size}
CUTS = (0.0, 0.05, 0.2, 0.4, 0.6, 0.8, 0.95, 1.0)
"""Where the slices are cut, in shares of all digits: the ends, where networks fail, are slices of their own."""


def edges(values: Values) -> Values:
    """Return the limits of the slices of `values`, at the quantiles CUTS; equal limits become one."""
    return np.asarray(np.unique(np.quantile(values, CUTS)))


def slice_of(values: Any, limits: Sequence[float] | Values) -> NDArray[np.int64]:
    """Return the slice 0 ... len(limits) - 2 of each value: from its lower limit on, the last's upper limit
    included."""
    return np.asarray(np.searchsorted(np.asarray(limits)[1:-1], values, side="right"))


def shares(value: float, quantiles: Sequence[float]) -> tuple[float, float]:
    """Return the shares of digits that measure less and more than `value`, from their quantiles at equal steps from 0
    to 1."""
    steps = len(quantiles) - 1
    below, through = (int(np.searchsorted(quantiles, value, side=side)) for side in ("left", "right"))
    return min(below / steps, 1.0), min((steps + 1 - through) / steps, 1.0)


def _ratio(above: Any, below: Any) -> Values:
    return np.asarray(np.where(below == 0, 0.0, above / np.where(below == 0, 1, below)))


def _extent(lit: NDArray[np.bool_]) -> Values:
    """Return the number of cells from the first True to the last in each row of (..., n); 0 without any."""
    first, last = lit.argmax(-1), lit.shape[-1] - lit[..., ::-1].argmax(-1)
    return np.asarray(np.where(lit.any(-1), last - first, 0.0))
