"""Weights of 2, 4 or 8 bits with a scale for each block, as com.microsoft has them for models that write text.

https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from onnx import TensorProto

from glassbox.graph.builder import Builder, Value
from glassbox.graph.node import Node
from glassbox.graph.written_out import MICROSOFT, decomposition


@decomposition("MatMulNBits", domain=MICROSOFT)
def product(g: Builder, node: Node) -> Sequence[Value | None] | None:
    """A B' + bias, the rows of B in whole numbers: each less the zero point of its block, times its scale.

    The engine may round A to 8 bits (accuracy_level 4), which this does not.
    """
    a, b, scales = node.x, node.required(1), node.required(2)
    bits, columns, rows = int(node["bits"] or 4), int(node["K"]), int(node["N"])
    if node.input(4) is not None or node["weight_prepacked"] or bits not in (2, 4, 8) or b.dtype != TensorProto.UINT8:
        return None
    block = int(node["block_size"])
    blocks = -(-columns // block)
    zero = _zero_points(g, node.input(3), bits, rows, blocks, scales.dtype)
    numbers = g.op("Cast", _unpacked(g, g.op("Reshape", b, [rows, blocks, -1]), bits), to=scales.dtype)
    whole = (numbers - zero) * g.op("Reshape", scales, [rows, blocks, 1])
    flat = g.op("Reshape", whole, [rows, blocks * block])
    if blocks * block > columns:
        flat = g.op("Gather", flat, np.arange(columns), axis=1)
    y = g.op("MatMul", a, g.op("Transpose", flat, perm=[1, 0]))
    return [y if (bias := node.input(5)) is None else y + bias]


@decomposition("GatherBlockQuantized", domain=MICROSOFT)
def rows(g: Builder, node: Node) -> Sequence[Value | None] | None:
    """The rows at the indices: whole numbers less the zero point of their block, times its scale."""
    data, indices, scales = node.x, node.required(1), node.required(2)
    bits, block = int(node["bits"] or 4), int(node["block_size"] or 128)
    last = data.rank - 1
    along = last if node["quantize_axis"] is None else int(node["quantize_axis"]) % data.rank
    if (node["gather_axis"] or 0) % data.rank or along != last or data.rank < 2:
        return None

    def taken(x: Value) -> Value:
        part = g.op("Gather", x, indices, axis=0)
        return _unpacked(g, part, bits) if part.dtype == TensorProto.UINT8 else g.op("Cast", part, to=TensorProto.INT32)

    numbers, factors = taken(data), g.op("Gather", scales, indices, axis=0)
    size, blocks = (None if x.shape is None else x.shape[-1] for x in (numbers, factors))
    if not isinstance(size, int) or not isinstance(blocks, int):
        return None
    own = np.arange(size) // block
    whole = g.op("Cast", numbers, to=scales.dtype)
    if (zero := node.input(3)) is not None:
        fewer = g.op("Cast", taken(zero), to=scales.dtype)
        whole = whole - g.op("Gather", fewer, own, axis=-1)
    elif data.dtype == TensorProto.UINT8:
        whole = whole - float(1 << (bits - 1))
    return [whole * g.op("Gather", factors, own, axis=-1)]


def _zero_points(g: Builder, given: Value | None, bits: int, rows: int, blocks: int, dtype: int) -> Value:
    """Return the zero points (rows, blocks, 1), half of the range if none are given; rows of whole ones are packed."""
    if given is None:
        return g.constant(float(1 << (bits - 1)), dtype)
    if given.dtype != TensorProto.UINT8:
        return g.op("Reshape", given, [rows, blocks, 1])
    numbers = _unpacked(g, g.op("Reshape", given, [rows, -1]), bits)
    kept = g.op("Gather", numbers, np.arange(blocks), axis=1)
    return g.op("Cast", g.op("Reshape", kept, [rows, blocks, 1]), to=dtype)


def _unpacked(g: Builder, x: Value, bits: int) -> Value:
    """Return the numbers, int32, that the bytes along the last axis of `x` hold, the lowest bits first."""
    whole = g.op("Cast", x, to=TensorProto.INT32)
    if bits == 8:
        return whole
    parts = [whole if not shift else g.op("Div", whole, 1 << shift) for shift in range(0, 8, bits)]
    beside = [g.op("Unsqueeze", g.op("Mod", part, 1 << bits), [-1]) for part in parts]
    joined = g.op("Concat", *beside, axis=-1)
    count = None if x.shape is None else x.shape[-1]
    size = count * 8 // bits if isinstance(count, int) else -1
    return g.op("Reshape", joined, [*[0] * (x.rank - 1), size])
