"""What a convolution's kernel responds to most: an edge, a stroke, a gap or ink, by its likeness to model kernels.

The likeness is the cosine of the angle between two kernels as vectors. The model kernels are planes (Prewitt, "Object
enhancement and extraction", 1970), ridges of Gaussian profile less their mean, and the constant.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

ALIKE = 0.5
"""The least likeness at which a kernel is named: a cosine."""
_HALF = np.sqrt(0.5)
_EDGES = {
    "edge_left": (0, 1),
    "edge_right": (0, -1),
    "edge_upper": (1, 0),
    "edge_lower": (-1, 0),
    "edge_upper_left": (_HALF, _HALF),
    "edge_upper_right": (_HALF, -_HALF),
    "edge_lower_left": (-_HALF, _HALF),
    "edge_lower_right": (-_HALF, -_HALF),
}
"""Edges of ink by the side of the ink on which they are, with the direction (down, across) in which ink increases."""
_STROKES = {
    ("stroke_horizontal", "gap_horizontal"): (1, 0),
    ("stroke_vertical", "gap_vertical"): (0, 1),
    ("stroke_falling", "gap_falling"): (_HALF, -_HALF),
    ("stroke_rising", "gap_rising"): (_HALF, _HALF),
}
"""Strokes of ink and gaps (strokes of paper) by their course, with the direction (down, across) at right angles."""


def pattern(kernel: NDArray[np.floating]) -> str:
    """Return what `kernel` (height, width) responds to most.

    One of _EDGES or _STROKES, "ink" or "paper"; "mixed" where it is like none of these, or is 0.
    """
    models = _models(*kernel.shape)
    size = float(np.linalg.norm(kernel))
    if not size:
        return "mixed"
    alike = {name: float((kernel * model).sum()) / size for name, model in models.items()}
    best = max(alike, key=lambda name: alike[name])
    return best if alike[best] >= ALIKE else "mixed"


@lru_cache(maxsize=8)
def _models(height: int, width: int) -> dict[str, NDArray[np.float64]]:
    """Return the model kernels of that size, each of length 1."""
    down, across = np.meshgrid(np.linspace(-1, 1, height), np.linspace(-1, 1, width), indexing="ij")
    models = {"ink": np.ones((height, width)), "paper": -np.ones((height, width))}
    for edge, (y, x) in _EDGES.items():
        models[edge] = y * down + x * across
    for (stroke, gap), (y, x) in _STROKES.items():
        ridge = np.exp(-4 * (y * down + x * across) ** 2)
        models[stroke] = ridge - ridge.mean()
        models[gap] = ridge.mean() - ridge
    lengths = {name: float(np.linalg.norm(model)) for name, model in models.items()}
    return {name: model / lengths[name] for name, model in models.items() if lengths[name]}
