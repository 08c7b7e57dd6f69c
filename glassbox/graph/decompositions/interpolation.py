"""Resize, GridSample and its grids: sums over the cells around a place, weighted by how near they are."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
from onnx import TensorProto

from glassbox.graph.builder import Builder, Value
from glassbox.graph.node import Node
from glassbox.graph.written_out import decomposition

PLACING = ("antialias", "axes", "coordinate_transformation_mode")
COPIED = (*PLACING, "cubic_coeff_a", "exclude_outside", "mode", "nearest_mode")
MOST_CELLS = 1 << 24
"""What a matrix for an axis whose scale another one sets may take to make."""
CUBIC = -0.75
"""The free coefficient of GridSample's cubic interpolation. Keys, 1981, https://doi.org/10.1109/TASSP.1981.1163711."""


@decomposition("Resize")
def resize(g: Builder, node: Node) -> Sequence[Value | None] | None:
    """A product with a matrix along each axis, as interpolation is linear in the cells.

    The matrices are what Resize itself makes of the unit vectors, and what lies outside of the picture is what it makes
    of zeros. So coordinates, scales and rounding are the engine's own.
    """
    if node.x.shape is None:
        return None
    x = node.x
    y = x
    axes = [axis % x.rank for axis in node["axes"] or range(x.rank)]
    keeps = node["keep_aspect_ratio_policy"] not in (None, "stretch")
    decides = _that_decides(node, axes) if keeps else None
    if keeps and decides is None:
        return None
    for place, axis in enumerate(axes):
        if decides in (None, place) and _known_to_stay(node, place, axis):
            continue
        if decides in (None, place):
            weights = _weights(g, node, place, axis, len(axes))
        else:
            weights = _weights_beside(g, node, (axis, place), (axes[decides], decides))
        order = [*(other for other in range(x.rank) if other != axis), axis]
        turned = g.op("MatMul", g.op("Transpose", y, perm=order), weights)
        y = g.op("Transpose", turned, perm=np.argsort(order).tolist())
    if node["coordinate_transformation_mode"] == "tf_crop_and_resize":
        given = {name: node[name] for name in (*COPIED, "extrapolation_value") if node[name] is not None}
        y = y + g.op("Resize", g.zeros(x), *node.inputs[1:], **given)
    return [y]


