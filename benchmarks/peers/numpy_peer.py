"""The article's networks and a step of training as a learner would write them in NumPy."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Array = NDArray[np.float32]


def run(name: str, weights: Mapping[str, NDArray[Any]], x: Array) -> Callable[[], Array]:
    """Return the network `name` of the article, of its ONNX model's weights, on pictures x (N, 28, 28)."""
    return lambda: {"mlp": _mlp, "cnn": _cnn, "rnn": _rnn}[name](weights, x)


def _mlp(w: Mapping[str, NDArray[Any]], x: Array) -> Array:
    hidden = np.maximum(x.reshape(len(x), -1) @ w["hidden/kernel"] + w["hidden/bias"], 0)
    return hidden @ w["logits/kernel"] + w["logits/bias"]


def _cnn(w: Mapping[str, NDArray[Any]], x: Array) -> Array:
    kernel = w["conv/kernel"].reshape(32, 9).T
    cells = sliding_window_view(x, (3, 3), axis=(1, 2)).reshape(len(x), 26, 26, 9)
    maps = np.maximum(cells @ kernel + w["conv/bias"], 0)
    pooled = maps.reshape(len(x), 13, 2, 13, 2, 32).max((2, 4))
    flat = pooled.transpose(0, 3, 1, 2).reshape(len(x), -1)
    return _softmax(flat @ w["probabilities/kernel"] + w["probabilities/bias"])


def _rnn(w: Mapping[str, NDArray[Any]], x: Array) -> Array:
    kernel, recurrent = w["rnn/kernel"][0].T, w["rnn/recurrent_kernel"][0].T
    bias = w["rnn/bias"].reshape(2, -1).sum(0)
    h = np.zeros((len(x), len(recurrent)), np.float32)
    for t in range(x.shape[1]):
        h = np.maximum(x[:, t] @ kernel + h @ recurrent + bias, 0)
    return _softmax(h @ w["probabilities/kernel"] + w["probabilities/bias"])


def _softmax(z: Array) -> Array:
    powers = np.exp(z - z.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def dense(weights: Sequence[tuple[Array, Array]], x: Array) -> Callable[[], Array]:
    """Return dense layers with Relu between them, (kernel, bias) each, on x (N, size)."""

    def forward() -> Array:
        y = x
        for i, (kernel, bias) in enumerate(weights):
            y = y @ kernel + bias
            y = y if i == len(weights) - 1 else np.maximum(y, 0)
        return y

    return forward


def train(weights: Sequence[Sequence[Array]], batches: Iterable[Array], targets: Iterable[Array], tanh: bool) -> None:
    """Make a step of gradient descent for each batch: dense layers, squared error, rate 0.01; `weights` change."""
    for x, t in zip(batches, targets, strict=True):
        layers = [x]
        for i, (w, b) in enumerate(weights):
            z = layers[-1] @ w + b
            layers.append(z if i == len(weights) - 1 else np.tanh(z) if tanh else np.maximum(z, 0))
        delta = (layers[-1] - t) * np.float32(2 / t.size)
        for i in range(len(weights) - 1, -1, -1):
            w, b = weights[i]
            back = delta @ w.T
            w -= np.float32(0.01) * (layers[i].T @ delta)
            b -= np.float32(0.01) * delta.sum(0)
            if i:
                delta = back * (1 - layers[i] ** 2 if tanh else layers[i] > 0)
