"""Keras transformer -> ONNX, straight from its weights: a graph written to be read.

Each layer's heads stand side by side on an axis of their own, and what each of them writes is a tensor by itself,
(N, heads, T, width), summed afterwards. A tensor is named after its Keras layer: attention0/scores,
attention0/attention and attention0/head_writes; attention0 is the stream behind that layer.
"""

import keras
import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import TensorProto, helper

from export.convert import TOLERANCE, Graph
from export.transformer import EPSILON, MASKED, Attention, Embedded, Feedforward
from glassbox.graph.taps import tap


def convert(model: keras.Model) -> onnx.ModelProto:
    """The model of export/transformer.py -> ids (N, T), T up to its context, to logits (N, T, V) of the next token."""
    graph = Graph()
    for name, value in _CONSTANTS.items():
        graph.weight(name, value)
    embedded = model.get_layer("embedded")
    _embed(graph, embedded)
    stream = embedded.name
    for layer in model.layers:
        if isinstance(layer, Attention | Feedforward):
            add = _attention if isinstance(layer, Attention) else _feedforward
            add(graph, layer, stream)
            stream = layer.name
    _normalise(graph, stream, "logits")
    graph.node("Transpose", ["embedding"], ["unembedding"], perm=[1, 0])
    graph.node("MatMul", ["logits/normed", "unembedding"], ["logits"])
    ids = helper.make_tensor_value_info("ids", TensorProto.INT64, ["N", "T"])
    logits = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["N", "T", embedded.sizes.vocabulary])
    return graph.model(model.name, [ids], [logits])


_CONSTANTS: dict[str, NDArray[np.generic]] = {
    "one": np.array(1, np.int64),
    "first_axis": np.array(0, np.int64),
    "heads_axis": np.array([1], np.int64),
    "last_axis": np.array([-1], np.int64),
    "behind": np.array(MASKED, np.float32),
    "diagonal": np.array(1, np.int64),
    "epsilon": np.array(EPSILON, np.float32),
}


def _embed(graph: Graph, embedded: Embedded) -> None:
    """Each token's embedding plus its place's; and the mask, which all layers share."""
    graph.weight("embedding", np.asarray(embedded.tokens))
    graph.weight("places", np.asarray(embedded.places))
    graph.node("Gather", ["embedding", "ids"], ["embedded/token"], axis=0)
    graph.node("Shape", ["ids"], ["steps"], start=1, end=2)
    graph.node("Expand", ["one", "steps"], ["embedded/ones"])  # not Slice, of whose result no shape can be told
    graph.node("CumSum", ["embedded/ones", "first_axis"], ["embedded/number"], exclusive=1)
    graph.node("Gather", ["places", "embedded/number"], ["embedded/place"], axis=0)
    graph.node("Add", ["embedded/token", "embedded/place"], ["embedded"])
    graph.node("Concat", ["steps", "steps"], ["mask/shape"], axis=0)
    graph.node("Expand", ["behind", "mask/shape"], ["mask/everywhere"])
    graph.node("Trilu", ["mask/everywhere", "diagonal"], ["mask"], upper=1)


def _attention(graph: Graph, layer: Attention, stream: str) -> None:
    name = layer.name
    _normalise(graph, stream, name)
    graph.node("Unsqueeze", [f"{name}/normed", "heads_axis"], [f"{name}/read"])
    for part in ("query", "key", "value"):
        weight = graph.weight(f"{name}/W_{part}", np.asarray(getattr(layer, part)))
        graph.node("MatMul", [f"{name}/read", weight], [f"{name}/{part}"])
    graph.node("Transpose", [f"{name}/key"], [f"{name}/key_transposed"], perm=[0, 1, 3, 2])
    graph.node("MatMul", [f"{name}/query", f"{name}/key_transposed"], [f"{name}/products"])
    scale = graph.weight(f"{name}/scale", np.array(layer.sizes.head**-0.5, np.float32))
    graph.node("Mul", [f"{name}/products", scale], [f"{name}/scores"])
    graph.node("Add", [f"{name}/scores", "mask"], [f"{name}/masked"])
    graph.node("Softmax", [f"{name}/masked"], [f"{name}/attention"], axis=-1)
    graph.node("MatMul", [f"{name}/attention", f"{name}/value"], [f"{name}/mixed"])
    weight = graph.weight(f"{name}/W_write", np.asarray(layer.write))
    graph.node("MatMul", [f"{name}/mixed", weight], [f"{name}/head_writes"])
    graph.node("ReduceSum", [f"{name}/head_writes", "heads_axis"], [f"{name}/write"], keepdims=0)
    graph.node("Add", [stream, f"{name}/write"], [name])


def _feedforward(graph: Graph, layer: Feedforward, stream: str) -> None:
    name = layer.name
    _normalise(graph, stream, name)
    read = graph.weight(f"{name}/W_read", np.asarray(layer.read))
    graph.node("MatMul", [f"{name}/normed", read], [f"{name}/sums"])
    graph.node("Relu", [f"{name}/sums"], [f"{name}/neurons"])
    write = graph.weight(f"{name}/W_write", np.asarray(layer.write))
    graph.node("MatMul", [f"{name}/neurons", write], [f"{name}/write"])
    graph.node("Add", [stream, f"{name}/write"], [name])


def _normalise(graph: Graph, stream: str, name: str) -> None:
    """`name`/normed: the stream divided by `name`/size, the root of its mean square."""
    graph.node("Mul", [stream, stream], [f"{name}/squares"])
    graph.node("ReduceMean", [f"{name}/squares", "last_axis"], [f"{name}/mean_square"], keepdims=1)
    graph.node("Add", [f"{name}/mean_square", "epsilon"], [f"{name}/above_zero"])
    graph.node("Sqrt", [f"{name}/above_zero"], [f"{name}/size"])
    graph.node("Div", [stream, f"{name}/size"], [f"{name}/normed"])


def differences(model: keras.Model, converted: onnx.ModelProto, ids: NDArray[np.int64]) -> dict[str, float]:
    """Largest difference between Keras and ONNX Runtime in each layer's output for `ids` (n, steps), relative to the
    layer's largest value if that is above 1.

    Raises ValueError if one exceeds TOLERANCE.
    """
    kept = [layer for layer in model.layers if not isinstance(layer, keras.layers.Dropout | keras.layers.InputLayer)]
    expected = keras.Model(model.inputs, [layer.output for layer in kept])([ids], training=False)
    names = [layer.name for layer in kept]
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
