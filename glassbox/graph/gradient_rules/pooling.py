"""Poolings: the largest or the mean cell of each window, or of each channel."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from onnx import TensorProto, helper

from glassbox.graph.backpropagation import Node, rule
from glassbox.graph.builder import Builder, Value
from glassbox.graph.gradient_rules.convolution import transposed
from glassbox.graph.gradient_rules.shaping import add_at
from glassbox.graph.gradient_rules.sliding_windows import windows


@rule("MaxPool")
def max_pool(g: Builder, node: Node, dy: Value) -> Sequence[Value | None]:
    """y = the largest cell of a window: dy goes to that cell, added where windows overlap.

    Of equal cells the first in row order gets it all, as in TensorFlow: ONNX Runtime's `Indices` name this cell.
    """
    if node["storage_order"]:
        raise node.error("counts its indices column by column (storage_order), which has no gradient rule")
    indices = node.optional_output(1, TensorProto.INT64, node.y.shape)
    apart = windows(node, narrow=node.y, wide=node.x, kernel=node["kernel_shape"]).apart
    if not apart:
        return [add_at(g, node.x, dy, indices)]
    # The indices say it all; MaxUnpool wants a kernel too, which only limits the output's shape from below.
    return [g.op("MaxUnpool", dy, indices, g.shape(node.x), kernel_shape=[1] * len(node["kernel_shape"]))]


@rule("AveragePool")
def average_pool(g: Builder, node: Node, dy: Value) -> Sequence[Value | None]:
    """y = the sum of a window / n: dx = the sum of dy / n over the windows that a cell is in.

    n counts the cells of a window; at the border those of the padding only with count_include_pad.
    """
    x, counts = node.x, g.sizes(node.y, 2)
    at = windows(node, narrow=node.y, wide=x, kernel=node["kernel_shape"])
    ones = g.constant(np.ones([1, 1, *at.kernel]), x.dtype)
    share = dy / int(at.kernel.prod())
    if (pads := at.pads()) is None or any(pads):
        # For a picture of ones y is (cells inside) / n, and a convolution with ones counts the cells inside.
        one = helper.make_tensor("one", x.dtype, [1], [1])
        picture = g.op("ConstantOfShape", g.op("Concat", [1, 1], g.sizes(x, 2), axis=0), value=one)
        inside = g.op("Conv", at.cover(picture), ones, **at.attributes())
        share = dy * (node.repeat(picture) / g.op("Max", inside, 1.0))
    alone = g.op("Reshape", share, g.op("Concat", [-1, 1], counts, axis=0))  # each channel by itself
    return [g.reshape(transposed(g, alone, ones, at, group=1), x)]


@rule("GlobalAveragePool")
def global_average_pool(g: Builder, node: Node, dy: Value) -> Sequence[Value | None]:
    """y = the mean of a channel's n cells: dx = dy / n for each of them."""
    n = g.op("Cast", g.op("ReduceProd", g.sizes(node.x, 2), keepdims=0), to=dy.dtype)
    return [g.op("Expand", dy / n, g.shape(node.x))]


@rule("GlobalMaxPool")
def global_max_pool(g: Builder, node: Node, dy: Value) -> Sequence[Value | None]:
    """y = the largest cell of a channel: dx = dy / m for each of the m cells that equal it.

    Shared equally because Keras computes this layer with reduce_max, whose gradient TensorFlow shares.
    """
    hit = g.op("Cast", g.op("Equal", node.x, node.y), to=dy.dtype)
    spatial = np.arange(2, node.x.rank)
    return [dy * hit / g.op("ReduceSum", hit, spatial)]
