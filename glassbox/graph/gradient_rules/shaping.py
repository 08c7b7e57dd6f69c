"""Operators that move cells about. Their adjoint moves the cotangents back, adding where cells were copied."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from onnx import TensorProto

from glassbox.graph.backpropagation import Node, NoRule, rule, rule_for_all_outputs
from glassbox.graph.builder import Builder, Value


def add_back(g: Builder, node: Node, dy: Value, *others: Value | None, through: int = TensorProto.INT64) -> Value:
    """The adjoint of any operator that copies cells of x: let it move their positions instead, then add dy there.

    `others` are its further inputs; `through` is a type that ONNX Runtime moves, where it has no int64 kernel.
    """
    positions = g.reshape(g.op("Range", np.array(0), g.op("Size", node.x), np.array(1)), node.x)
    if through != TensorProto.INT64:
        moved = node.repeat(g.op("Cast", positions, to=through), *others)
        return add_at(g, node.x, dy, g.op("Cast", moved, to=TensorProto.INT64))
    return add_at(g, node.x, dy, node.repeat(positions, *others))


def add_at(g: Builder, x: Value, dy: Value, positions: Value) -> Value:
    """Zeros in the shape of `x` with each cell of `dy` added at its position, an index into the flattened `x`.

    Half-precision numbers are added in float32: ONNX Runtime has no other kernel, and the sum is exact for longer.
    """
    halves = dy.dtype in (TensorProto.FLOAT16, TensorProto.BFLOAT16)
    added = g.op("Cast", dy, to=TensorProto.FLOAT) if halves else dy
    empty = g.zeros(added, g.op("Reshape", g.op("Size", x), [1]))
    flat = [g.op("Reshape", part, [-1]) for part in (positions, added)]
    total = g.op("ScatterElements", empty, *flat, axis=0, reduction="add")
    return g.reshape(g.op("Cast", total, to=dy.dtype) if halves else total, x)


@rule("Reshape", "Flatten", "Squeeze", "Unsqueeze")
def reshape(g: Builder, node: Node, dy: Value) -> Sequence[Value | None]:
    """The same cells in another shape: dx = dy in the shape of x."""
    return [g.reshape(dy, node.x), None][: len(node.inputs)]


@rule("Transpose")
def transpose(g: Builder, node: Node, dy: Value) -> Sequence[Value | None]:
    """Axes in another order: dx = dy with the inverse order."""
    perm = node["perm"]
    return [g.op("Transpose", dy) if perm is None else g.op("Transpose", dy, perm=np.argsort(perm).tolist())]


@rule("Concat")
def concat(g: Builder, node: Node, dy: Value) -> Sequence[Value | None]:
    """Tensors side by side along an axis: each gets its part of dy."""
    parts = [x for x in node.inputs if x is not None]
    if len(parts) == 1:
        return [dy]
    axis = node["axis"] % dy.rank
    sizes = [g.sizes(x, axis, axis + 1) for x in parts]
    known = [g.known(size) for size in sizes]
    if all(size is not None for size in known):
        split = g.constant(np.concatenate([size for size in known if size is not None]))
    else:
        split = g.op("Concat", *sizes, axis=0)
    return g.ops("Split", dy, split, names=[g.fresh("split") for _ in parts], axis=axis)


@rule_for_all_outputs("Split")
def split(g: Builder, node: Node, *cotangents: Value | None) -> Sequence[Value | None]:
    """A tensor cut along an axis: dx = the parts' cotangents side by side, 0 for a part that has none."""
    parts = [g.zeros(y) if dy is None else dy for y, dy in zip(node.outputs, cotangents, strict=True) if y is not None]
    return [g.op("Concat", *parts, axis=node["axis"]), None][: len(node.inputs)]


@rule("Slice")
def cut(g: Builder, node: Node, dy: Value) -> Sequence[Value | None]:
    """Part of a tensor, perhaps every nth cell or backwards: dy at the cells taken, 0 elsewhere."""
    dx = _cut_by_padding(g, node, dy)
    if dx is None:
        dx = add_back(g, node, dy, *node.inputs[1:])
    return [dx, *[None] * (len(node.inputs) - 1)]


