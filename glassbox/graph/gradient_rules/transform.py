"""The discrete Fourier transform along an axis that only a run tells; one that is known is written out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from glassbox.graph.backpropagation import Node, NoRule, rule
from glassbox.graph.builder import Builder, Value


@rule("DFT")
def fourier(g: Builder, node: Node, dy: Value) -> Sequence[Value | None]:
    """y = F x, or y = F* x / n: dx = F* dy, or F dy / n, in the cells that x has of the n.

    F* is the conjugate transpose. Of a real x it is the real part; half of a spectrum is filled up with zeros.
    """
    x, length, axis, inverse = node.x, node.input(1), node.input(2), bool(node["inverse"])
    if axis is None or g.known(axis) is not None:
        raise NoRule(str(node.error("is written out where its axis is known")))
    parts = None if x.shape is None else x.shape[-1]
    if parts not in (1, 2):
        raise NoRule(str(node.error("has no gradient rule for cells that are neither real nor complex numbers")))
    axis = g.op("Reshape", axis, [1])
    size = g.op("Gather", g.op("Shape", x), axis)
    if inverse and node["onesided"]:
        known = node.known(1)
        if length is not None and (known is None or known.item() % 2):  # the engine may read a frequency too many
            raise NoRule(str(node.error("has no gradient rule for an odd number of cells from half of a spectrum")))
        return [_of_half(g, node, dy, axis, size), None, None]
    count = size if length is None else g.op("Cast", g.op("Reshape", length, [1]), to=size.dtype)
    whole = _to(g, dy, count, axis) if node["onesided"] else dy
    back = g.op("DFT", whole, None, g.op("Squeeze", axis), inverse=int(not inverse))
    n = g.op("Cast", count, to=dy.dtype)
    back = back / n if inverse else back * n
    dx = _to(g, back, size, axis)
    return [g.op("Slice", dx, g.constant([0]), g.constant([1]), g.constant([-1])) if parts == 1 else dx, None, None]


def _of_half(g: Builder, node: Node, dy: Value, axis: Value, size: Value) -> Value:
    """Return F dy / n for half of a spectrum: twice that for what stands for two frequencies, all but the first and, of
    an even count, the last."""
    count = g.op("Gather", g.op("Shape", dy), axis)
    half = g.op("DFT", dy, None, g.op("Squeeze", axis), onesided=1)
    own = g.op("Gather", g.op("Shape", half), axis)
    clock = g.op("Range", np.array(0), g.op("Squeeze", own), np.array(1))
    single = g.op("Or", g.op("Equal", clock, 0), g.op("Equal", clock * 2, count))
    factor = g.op("Where", single, g.constant(1.0, dy.dtype), g.constant(2.0, dy.dtype))
    ones = g.constant(np.ones(node.x.rank, np.int64))
    along = g.op("Reshape", factor, g.op("ScatterElements", ones, g.op("Mod", axis, node.x.rank), own))
    return _to(g, half * along / g.op("Cast", count, to=dy.dtype), size, axis)


def _to(g: Builder, x: Value, size: Value, axis: Value) -> Value:
    """Return the first `size` cells of `x` along `axis`, zeros behind them if there are fewer."""
    missing = g.op("Max", size - g.op("Gather", g.op("Shape", x), axis), g.constant([0]))
    longer = g.op("Pad", x, g.op("Concat", g.constant([0]), missing, axis=0), g.constant(0.0, x.dtype), axis)
    return g.op("Slice", longer, g.constant([0]), size, axis)
