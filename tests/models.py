"""Small ONNX models to test with: the six architectures of the zoo with random weights, and graphs of a few nodes."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, checker, helper, numpy_helper, shape_inference

Arrays = Mapping[str, NDArray[Any]]


def graph(
    nodes: Sequence[NodeProto],
    inputs: Mapping[str, Sequence[int | str]],
    outputs: Sequence[str],
    constants: Arrays | None = None,
    opset: int = 18,
) -> ModelProto:
    """A checked model of `nodes`; inputs are float32 of the shapes given, the outputs' are inferred."""
    given = [helper.make_tensor_value_info(name, TensorProto.FLOAT, list(shape)) for name, shape in inputs.items()]
    wanted = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs]
    held = [numpy_helper.from_array(array, name) for name, array in (constants or {}).items()]
    made = helper.make_graph(list(nodes), "test", given, wanted, held)
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", opset)], ir_version=9)
    model = shape_inference.infer_shapes(model)
    del model.graph.value_info[:]
    checker.check_model(model)
    return model


def cuts(model: ModelProto) -> list[set[str]]:
    """For each place in the order of the nodes: all that the inputs and the nodes before give to those after."""
    nodes, outputs = list(model.graph.node), {value.name for value in model.graph.output}
    inputs = {value.name for value in model.graph.input}
    return [
        inputs.union(*(node.output for node in nodes[:place]))
        & outputs.union(*(node.input for node in nodes[place:])) - {""}
        for place in range(1, len(nodes) + 1)
    ]


ARCHITECTURES = ("mlp", "cnn", "rnn", "cnn_deep", "lstm", "gru")


def network(name: str, seed: int = 0) -> ModelProto:
    """The architecture `name` of the zoo, with random weights."""
    rng = np.random.default_rng(seed)
    return {"mlp": _mlp, "cnn": _cnn, "rnn": _rnn, "cnn_deep": _cnn_deep, "lstm": _lstm, "gru": _gru}[name](rng)


def weights(rng: np.random.Generator, *shape: int) -> NDArray[np.float32]:
    """Random weights, scaled by the fan-in (all axes but the first)."""
    return (rng.standard_normal(shape) / np.sqrt(np.prod(shape[1:]) or 1)).astype(np.float32)


def _mlp(rng: np.random.Generator) -> ModelProto:
    nodes = [
        helper.make_node("Flatten", ["picture"], ["flatten"], name="flatten"),
        helper.make_node("MatMul", ["flatten", "dense/kernel"], ["dense/product"]),
        helper.make_node("Add", ["dense/product", "dense/bias"], ["dense/sum"]),
        helper.make_node("Relu", ["dense/sum"], ["dense"]),
        helper.make_node("Gemm", ["dense", "dense_1/kernel", "dense_1/bias"], ["dense_1"]),
    ]
    held = {"dense/kernel": weights(rng, 784, 128), "dense/bias": weights(rng, 128)}
    held |= {"dense_1/kernel": weights(rng, 128, 10), "dense_1/bias": weights(rng, 10)}
    return graph(nodes, {"picture": ["N", 28, 28]}, ["dense_1"], held)


def _cnn(rng: np.random.Generator) -> ModelProto:
    nodes = [
        helper.make_node("Conv", ["picture", "conv/kernel", "conv/bias"], ["conv/sum"], kernel_shape=[3, 3]),
        helper.make_node("Relu", ["conv/sum"], ["conv"]),
        helper.make_node("MaxPool", ["conv"], ["pool"], kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Flatten", ["pool"], ["flatten"]),
        helper.make_node("Gemm", ["flatten", "dense/kernel", "dense/bias"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["probabilities"], axis=-1),
    ]
    held = {"conv/kernel": weights(rng, 32, 1, 3, 3), "conv/bias": weights(rng, 32)}
    held |= {"dense/kernel": weights(rng, 5408, 10), "dense/bias": weights(rng, 10)}
    return graph(nodes, {"picture": ["N", 1, 28, 28]}, ["probabilities"], held)


def _cnn_deep(rng: np.random.Generator) -> ModelProto:
    """Pairs of 3x3 convolutions, pooled in between, then the average of each map."""
    nodes, held, x, before = [], {}, "picture", 1
    for place, channels in enumerate([16, 24, 48, 48, 96, 96], 1):
        held |= {f"k{place}": weights(rng, channels, before, 3, 3), f"b{place}": weights(rng, channels)}
        nodes += [
            helper.make_node("Conv", [x, f"k{place}", f"b{place}"], [f"conv{place}/sum"], pads=[1] * 4),
            helper.make_node("Relu", [f"conv{place}/sum"], [f"conv{place}"]),
        ]
        x, before = f"conv{place}", channels
        if place in (2, 4):
            nodes.append(helper.make_node("MaxPool", [x], [f"pool{place}"], kernel_shape=[2, 2], strides=[2, 2]))
            x = f"pool{place}"
    nodes += [
        helper.make_node("GlobalAveragePool", [x], ["average"]),
        helper.make_node("Flatten", ["average"], ["flat"]),
        helper.make_node("Gemm", ["flat", "kernel", "bias"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["probabilities"]),
    ]
    held |= {"kernel": weights(rng, 96, 10), "bias": weights(rng, 10)}
    return graph(nodes, {"picture": ["N", 1, 28, 28]}, ["probabilities"], held)


def _rnn(rng: np.random.Generator) -> ModelProto:
    return _recurrent(rng, "RNN", 1, activations=["Relu"])


def _lstm(rng: np.random.Generator) -> ModelProto:
    return _recurrent(rng, "LSTM", 4)


def _gru(rng: np.random.Generator) -> ModelProto:
    return _recurrent(rng, "GRU", 3, linear_before_reset=1)


def _recurrent(rng: np.random.Generator, kind: str, gates: int, **attributes: Any) -> ModelProto:
    """Reads the 28 rows as steps and keeps the last state; Y, the states between, has no name."""
    units = 32
    nodes = [
        helper.make_node("Transpose", ["picture"], ["rows"], perm=[1, 0, 2]),
        helper.make_node(kind, ["rows", "W", "R", "B"], ["", "last"], name="layer", hidden_size=units, **attributes),
        helper.make_node("Squeeze", ["last", "axes"], ["state"]),
        helper.make_node("Gemm", ["state", "kernel", "bias"], ["dense/sum"]),
        helper.make_node("Softmax", ["dense/sum"], ["dense"]),
    ]
    held = {"W": weights(rng, 1, gates * units, 28), "R": weights(rng, 1, gates * units, units)}
    held |= {"B": weights(rng, 1, 2 * gates * units), "axes": np.array([0])}
    held |= {"kernel": weights(rng, units, 10), "bias": weights(rng, 10)}
    return graph(nodes, {"picture": ["N", 28, 28]}, ["dense"], held)
