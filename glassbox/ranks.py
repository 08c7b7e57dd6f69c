"""Ranks for rank statistics, without scipy.stats: importing that takes half a second and 50 MB for good."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def mid_ranks(values: NDArray[Any]) -> NDArray[np.float64]:
    """Return the ranks (n,) of `values` (n,), from 1; equal values share the mean of the ranks they take."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    shared: NDArray[np.float64] = np.cumsum(count) - (count - 1) / 2
    return shared[place]
