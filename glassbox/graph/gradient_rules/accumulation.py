"""Sums and products along an axis or over several, and the numbers of a range."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from glassbox.graph.backpropagation import Node, rule
from glassbox.graph.builder import Builder, Value
from glassbox.graph.gradient_rules.elementwise import where
from glassbox.graph.gradient_rules.reduction import spread


@rule("CumSum")
def running_sum(g: Builder, node: Node, dy: Value) -> Sequence[Value | None]:
    """y_i = the sum of x_j up to i: dx_j = the sum of dy_i from j on."""
    return [_summed(g, node, dy, backwards=True), None]


@rule("CumProd")
def running_product(g: Builder, node: Node, dy: Value) -> Sequence[Value | None]:
    """y_i = the product of x_j up to i: dx_j = the sum over i from j on of dy_i and the product of the others' x.

    With 1 in place of each 0, P the running product and z the running count of zeros, that is 1 / x_j times the sum of
    dy_i P_i where z_i = 0, and for an x_j = 0 the same sum where z_i = 1.
    """
    x = node.x
    zero = where(g, "Equal", x, 0.0)
    filled = x + zero
    products = dy * node.repeat(filled, node.required(1))
    count = _summed(g, node, zero, backwards=False)
    none, one = (
        _summed(g, node, products * where(g, "Equal", count, float(number)), backwards=True) for number in (0, 1)
    )
    return [(none * (1 - zero) + one * zero) / filled, None]


def _summed(g: Builder, node: Node, x: Value, backwards: bool) -> Value:
    given = {"exclusive": node["exclusive"], "reverse": int(bool(node["reverse"]) != backwards)}
    return g.op("CumSum", x, node.required(1), **given)


@rule("ReduceProd")
def product(g: Builder, node: Node, dy: Value) -> Sequence[Value | None]:
    """y = the product of x: dx_j = dy times the product of the others: 0 where another one is 0."""
    x = node.x
    zero = where(g, "Equal", x, 0.0)
    filled = x + zero
    given = {"keepdims": 1, "noop_with_empty_axes": node["noop_with_empty_axes"]}
    axes = [node.required(1)] if node.input(1) is not None else []
    rest = g.op("ReduceProd", filled, *axes, **given) / filled
    others = g.op("ReduceSum", zero, *axes, **given) - zero
    return [spread(g, node, dy) * rest * where(g, "Equal", others, 0.0), None][: len(node.inputs)]


@rule("Range")
def range_(g: Builder, node: Node, dy: Value) -> Sequence[Value | None]:
    """y_i = start + i delta: dstart = the sum of dy, ddelta = the sum of i dy; the limit has no gradient."""
    clock = g.op("Range", np.array(0), g.op("Size", dy), np.array(1))
    steps = dy * g.op("Cast", clock, to=dy.dtype)
    return [g.op("ReduceSum", dy, keepdims=0), None, g.op("ReduceSum", steps, keepdims=0)]
