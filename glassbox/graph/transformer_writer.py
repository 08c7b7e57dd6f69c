"""The ONNX graph of a decoder-only transformer, written from its weights so that it can be read.

Each layer's heads stand side by side on an axis of their own, and what each of them writes is a tensor by itself,
(N, heads, T, width), summed afterwards: attention0/scores, attention0/attention and attention0/head_writes; attention0
is the stream behind that layer. There is nothing between the parts of a logit and their sum: norms have no gains.

Vaswani et al., "Attention Is All You Need", 2017, https://arxiv.org/abs/1706.03762
Norm: Zhang and Sennrich, "Root Mean Square Layer Normalization", 2019, https://arxiv.org/abs/1910.07467
Output by the transposed embedding: Press and Wolf, 2017, https://arxiv.org/abs/1608.05859
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, TensorProto, helper, numpy_helper

from glassbox.graph.model import Model, constants, read
from glassbox.graph.named_graph import NamedGraph

EPSILON = 1e-6
"""Added to the mean square before its root is taken."""
MASKED = -1e9
"""Added to the scores of what stands behind a token: e to that is 0."""

Weights = Mapping[str, NDArray[Any]]
_CONSTANTS: Weights = {
    "one": np.array([1], np.int64),
    "first_axis": np.array([0], np.int64),
    "heads_axis": np.array([1], np.int64),
    "last_axis": np.array([-1], np.int64),
    "behind": np.array([MASKED], np.float32),
    "diagonal": np.array([1], np.int64),
    "epsilon": np.array([EPSILON], np.float32),
}


def write_transformer(weights: Weights, name: str = "transformer") -> ModelProto:
    """Return the model: ids int64 (N, T), T up to the context, to logits (N, T, vocabulary) of the next token.

    `weights`, float32: "embedding" (vocabulary, width) and "places" (context, width); for each layer I from 0
    "attentionI/W_query", "attentionI/W_key" and "attentionI/W_value" (heads, width, size) and "attentionI/W_write"
    (heads, size, width); with neurons "feedforwardI/W_read" (width, neurons) and "feedforwardI/W_write"
    (neurons, width). Biases are optional: "attentionI/b_write" and "feedforwardI/b_write" (width,), "b_logits"
    (vocabulary,). Raises KeyError where one of the others is missing.
    """
    graph = NamedGraph()
    for constant, value in _CONSTANTS.items():
        graph.weight(constant, value)
    _embed(graph, weights)
    stream = "embedded"
    for layer in range(layers(weights)):
        stream = _attention(graph, weights, f"attention{layer}", stream)
        if f"feedforward{layer}/W_read" in weights:
            stream = _feedforward(graph, weights, f"feedforward{layer}", stream)
    _logits(graph, weights, stream)
    ids = helper.make_tensor_value_info("ids", TensorProto.INT64, ["N", "T"])
    logits = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["N", "T", len(weights["embedding"])])
    return graph.model(name, [ids], [logits])


def layers(weights: Weights) -> int:
    """Return how many layers there are."""
    return sum(name.endswith("/W_query") for name in weights)


def weights_of(model: Model) -> Weights:
    """Return the weights that `write_transformer` wrote `model` from, by their names.

    Raises ValueError where it did not: for a node or a constant of another kind, and for what is no ONNX model.
    """
    graph = read(model).graph
    held = constants(graph)
    try:
        written = write_transformer(held, graph.name).graph
    except Exception as error:  # a weight is missing, or of a shape that fits no other
        raise ValueError(f"{_REFUSED}: {error}") from error
    if list(written.node) != list(graph.node) or any(
        not np.array_equal(held[tensor.name], numpy_helper.to_array(tensor)) for tensor in written.initializer
    ):
        raise ValueError(_REFUSED)
    return {name: array for name, array in held.items() if name not in _CONSTANTS and not name.endswith("/scale")}


_REFUSED = "not a transformer as glassbox.graph.transformer_writer writes it"


def _embed(graph: NamedGraph, weights: Weights) -> None:
    """Each token's embedding plus its place's; and the mask, which all layers share."""
    for name in ("embedding", "places"):
        graph.weight(name, weights[name])
    graph.node("Gather", ["embedding", "ids"], ["embedded/token"], axis=0)
    graph.node("Shape", ["ids"], ["steps"], start=1, end=2)
    graph.node("Expand", ["one", "steps"], ["embedded/ones"])  # not Slice, of whose result no shape can be told
    graph.node("CumSum", ["embedded/ones", "first_axis"], ["embedded/number"], exclusive=1)
    graph.node("Gather", ["places", "embedded/number"], ["embedded/place"], axis=0)
    graph.node("Add", ["embedded/token", "embedded/place"], ["embedded"])
    graph.node("Concat", ["steps", "steps"], ["mask/shape"], axis=0)
    graph.node("Expand", ["behind", "mask/shape"], ["mask/everywhere"])
    graph.node("Trilu", ["mask/everywhere", "diagonal"], ["mask"], upper=1)


def _attention(graph: NamedGraph, weights: Weights, name: str, stream: str) -> str:
    _normalise(graph, stream, name)
    graph.node("Unsqueeze", [f"{name}/normed", "heads_axis"], [f"{name}/read"])
    for part in ("query", "key", "value"):
        weight = graph.weight(f"{name}/W_{part}", weights[f"{name}/W_{part}"])
        graph.node("MatMul", [f"{name}/read", weight], [f"{name}/{part}"])
    graph.node("Transpose", [f"{name}/key"], [f"{name}/key_transposed"], perm=[0, 1, 3, 2])
    graph.node("MatMul", [f"{name}/query", f"{name}/key_transposed"], [f"{name}/products"])
    size = weights[f"{name}/W_query"].shape[2]
    scale = graph.weight(f"{name}/scale", np.array([size**-0.5], np.float32))
    graph.node("Mul", [f"{name}/products", scale], [f"{name}/scores"])
    graph.node("Add", [f"{name}/scores", "mask"], [f"{name}/masked"])
    graph.node("Softmax", [f"{name}/masked"], [f"{name}/attention"], axis=-1)
    graph.node("MatMul", [f"{name}/attention", f"{name}/value"], [f"{name}/mixed"])
    write = graph.weight(f"{name}/W_write", weights[f"{name}/W_write"])
    graph.node("MatMul", [f"{name}/mixed", write], [f"{name}/head_writes"])
    graph.node("ReduceSum", [f"{name}/head_writes", "heads_axis"], [f"{name}/write"], keepdims=0)
    return _add_to_stream(graph, weights, name, stream)


def _feedforward(graph: NamedGraph, weights: Weights, name: str, stream: str) -> str:
    _normalise(graph, stream, name)
    read = graph.weight(f"{name}/W_read", weights[f"{name}/W_read"])
    graph.node("MatMul", [f"{name}/normed", read], [f"{name}/sums"])
    graph.node("Relu", [f"{name}/sums"], [f"{name}/neurons"])
    write = graph.weight(f"{name}/W_write", weights[f"{name}/W_write"])
    graph.node("MatMul", [f"{name}/neurons", write], [f"{name}/write"])
    return _add_to_stream(graph, weights, name, stream)


def _add_to_stream(graph: NamedGraph, weights: Weights, name: str, stream: str) -> str:
    written = f"{name}/write"
    if (bias := f"{name}/b_write") in weights:
        graph.weight(bias, weights[bias])
        graph.node("Add", [written, bias], [f"{written}/biased"])
        written = f"{written}/biased"
    graph.node("Add", [stream, written], [name])
    return name


def _logits(graph: NamedGraph, weights: Weights, stream: str) -> None:
    _normalise(graph, stream, "logits")
    graph.node("Transpose", ["embedding"], ["unembedding"], perm=[1, 0])
    biased = "b_logits" in weights
    graph.node("MatMul", ["logits/normed", "unembedding"], ["logits/product" if biased else "logits"])
    if biased:
        graph.weight("b_logits", weights["b_logits"])
        graph.node("Add", ["logits/product", "b_logits"], ["logits"])


def _normalise(graph: NamedGraph, stream: str, name: str) -> None:
    """`name`/normed: the stream divided by `name`/size, the root of its mean square."""
    graph.node("Mul", [stream, stream], [f"{name}/squares"])
    graph.node("ReduceMean", [f"{name}/squares", "last_axis"], [f"{name}/mean_square"], keepdims=1)
    graph.node("Add", [f"{name}/mean_square", "epsilon"], [f"{name}/above_zero"])
    graph.node("Sqrt", [f"{name}/above_zero"], [f"{name}/size"])
    graph.node("Div", [stream, f"{name}/size"], [f"{name}/normed"])
