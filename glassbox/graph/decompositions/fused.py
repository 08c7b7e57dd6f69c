"""Operators of the domain com.microsoft that ONNX Runtime's optimiser writes in place of several standard ones.

https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from onnx import TensorProto

from glassbox.graph.builder import Builder, Value
from glassbox.graph.node import Node
from glassbox.graph.written_out import MICROSOFT, decomposition

RENAMED = 20
"""The version of the standard from which GridSample calls its modes linear and cubic."""
WINDOW = ("auto_pad", "dilations", "group", "kernel_shape", "pads", "strides")
PARAMETERS = {"LeakyRelu": ("alpha",), "HardSigmoid": ("alpha", "beta"), "Clip": ("min", "max")}
"""The parameters of an activation in the order that FusedConv lists them in."""


@decomposition("FusedConv", domain=MICROSOFT)
def fused_conv(g: Builder, node: Node) -> Sequence[Value | None] | None:
    """A function of a convolution and, perhaps, another tensor added to it."""
    given = {name: node[name] for name in WINDOW if node[name] is not None}
    y = g.op("Conv", *node.inputs[:3], **given)
    if (added := node.input(3)) is not None:
        y = y + added
    kind = node["activation"] or ""
    values = dict(zip(PARAMETERS.get(kind, ()), node["activation_params"] or (), strict=False))
    return [activated(g, y, kind, values)]


@decomposition("FusedGemm", domain=MICROSOFT)
def fused_gemm(g: Builder, node: Node) -> Sequence[Value | None]:
    """A function of a Gemm."""
    given = {name: node[name] for name in ("alpha", "beta", "transA", "transB") if node[name] is not None}
    values = {name: node[f"activation_{name}"] for name in ("alpha", "beta", "gamma")}
    present = {name: value for name, value in values.items() if value is not None}
    return [activated(g, g.op("Gemm", *node.inputs, **given), node["activation"] or "", present)]


def activated(g: Builder, x: Value, kind: str, values: dict[str, Any]) -> Value:
    """Return the activation `kind` of `x` with its parameters; `x` itself for none."""
    if kind == "Clip":
        return g.op("Clip", x, *(g.constant(values[name], x.dtype) for name in ("min", "max")))
    return g.op(kind, x, **values) if kind else x


@decomposition("FusedMatMul", "TransposeMatMul", domain=MICROSOFT)
def fused_matmul(g: Builder, node: Node) -> Sequence[Value | None] | None:
    """alpha A' B', the last two axes of either exchanged if asked."""
    if node["transBatchA"] or node["transBatchB"]:
        return None
    sides = []
    for x, turn in ((node.x, node["transA"]), (node.required(1), node["transB"])):
        axes = list(range(x.rank))
        sides.append(g.op("Transpose", x, perm=[*axes[:-2], axes[-1], axes[-2]]) if turn and x.rank > 1 else x)
    y = g.op("MatMul", *sides)
    return [y if node["alpha"] in (None, 1) else y * float(node["alpha"])]


@decomposition("ExpandDims", domain=MICROSOFT)
def expand_dims(g: Builder, node: Node) -> Sequence[Value | None]:
    """x with a new axis of size 1."""
    return [g.op("Unsqueeze", node.x, g.op("Cast", g.op("Reshape", node.required(1), [1]), to=TensorProto.INT64))]


@decomposition("Trilu", "Pad", domain=MICROSOFT)
def by_the_standard(g: Builder, node: Node) -> Sequence[Value | None]:
    """The same as the standard's, which came later."""
    given = {name: node[name] for name in ("upper", "mode") if node[name] is not None}
    return [g.op(node.proto.op_type, *node.inputs, **given)]


@decomposition("GridSample", domain=MICROSOFT)
def grid_sample(g: Builder, node: Node) -> Sequence[Value | None] | None:
    """The same as the standard's, which came to call interpolation by a line otherwise, and does that by a cubic
    otherwise behind the border."""
    mode = node["mode"] or "bilinear"
    if mode == "bicubic":
        return None
    given = {name: node[name] for name in ("align_corners", "padding_mode") if node[name] is not None}
    newer = g.opset >= RENAMED
    return [g.op("GridSample", node.x, node.required(1), mode=mode.removeprefix("bi") if newer else mode, **given)]


@decomposition("Range", domain=MICROSOFT)
def range_(g: Builder, node: Node) -> Sequence[Value | None]:
    """The same as the standard's, in steps of 1 if none are given."""
    step = node.input(2)
    return [g.op("Range", *node.inputs[:2], g.constant(np.array(1), node.x.dtype) if step is None else step)]


@decomposition("GatherND", domain=MICROSOFT)
def gather_nd(g: Builder, node: Node) -> Sequence[Value | None]:
    """The same as the standard's, which takes indices of 64 bits alone."""
    return [g.op("GatherND", node.x, g.op("Cast", node.required(1), to=TensorProto.INT64))]


@decomposition("Gelu", "BiasGelu", domain=MICROSOFT)
def gelu(g: Builder, node: Node) -> Sequence[Value | None]:
    """z P(z), P the normal distribution function, of z = x or x + bias."""
    z = node.x if node.input(1) is None else node.x + node.required(1)
    return [z * 0.5 * (1 + g.op("Erf", z / math.sqrt(2)))]


@decomposition("FastGelu", domain=MICROSOFT)
def fast_gelu(g: Builder, node: Node) -> Sequence[Value | None]:
    """z / 2 (1 + tanh(sqrt(2 / pi) (z + 0.044715 z³))) of z = x or x + bias."""
    z = node.x if node.input(1) is None else node.x + node.required(1)
    return [z * 0.5 * (1 + g.op("Tanh", math.sqrt(2 / math.pi) * (z + 0.044715 * z * z * z)))]


@decomposition("QuickGelu", domain=MICROSOFT)
def quick_gelu(g: Builder, node: Node) -> Sequence[Value | None]:
    """x sigmoid(alpha x)."""
    alpha = 1.702 if node["alpha"] is None else float(node["alpha"])
    return [node.x * g.op("Sigmoid", alpha * node.x)]


@decomposition("SkipLayerNormalization", domain=MICROSOFT)
def skip_layer(g: Builder, node: Node) -> Sequence[Value | None]:
    """The layer normalisation of x + skip + bias, over the last axis; its fourth output is that sum."""
    total = _skipped(node, 4)
    centred = total - g.mean(total, [-1])
    inverse = g.op("Reciprocal", g.op("Sqrt", g.mean(centred * centred, [-1]) + _epsilon(node)))
    y = centred * inverse * node.required(2)
    if (beta := node.input(3)) is not None:
        y = y + beta
    return [y, g.mean(total, [-1]), inverse, total][: len(node.outputs)]


@decomposition("SkipSimplifiedLayerNormalization", domain=MICROSOFT)
def skip_simplified_layer(g: Builder, node: Node) -> Sequence[Value | None]:
    """x + skip + bias over the root of its mean square; its fourth output is that sum."""
    total = _skipped(node, 3)
    inverse = g.op("Reciprocal", g.op("Sqrt", g.mean(total * total, [-1]) + _epsilon(node)))
    return [total * inverse * node.required(2), None, inverse, total][: len(node.outputs)]


def _skipped(node: Node, place: int) -> Value:
    total = node.x + node.required(1)
    bias = node.input(place)
    return total if bias is None else total + bias


def _epsilon(node: Node) -> float:
    return 1e-12 if node["epsilon"] is None else float(node["epsilon"])
