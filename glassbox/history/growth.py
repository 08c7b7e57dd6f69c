"""How fast something grows: an exponential fitted to points in time, with its 95 % interval.

Draper and Smith, "Applied Regression Analysis", 1998, chapter 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from glassbox.records import require

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Growth:
    """log10(value) = intercept + slope (year - middle), fitted to `count` points by least squares.

    `error`: the slope's standard error; `spread`: the residuals' standard deviation; `width`: the sum of squared
    distances from `middle`; `quantile`: of Student's t for 95 % of `count` - 2 degrees of freedom.
    """

    count: int
    middle: float
    slope: float
    intercept: float
    error: float
    spread: float
    width: float
    quantile: float

    @property
    def factor(self) -> float:
        """By how much the value is multiplied in a year."""
        return float(10**self.slope)

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of `factor`."""
        half = self.quantile * self.error
        return float(10 ** (self.slope - half)), float(10 ** (self.slope + half))

    @property
    def doubling(self) -> float:
        """The months in which the value doubles; infinite where it does not grow."""
        return 12 * float(np.log10(2)) / self.slope if self.slope > 0 else float("inf")

    @property
    def doubling_interval(self) -> tuple[float, float]:
        """The 95 % interval of `doubling`, the shorter time first; the longer is infinite if the value may not grow."""
        low, high = (float(np.log10(factor)) for factor in self.interval)
        return tuple(12 * float(np.log10(2)) / s if s > 0 else float("inf") for s in (high, low))  # type: ignore[return-value]

    def at(self, years: Numbers) -> tuple[Numbers, Numbers, Numbers]:
        """Return the fitted values at `years`, and the lower and upper ends of the 95 % interval of the mean there."""
        line = self.intercept + self.slope * (years - self.middle)
        half = self.quantile * self.spread * np.sqrt(1 / self.count + (years - self.middle) ** 2 / self.width)
        low, middle, high = (np.power(10.0, exponent) for exponent in (line - half, line, line + half))
        return middle, low, high


def decimal_year(day: date) -> float:
    """Return a day as a number of years: 1 July 2020 is 2020.5."""
    first, next_first = date(day.year, 1, 1), date(day.year + 1, 1, 1)
    return day.year + (day - first) / (next_first - first)


def fit_growth(years: Sequence[float], values: Sequence[float]) -> Growth:
    """Return the line through log10 of `values` (all above 0) over `years`, by ordinary least squares.

    The interval takes the points as independent of each other, so that it is rather too narrow for models that were
    built on one another. Raises ValueError for fewer than three points, for a value that is not above 0, and when all
    points are of one time.
    """
    from scipy import special  # not scipy.stats: half a second, and 50 MB for good

    x, y = np.asarray(years, float), np.asarray(values, float)
    count, middle = len(x), float(np.mean(x)) if len(x) else 0.0
    require(count == len(y) >= 3, f"a line with its interval needs 3 points or more, here are {count}")
    require(bool((y > 0).all()), "only what is above 0 has a logarithm")
    width = float(np.square(x - middle).sum())
    require(width > 0, "all points are of one time")
    logs = np.log10(y)
    intercept = float(np.mean(logs))
    slope = float((x - middle) @ (logs - intercept)) / width
    residuals = logs - intercept - slope * (x - middle)
    spread = float(np.sqrt(np.square(residuals).sum() / (count - 2)))
    return Growth(
        count=count,
        middle=middle,
        slope=slope,
        intercept=intercept,
        error=spread / width**0.5,
        spread=spread,
        width=width,
        quantile=float(special.stdtrit(count - 2, 0.975)),
    )
