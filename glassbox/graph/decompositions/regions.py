"""Operators that read a picture at places of its own: regions, and windows whose cells are moved."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from onnx import TensorProto

from glassbox.graph.builder import Builder, Value
from glassbox.graph.node import Node
from glassbox.graph.written_out import decomposition


@decomposition("RoiAlign")
def roi_align(g: Builder, node: Node) -> Sequence[Value | None] | None:
    """The mean of the samples in each bin of each region: a product with a matrix along either axis.

    A sample weighs the two cells beside it by how near they are. He et al., 2017, https://arxiv.org/abs/1703.06870.
    """
    x, regions, which = node.x, node.required(1), node.required(2)
    samples, half = int(node["sampling_ratio"] or 0), node["coordinate_transformation_mode"] == "half_pixel"
    if samples < 1 or node["mode"] not in (None, "avg"):  # else the count of samples depends on the region
        return None
    picked = g.op("Gather", x, which, axis=0)
    rows, columns = (
        _bins(g, node, regions, axis, int(node[name] or 1), samples, half)
        for axis, name in ((0, "output_height"), (1, "output_width"))
    )
    y = g.op("MatMul", g.op("Unsqueeze", rows, [1]), picked)
    return [g.op("MatMul", y, g.op("Transpose", g.op("Unsqueeze", columns, [1]), perm=[0, 1, 3, 2]))]


def _bins(g: Builder, node: Node, regions: Value, axis: int, count: int, samples: int, half: bool) -> Value:
    """Return how much each cell along the axis counts in each of `count` bins (regions, bins, cells)."""
    x, scale = node.x, float(1.0 if node["spatial_scale"] is None else node["spatial_scale"])
    size = g.op("Squeeze", g.sizes(x, 2 + axis, 3 + axis))
    low, high = (g.op("Gather", regions, np.array([place]), axis=1) * scale for place in (1 - axis, 3 - axis))
    if half:
        low, high = low - 0.5, high - 0.5
    width = high - low
    if not half:
        width = g.op("Max", width, g.constant(1.0, width.dtype))
    steps = ((np.arange(count * samples) + 0.5) / samples / count).astype(np.float64)
    at = low + width * g.constant(steps[None], width.dtype)  # (regions, samples)
    cells = g.op("Cast", size, to=at.dtype)
    outside = g.op("Or", g.op("Less", at, -1.0), g.op("Greater", at, cells))
    held = g.op("Clip", at, g.constant(0.0, at.dtype), cells - 1)
    clock = g.op("Cast", g.op("Range", np.array(0), size, np.array(1)), to=at.dtype)
    near = 1 - g.op("Abs", g.op("Unsqueeze", held, [2]) - g.op("Reshape", clock, [1, 1, -1]))
    weights = g.op("Relu", near)
    weights = g.op("Where", g.op("Unsqueeze", outside, [2]), g.constant(0.0, at.dtype), weights)
    shape = g.op("Concat", g.sizes(weights, 0, 1), [count, samples, -1], axis=0)
    return g.op("ReduceMean", g.op("Reshape", weights, shape), [2], keepdims=0)


@decomposition("DeformConv")
def deformable(g: Builder, node: Node) -> Sequence[Value | None] | None:
    """A convolution whose taps read between the cells, each where its offset says, times what the mask says.

    In two dimensions. Dai et al., 2017, https://arxiv.org/abs/1703.06211; Zhu et al., 2018, https://arxiv.org/abs/1811.11168.
    """
    x, w, offset, bias, mask = node.x, node.required(1), node.required(2), node.input(3), node.input(4)
    if x.shape is None or w.shape is None or len(x.shape) != 4 or not all(isinstance(one, int) for one in w.shape):
        return None
    sizes, shape = x.shape[1:], [int(one) for one in w.shape if isinstance(one, int)]
    known = [int(one) for one in sizes if isinstance(one, int)]
    if len(known) < 3:
        return None
    (channels, *picture), kernel, groups = known, shape[2:], int(node["group"] or 1)
    moved, taps = int(node["offset_group"] or 1), shape[2] * shape[3]
    strides, dilations = (node[name] or [1, 1] for name in ("strides", "dilations"))
    pads = node["pads"] or [0] * 4
    out = [(picture[i] + pads[i] + pads[i + 2] - dilations[i] * (kernel[i] - 1) - 1) // strides[i] + 1 for i in (0, 1)]
    # (N, groups of offsets, taps, axis, height, width): first where the taps stand, then how far they are moved.
    starts = [np.arange(out[i]) * strides[i] - pads[i] for i in (0, 1)]
    within = np.indices(kernel).reshape(2, taps) * np.array(dilations)[:, None]
    stands = np.zeros((1, 1, taps, 2, *out))
    stands[0, 0, :, 0] = starts[0][None, :, None] + within[0][:, None, None]
    stands[0, 0, :, 1] = starts[1][None, None, :] + within[1][:, None, None]
    at = g.op("Reshape", offset, [-1, moved, taps, 2, *out]) + g.constant(stands, offset.dtype)
    at = g.op("Reshape", g.op("Transpose", at, perm=[0, 1, 2, 4, 5, 3]), [-1, taps * out[0], out[1], 2])
    at = g.op("Gather", at, np.array([1, 0]), axis=-1)  # a grid names the width first
    grid = (2 * at + 1) / g.constant(np.array(picture[::-1], np.float64), at.dtype) - 1
    apart = g.op("Reshape", x, [-1, channels // moved, *picture])
    mode = "linear" if g.opset >= 20 else "bilinear"
    seen = g.op("GridSample", apart, grid, mode=mode, padding_mode="zeros", align_corners=0)
    if mask is not None:
        seen = seen * g.op("Reshape", mask, [-1, 1, taps * out[0], out[1]])
    columns = g.op("Reshape", seen, [-1, groups, channels // groups * taps, out[0] * out[1]])
    kernels = g.op("Reshape", w, [groups, shape[0] // groups, channels // groups * taps])
    y = g.op("Reshape", g.op("MatMul", kernels, columns), [-1, shape[0], *out])
    return [y if bias is None else y + g.op("Reshape", bias, [-1, 1, 1])]


@decomposition("TensorScatter")
def written_into(g: Builder, node: Node) -> Sequence[Value | None] | None:
    """A cache in which new rows stand from a place on, which each example has of its own."""
    cache, new, starts = node.x, node.required(1), node.input(2)
    axis = (-2 if node["axis"] is None else int(node["axis"])) % cache.rank
    size, count = (g.op("Squeeze", g.sizes(x, axis, axis + 1)) for x in (cache, new))
    clock = g.op("Range", np.array(0), size, np.array(1))
    clock = g.op("Reshape", clock, [*[1] * axis, -1, *[1] * (cache.rank - 1 - axis)])
    if starts is None:
        at = clock
    else:
        at = clock - g.op("Reshape", g.op("Cast", starts, to=TensorProto.INT64), [-1, *[1] * (cache.rank - 1)])
    if node["mode"] == "circular":
        at = g.op("Mod", at, size)
    inside = g.op("And", g.op("GreaterOrEqual", at, 0), g.op("Less", at, count))
    held = g.op("Clip", at, g.constant(np.array(0)), count - 1)
    places = g.op("Expand", held, g.shape(cache))
    return [g.op("Where", inside, g.op("GatherElements", new, places, axis=axis), cache)]
