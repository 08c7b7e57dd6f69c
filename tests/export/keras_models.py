"""The six networks as Keras builds them, with weights that are not at rest, and digits as a real pen leaves them."""

import importlib
from functools import cache

import keras
import numpy as np
import onnx

from export.convert import convert


def network(name: str) -> tuple[keras.Model, onnx.ModelProto]:
    """The Keras model with random weights and biases, and its ONNX graph."""
    keras.utils.set_random_seed(3)
    model = importlib.import_module(f"export.models.{name}").build()
    rng = np.random.default_rng(3)
    for weight in model.weights:
        if "bias" in weight.path:  # zero at first: every flat part of a picture would sit on the kink of Relu
            weight.assign(rng.normal(0, 0.1, weight.shape))
    return model, convert(model)


@cache
def digits(count: int) -> np.ndarray:
    """Strokes on an empty page, (count, 28, 28) float32 in [0, 1]: mostly flat, black or white, as digits are. The same
    array each time, read-only: a thousand take a second."""
    rng = np.random.default_rng(4)
    pages = np.zeros((count, 28, 28), np.float32)
    for page in pages:
        row, column = rng.integers(4, 24, 2)
        for _ in range(40):
            page[row : row + 3, column : column + 3] = 1
            page[row - 1, column : column + 3] = np.maximum(page[row - 1, column : column + 3], 0.5)
            row, column = np.clip(np.add((row, column), rng.integers(-2, 3, 2)), 1, 24)
    pages.flags.writeable = False
    return pages