def _cut_by_padding(g: Builder, node: Node, dy: Value) -> Value | None:
    """The same for a block of known place: padding with zeros is several times as fast as adding at positions."""
    starts, ends, shape = node.known(1), node.known(2), node.x.shape
    axes = node.known(3) if node.input(3) is not None else np.arange(len(starts) if starts is not None else 0)
    steps = node.known(4) if node.input(4) is not None else np.ones(1)
    if starts is None or ends is None or axes is None or steps is None or shape is None or (steps != 1).any():
        return None
    pads = np.zeros((2, len(shape)), np.int64)
    for start, end, axis in zip(starts, ends, axes % len(shape), strict=True):
        size = shape[axis]
        if not isinstance(size, int):
            return None
        first, last, _ = slice(int(start), int(end)).indices(size)
        pads[:, axis] = first, size - max(first, last)
    return g.op("Pad", dy, pads.reshape(-1))


@rule("Gather")
def gather(g: Builder, node: Node, dy: Value) -> Sequence[Value | None]:
    """Slices taken by index: dy added at the slices taken, as often as each was."""
    return [add_back(g, node, dy, node.required(1)), None]


@rule("GatherElements", "GatherND", "Tile")
def rearrange(g: Builder, node: Node, dy: Value) -> Sequence[Value | None]:
    """Cells copied to new places: dy added where each cell came from."""
    return [add_back(g, node, dy, *node.inputs[1:]), *[None] * (len(node.inputs) - 1)]


@rule("DepthToSpace", "SpaceToDepth")
def blocks(g: Builder, node: Node, dy: Value) -> Sequence[Value | None]:
    """Channels made into blocks of cells, or back: dy back where each cell came from."""
    return [add_back(g, node, dy, through=TensorProto.DOUBLE)]


@rule("ReverseSequence", "Trilu")
def self_adjoint(g: Builder, node: Node, dy: Value) -> Sequence[Value | None]:
    """The first n steps in reverse order, or one triangle of a matrix: the same operator takes dy to dx."""
    return [node.repeat(dy, *node.inputs[1:]), *[None] * (len(node.inputs) - 1)]


@rule("Pad")
def pad(g: Builder, node: Node, dy: Value) -> Sequence[Value | None]:
    """Cells added around: dx = dy without them, and where they repeat cells of x (edge, reflect, wrap), plus theirs.

    With a constant border c: dc = the sum of dy over the border.
    """
    pads, axes = node.required(1), node.input(3)
    if node["mode"] != "constant":
        others = [pads, None, axes] if axes else [pads]
        return [add_back(g, node, dy, *others), *[None] * (len(node.inputs) - 1)]
    dx = g.op("Pad", dy, -pads, *([None, axes] if axes else []))
    border = None
    if (c := node.input(2)) is not None:
        border = g.op("Reshape", g.op("ReduceSum", dy, keepdims=0) - g.op("ReduceSum", dx, keepdims=0), g.shape(c))
    return [dx, None, border, None][: len(node.inputs)]


@rule("Expand")
def expand(g: Builder, node: Node, dy: Value) -> Sequence[Value | None]:
    """Axes repeated: dx = dy summed over the copies."""
    return g.sum_to(dy, node.x), None


@rule("Resize")
def resize(g: Builder, node: Node, dy: Value) -> Sequence[Value | None]:
    """Nearest neighbour: each cell of y is a copy of one of x, so dx = dy added where each cell came from."""
    if node["mode"] != "nearest" or node["coordinate_transformation_mode"] == "tf_crop_and_resize":
        raise NoRule(str(node.error("has a rule of its own for mode 'nearest' only, without tf_crop_and_resize")))
    dx = add_back(g, node, dy, *node.inputs[1:], through=TensorProto.INT32)
    return [dx, *[None] * (len(node.inputs) - 1)]
