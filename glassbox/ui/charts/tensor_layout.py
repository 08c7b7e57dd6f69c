"""Inner tensors and weights laid out flat, so that they can be drawn as maps."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]
WIDEST = 32
"""The longest row that a vector is drawn as before it is wrapped."""


def flat(values: Array) -> Array:
    """Any tensor of one picture -> (rows, columns): sequences as they are, feature maps tiled, vectors wrapped."""
    array = values.reshape([size for size in values.shape if size != 1] or [1])
    if array.ndim == 1:
        return wrapped(array)
    while array.ndim > 3:
        array = array.reshape(-1, *array.shape[2:])
    return tiled(array) if array.ndim == 3 else array


def wrapped(vector: Array) -> Array:
    """(n,) -> (n / w, w): w the largest divisor of n up to WIDEST, so that nothing has to be filled in."""
    width = max(divisor for divisor in range(1, WIDEST + 1) if len(vector) % divisor == 0)
    return vector.reshape(-1, width)


def tiled(maps: Array) -> Array:
    """(n, h, w) -> the maps side by side in rows of up to eight, (n / k * h, k * w)."""
    count, height, width = maps.shape
    across = max(divisor for divisor in range(1, 9) if count % divisor == 0)
    return maps.reshape(-1, across, height, width).swapaxes(1, 2).reshape(-1, across * width)
