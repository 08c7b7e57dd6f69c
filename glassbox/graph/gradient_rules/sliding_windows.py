"""Sliding windows: which cells of an input the windows of a convolution or a pooling cover.

A window of `kernel` cells, `dilation` apart, reaches over extent = (kernel - 1) dilation + 1 cells; L windows, `stride`
apart, cover a span of (L - 1) stride + extent cells. Padding, remainder and ceil_mode only say how the input lies
in that span: it starts `begin` cells after the span and ends `end` cells before the span does (less than 0: the last
cells are in no window). With that every rule can do without padding, and its adjoint too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glassbox.graph.backpropagation import Node
from glassbox.graph.builder import Builder, Value

Sizes = NDArray[np.int64] | Value  # one number an axis, known now or when the graph runs


@dataclass(frozen=True)
class Windows:
    """Where the windows of a node lie on its input of shape (N, C, *sizes); one entry for each spatial axis."""

    builder: Builder
    kernel: NDArray[np.int64]
    strides: NDArray[np.int64]
    dilations: NDArray[np.int64]
    begin: Sizes
    end: Sizes

    def attributes(self) -> dict[str, list[int]]:
        """For Conv, ConvTranspose and the pools."""
        return {"strides": self.strides.tolist(), "dilations": self.dilations.tolist()}

    def pads(self) -> list[int] | None:
        """begin and end as the attribute `pads`, or None where they aren't known yet or an end is negative."""
        if isinstance(self.begin, Value) or isinstance(self.end, Value) or (self.end < 0).any():
            return None
        return [*self.begin.tolist(), *self.end.tolist()]

    def cover(self, x: Value) -> Value:
        """(N, C, *sizes) -> (N, C, *spans): zeros around `x` so that the windows cover it exactly."""
        return self._pad(x, self.begin, self.end)

    def uncover(self, span: Value) -> Value:
        """The adjoint of `cover`: (N, C, *spans) -> (N, C, *sizes)."""
        return self._pad(span, 0 - self.begin, 0 - self.end)

    def _pad(self, x: Value, begin: Sizes, end: Sizes) -> Value:
        if not isinstance(begin, Value) and not isinstance(end, Value):
            pads = np.concatenate([[0, 0], begin, [0, 0], end])
            return self.builder.op("Pad", x, pads) if pads.any() else x
        return self.builder.op("Pad", x, self.builder.op("Concat", [0, 0], begin, [0, 0], end, axis=0))

    @property
    def apart(self) -> bool:
        """Whether no two windows share a cell."""
        return bool((self.strides >= (self.kernel - 1) * self.dilations + 1).all())


def windows(node: Node, narrow: Value, wide: Value, kernel: Sequence[int] | None, adjoint: bool = False) -> Windows:
    """The windows of `node` on `wide`, (N, C, *sizes), one for each cell of `narrow`, (N, C, *counts).

    `adjoint` is for ConvTranspose, which writes through its windows where the others read.
    """
    g, axes = node.builder, wide.rank - 2
    if kernel is None:
        raise node.error("needs a kernel of known size")
    extent = np.array(kernel, np.int64)
    strides = np.array(node["strides"] or [1] * axes, np.int64)
    dilations = np.array(node["dilations"] or [1] * axes, np.int64)
    span = (_spatial(g, narrow) - 1) * strides + ((extent - 1) * dilations + 1)
    total = span - _spatial(g, wide)
    place, pads = node["auto_pad"], np.array(node["pads"] or [0] * (2 * axes), np.int64)
    if adjoint and (node["output_shape"] or place.startswith("SAME")):
        # The operator works its padding out of the size of its output.
        total = total + np.array(node["output_padding"] or [0] * axes, np.int64)
        begin = _half(g, total, up=place != "SAME_UPPER")
    elif place.startswith("SAME"):
        begin = _half(g, total, up=place == "SAME_LOWER")
    else:
        begin = pads[:axes] if place == "NOTSET" else np.zeros(axes, np.int64)
    if not adjoint and place == "NOTSET" and not node["ceil_mode"] and (strides == 1).all():
        return Windows(g, extent, strides, dilations, begin, pads[axes:])  # known though the sizes may not be
    end = span - _spatial(g, wide) - begin
    return Windows(g, extent, strides, dilations, begin, end)


def _spatial(g: Builder, x: Value) -> Sizes:
    sizes = g.sizes(x, 2)
    known = g.known(sizes)
    return sizes if known is None else known


def _half(g: Builder, total: Sizes, up: bool) -> Sizes:
    """Half of a padding, which can't be negative, rounded up or down."""
    if isinstance(total, Value):
        total = g.op("Max", total, 0)
        return (total + 1) / 2 if up else total / 2
    return (np.maximum(total, 0) + up) // 2
