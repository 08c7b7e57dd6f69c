"""The graph that a transformer writes with: it keeps each head's keys and values and reads only what is new.

The first graph, of `glassbox.graph.transformer_writer`, reads the whole text for each token. This one computes the same
from the same weights, with one product for all heads' queries, keys and values, with ONNX's operators Attention and
RMSNormalization (opset 23, https://onnx.ai/onnx/operators/onnx__Attention.html) and logits behind the last token alone.

The standard wants Attention's past and present both or neither, and ONNX Runtime 1.32 refuses a past without a present
(https://github.com/microsoft/onnxruntime/issues/26262). So there are always both: the first tokens' past has no tokens.
With a past, `is_causal` lets each new token read all of it and the new tokens up to itself, on ONNX Runtime's CPU too.
"""

import numpy as np
from onnx import ModelProto, TensorProto, ValueInfoProto, helper

from glassbox.graph.model import Model, read
from glassbox.graph.named_graph import NamedGraph
from glassbox.graph.transformer_writer import EPSILON, Weights, layers, weights_of

PAST, PRESENT = "past_", "present_"
"""What the names of the cache's tensors begin with as it comes in and as it goes out: past_key0, present_value3."""
_OPSET, _IR_VERSION = 23, 11


def with_cache(model: Model) -> ModelProto:
    """Return the graph that writes with the weights of `model`, which `write_transformer` wrote.

    Inputs: `ids` int64 (N, T), the new tokens; for each layer I `past_keyI` and `past_valueI` (N, heads, P, size), the
    keys and values of the P tokens before them, 0 at first; P + T up to the context. Outputs: `logits` (N, vocabulary)
    of the token behind the last; `present_keyI` and `present_valueI` (N, heads, P + T, size), the next run's past.
    Raises ValueError for a model that `write_transformer` did not write.
    """
    weights, graph = weights_of(model), NamedGraph()
    vocabulary, width = weights["embedding"].shape
    graph.weight("gains", np.ones(width, np.float32))
    stream = _embed(graph, weights)
    past, present = [], []
    for layer in range(layers(weights)):
        stream = _attention(graph, weights, layer, stream)
        stream = _feedforward(graph, weights, layer, stream)
        heads, _, size = weights[f"attention{layer}/W_key"].shape
        past += [_floats(f"{PAST}{part}{layer}", "N", heads, "P", size) for part in ("key", "value")]
        present += [_floats(f"{PRESENT}{part}{layer}", "N", heads, "P + T", size) for part in ("key", "value")]
    _logits(graph, weights, stream)
    ids = helper.make_tensor_value_info("ids", TensorProto.INT64, ["N", "T"])
    return graph.model(
        read(model).graph.name, [ids, *past], [_floats("logits", "N", vocabulary), *present], _OPSET, _IR_VERSION
    )


def _embed(graph: NamedGraph, weights: Weights) -> str:
    """Each new token's embedding plus its place's, which is counted on from the past."""
    for name in ("embedding", "places"):
        graph.weight(name, weights[name])
    graph.weight("first_axis", np.array(0, np.int64))
    graph.node("Gather", ["embedding", "ids"], ["embedded/token"], axis=0)
    graph.node("Shape", ["ids"], ["steps"], start=1, end=2)
    graph.node("Shape", [f"{PAST}key0"], ["before"], start=2, end=3)
    one = helper.make_tensor("one", TensorProto.INT64, [1], [1])
    graph.node("ConstantOfShape", ["steps"], ["embedded/ones"], value=one)
    graph.node("CumSum", ["embedded/ones", "first_axis"], ["embedded/index"], exclusive=1)
    graph.node("Add", ["embedded/index", "before"], ["embedded/number"])
    graph.node("Gather", ["places", "embedded/number"], ["embedded/place"], axis=0)
    graph.node("Add", ["embedded/token", "embedded/place"], ["embedded"])
    return "embedded"


def _attention(graph: NamedGraph, weights: Weights, layer: int, stream: str) -> str:
    name = f"attention{layer}"
    heads, width, size = weights[f"{name}/W_query"].shape
    parts = [weights[f"{name}/W_{part}"].transpose(1, 0, 2).reshape(width, -1) for part in ("query", "key", "value")]
    graph.weight(f"{name}/W_read", np.concatenate(parts, axis=1))
    graph.weight(f"{name}/W_write", weights[f"{name}/W_write"].reshape(heads * size, width))
    new = [f"{name}/query", f"{name}/key", f"{name}/value"]
    graph.node("MatMul", [_normed(graph, stream, name), f"{name}/W_read"], [f"{name}/read"])
    graph.node("Split", [f"{name}/read"], new, axis=-1, num_outputs=3)
    graph.node(
        "Attention",
        [*new, "", f"{PAST}key{layer}", f"{PAST}value{layer}"],
        [f"{name}/mixed", f"{PRESENT}key{layer}", f"{PRESENT}value{layer}"],
        q_num_heads=heads,
        kv_num_heads=heads,
        is_causal=1,
    )
    graph.node("MatMul", [f"{name}/mixed", f"{name}/W_write"], [f"{name}/write"])
    return _added(graph, weights, name, stream)


def _feedforward(graph: NamedGraph, weights: Weights, layer: int, stream: str) -> str:
    """The stream behind the layer's neurons; `stream` itself where it has none."""
    name = f"feedforward{layer}"
    if f"{name}/W_read" not in weights:
        return stream
    for part in ("W_read", "W_write"):
        graph.weight(f"{name}/{part}", weights[f"{name}/{part}"])
    graph.node("MatMul", [_normed(graph, stream, name), f"{name}/W_read"], [f"{name}/sums"])
    graph.node("Relu", [f"{name}/sums"], [f"{name}/neurons"])
    graph.node("MatMul", [f"{name}/neurons", f"{name}/W_write"], [f"{name}/write"])
    return _added(graph, weights, name, stream)


def _added(graph: NamedGraph, weights: Weights, name: str, stream: str) -> str:
    """The stream with what the layer writes, and its bias where it has one."""
    if (bias := f"{name}/b_write") in weights:
        graph.node("Add", [stream, graph.weight(bias, weights[bias])], [f"{name}/biased"])
        stream = f"{name}/biased"
    graph.node("Add", [stream, f"{name}/write"], [name])
    return name


def _logits(graph: NamedGraph, weights: Weights, stream: str) -> None:
    graph.node("Gather", [stream, graph.weight("last", np.array(-1, np.int64))], ["logits/last"], axis=1)
    graph.node("Transpose", ["embedding"], ["unembedding"], perm=[1, 0])
    biased = "b_logits" in weights
    graph.node(
        "MatMul",
        [_normed(graph, "logits/last", "logits"), "unembedding"],
        ["logits/product" if biased else "logits"],
    )
    if biased:
        graph.node("Add", ["logits/product", graph.weight("b_logits", weights["b_logits"])], ["logits"])


def _normed(graph: NamedGraph, stream: str, name: str) -> str:
    graph.node("RMSNormalization", [stream, "gains"], [f"{name}/normed"], axis=-1, epsilon=EPSILON)
    return f"{name}/normed"


def _floats(name: str, *shape: str | int) -> ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
