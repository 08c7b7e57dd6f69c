"""Linear models and what stands before them, of the domain ai.onnx.ml, as scikit-learn's converter writes them.

https://github.com/onnx/onnx/blob/main/docs/Operators-ml.md
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from onnx import TensorProto

from glassbox.graph.builder import Builder, Value
from glassbox.graph.node import Node
from glassbox.graph.written_out import decomposition

LEARNED = "ai.onnx.ml"
AFTERWARDS = {"NONE": None, "LOGISTIC": "Sigmoid", "SOFTMAX": "Softmax"}
"""What may be done with the scores at last, and the operator that does it."""


@decomposition("Scaler", domain=LEARNED)
def scaler(g: Builder, node: Node) -> Sequence[Value | None]:
    """(x - offset) scale, by column or with one of each."""
    x = _floats(g, node.x)
    if (offset := node["offset"]) is not None:
        x = x - g.constant(offset, x.dtype)
    return [x if (scale := node["scale"]) is None else x * g.constant(scale, x.dtype)]


@decomposition("Normalizer", domain=LEARNED)
def normaliser(g: Builder, node: Node) -> Sequence[Value | None] | None:
    """Each row over its norm: the largest, the sum of the sizes or the root of the sum of squares. A row of zeros
    stays."""
    x = _floats(g, node.x)
    if x.rank not in (1, 2):
        return None
    kinds = {"MAX": "ReduceMax", "L1": "ReduceL1", "L2": "ReduceL2"}
    norm = g.op(kinds[node["norm"] or "MAX"], x, [-1], keepdims=1)
    nothing = g.op("Equal", norm, g.constant(0.0, x.dtype))
    return [x / g.op("Where", nothing, g.constant(1.0, x.dtype), norm)]


@decomposition("LinearRegressor", domain=LEARNED)
def regressor(g: Builder, node: Node) -> Sequence[Value | None] | None:
    """x times the coefficients of each target, and its intercept."""
    if node["post_transform"] not in (None, "NONE"):
        return None
    return [_linear(g, node, int(node["targets"] or 1))]


@decomposition("LinearClassifier", domain=LEARNED)
def classifier(g: Builder, node: Node) -> Sequence[Value | None] | None:
    """The scores of the classes, each from coefficients of its own; the label, which has no gradient, is the node's."""
    labels = node["classlabels_ints"] or node["classlabels_strings"] or []
    after = node["post_transform"] or "NONE"
    if len(labels) < 2 or len(node["intercepts"] or labels) != len(labels) or after not in AFTERWARDS:
        return None
    scores = _linear(g, node, len(labels))
    kind = AFTERWARDS[after]
    if kind is not None:
        scores = g.op(kind, scores, **({"axis": -1} if kind == "Softmax" else {}))
    if len(node.outputs) == 1 or node.outputs[0] is None:
        return [None, scores]
    best = g.op("ArgMax", scores, axis=-1, keepdims=0)
    if node["classlabels_ints"] is None:
        return [None, scores]
    return [g.op("Gather", g.constant(np.array(labels)), best), scores]


@decomposition("FeatureVectorizer", domain=LEARNED)
def columns(g: Builder, node: Node) -> Sequence[Value | None]:
    """The columns of all inputs side by side."""
    parts = [_floats(g, x) for x in node.inputs if x is not None]
    return [g.op("Concat", *(x if x.rank > 1 else g.op("Unsqueeze", x, [0]) for x in parts), axis=1)]


@decomposition("Imputer", domain=LEARNED)
def imputed(g: Builder, node: Node) -> Sequence[Value | None] | None:
    """x, but the value of its column, or of all, where it is the number that stands for none: often not a number."""
    x, values, absent = node.x, node["imputed_value_floats"], float(node["replaced_value_float"] or 0.0)
    if values is None or x.dtype != TensorProto.FLOAT:
        return None
    missing = g.op("IsNaN", x) if math.isnan(absent) else g.op("Equal", x, absent)
    return [g.op("Where", missing, g.constant(values, x.dtype), x)]


@decomposition("ArrayFeatureExtractor", domain=LEARNED)
def picked(g: Builder, node: Node) -> Sequence[Value | None]:
    """The columns at the indices."""
    return [g.op("Gather", node.x, g.op("Reshape", node.required(1), [-1]), axis=-1)]


def _linear(g: Builder, node: Node, count: int) -> Value:
    x = _floats(g, node.x)
    x = x if x.rank > 1 else g.op("Unsqueeze", x, [0])
    coefficients = np.reshape(np.float32(node["coefficients"]), (count, -1))
    y = g.op("MatMul", x, g.constant(coefficients.T, x.dtype))
    return y if (intercepts := node["intercepts"]) is None else y + g.constant(intercepts, x.dtype)


def _floats(g: Builder, x: Value) -> Value:
    """Return `x` in float32, as these operators compute."""
    return x if x.dtype == TensorProto.FLOAT else g.op("Cast", x, to=TensorProto.FLOAT)
