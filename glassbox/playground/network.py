"""The playground's networks: dense layers, as ONNX models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, TensorProto, ValueInfoProto, helper, numpy_helper

from glassbox.graph.model import read
from glassbox.graph.training import Loss, weights_as_inputs
from glassbox.playground import features
from glassbox.playground.data import DataSet
from glassbox.playground.setup import ACTIVATIONS, Setup

INPUT, OUTPUT, POINT = "features", "output", "point"
OPSET, IR_VERSION = 18, 9
Weights = Mapping[str, NDArray[np.float32]]


def build(setup: Setup, data: DataSet) -> ModelProto:
    """Return a network from features (N, F) to output (N, data.outputs), with the weights W1, b1, W2, ... and the
    activations h1, h2, ...

    The last layer ends in tanh for two classes, softmax for more, nothing for a surface. Weights are drawn as Keras
    does by default: uniform within sqrt(6 / (inputs + outputs)), biases 0 (Glorot & Bengio 2010,
    https://proceedings.mlr.press/v9/glorot10a.html).
    """
    rng = np.random.default_rng(setup.seed)
    sizes = [len(setup.features), *setup.layers, data.outputs]
    nodes, weights, source = [], [], INPUT
    for i, (before, after) in enumerate(pairwise(sizes), 1):
        last = i == len(sizes) - 1
        bound = np.sqrt(6 / (before + after))
        drawn = rng.uniform(-bound, bound, (before, after)).astype(np.float32)
        weights += [
            numpy_helper.from_array(drawn, f"W{i}"),
            numpy_helper.from_array(np.zeros(after, np.float32), f"b{i}"),
        ]
        operator = last_activation(data) if last else ACTIVATIONS[setup.activation]
        target = OUTPUT if last else f"h{i}"
        sum_name = f"z{i}" if operator else target
        nodes.append(helper.make_node("Gemm", [source, f"W{i}", f"b{i}"], [sum_name]))
        if operator:
            nodes.append(helper.make_node(operator, [sum_name], [target]))
        source = target
    inputs = [_declared(INPUT, len(setup.features))]
    graph = helper.make_graph(nodes, "playground", inputs, [_declared(OUTPUT, data.outputs)], weights)
    return _model(graph)


def last_activation(data: DataSet) -> str | None:
    """Return the operator after the last layer's sum, None for a regression."""
    return "Softmax" if data.outputs > 1 else "Tanh" if data.classes else None


def loss(data: DataSet) -> Loss:
    """Return the name of the loss: cross-entropy for three classes and more, else the mean squared error."""
    return "categorical_crossentropy" if data.outputs > 1 else "mean_squared_error"


def watched(model: ModelProto) -> ModelProto:
    """Return the model with its weights as inputs and every layer's neurons as outputs: one session for all weights."""
    proto = weights_as_inputs(model)
    sizes = {w.name: w.dims[-1] for w in model.graph.initializer}
    hidden = [f"h{i}" for i in range(1, len(sizes) // 2)]
    del proto.graph.output[:]
    proto.graph.output.extend(_declared(name, sizes[f"b{i}"]) for i, name in enumerate(hidden, 1))
    proto.graph.output.append(_declared(OUTPUT, sizes[f"b{len(hidden) + 1}"]))
    return proto


def of_points(trained: ModelProto, names: Sequence[str], data: DataSet) -> ModelProto:
    """Return the model from points (N, 2) to heights or classes in the data's own units: with scaling and features."""
    proto = read(trained)
    constants: dict[str, tuple[float, ...]] = {"centre": data.centre[:2], "spread": data.spread[:2]}
    before = [
        helper.make_node("Sub", [POINT, "centre"], ["centred"]),
        helper.make_node("Div", ["centred", "spread"], ["scaled"]),
        *features.nodes("scaled", names, INPUT),
    ]
    after = []
    if not data.classes:
        constants |= {"height_centre": data.centre[2:], "height_spread": data.spread[2:]}
        proto.graph.node[-1].output[0] = "scaled_output"
        after = [
            helper.make_node("Mul", ["scaled_output", "height_spread"], ["stretched"]),
            helper.make_node("Add", ["stretched", "height_centre"], [OUTPUT]),
        ]
    fixed = [numpy_helper.from_array(np.array(cells, np.float32), name) for name, cells in constants.items()]
    graph = helper.make_graph(
        [*before, *proto.graph.node, *after],
        "playground",
        [_declared(POINT, 2)],
        list(proto.graph.output),
        [*fixed, *proto.graph.initializer],
    )
    model = _model(graph)
    if data.classes:
        helper.set_model_props(model, {"classes": ",".join(data.classes)})
    return model


def in_layers(weights: Mapping[str, NDArray[Any]]) -> list[tuple[NDArray[Any], NDArray[Any]]]:
    """Return the weights as [(W1, b1), (W2, b2), ...], of shapes (inputs, neurons) and (neurons,)."""
    return [(weights[f"W{i}"], weights[f"b{i}"]) for i in range(1, len(weights) // 2 + 1)]


def _declared(name: str, size: int) -> ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", size])


def _model(graph: Any) -> ModelProto:
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
    model.producer_name = "glassbox"
    return model
