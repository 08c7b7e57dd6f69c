"""Operators that write cells into a copy of a tensor, at places given by their indices."""

from __future__ import annotations

from collections.abc import Sequence

from onnx import TensorProto

from glassbox.graph.backpropagation import Node, NoRule, rule
from glassbox.graph.builder import Builder, Value


@rule("ScatterElements", "ScatterND", "Scatter")
def scatter(g: Builder, node: Node, dy: Value) -> Sequence[Value | None]:
    """y = x, with u written to, added to or compared with what stands at the indices.

    Written: du = dy there and dx = 0 there (indices that repeat leave it open, in the standard, which u is kept).
    Added: dx = dy, du = dy there. Of a maximum or minimum: dy to all that equal y. A product: each gets dy times the
    others, which is found by division and so not a number where a factor is 0.
    """
    x, indices, u, kind = node.x, node.required(1), node.required(2), node["reduction"] or "none"
    gather = {"axis": node["axis"]} if node.operator != "ScatterND" else {}
    operator = "GatherElements" if gather else "GatherND"

    def at(value: Value) -> Value:
        return g.op(operator, value, indices, **gather)

    if kind == "add":
        return dy, None, at(dy)
    if kind == "none":
        return node.repeat(dy, indices, g.zeros(u)), None, at(dy)
    if kind == "mul":
        return dy * node.repeat(g.ones(x), indices, u), None, at(dy * node.y) / u
    if kind in ("max", "min"):
        hit = [g.op("Cast", g.op("Equal", one, y), to=dy.dtype) for one, y in ((x, node.y), (u, at(node.y)))]
        return dy * hit[0], None, at(dy) * hit[1]
    raise NoRule(str(node.error(f"has no gradient rule for the reduction {kind!r}")))


@rule("MaxUnpool")
def unpool(g: Builder, node: Node, dy: Value) -> Sequence[Value | None]:
    """y = 0, with x written to the flat indices: dx = dy there."""
    if node.input(2) is not None:
        raise NoRule(str(node.error("has no gradient rule for a given output shape")))
    flat = g.op("Reshape", node.required(1), [-1])
    taken = g.op("GatherElements", g.op("Reshape", dy, [-1]), g.op("Cast", flat, to=TensorProto.INT64), axis=0)
    return [g.reshape(taken, node.x), None]
