"""Reductions, norms and products over axes. Older operator sets give the axes as an attribute."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
from onnx import TensorProto

from glassbox.graph.builder import Builder, Value
from glassbox.graph.node import Node
from glassbox.graph.written_out import decomposition

MOST_ROWS = 6
"""Of a matrix whose determinant is written out: 720 products."""


@decomposition("ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceSumSquare")
def reduced(g: Builder, node: Node) -> Sequence[Value | None]:
    """The sum of |x| or of x², its square root or its logarithm."""
    x, kind = node.x, node.operator
    cells = {"ReduceL1": lambda: g.op("Abs", x), "ReduceLogSum": lambda: x}.get(kind, lambda: x * x)()
    total = _over(g, node, "ReduceSum", cells, bool(node["keepdims"]))
    function = {"ReduceL2": "Sqrt", "ReduceLogSum": "Log"}.get(kind)
    return [g.op(function, total) if function else total]


@decomposition("ReduceLogSumExp")
def log_sum_exp(g: Builder, node: Node) -> Sequence[Value | None]:
    """m + log of the sum of e^(x - m), m the largest x, which keeps the exponentials within what floats can hold."""
    x, keeps = node.x, bool(node["keepdims"])
    largest = _over(g, node, "ReduceMax", x, keepdims=True)
    infinite = g.op("IsInf", g.op("Cast", largest, to=TensorProto.FLOAT))
    largest = g.op("Where", infinite, g.constant(0.0, x.dtype), largest)
    total = _over(g, node, "ReduceSum", g.op("Exp", x - largest), keepdims=True)
    y = g.op("Log", total) + largest
    return [y if keeps else _over(g, node, "ReduceSum", y, keepdims=False)]


@decomposition("LpNormalization")
def lp_normalization(g: Builder, node: Node) -> Sequence[Value | None] | None:
    """x / the sum of |x|, or / the root of the sum of x²; 0 where that is 0."""
    x = node.x
    if node["p"] not in (1, 2):
        return None
    size = g.op("Abs", x) if node["p"] == 1 else x * x
    total = g.op("ReduceSum", size, [node["axis"]])
    norm = total if node["p"] == 1 else g.op("Sqrt", total)
    zero = g.op("Equal", norm, 0.0)
    return [x / g.op("Where", zero, g.constant(1.0, x.dtype), norm)]


@decomposition("Det")
def determinant(g: Builder, node: Node) -> Sequence[Value | None] | None:
    """The sum over all orders of the columns: the product of a cell of each row, with the order's sign (Leibniz)."""
    x = node.x
    size = None if x.shape is None else x.shape[-1]
    if not isinstance(size, int) or not 0 < size <= MOST_ROWS:
        return None
    orders = np.array(list(itertools.permutations(range(size))))
    later = np.triu_indices(size, 1)
    signs = 1 - 2 * ((orders[:, later[0]] > orders[:, later[1]]).sum(axis=1) % 2)
    flat = g.op("Reshape", x, g.op("Concat", g.sizes(x, 0, x.rank - 2), [size * size], axis=0))
    cells = g.op("Gather", flat, orders + size * np.arange(size), axis=-1)
    products = g.op("ReduceProd", cells, [-1], keepdims=0)
    return [g.op("ReduceSum", products * g.constant(signs, x.dtype), [-1], keepdims=0)]


def _over(g: Builder, node: Node, operator: str, x: Value, keepdims: bool) -> Value:
    """Return `operator` of `x` over the axes of `node`."""
    axes, keep = _axes(g, node), {"keepdims": int(keepdims)}
    noop: dict[str, Any] = {"noop_with_empty_axes": 1} if node["noop_with_empty_axes"] else {}
    return g.op(operator, x, *([] if axes is None else [axes]), **keep, **noop)


def _axes(g: Builder, node: Node) -> Value | None:
    if (given := node.input(1)) is not None:
        return given
    return g.constant(list(node["axes"])) if node["axes"] else None
