"""Points painted onto the plane by hand, and points rubbed out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from glassbox.playground.data import LIMIT, DataSet

MOST_POINTS = 1_000
"""Points of a data set that is painted on; of a stroke that has more, the end is left out."""
RADIUS = 0.6
"""How far from its middle the eraser reaches, on a plane from -LIMIT to LIMIT."""
Places = Sequence[tuple[float, float]]


def painted(data: DataSet, places: Places, kind: int) -> DataSet:
    """Return `data` with points of the class `kind` at `places`, moved onto the plane where they lie beside it.

    Raises IndexError for a class that there is not.
    """
    if not 0 <= kind < len(data.classes):
        raise IndexError(f"there is no class {kind}")
    new = _array(places)[: max(0, MOST_POINTS - len(data.points))]
    return replace(
        data,
        points=np.concatenate([np.clip(new, -LIMIT, LIMIT), data.points]),
        values=np.concatenate([np.full(len(new), kind, np.float32), data.values]),
        painted=data.painted + len(new),
    )


def erased(data: DataSet, places: Places) -> DataSet:
    """Return `data` without the points that lie within RADIUS of one of `places`."""
    apart = data.points[:, None] - _array(places)[None]
    return _only(data, ~(np.hypot(apart[..., 0], apart[..., 1]) <= RADIUS).any(1))


def cleared(data: DataSet) -> DataSet:
    """Return `data` without points: its classes and axes alone."""
    return _only(data, np.zeros(len(data.points), bool))


def _only(data: DataSet, kept: NDArray[np.bool_]) -> DataSet:
    return replace(data, points=data.points[kept], values=data.values[kept], painted=int(kept[: data.painted].sum()))


def _array(places: Places) -> NDArray[np.float32]:
    array = np.array(places, np.float32).reshape(-1, 2)
    return array[np.isfinite(array).all(1)]
