"""Operators that choose cells: by rank, by a condition, by being new."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from onnx import TensorProto

from glassbox.graph.builder import Builder, Value
from glassbox.graph.node import Node
from glassbox.graph.written_out import decomposition


@decomposition("TopK")
def top_k(g: Builder, node: Node) -> Sequence[Value | None]:
    """The cells at the places that TopK itself names."""
    names = [g.fresh("top"), g.fresh("places")]
    given = {name: node[name] for name in ("axis", "largest", "sorted") if node[name] is not None}
    _, places = g.ops("TopK", *node.inputs, names=names, **given)
    return [g.op("GatherElements", node.x, places, axis=node["axis"]), places]


@decomposition("Compress")
def compress(g: Builder, node: Node) -> Sequence[Value | None]:
    """The slices along an axis, or the cells, for which the condition holds."""
    places = g.op("Reshape", g.op("NonZero", node.required(1)), [-1])
    axis = node["axis"]
    x = node.x if axis is not None else g.op("Reshape", node.x, [-1])
    return [g.op("Gather", x, places, axis=0 if axis is None else axis)]


@decomposition("Unique")
def unique(g: Builder, node: Node) -> Sequence[Value | None]:
    """The slices or cells at the places where Unique itself saw each for the first time."""
    names = [g.fresh(name) for name in ("unique", "first", "back", "counts")]
    axis = node["axis"]
    given = {"sorted": node["sorted"]} | ({} if axis is None else {"axis": axis})
    _, first, back, counts = g.ops("Unique", node.x, names=names, **given)
    x = node.x if axis is not None else g.op("Reshape", node.x, [-1])
    return [g.op("Gather", x, first, axis=axis or 0), first, back, counts][: len(node.outputs)]


@decomposition("OneHot")
def one_hot(g: Builder, node: Node) -> Sequence[Value | None]:
    """The second of two values where the index is the place along the axis, else the first."""
    values = node.required(2)
    places = g.op("Cast", node.x, to=TensorProto.INT64)  # as the operator does with floats
    hot = g.op("OneHot", places, node.required(1), g.constant([0, 1], values.dtype), axis=node["axis"])
    low, high = (g.op("Gather", values, np.array(place)) for place in (0, 1))
    return [g.op("Where", g.op("Cast", hot, to=TensorProto.BOOL), high, low)]


@decomposition("Hardmax")
def hardmax(g: Builder, node: Node) -> Sequence[Value | None] | None:
    """1 at the first largest cell along the axis, else 0."""
    x = node.x
    axis = node["axis"] % x.rank
    places = g.op("ArgMax", x, axis=axis, keepdims=1)
    clock = g.op("Range", np.array(0), g.op("Squeeze", g.sizes(x, axis, axis + 1)), np.array(1))
    clock = g.op("Reshape", clock, [-1, *[1] * (x.rank - 1 - axis)])
    return [g.op("Cast", g.op("Equal", clock, places), to=x.dtype)]
