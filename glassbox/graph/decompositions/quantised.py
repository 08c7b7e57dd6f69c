"""Operators on quantised numbers: what the whole numbers stand for, the operator on it, and quantised again.

The standard's and those of com.microsoft that ONNX Runtime's quantiser and optimiser write.
https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from onnx import TensorProto

from glassbox.graph.builder import Builder, Value
from glassbox.graph.decompositions.fused import WINDOW
from glassbox.graph.node import Node
from glassbox.graph.written_out import MICROSOFT, decomposition

SCALAR = np.array([], np.int64)
"""The shape of one number."""


def read(g: Builder, node: Node, place: int, axis: int | None = None) -> Value:
    """Return what the whole numbers at `place` stand for, by the scale and the zero point behind them: one for all, or
    one for each slice along `axis`."""
    return dequantised(g, node.required(place), node.required(place + 1), node.input(place + 2), axis)


def dequantised(g: Builder, q: Value, scale: Value, zero: Value | None, axis: int | None = None) -> Value:
    """Return (q - zero) scale."""
    if axis is None or scale.rank == 0 or scale.shape == (1,):
        scale = g.op("Reshape", scale, SCALAR)
        zero = None if zero is None else g.op("Reshape", zero, SCALAR)
        return g.op("DequantizeLinear", q, scale, zero)
    return g.op("DequantizeLinear", q, scale, zero, axis=axis)


def quantised(g: Builder, node: Node, y: Value, place: int) -> list[Value | None]:
    """Return `y` quantised by the scale at `place` and the zero point behind it; 0 of the first input's type if that is
    left out."""
    zero = node.input(place + 1)
    zero = g.constant(0, node.x.dtype) if zero is None else g.op("Reshape", zero, SCALAR)
    return [g.op("QuantizeLinear", y, g.op("Reshape", node.required(place), SCALAR), zero)]


@decomposition("QLinearConv")
def conv(g: Builder, node: Node) -> Sequence[Value | None]:
    """The convolution of what the whole numbers stand for, quantised."""
    x = node.x
    given = {name: node[name] for name in WINDOW if node[name] is not None}
    y = g.op("Conv", read(g, node, 0), read(g, node, 3, axis=0), **given)
    if (bias := node.input(8)) is not None:
        scale = node.required(1) * node.required(4)
        y = y + g.op("Reshape", g.op("Cast", bias, to=scale.dtype) * scale, [-1, *[1] * (x.rank - 2)])
    return quantised(g, node, y, 6)


@decomposition("QLinearMatMul")
def matmul(g: Builder, node: Node) -> Sequence[Value | None] | None:
    """The product of what the whole numbers stand for, quantised; one scale for each matrix."""
    if any(node.required(place).shape not in ((), (1,)) for place in (1, 4, 6)):
        return None
    return quantised(g, node, g.op("MatMul", read(g, node, 0), read(g, node, 3)), 6)


@decomposition("MatMulInteger", "ConvInteger")
def product(g: Builder, node: Node) -> Sequence[Value | None]:
    """The product of matrices, or the convolution, of the numbers less their zero points."""
    conv = node.proto.op_type == "ConvInteger"
    sides = []
    for place in (0, 1):
        whole = node.required(place)
        x = g.op("Cast", whole, to=TensorProto.FLOAT)
        if (zero := node.input(place + 2)) is not None:
            zero = g.op("Cast", zero, to=TensorProto.FLOAT)
            if zero.shape not in ((), (1,)) and place == int(conv):  # one for each row, or for each kernel
                zero = g.op("Reshape", zero, [-1, *[1] * (whole.rank - 1 if conv else 1)])
            x = x - zero
        sides.append(x)
    given = {name: node[name] for name in WINDOW if node[name] is not None} if conv else {}
    y = g.op("Conv" if conv else "MatMul", *sides, **given)
    return [g.op("Cast", y, to=TensorProto.INT32)]


@decomposition("QLinearAdd", "QLinearMul", domain=MICROSOFT)
def arithmetic(g: Builder, node: Node) -> Sequence[Value | None]:
    """The sum or the product."""
    return quantised(g, node, g.op(node.proto.op_type.removeprefix("QLinear"), read(g, node, 0), read(g, node, 3)), 6)


@decomposition("QLinearWhere", domain=MICROSOFT)
def where(g: Builder, node: Node) -> Sequence[Value | None]:
    """One of two numbers by a condition."""
    condition, zero = node.x, g.op("Reshape", node.required(8), SCALAR)
    y = g.op("Where", condition, read(g, node, 1), read(g, node, 4))
    return [g.op("QuantizeLinear", y, g.op("Reshape", node.required(7), SCALAR), zero)]


@decomposition("QLinearSigmoid", "QLinearLeakyRelu", "QLinearSoftmax", domain=MICROSOFT)
def function(g: Builder, node: Node) -> Sequence[Value | None] | None:
    """A function of each number, or of each row."""
    kind = node.proto.op_type.removeprefix("QLinear")
    given = {}
    if kind == "LeakyRelu":
        given = {"alpha": 0.01 if node["alpha"] is None else node["alpha"]}
    elif kind == "Softmax":
        if node["opset"] is not None and node["opset"] < 13:  # it joins axes there
            return None
        given = {"axis": -1 if node["axis"] is None else node["axis"]}
    return quantised(g, node, g.op(kind, read(g, node, 0), **given), 3)


@decomposition("QLinearAveragePool", "QLinearGlobalAveragePool", domain=MICROSOFT)
def mean(g: Builder, node: Node) -> Sequence[Value | None] | None:
    """The mean of windows, or of whole channels."""
    if node["channels_last"]:
        return None
    x, kind = read(g, node, 0), node.proto.op_type.removeprefix("QLinear")
    if kind == "GlobalAveragePool":
        y = g.op("GlobalAveragePool", x)
    else:
        names = ("auto_pad", "ceil_mode", "count_include_pad", "kernel_shape", "pads", "strides")
        y = g.op("AveragePool", x, **{name: node[name] for name in names if node[name] is not None})
    return quantised(g, node, y, 3)


@decomposition("QLinearConcat", domain=MICROSOFT)
def concat(g: Builder, node: Node) -> Sequence[Value | None]:
    """Tensors side by side, with the scale and zero point of the result before them."""
    parts = [read(g, node, place) for place in range(2, len(node.inputs), 3)]
    zero = g.op("Reshape", node.required(1), SCALAR)
    whole = g.op("Concat", *parts, axis=node["axis"])
    return [g.op("QuantizeLinear", whole, g.op("Reshape", node.x, SCALAR), zero)]


@decomposition("QGemm", domain=MICROSOFT)
def gemm(g: Builder, node: Node) -> Sequence[Value | None]:
    """alpha A' B' + C, C in whole numbers of the product's scale; floats where the result has no scale."""
    b_axis = 0 if node["transB"] else 1
    alpha = 1.0 if node["alpha"] is None else float(node["alpha"])
    turned = {name: node[name] or 0 for name in ("transA", "transB")}
    y = g.op("Gemm", read(g, node, 0), read(g, node, 3, axis=b_axis), alpha=alpha, **turned)
    if (bias := node.input(6)) is not None:
        scale = alpha * node.required(1) * node.required(4)
        y = y + g.op("Cast", bias, to=scale.dtype) * scale
    return [y] if node.input(7) is None else quantised(g, node, y, 7)


