"""Quantisation to whole numbers: straight-through estimates, the one place where a rule is not the derivative.

QuantizeLinear is a staircase: its derivative is 0 where it has one, and says nothing of the network around it. The
straight-through estimator takes the rounding for y = x, and keeps 0 where a number lies outside of the range that the
whole numbers can hold, as in training that minds its quantisation. So a static int8 model has the gradient of the float
model that it stands for, at the numbers that it computes with.

Bengio et al., 2013, https://arxiv.org/abs/1308.3432; Jacob et al., 2018, https://arxiv.org/abs/1712.05877; for the
scale Esser et al., 2020, https://arxiv.org/abs/1902.08153.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from glassbox.graph.backpropagation import QUANTISED, Node, rule
from glassbox.graph.builder import Builder, Value
from glassbox.graph.gradient_rules import convolution, linear
from glassbox.graph.gradient_rules.elementwise import where


@rule("QuantizeLinear")
def quantize(g: Builder, node: Node, dq: Value) -> Sequence[Value | None]:
    """q = round(x / s) + z, held within its type: dx = dq / s where q had not to be held, ds = -sum of dx x / s."""
    if node.y.dtype not in QUANTISED:
        raise node.error("does not quantise to whole numbers, so it has no straight-through estimate")
    x, s = _cast(g, node.x, dq.dtype), _along(g, node, 1, dq.dtype)
    ratio = x / s
    level = g.op("Round", ratio)
    if node.input(2) is not None:
        level = level + _along(g, node, 2, dq.dtype)
    dx = dq / s * where(g, "Equal", g.op("Clip", level, *QUANTISED[node.y.dtype]), level)
    return [_cast(g, dx, node.x.dtype), _of_scale(g, node, s, -(dx * ratio)), None][: len(node.inputs)]


@rule("DequantizeLinear")
def dequantize(g: Builder, node: Node, dy: Value) -> Sequence[Value | None]:
    """y = (q - z) s: dq = dy s, ds = sum of dy (q - z)."""
    q, s = _cast(g, node.x, dy.dtype), _along(g, node, 1, dy.dtype)
    if node.input(2) is not None:
        q = q - _along(g, node, 2, dy.dtype)
    return [dy * s, _of_scale(g, node, s, dy * q), None][: len(node.inputs)]


@rule("MatMulInteger", "ConvInteger")
def product(g: Builder, node: Node, dy: Value) -> Sequence[Value | None]:
    """y = (a - z) (b - w), a product of matrices or a convolution: the gradients of the same product of floats."""
    conv = node.proto.op_type == "ConvInteger"
    sides = []
    for place in (0, 1):
        x = _cast(g, node.required(place), dy.dtype)
        if (zero := node.input(place + 2)) is not None:
            zero = _cast(g, zero, dy.dtype)
            if zero.shape not in ((), (1,)) and place == int(conv):  # one for each row, or for each kernel
                zero = g.op("Reshape", zero, [-1, *[1] * (x.rank - 1 if conv else 1)])
            x = x - zero
        sides.append(replace(x, shape=node.required(place).shape))
    grads = (convolution.conv if conv else linear.matmul)(g, replace(node, inputs=tuple(sides)), dy)
    return [*grads, None, None][: len(node.inputs)]


def _along(g: Builder, node: Node, index: int, dtype: int) -> Value:
    """Return the scales or zero points, one for all cells or one for each slice along `axis`, to stand against x."""
    if node["block_size"]:
        raise node.error("has a scale for each block, which has no gradient rule")
    values = _cast(g, node.required(index), dtype)
    if values.rank == 0 or values.shape == (1,):
        return values
    return g.op("Reshape", values, [-1, *[1] * (node.x.rank - 1 - node["axis"] % node.x.rank)])


def _of_scale(g: Builder, node: Node, s: Value, cells: Value) -> Value:
    """Return the sum of `cells` over those that share a scale, in the shape and type of the scale."""
    scale = node.required(1)
    return _cast(g, g.reshape(g.sum_to(cells, s), scale), scale.dtype)


def _cast(g: Builder, x: Value, dtype: int) -> Value:
    return x if x.dtype == dtype else g.op("Cast", x, to=dtype)
