"""Intervals by resampling the pictures: what another draw of as many could have given."""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 2_000
SEED = 2026


def estimate(values: NDArray[np.float64], statistic: Callable[..., NDArray[np.float64]] = np.mean) -> dict[str, float]:
    """The statistic of `values` (n,), one a picture, with its 95 % percentile interval and n.

    Efron & Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13
    """
    spread = statistic(values[_drawn(len(values))], axis=1)
    low, high = np.quantile(spread, (0.025, 0.975))
    return {"value": rounded(statistic(values)), "low": rounded(low), "high": rounded(high), "count": len(values)}


def rounded(value: float) -> float:
    """Four significant digits: a record is read by people too."""
    return float(f"{float(value):.4g}")


@lru_cache(maxsize=4)
def _drawn(count: int) -> NDArray[np.int64]:
    """The places (RESAMPLES, count) of each resample, the same for all values: differences stay comparable."""
    return np.random.default_rng(SEED).integers(0, count, (RESAMPLES, count))
