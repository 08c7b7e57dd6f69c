"""The article's three networks as Keras builds them, converted as the shipped ones are, and what they read."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, numpy_helper

from glassbox.digits import strokes
from glassbox.digits.tensors import rescaled

ARTICLE = ("mlp", "cnn", "rnn")


@dataclass(frozen=True)
class Network:
    """One network, new, with random weights: `keras`, and `onnx` made of it."""

    name: str
    keras: Any
    onnx: ModelProto

    @cached_property
    def weights(self) -> Mapping[str, NDArray[Any]]:
        """Return the initialisers of the ONNX model by name."""
        return {tensor.name: numpy_helper.to_array(tensor) for tensor in self.onnx.graph.initializer}

    def keras_input(self, count: int) -> NDArray[np.float32]:
        """Return `count` pictures in the shape of Keras' input: channels last."""
        return pictures(count).reshape(count, *self.keras.input_shape[1:])

    def onnx_input(self, count: int) -> NDArray[np.float32]:
        """Return the same pictures in the shape of the ONNX model's input: channels first."""
        sizes = self.onnx.graph.input[0].type.tensor_type.shape.dim[1:]
        return pictures(count).reshape(count, *(size.dim_value for size in sizes))


def article(name: str) -> Network:
    """Return a network of the article. Needs TensorFlow: see benchmarks/requirements.txt."""
    import benchmarks.peers.tensorflow_peer  # noqa: F401 (it says how many threads before anything runs)
    from export.convert import convert

    model = import_module(f"export.models.{name}").build()
    return Network(name, model, convert(model))


def pictures(count: int) -> NDArray[np.float32]:
    """Return `count` drawn digits, (count, 28, 28) in [0, 1]: much empty paper, so that cells of a window tie."""
    drawn = rescaled(np.stack([strokes.draw(one.strokes, 28, 2.5) for one in strokes.SAMPLES]))
    return np.resize(drawn, (count, 28, 28))
