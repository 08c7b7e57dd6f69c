"""Keras text model -> ONNX, straight from its weights: Gather, one native recurrent operator, the head.

tf2onnx would write Keras' masked recurrence as a `Loop` with a dozen operators for the mask alone; ONNX' recurrent
operators take the lengths of the sentences instead (`sequence_lens`), and never read what lies behind an end.
"""

import keras
import numpy as np
import onnx
import onnxruntime
from keras import layers
from numpy.typing import NDArray
from onnx import TensorProto, helper

from export.convert import TOLERANCE, gates
from glassbox.graph.named_graph import NamedGraph
from glassbox.graph.taps import tap

OPERATORS = {layers.SimpleRNN: "RNN", layers.GRU: "GRU", layers.LSTM: "LSTM"}
Sequences = dict[str, NDArray[np.generic]]
"""The feeds of a run: `ids`, `lengths` and, for a language model, its state."""


def classifier(model: keras.Model) -> onnx.ModelProto:
    """A Sequential of Embedding, recurrence and Dense(softmax) -> ids (N, T), lengths (N,) to probabilities (N, C)."""
    embedding, cell, head = (layer for layer in model.layers if not isinstance(layer, layers.Dropout))
    graph, steps = _begin(embedding)
    both = isinstance(cell, layers.Bidirectional)
    directions = (cell.forward_layer, cell.backward_layer) if both else (cell,)
    last = f"{cell.name}/last"
    _recurrence(graph, directions, cell.name, steps, ["states", last])
    if both:  # (directions, N, H) -> (N, directions * H)
        graph.node("Transpose", [last], [f"{last}/by_sentence"], perm=[1, 0, 2])
        graph.node("Flatten", [f"{last}/by_sentence"], [cell.name], axis=1)
    else:
        graph.node("Squeeze", [last, graph.weight(f"{cell.name}/direction", np.array([0], np.int64))], [cell.name])
    kernel, bias = head.get_weights()
    graph.node(
        "Gemm",
        [cell.name, graph.weight(f"{head.name}/kernel", kernel), graph.weight(f"{head.name}/bias", bias)],
        ["logits"],
    )
    graph.node("Softmax", ["logits"], [head.name], axis=-1)
    return graph.model(model.name, _sequences(), [_floats(head.name, "N", head.units)])


def language_model(model: keras.Model) -> onnx.ModelProto:
    """The language model of export/writing.py -> ids (N, T), lengths (N,) and a state to logits (N, T, V) of the next
    character at each step, and the state at the end: (N, H), of an LSTM `cell` too."""
    embedding, projection = model.get_layer("embedded"), model.get_layer("projection")
    cell = next(layer for layer in model.layers if type(layer) in OPERATORS)
    graph, steps = _begin(embedding)
    axis = graph.weight("direction", np.array([0], np.int64))
    kept = ["state", "cell"] if isinstance(cell, layers.LSTM) else ["state"]
    for name in kept:
        graph.node("Unsqueeze", [name, axis], [f"{name}/first"])
    _recurrence(
        graph,
        (cell,),
        cell.name,
        steps,
        ["states", *(f"{name}/last" for name in kept)],
        [f"{name}/first" for name in kept],
    )
    for name in kept:
        graph.node("Squeeze", [f"{name}/last", axis], [f"next_{name}"])
    one = graph.weight("directions", np.array([1], np.int64))
    graph.node("Squeeze", ["states", one], [f"{cell.name}/by_step"])
    graph.node("Transpose", [f"{cell.name}/by_step"], [cell.name], perm=[1, 0, 2])
    kernel, bias = projection.get_weights()
    graph.node("MatMul", [cell.name, graph.weight("projection/kernel", kernel)], ["projection/product"])
    graph.node("Add", ["projection/product", graph.weight("projection/bias", bias)], ["projection"])
    graph.node("Transpose", ["embedding"], ["embedding/transposed"], perm=[1, 0])
    graph.node("MatMul", ["projection", "embedding/transposed"], ["logits"])
    return graph.model(
        model.name,
        [*_sequences(), *(_floats(name, "N", cell.units) for name in kept)],
        [
            _floats("logits", "N", "T", embedding.input_dim),
            *(_floats(f"next_{name}", "N", cell.units) for name in kept),
        ],
    )