@decomposition("MatMulIntegerToFloat", domain=MICROSOFT)
def matmul_to_float(g: Builder, node: Node) -> Sequence[Value | None]:
    """The product of what the whole numbers stand for, as floats."""
    a = dequantised(g, node.x, node.required(2), node.input(4))
    return [_product(g, node, a, 3, 5, bias=6)]


@decomposition("DynamicQuantizeMatMul", domain=MICROSOFT)
def dynamic_matmul(g: Builder, node: Node) -> Sequence[Value | None]:
    """The product of floats, quantised by their own range, and of what whole numbers stand for."""
    names = [g.fresh(name) for name in ("quantised", "scale", "zero")]
    a = g.op("DequantizeLinear", *g.ops("DynamicQuantizeLinear", node.x, names=names))
    return [_product(g, node, a, 2, 3, bias=4)]


def _product(g: Builder, node: Node, a: Value, scale: int, zero: int, bias: int) -> Value:
    """Return A B + bias, B being input 1 with these places of its scale and zero point, one or one for each column."""
    b = node.required(1)
    y = g.op("MatMul", a, dequantised(g, b, node.required(scale), node.input(zero), axis=b.rank - 1))
    added = node.input(bias)
    return y if added is None else y + added


@decomposition("DynamicQuantizeLSTM", domain=MICROSOFT)
def lstm(g: Builder, node: Node) -> Sequence[Value | None] | None:
    """The LSTM whose weights the whole numbers stand for; the engine rounds what it multiplies them with, too."""
    weights = []
    for place, scale in ((1, 8), (2, 10)):
        whole, factor, zero = node.required(place), node.required(scale), node.input(scale + 1)
        directions = None if whole.shape is None else whole.shape[0]
        if not isinstance(directions, int):
            return None
        along = [directions, 1, -1]  # a scale for each direction, or for each of its columns
        x = g.op("Cast", whole, to=factor.dtype)
        if zero is not None:
            x = x - g.op("Reshape", g.op("Cast", zero, to=factor.dtype), along)
        weights.append(g.op("Transpose", x * g.op("Reshape", factor, along), perm=[0, 2, 1]))
    names = ("activations", "activation_alpha", "activation_beta", "clip", "direction", "hidden_size", "input_forget")
    given = {name: node[name] for name in names if node[name] is not None}
    outputs = [g.fresh(name) for name in ("states", "last", "cell")]
    return g.ops("LSTM", node.x, *weights, *node.inputs[3:8], names=outputs, **given)[: len(node.outputs)]


@decomposition("QuantizeLinear", "DequantizeLinear", domain=MICROSOFT)
def by_the_standard(g: Builder, node: Node) -> Sequence[Value | None]:
    """The same as the standard's, which came to know 16 bits later."""
    return [g.op(node.proto.op_type, *node.inputs, **({} if node["axis"] is None else {"axis": node["axis"]}))]
