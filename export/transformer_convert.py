"""Keras transformer -> ONNX, straight from its weights: a graph written to be read.

Each layer's heads stand side by side on an axis of their own, and what each of them writes is a tensor by itself,
(N, heads, T, width), summed afterwards. The names of tensors say where they are: layer0/head/attention.
"""

import keras
import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import TensorProto, helper

from export.convert import TOLERANCE, Graph
from export.transformer import EPSILON, MASKED, Attention, Feedforward
from glassbox.graph.taps import tap


def convert(model: keras.Model) -> onnx.ModelProto:
    """The model of export/transformer.py -> ids (N, T), T up to its context, to logits (N, T, V) of the next token."""
    graph = Graph()
    embedded = model.get_layer("embedded")
    for name, value in _CONSTANTS.items():
        graph.weight(name, value)
    _embed(graph, embedded)
    stream, blocks = "embedded", [layer for layer in model.layers if isinstance(layer, Attention | Feedforward)]
    for block in blocks:
        place = f"layer{block.name.removeprefix('attention').removeprefix('feedforward')}"
        add = _attention if isinstance(block, Attention) else _feedforward
        stream = add(graph, block, stream, place)
    _normalise(graph, stream, "final")
    graph.node("Transpose", ["embedding"], ["unembedding"], perm=[1, 0])
    graph.node("MatMul", ["final/normed", "unembedding"], ["logits"])
    ids = helper.make_tensor_value_info("ids", TensorProto.INT64, ["N", "T"])
    logits = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["N", "T", embedded.sizes.vocabulary])
    return graph.model(model.name, [ids], [logits])


_CONSTANTS: dict[str, NDArray[np.generic]] = {
    "zero": np.array([0], np.int64),
    "heads_axis": np.array([1], np.int64),
    "last_axis": np.array([-1], np.int64),
    "masked": np.array(MASKED, np.float32),
    "epsilon": np.array(EPSILON, np.float32),
}


def _embed(graph: Graph, embedded: keras.Layer) -> None:
    """Each token's embedding plus its place's; and the mask, which all layers share."""
    graph.weight("embedding", np.asarray(embedded.tokens))
    graph.weight("places", np.asarray(embedded.places))
    graph.node("Gather", ["embedding", "ids"], ["token"], axis=0)
    graph.node("Shape", ["ids"], ["steps"], start=1, end=2)
    graph.node("Slice", ["places", "zero", "steps", "zero"], ["place"])
    graph.node("Add", ["token", "place"], ["embedded"])
    graph.node("Concat", ["steps", "steps"], ["square"], axis=0)
    graph.node("Expand", ["masked", "square"], ["mask/everywhere"])
    graph.node("Trilu", ["mask/everywhere", graph.weight("mask/diagonal", np.array(1, np.int64))], ["mask"], upper=1)


def _attention(graph: Graph, layer: Attention, stream: str, place: str) -> str:
    head = f"{place}/head"
    _normalise(graph, stream, f"{place}/attention")
    graph.node("Unsqueeze", [f"{place}/attention/normed", "heads_axis"], [f"{head}/read"])
    for part in ("query", "key", "value"):
        weight = graph.weight(f"{head}/W_{part}", np.asarray(getattr(layer, part)))
        graph.node("MatMul", [f"{head}/read", weight], [f"{head}/{part}"])
    graph.node("Transpose", [f"{head}/key"], [f"{head}/key_transposed"], perm=[0, 1, 3, 2])
    graph.node("MatMul", [f"{head}/query", f"{head}/key_transposed"], [f"{head}/products"])
    scale = graph.weight(f"{head}/scale", np.array(layer.sizes.head**-0.5, np.float32))
    graph.node("Mul", [f"{head}/products", scale], [f"{head}/scores"])
    graph.node("Add", [f"{head}/scores", "mask"], [f"{head}/masked"])
    graph.node("Softmax", [f"{head}/masked"], [f"{head}/attention"], axis=-1)
    graph.node("MatMul", [f"{head}/attention", f"{head}/value"], [f"{head}/mixed"])
    weight = graph.weight(f"{head}/W_write", np.asarray(layer.write))
    graph.node("MatMul", [f"{head}/mixed", weight], [f"{head}/write"])
    graph.node("ReduceSum", [f"{head}/write", "heads_axis"], [f"{place}/attention/write"], keepdims=0)
    graph.node("Add", [stream, f"{place}/attention/write"], [f"{place}/attention"])
    return f"{place}/attention"


def _feedforward(graph: Graph, layer: Feedforward, stream: str, place: str) -> str:
    _normalise(graph, stream, f"{place}/neurons")
    read = graph.weight(f"{place}/neurons/W_read", np.asarray(layer.read))
    graph.node("MatMul", [f"{place}/neurons/normed", read], [f"{place}/neurons/sum"])
    graph.node("Relu", [f"{place}/neurons/sum"], [f"{place}/neurons"])
    write = graph.weight(f"{place}/neurons/W_write", np.asarray(layer.write))
    graph.node("MatMul", [f"{place}/neurons", write], [f"{place}/neurons/write"])
    graph.node("Add", [stream, f"{place}/neurons/write"], [f"{place}/feedforward"])
    return f"{place}/feedforward"


def _normalise(graph: Graph, stream: str, place: str) -> None:
    """`place`/normed: the stream divided by `place`/size, the root of its mean square."""
    graph.node("Mul", [stream, stream], [f"{place}/squares"])
    graph.node("ReduceMean", [f"{place}/squares", "last_axis"], [f"{place}/mean_square"], keepdims=1)
    graph.node("Add", [f"{place}/mean_square", "epsilon"], [f"{place}/above_zero"])
    graph.node("Sqrt", [f"{place}/above_zero"], [f"{place}/size"])
    graph.node("Div", [stream, f"{place}/size"], [f"{place}/normed"])


def tensor(layer: str) -> str:
    """Return the ONNX tensor of a Keras layer's output: "attention0" is layer0/attention."""
    for kind in ("attention", "feedforward"):
        if layer.startswith(kind):
            return f"layer{layer.removeprefix(kind)}/{kind}"
    return layer


def differences(model: keras.Model, converted: onnx.ModelProto, ids: NDArray[np.int64]) -> dict[str, float]:
    """Largest difference between Keras and ONNX Runtime in each layer's output for `ids` (n, steps), relative to the
    layer's largest value if that is above 1.

    Raises ValueError if one exceeds TOLERANCE.
    """
    kept = [layer for layer in model.layers if not isinstance(layer, keras.layers.Dropout | keras.layers.InputLayer)]
    expected = keras.Model(model.inputs, [layer.output for layer in kept])([ids], training=False)
    names = [tensor(layer.name) for layer in kept]
    session = onnxruntime.InferenceSession(
        tap(converted, names).SerializeToString(), providers=["CPUExecutionProvider"]
    )
    result: dict[str, float] = {}
    for layer, reference, value in zip(kept, expected, session.run(names, {"ids": ids}), strict=True):
        reference = np.asarray(reference)
        worst = float(np.abs(value - reference).max()) / max(1.0, float(np.abs(reference).max()))
        if worst > TOLERANCE:
            raise ValueError(f"layer {layer.name!r} of {model.name} differs from Keras by {worst:.2e}")
        result[layer.name] = worst
    return result