def differences(
    model: keras.Model, converted: onnx.ModelProto, ids: NDArray[np.int64], lengths: NDArray[np.int32]
) -> dict[str, float]:
    """Largest difference between Keras and ONNX Runtime in each layer's output for the sentences `ids` (n, steps) of
    `lengths` (n,), padding left out, relative to the layer's largest value if that is above 1.

    Raises ValueError if one exceeds TOLERANCE.
    """
    outputs = {
        layer.name: layer.output for layer in model.layers if not isinstance(layer, layers.Dropout | layers.InputLayer)
    }
    expected = keras.Model(model.inputs, outputs)([ids], training=False)
    session = onnxruntime.InferenceSession(
        tap(converted, list(outputs)).SerializeToString(), providers=["CPUExecutionProvider"]
    )
    actual = session.run(list(outputs), feeds(session, ids, lengths))
    inside = np.arange(ids.shape[1]) < lengths[:, None]
    result: dict[str, float] = {}
    for name, value in zip(outputs, actual, strict=True):
        reference = np.asarray(expected[name])
        if value.ndim == 3:
            reference, value = reference[inside], value[inside]
        worst = float(np.abs(value - reference).max()) / max(1.0, float(np.abs(reference).max()))
        if worst > TOLERANCE:
            raise ValueError(f"layer {name!r} of {model.name} differs from Keras by {worst:.2e}")
        result[name] = worst
    return result


def feeds(session: onnxruntime.InferenceSession, ids: NDArray[np.int64], lengths: NDArray[np.int32]) -> Sequences:
    """What a session takes for the sentences `ids` (n, steps) of `lengths` (n,), with states of zero."""
    given: Sequences = {"ids": ids, "lengths": lengths.astype(np.int32)}
    return given | {
        entry.name: np.zeros((len(ids), entry.shape[1]), np.float32)
        for entry in session.get_inputs()
        if entry.name not in given
    }


def _begin(embedding: layers.Embedding) -> tuple[NamedGraph, str]:
    graph = NamedGraph()
    graph.node("Gather", [graph.weight("embedding", embedding.get_weights()[0]), "ids"], [embedding.name], axis=0)
    graph.node("Transpose", [embedding.name], ["steps"], perm=[1, 0, 2])
    return graph, "steps"


def _recurrence(
    graph: NamedGraph,
    directions: tuple[keras.Layer, ...],
    name: str,
    steps: str,
    outputs: list[str],
    first: list[str] | None = None,
) -> None:
    """The native operator for one or two of Keras' recurrent layers, which read `steps` (T, N, E) from both ends."""
    operator = OPERATORS[type(directions[0])]
    stacked = [np.stack(arrays) for arrays in zip(*(_weights(cell, operator) for cell in directions), strict=True)]
    weights = [
        graph.weight(f"{name}/{part}", array)
        for part, array in zip(("kernel", "recurrent_kernel", "bias"), stacked, strict=True)
    ]
    attributes: dict[str, object] = {"hidden_size": directions[0].units}
    if operator == "GRU":
        attributes["linear_before_reset"] = 1
    if len(directions) == 2:
        attributes["direction"] = "bidirectional"
    graph.node(operator, [steps, *weights, "lengths", *(first or [])], outputs, **attributes)


def _weights(cell: keras.Layer, operator: str) -> list[NDArray[np.float32]]:
    """Keras' weights as ONNX wants them: gates in its order, transposed, and two biases a gate."""
    kernel, recurrent, bias = cell.get_weights()
    biases = bias if bias.ndim == 2 else np.stack([bias, np.zeros_like(bias)])
    return [gates(kernel, operator).T, gates(recurrent, operator).T, gates(biases, operator).reshape(-1)]


def _sequences() -> list[onnx.ValueInfoProto]:
    return [
        helper.make_tensor_value_info("ids", TensorProto.INT64, ["N", "T"]),
        helper.make_tensor_value_info("lengths", TensorProto.INT32, ["N"]),
    ]


def _floats(name: str, *shape: int | str) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
