"""Keras transformer -> ONNX: its weights, by the names that `glassbox.graph.transformer_writer` writes the graph from.

A tensor is named after its Keras layer.
"""

import keras
import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray

from export.convert import TOLERANCE
from export.transformer import Attention, Embedded, Feedforward
from glassbox.graph.taps import tap
from glassbox.graph.transformer_writer import write_transformer


def convert(model: keras.Model) -> onnx.ModelProto:
    """The model of export/transformer.py -> ids (N, T), T up to its context, to logits (N, T, V) of the next token."""
    return write_transformer(weights(model), model.name)


def weights(model: keras.Model) -> dict[str, NDArray[np.float32]]:
    """The model's weights by their names in the graph."""
    found: dict[str, NDArray[np.float32]] = {}
    for layer in model.layers:
        if isinstance(layer, Embedded):
            found |= {"embedding": np.asarray(layer.tokens), "places": np.asarray(layer.places)}
        elif isinstance(layer, Attention | Feedforward):
            parts = ("query", "key", "value", "write") if isinstance(layer, Attention) else ("read", "write")
            found |= {f"{layer.name}/W_{part}": np.asarray(getattr(layer, part)) for part in parts}
    return found


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
