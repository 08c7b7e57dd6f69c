"""Normalisations, and poolings of powers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from onnx import TensorProto

from glassbox.graph.builder import Builder, Value
from glassbox.graph.node import Node
from glassbox.graph.written_out import decomposition


@decomposition("LRN")
def local_response(g: Builder, node: Node) -> Sequence[Value | None]:
    """x / (bias + alpha / size times the sum of x² over `size` neighbouring channels)^beta.

    Krizhevsky et al., 2012, section 3.3.
    """
    x, size = node.x, int(node["size"])
    before, after = (size - 1) // 2, size - 1 - (size - 1) // 2
    pads = np.zeros((2, x.rank), np.int64)
    pads[:, 1] = before, after
    square = g.op("Pad", x * x, pads.reshape(-1))
    flat = g.op("Reshape", square, g.op("Concat", g.sizes(square, 0, 2), [1, -1], axis=0))
    flat = g.op("Transpose", flat, perm=[0, 2, 1, 3])  # (N, 1, C, the rest)
    kernel = g.constant(np.ones((1, 1, size, 1)), x.dtype)
    total = g.op("Transpose", g.op("Conv", flat, kernel), perm=[0, 2, 1, 3])
    base = node["bias"] + node["alpha"] / size * g.reshape(total, x)
    return [x / base ** float(node["beta"])]


@decomposition("InstanceNormalization")
def instance(g: Builder, node: Node) -> Sequence[Value | None]:
    """s (x - mean) / sqrt(var + e) + b, over the cells of a channel."""
    x = node.x
    axes = list(range(2, x.rank))
    centred = x - g.mean(x, axes)
    normal = centred / g.op("Sqrt", g.mean(centred * centred, axes) + node["epsilon"])
    s, b = (g.op("Reshape", node.required(place), [-1, *[1] * (x.rank - 2)]) for place in (1, 2))
    return [normal * s + b]


@decomposition("LayerNormalization")
def layer(g: Builder, node: Node) -> Sequence[Value | None]:
    """s (x - mean) / sqrt(var + e) + b over the axes from `axis` on; the mean and 1 / sqrt(var + e).

    As the standard's function, but with the mean of (x - mean)², which rounding hurts less.
    """
    x, s, b = node.x, node.required(1), node.input(2)
    wide = TensorProto.FLOAT if node["stash_type"] in (None, 1) and x.dtype != TensorProto.DOUBLE else x.dtype
    cells = x if x.dtype == wide else g.op("Cast", x, to=wide)
    axes = list(range(node["axis"] % x.rank, x.rank))
    mean = g.mean(cells, axes)
    centred = cells - mean
    inverse = g.op("Reciprocal", g.op("Sqrt", g.mean(centred * centred, axes) + node["epsilon"]))
    normal = centred * inverse
    y = (normal if x.dtype == wide else g.op("Cast", normal, to=x.dtype)) * s
    return [y if b is None else y + b, mean, inverse][: len(node.outputs)]


@decomposition("BatchNormalization")
def batch(g: Builder, node: Node) -> Sequence[Value | None] | None:
    """In training: s (x - mean) / sqrt(var + e) + b over the batch, and the running mean and variance."""
    if not node["training_mode"]:
        return None
    x, s, b, mean, var = (node.required(place) for place in range(5))
    axes = [axis for axis in range(x.rank) if axis != 1]
    now = g.mean(x, axes)
    centred = x - now
    spread = g.mean(centred * centred, axes)
    normal = centred / g.op("Sqrt", spread + node["epsilon"])
    s, b = (g.op("Reshape", values, [-1, *[1] * (x.rank - 2)]) for values in (s, b))
    kept = float(node["momentum"])
    running = [old * kept + g.op("Reshape", new, [-1]) * (1 - kept) for old, new in ((mean, now), (var, spread))]
    return [normal * s + b, *running][: len(node.outputs)]


@decomposition("GlobalLpPool")
def global_lp_pool(g: Builder, node: Node) -> Sequence[Value | None]:
    """The p-th root of the sum of |x|^p over a channel."""
    p = float(node["p"])
    total = g.op("ReduceSum", g.op("Abs", node.x) ** p, list(range(2, node.x.rank)))
    return [total ** (1 / p)]


@decomposition("LpPool")
def lp_pool(g: Builder, node: Node) -> Sequence[Value | None] | None:
    """The p-th root of the sum of |x|^p over a window."""
    if node["ceil_mode"]:
        return None
    x, p, kernel = node.x, float(node["p"]), list(node["kernel_shape"])
    powers = g.op("Abs", x) ** p
    alone = g.op("Reshape", powers, g.op("Concat", [-1, 1], g.sizes(x, 2), axis=0))  # each channel by itself
    given = {name: node[name] for name in ("strides", "dilations", "pads", "auto_pad") if node[name]}
    total = g.op("Conv", alone, g.constant(np.ones([1, 1, *kernel]), x.dtype), **given)
    shape = g.op("Concat", g.sizes(x, 0, 2), g.sizes(total, 2), axis=0)
    return [g.op("Reshape", total, shape) ** (1 / p)]
