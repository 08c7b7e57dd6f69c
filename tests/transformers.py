"""Small transformers: their ONNX graph, as export/transformer_convert.py writes it, and the same in plain NumPy."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray
from onnx import ModelProto, TensorProto, checker, helper, numpy_helper, shape_inference

Array = NDArray[Any]
EPSILON, MASKED = 1e-6, -1e9


@dataclass(frozen=True)
class Shape:
    """Sizes; `size`: numbers in a head's query, key or value; `neurons` 0 for attention only; `biases` where a graph
    may have them, though the exported ones do without."""

    vocabulary: int
    context: int
    layers: int
    heads: int
    size: int
    width: int
    neurons: int
    biases: bool = False


shapes = st.builds(
    Shape,
    vocabulary=st.integers(2, 9),
    context=st.integers(1, 7),
    layers=st.integers(1, 3),
    heads=st.integers(1, 4),
    size=st.integers(1, 4),
    width=st.integers(2, 9),
    neurons=st.sampled_from([0, 1, 5]),
    biases=st.booleans(),
)


def weights(shape: Shape, seed: int = 0) -> dict[str, Array]:
    """Random float32 weights by the names in the graph."""
    rng = np.random.default_rng(seed)
    sizes: dict[str, tuple[int, ...]] = {
        "embedding": (shape.vocabulary, shape.width),
        "places": (shape.context, shape.width),
    }
    for i in range(shape.layers):
        for part in ("query", "key", "value"):
            sizes[f"attention{i}/W_{part}"] = (shape.heads, shape.width, shape.size)
        sizes[f"attention{i}/W_write"] = (shape.heads, shape.size, shape.width)
        if shape.biases:
            sizes[f"attention{i}/b_write"] = (shape.width,)
        if shape.neurons:
            sizes[f"feedforward{i}/W_read"] = (shape.width, shape.neurons)
            sizes[f"feedforward{i}/W_write"] = (shape.neurons, shape.width)
            if shape.biases:
                sizes[f"feedforward{i}/b_write"] = (shape.width,)
    if shape.biases:
        sizes["b_logits"] = (shape.vocabulary,)
    return {name: rng.normal(0, 0.7, size).astype(np.float32) for name, size in sizes.items()}


class Graph:
    """A graph in the making."""

    def __init__(self, held: dict[str, Array]) -> None:
        self.nodes: list[Any] = []
        self.held = dict(held)

    def node(self, operator: str, inputs: str, output: str, **attributes: Any) -> None:
        self.nodes.append(helper.make_node(operator, inputs.split(), [output], name=output, **attributes))

    def norm(self, stream: str, name: str) -> None:
        self.node("Mul", f"{stream} {stream}", f"{name}/squares")
        self.node("ReduceMean", f"{name}/squares last_axis", f"{name}/mean_square", keepdims=1)
        self.node("Add", f"{name}/mean_square epsilon", f"{name}/above_zero")
        self.node("Sqrt", f"{name}/above_zero", f"{name}/size")
        self.node("Div", f"{stream} {name}/size", f"{name}/normed")

    def biased(self, product: str, bias: str) -> str:
        """The name of `product` with `bias` added, where that is held."""
        if bias not in self.held:
            return product
        self.node("Add", f"{product} {bias}", f"{product}/biased")
        return f"{product}/biased"


def model(shape: Shape, held: dict[str, Array]) -> ModelProto:
    """int64 ids (N, T) -> logits (N, T, vocabulary)."""
    graph = Graph(held)
    graph.held |= {
        "one": np.array(1),
        "first_axis": np.array(0),
        "heads_axis": np.array([1]),
        "last_axis": np.array([-1]),
    }
    graph.held |= {"behind": np.float32(MASKED), "diagonal": np.array(1), "epsilon": np.float32(EPSILON)}
    graph.node("Gather", "embedding ids", "embedded/token", axis=0)
    graph.node("Shape", "ids", "steps", start=1, end=2)
    graph.node("Expand", "one steps", "embedded/ones")
    graph.node("CumSum", "embedded/ones first_axis", "embedded/number", exclusive=1)
    graph.node("Gather", "places embedded/number", "embedded/place", axis=0)
    graph.node("Add", "embedded/token embedded/place", "embedded")
    graph.node("Concat", "steps steps", "mask/shape", axis=0)
    graph.node("Expand", "behind mask/shape", "mask/everywhere")
    graph.node("Trilu", "mask/everywhere diagonal", "mask", upper=1)
    stream = "embedded"
    for i in range(shape.layers):
        stream = _attention(graph, f"attention{i}", stream, shape.size)
        stream = _feedforward(graph, f"feedforward{i}", stream) if shape.neurons else stream
    graph.norm(stream, "logits")
    graph.node("Transpose", "embedding", "unembedding", perm=[1, 0])
    graph.node("MatMul", "logits/normed unembedding", "logits/product" if shape.biases else "logits")
    if shape.biases:
        graph.node("Add", "logits/product b_logits", "logits")
    ids = helper.make_tensor_value_info("ids", TensorProto.INT64, ["N", "T"])
    logits = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["N", "T", shape.vocabulary])
    constants = [numpy_helper.from_array(np.asarray(array), name) for name, array in graph.held.items()]
    made = helper.make_graph(graph.nodes, "transformer", [ids], [logits], constants)
    whole = helper.make_model(made, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
    checker.check_model(whole, full_check=True)
    return shape_inference.infer_shapes(whole, strict_mode=True, data_prop=True)


def _attention(graph: Graph, name: str, stream: str, size: int) -> str:
    graph.norm(stream, name)
    graph.node("Unsqueeze", f"{name}/normed heads_axis", f"{name}/read")
    for part in ("query", "key", "value"):
        graph.node("MatMul", f"{name}/read {name}/W_{part}", f"{name}/{part}")
    graph.node("Transpose", f"{name}/key", f"{name}/key_transposed", perm=[0, 1, 3, 2])
    graph.node("MatMul", f"{name}/query {name}/key_transposed", f"{name}/products")
    graph.held[f"{name}/scale"] = np.float32(size**-0.5)
    graph.node("Mul", f"{name}/products {name}/scale", f"{name}/scores")
    graph.node("Add", f"{name}/scores mask", f"{name}/masked")
    graph.node("Softmax", f"{name}/masked", f"{name}/attention", axis=-1)
    graph.node("MatMul", f"{name}/attention {name}/value", f"{name}/mixed")
    graph.node("MatMul", f"{name}/mixed {name}/W_write", f"{name}/head_writes")
    graph.node("ReduceSum", f"{name}/head_writes heads_axis", f"{name}/write", keepdims=0)
    graph.node("Add", f"{stream} {graph.biased(f'{name}/write', f'{name}/b_write')}", name)
    return name


def _feedforward(graph: Graph, name: str, stream: str) -> str:
    graph.norm(stream, name)
    graph.node("MatMul", f"{name}/normed {name}/W_read", f"{name}/sums")
    graph.node("Relu", f"{name}/sums", f"{name}/neurons")
    graph.node("MatMul", f"{name}/neurons {name}/W_write", f"{name}/write")
    graph.node("Add", f"{stream} {graph.biased(f'{name}/write', f'{name}/b_write')}", name)
    return name


@dataclass
class Computed:
    """One text in float64, position by position: `streams`, T vectors behind the embedding and each layer; what was
    added to them, by (layer, head, position, source), (layer, neuron, position) and (layer, "attention" or
    "feedforward") of the biases; the logits (T, vocabulary)."""

    streams: list[Array] = field(default_factory=list)
    heads: dict[tuple[int, int, int, int], Array] = field(default_factory=dict)
    neurons: dict[tuple[int, int, int], Array] = field(default_factory=dict)
    biases: dict[tuple[int, str], Array] = field(default_factory=dict)
    logits: Array = field(default_factory=lambda: np.empty(0))


def norm(vector: Array) -> Array:
    """The vector divided by the root of its mean square."""
    return vector / np.sqrt(np.mean(vector**2) + EPSILON)


def compute(shape: Shape, held: dict[str, Array], ids: list[int]) -> Computed:
    """The formulas one number at a time, in no way that the graph takes."""
    w = {name: array.astype(np.float64) for name, array in held.items()}
    steps, found = range(len(ids)), Computed()
    stream = np.array([w["embedding"][ids[t]] + w["places"][t] for t in steps])
    found.streams.append(stream)
    for i in range(shape.layers):
        name, read, after = f"attention{i}", [norm(stream[t]) for t in steps], stream.copy()
        for head in range(shape.heads):
            query, key, value = (w[f"{name}/W_{part}"][head] for part in ("query", "key", "value"))
            for t in steps:
                scores = [read[t] @ query @ (read[s] @ key) / np.sqrt(shape.size) for s in range(t + 1)]
                shares = np.exp(scores) / np.sum(np.exp(scores))
                for s in range(t + 1):
                    written = shares[s] * (read[s] @ value @ w[f"{name}/W_write"][head])
                    found.heads[i, head, t, s] = written
                    after[t] += written
        if shape.biases:
            after += w[f"{name}/b_write"]
            found.biases[i, "attention"] = w[f"{name}/b_write"]
        stream = after
        if shape.neurons:
            after = stream.copy()
            for t in steps:
                for n in range(shape.neurons):
                    active = max(0.0, float(norm(stream[t]) @ w[f"feedforward{i}/W_read"][:, n]))
                    found.neurons[i, n, t] = active * w[f"feedforward{i}/W_write"][n]
                    after[t] += found.neurons[i, n, t]
            if shape.biases:
                after += w[f"feedforward{i}/b_write"]
                found.biases[i, "feedforward"] = w[f"feedforward{i}/b_write"]
            stream = after
        found.streams.append(stream)
    found.logits = np.array([w["embedding"] @ norm(stream[t]) for t in steps]) + w.get("b_logits", 0.0)
    return found
