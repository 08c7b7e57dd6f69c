"""The features of a point (x, y) that a network is given, up to seven: of arrays, and as nodes of a graph."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto, helper

Floats = NDArray[np.float32]

FEATURES = {"x": "x", "y": "y", "xx": "x²", "yy": "y²", "xy": "x·y", "sinx": "sin x", "siny": "sin y"}
"""Each feature's name in links and files, and how it is written."""
_OPERATORS = {
    "xx": ("Mul", "x", "x"),
    "yy": ("Mul", "y", "y"),
    "xy": ("Mul", "x", "y"),
    "sinx": ("Sin", "x"),
    "siny": ("Sin", "y"),
}


def compute(points: Floats, names: Sequence[str]) -> Floats:
    """Return the features `names` of points (N, 2), (N, len(names)). Raises KeyError for an unknown feature."""
    x, y = points[:, 0], points[:, 1]
    all_of_them = {"x": x, "y": y, "xx": x * x, "yy": y * y, "xy": x * y, "sinx": np.sin(x), "siny": np.sin(y)}
    return np.stack([all_of_them[name] for name in names], 1).astype(np.float32)


def nodes(source: str, names: Sequence[str], target: str) -> list[NodeProto]:
    """Return the same as nodes of a graph: `source` (N, 2) -> `target` (N, len(names))."""
    made = [helper.make_node("Split", [source], ["x", "y"], axis=1, num_outputs=2)]
    for name in names:
        if name in _OPERATORS:
            operator, *inputs = _OPERATORS[name]
            made.append(helper.make_node(operator, inputs, [name]))
    return [*made, helper.make_node("Concat", list(names), [target], axis=1)]