@decomposition("Upsample")
def upsample(g: Builder, node: Node) -> Sequence[Value | None]:
    """What Resize was called before."""
    scales = node.input(1)
    scales = g.constant(np.float32(node["scales"])) if scales is None else scales
    given = {"mode": node["mode"] or "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
    return [g.op("Resize", node.x, None, scales, **given)]


def _that_decides(node: Node, axes: Sequence[int]) -> int | None:
    """Return the place of the axis whose size sets the scale of all; None where it can't be told, or costs too much."""
    sizes, shape = node.known(3), node.x.shape
    if sizes is None or shape is None or node["coordinate_transformation_mode"] == "tf_crop_and_resize":
        return None
    own = [size for axis in axes if isinstance(size := shape[axis], int)]
    if len(own) < len(axes) or max(own) ** 2 * max(*own, *map(int, sizes)) > MOST_CELLS:
        return None
    scales = [int(size) / one for size, one in zip(sizes, own, strict=True)]
    smaller = node["keep_aspect_ratio_policy"] == "not_larger"
    return scales.index(min(scales) if smaller else max(scales))


def _weights_beside(g: Builder, node: Node, own: tuple[int, int], other: tuple[int, int]) -> Value:
    """Return the matrix of an axis (its number, its place among the sizes) whose scale is that of another: what Resize
    makes of unit vectors that are the same all along the other axis."""
    shape, sizes = node.x.shape or (), node.known(3)
    count, along = (int(shape[axis] or 0) for axis, _ in (own, other))
    unit = g.op("Reshape", g.constant(np.eye(count), node.x.dtype), [count, 1, count, 1])
    wide = g.op("Expand", unit, [count, 1, count, along])
    asked = g.constant([] if sizes is None else [int(sizes[place]) for _, place in (own, other)])
    given = {name: node[name] for name in COPIED if node[name] is not None}
    given |= {"axes": [2, 3], "keep_aspect_ratio_policy": node["keep_aspect_ratio_policy"]}
    matrix = g.op("Gather", g.op("Resize", wide, None, None, asked, **given), np.array(0), axis=3)
    return g.op("Reshape", matrix, [count, -1])


def _known_to_stay(node: Node, place: int, axis: int) -> bool:
    """Return whether it is known that an axis is not resized."""
    if node["coordinate_transformation_mode"] == "tf_crop_and_resize":
        return False
    scales, sizes = node.known(2), node.known(3)
    if node.input(3) is not None:
        shape = node.x.shape
        return sizes is not None and shape is not None and int(sizes[place]) == shape[axis]
    return scales is not None and float(scales[place]) == 1


def _weights(g: Builder, node: Node, place: int, axis: int, count: int) -> Value:
    """Return the matrix (size before, size after) of the axis, whose roi, scale and size are at `place` of `count`."""
    x, host = node.x, 0 if axis else 1
    size = g.sizes(x, axis, axis + 1)
    own = np.arange(count) == place
    clock = g.op("Range", np.array(0), g.op("Squeeze", size), np.array(1))
    columns = g.op("Reshape", clock, [-1, 1])
    unit = g.op("Cast", g.op("Equal", columns, g.op("Reshape", clock, [1, -1])), to=x.dtype)
    shape = [size if at in (host, axis) else g.constant([1]) for at in range(x.rank)]
    unit = g.op("Reshape", unit, g.op("Concat", *shape, axis=0))
    roi = scales = sizes = None
    if (given := node.input(1)) is not None and node["coordinate_transformation_mode"] == "tf_crop_and_resize":
        whole = g.op("Cast", g.constant(np.repeat([0.0, 1.0], count)), to=given.dtype)
        roi = g.op("Where", np.tile(own, 2), given, whole)
    if node.input(3) is not None:
        all_axes = [axis % x.rank for axis in node["axes"] or range(x.rank)]
        rest = g.op("Gather", g.shape(unit), all_axes)
        sizes = g.op("Where", own, node.required(3), rest)
    else:
        scales = g.op("Where", own, node.required(2), g.constant(np.ones(count, np.float32)))
    given_attributes = {name: node[name] for name in COPIED if node[name] is not None}
    matrix = g.op("Resize", unit, roi, scales, sizes, extrapolation_value=0.0, **given_attributes)
    if axis == 0:
        return g.op("Transpose", g.op("Reshape", matrix, g.op("Concat", [-1], size, axis=0)), perm=[1, 0])
    return g.op("Reshape", matrix, g.op("Concat", size, [-1], axis=0))


@decomposition("GridSample")
def grid_sample(g: Builder, node: Node) -> Sequence[Value | None] | None:
    """The cells around each place of the grid, each times the weights of its axes.

    Jaderberg et al., 2015, https://arxiv.org/abs/1506.02025.
    """
    x, grid = node.x, node.required(1)
    mode, axes = node["mode"], x.rank - 2
    sizes = [g.op("Squeeze", g.sizes(x, 2 + axis, 3 + axis)) for axis in range(axes)]
    taps = []
    for axis, size in enumerate(sizes):
        cells = g.op("Cast", size, to=grid.dtype)
        at = g.op("Gather", grid, np.array(axes - 1 - axis), axis=-1)  # the grid names the last axis first
        at = (at + 1) / 2 * (cells - 1) if node["align_corners"] else ((at + 1) * cells - 1) / 2
        if mode == "nearest":
            at = g.op("Round", at)
        taps.append([_held(g, node, cells, *tap) for tap in _taps(g, mode, _padded(g, node, at, cells))])
    channels = g.op("Transpose", g.op("Reshape", x, g.op("Concat", g.sizes(x, 0, 2), [-1], axis=0)), perm=[0, 2, 1])
    y: Value | None = None
    for choice in itertools.product(*taps):
        flat, weight = choice[0]
        for (place, factor), size in zip(choice[1:], sizes[1:], strict=True):
            flat, weight = flat * size + place, weight * factor
        column = g.op("Concat", g.sizes(x, 0, 1), [-1, 1], axis=0)
        seen = g.op("GatherND", channels, g.op("Reshape", flat, column), batch_dims=1)
        part = seen * g.op("Reshape", weight, column)
        y = part if y is None else y + part
    if y is None:
        return None
    shape = g.op("Concat", g.sizes(x, 0, 2), g.sizes(grid, 1, grid.rank - 1), axis=0)
    return [g.op("Reshape", g.op("Transpose", y, perm=[0, 2, 1]), shape)]


@decomposition("AffineGrid")
def affine_grid(g: Builder, node: Node) -> Sequence[Value | None] | None:
    """The places of all cells, from -1 to 1 along each axis, times the matrix of each example."""
    theta, size = node.x, node.required(1)
    axes = None if theta.shape is None else theta.shape[-2]
    if axes not in (2, 3):
        return None
    spatial = g.op("Slice", size, g.constant([2]), g.constant([2 + axes]))
    columns = []
    for axis in range(axes - 1, -1, -1):  # the last axis comes first
        count = g.op("Gather", size, np.array(2 + axis))
        at = g.op("Cast", g.op("Range", np.array(0), count, np.array(1)), to=theta.dtype)
        cells = g.op("Cast", count, to=theta.dtype)
        if node["align_corners"]:
            at = at * 2 / g.op("Max", cells - 1, g.constant(1.0, theta.dtype)) - 1
        else:
            at = (at * 2 + 1) / cells - 1
        line = g.op("Reshape", at, [*[1] * axis, -1, *[1] * (axes - 1 - axis)])
        columns.append(g.op("Reshape", g.op("Expand", line, spatial), [1, -1, 1]))
    rows = g.op("Concat", *columns, g.ones(columns[0]), axis=2)
    y = g.op("MatMul", rows, g.op("Transpose", theta, perm=[0, 2, 1]))
    return [g.op("Reshape", y, g.op("Concat", g.sizes(theta, 0, 1), spatial, [axes], axis=0))]


def _taps(g: Builder, mode: str, at: Value) -> list[tuple[Value, Value]]:
    """Return the cells that are read for the places `at` along an axis, and their weights."""
    if mode == "nearest":
        return [(g.op("Round", at), g.ones(at))]
    first = g.op("Floor", at)
    t = at - first
    if mode in ("linear", "bilinear"):
        return [(first, 1 - t), (first + 1, t)]
    u = 1 - t
    return [
        (first - 1, _outer(t + 1)),
        (first, _inner(t)),
        (first + 1, _inner(u)),
        (first + 2, _outer(u + 1)),
    ]


def _inner(t: Value) -> Value:
    """The weight of a cell at a distance t up to 1."""
    return ((CUBIC + 2) * t - (CUBIC + 3)) * t * t + 1


def _outer(t: Value) -> Value:
    """The weight of a cell at a distance t from 1 to 2."""
    return ((CUBIC * t - 5 * CUBIC) * t + 8 * CUBIC) * t - 4 * CUBIC


def _held(g: Builder, node: Node, size: Value, cell: Value, weight: Value) -> tuple[Value, Value]:
    """Return a cell that is within the axis, and its weight: 0 where it is padded with zeros."""
    inside = g.op("Clip", cell, g.constant(0.0, cell.dtype), size - 1)
    if node["padding_mode"] == "zeros":
        weight = weight * g.op("Cast", g.op("Equal", inside, cell), to=weight.dtype)
    elif node["padding_mode"] == "reflection":
        inside = g.op("Clip", _reflected(g, node, cell, size), g.constant(0.0, cell.dtype), size - 1)
    return g.op("Cast", inside, to=TensorProto.INT64), weight


def _padded(g: Builder, node: Node, at: Value, size: Value) -> Value:
    """Return the places, those outside held at the border or reflected."""
    if node["padding_mode"] == "border":
        return g.op("Clip", at, g.constant(0.0, at.dtype), size - 1)
    return _reflected(g, node, at, size) if node["padding_mode"] == "reflection" else at


def _reflected(g: Builder, node: Node, at: Value, size: Value) -> Value:
    """Return places as they are within the axis, and reflected at its ends as often as it takes outside."""
    low = 0.0 if node["align_corners"] else -0.5
    width = size - 1 if node["align_corners"] else size
    far = g.op("Mod", g.op("Abs", at - low), 2 * width, fmod=1)
    inner = low + g.op("Where", g.op("Greater", far, width), 2 * width - far, far)
    outside = g.op("Or", g.op("Less", at, low), g.op("Greater", at, width + low))
    return g.op("Where", outside, inner, at)
