"""What a picture is compared with: integrated gradients start from it, deletion and insertion erase to it.

A network may read something on a baseline too: where it reads there what it reads in the picture, erasing changes
nothing, and no attribution can be measured. Sturmfels, Lundberg, Lee, "Visualizing the impact of feature attribution
baselines", 2020, https://doi.org/10.23915/distill.00022
"""

from collections.abc import Callable, Mapping
from functools import cache

import numpy as np

from glassbox.data import table
from glassbox.explain.attribution.methods import SIDE, Picture
from glassbox.paths import DATA

EMPTY = "empty"
BLUR = 5.0
"""The standard deviation of the blur, in pixels: no digit can be told any more."""
_MEAN = DATA / "mean_digit.csv"


def empty(picture: Picture) -> Picture:
    """Return empty paper."""
    return np.zeros_like(picture)


def mean(picture: Picture) -> Picture:
    """Return the mean of the training digits, whatever the picture."""
    return _mean_digit()


def blurred(picture: Picture) -> Picture:
    """Return `picture` blurred by a Gaussian of BLUR pixels; what lies beyond its edges has no weight."""
    places = np.arange(SIDE)
    weights = np.exp(-((places[:, None] - places) ** 2) / (2 * BLUR**2))
    weights /= weights.sum(axis=1, keepdims=True)
    return np.asarray(weights @ picture @ weights.T, np.float32)


BASELINE_PICTURES: Mapping[str, Callable[[Picture], Picture]] = {EMPTY: empty, "mean": mean, "blurred": blurred}
"""Functions from a picture (28, 28) to what it is compared with, by name."""


@cache
def _mean_digit() -> Picture:
    values = [[int(cell) for cell in row.values()] for row in table(_MEAN)]
    digit = np.array(values, np.float32) / np.float32(255)
    digit.flags.writeable = False
    return digit
