"""Points in the plane, between -6 and 6, to classify or to fit a surface to: drawn from a seed, so that links repeat.

The shapes are those of tensorflow/playground (https://playground.tensorflow.org), here for any number of classes.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import cycle, islice

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Generator = np.random.Generator

POINTS = 500
LIMIT = 6.0
"""The plane shown is [-LIMIT, LIMIT] on both axes."""
CLASSIFICATION = ("circle", "checkerboard", "blobs", "spiral")
REGRESSION = ("plane", "hills")
NAMES = (*CLASSIFICATION, *REGRESSION)
CLASSES = (2, 3, 4, 5)
_HILLS = ((-3.5, 3.5, 1), (0, 3, -1), (3.5, 3.5, 1), (-3.5, -3, -1), (0, -3.5, 1), (3.5, -3, -1))  # x, y, sign


@dataclass(frozen=True)
class DataSet:
    """Points of a classification or a regression, shuffled. `points`: float32 (N, 2); `values`: (N,), the index of each
    class, or the heights.

    `classes`: the classes' names, empty for a regression. In their own units x, y and the height are `centre + spread *
    number`. The first `painted` of them were painted by hand, and are always trained on.
    """

    points: Floats
    values: Floats
    classes: tuple[str, ...] = ()
    centre: tuple[float, float, float] = (0.0, 0.0, 0.0)
    spread: tuple[float, float, float] = (1.0, 1.0, 1.0)
    columns: tuple[str, str, str] = ("x", "y", "label")
    painted: int = 0

    @property
    def outputs(self) -> int:
        """The number of output neurons: one for a regression or for two classes, else one a class."""
        return len(self.classes) if len(self.classes) > 2 else 1

    @property
    def targets(self) -> Floats:
        """The targets (N, outputs): the heights; -1 or 1 for two classes; for more, 1 in the column of the class."""
        if len(self.classes) > 2:
            one_hot: Floats = np.eye(len(self.classes), dtype=np.float32)[self.values.astype(int)]
            return one_hot
        return (self.values if not self.classes else 2 * self.values - 1)[:, None].astype(np.float32)

    def split(self, share: float) -> int:
        """Return how many of the points, the first ones, are trained on: those painted, and `share` of the others, at
        least one on each side."""
        others = len(self.points) - self.painted
        return self.painted + (int(np.clip(round(share * others), 1, others - 1)) if others > 1 else others)


def draw(name: str, classes: int, noise: float, seed: int) -> DataSet:
    """Return POINTS points of the set `name`, blurred by `noise` from 0 to 0.5. Raises KeyError for an unknown name."""
    rng = np.random.default_rng(seed)
    if name in REGRESSION:
        points = rng.uniform(-5, 5, (POINTS, 2))
        heights = points.sum(1) / 10 if name == "plane" else _hills(points)
        return _shuffled(rng, points, heights + rng.normal(0, 0.6, POINTS) * noise, ())
    labels = np.array(list(islice(cycle(range(classes)), POINTS)))
    points = {"circle": _rings, "checkerboard": _checkerboard, "blobs": _blobs, "spiral": _arms}[name](
        rng, labels, classes, noise
    )
    return _shuffled(rng, points, labels, tuple("ABCDE"[:classes]))


def _shuffled(
    rng: Generator, points: NDArray[np.float64], values: NDArray[np.generic], names: tuple[str, ...]
) -> DataSet:
    order = rng.permutation(len(points))
    inside = np.clip(points[order], -LIMIT, LIMIT).astype(np.float32)
    return DataSet(inside, values[order].astype(np.float32), names)


def _turned(radius: NDArray[np.float64], angle: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1)


def _rings(rng: Generator, labels: NDArray[np.int_], k: int, noise: float) -> NDArray[np.float64]:
    """Class c fills the ring between the radii 5 c/k and 5 (c + 0.7)/k."""
    radius = 5 * (labels + 0.7 * np.sqrt(rng.random(len(labels)))) / k
    return _blurred(rng, _turned(radius, rng.uniform(0, 2 * np.pi, len(labels))), 2 * noise)


def _checkerboard(rng: Generator, labels: NDArray[np.int_], k: int, noise: float) -> NDArray[np.float64]:
    """k x k squares; the class is (column + row) mod k. With two classes that is the exclusive or."""
    row = rng.integers(0, k, len(labels))
    cells = np.stack([(labels - row) % k, row], 1)
    return _blurred(rng, -5 + (cells + rng.uniform(0.07, 0.93, cells.shape)) * 10 / k, 2 * noise)


def _blobs(rng: Generator, labels: NDArray[np.int_], k: int, noise: float) -> NDArray[np.float64]:
    """Normal clouds around k centres on a circle."""
    centres = _turned(np.full(len(labels), 3.0), np.pi / 4 + 2 * np.pi * labels / k)
    return _blurred(rng, centres, 0.6 + 3 * noise)


def _arms(rng: Generator, labels: NDArray[np.int_], k: int, noise: float) -> NDArray[np.float64]:
    """k arms of a spiral with 1.75 turns."""
    t = np.sqrt(rng.uniform(0.002, 1, len(labels)))
    return _blurred(rng, _turned(5.2 * t, 3.5 * np.pi * t + 2 * np.pi * labels / k), 1.2 * noise)


def _hills(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Three hills and three hollows of height 1 and width 1.4."""
    bumps = [sign * np.exp(-((points - (x, y)) ** 2).sum(1) / (2 * 1.4**2)) for x, y, sign in _HILLS]
    return np.asarray(sum(bumps))


def _blurred(rng: Generator, points: NDArray[np.float64], deviation: float) -> NDArray[np.float64]:
    return points + rng.normal(0, deviation, points.shape)
