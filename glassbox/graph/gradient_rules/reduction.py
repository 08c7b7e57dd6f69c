"""Operators that reduce axes, and Softmax, which divides by a sum over one."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from glassbox.graph.backpropagation import Node, rule
from glassbox.graph.builder import Builder, Value


def spread(g: Builder, node: Node, value: Value) -> Value:
    """Give a reduced tensor its axes back, with size 1, so that it broadcasts against the input of the reduction."""
    axes = node.input(1)
    if node["keepdims"] or axes is None or _keeps_all(node):
        return value  # without axes all of them are reduced, to a scalar, which broadcasts as it is
    return g.op("Unsqueeze", value, axes)


def _keeps_all(node: Node) -> bool:
    axes = node.known(1)
    return bool(node["noop_with_empty_axes"]) and (node.input(1) is None or (axes is not None and axes.size == 0))


@rule("ReduceSum")
def reduce_sum(g: Builder, node: Node, dy: Value) -> Sequence[Value | None]:
    """y = sum of x: dx = dy for every cell summed."""
    return [g.op("Expand", spread(g, node, dy), g.shape(node.x)), None][: len(node.inputs)]


@rule("ReduceMean")
def reduce_mean(g: Builder, node: Node, dy: Value) -> Sequence[Value | None]:
    """y = (sum of x) / n: dx = dy / n for every cell averaged."""
    n = g.op("Cast", g.op("Size", node.x) / g.op("Max", g.op("Size", node.y), 1), to=dy.dtype)
    axes, shape = node.known(1), node.x.shape
    if axes is not None and axes.size and shape is not None:
        sizes = [shape[axis] for axis in axes]
        if all(isinstance(size, int) for size in sizes):
            n = g.constant(np.prod(sizes, dtype=float), dy.dtype)
    return [g.op("Expand", spread(g, node, dy / n), g.shape(node.x)), None][: len(node.inputs)]


@rule("ReduceMax", "ReduceMin")
def reduce_extreme(g: Builder, node: Node, dy: Value) -> Sequence[Value | None]:
    """y = max of x: dx = dy / m for each of the m cells that equal y, as TensorFlow shares it; likewise the min."""
    axes = node.input(1)
    hit = g.op("Cast", g.op("Equal", node.x, spread(g, node, node.y)), to=dy.dtype)
    keep = {"keepdims": 1, "noop_with_empty_axes": node["noop_with_empty_axes"]}
    return [spread(g, node, dy) * hit / g.op("ReduceSum", hit, axes, **keep), None][: len(node.inputs)]


@rule("Softmax")
def softmax(g: Builder, node: Node, dy: Value) -> Sequence[Value | None]:
    """y = e^x / sum of e^x: dx = y (dy - sum of dy y); 0 where all of x is masked, see `_unmasked`."""
    y = _unmasked(g, node, node.y)
    weighted = dy * y
    return [weighted - y * g.op("ReduceSum", weighted, [node["axis"]])]


@rule("LogSoftmax")
def log_softmax(g: Builder, node: Node, dy: Value) -> Sequence[Value | None]:
    """y = x - log of the sum of e^x: dx = dy - e^y (sum of dy); dy where all of x is masked, see `_unmasked`."""
    return [dy - _unmasked(g, node, g.op("Exp", node.y)) * g.op("ReduceSum", dy, [node["axis"]])]


def _unmasked(g: Builder, node: Node, shares: Value) -> Value:
    """Return `shares`, the softmax, with 0 for NaN where all of x that it is taken over is -inf.

    0 / 0 is NaN there. A model that replaces it, as ONNX's Attention does, asks for no gradient of such a row, but 0
    times NaN is NaN and reaches all that shares a weight with the row. So it is 0 / 0 = 0, as in PyTorch's
    `_safe_softmax` and in `jax.nn.softmax` with `where`.
    """
    masked = g.op("Equal", g.op("ReduceMax", node.x, [node["axis"]]), -math.inf)
    return g.op("Where", masked, g.constant(0.0, shares.dtype), shares)
