"""Probabilities from the output of a classifier: the softmax, and temperature scaling.

Guo et al., "On Calibration of Modern Neural Networks", 2017, https://arxiv.org/abs/1706.04599
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

_SMALLEST = np.finfo(np.float32).tiny  # what a float32 softmax rounds to 0 was somewhere below this


def softmax(logits: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Return e^z / sum of e^z over the last axis of `logits` (..., labels), in float64; -inf becomes 0."""
    powers = np.exp(logits.astype(np.float64) - logits.max(axis=-1, keepdims=True))  # at most 1, whatever the logits
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def calibrated(output: NDArray[np.floating[Any]], kind: str, temperature: float) -> NDArray[np.float64]:
    """Return the probabilities (..., labels) of a model's output (..., labels): softmax(logits / temperature).

    `kind` is that of the output: "logits", or "probabilities", which go back to logits by their logarithm, so that a
    temperature of 1 leaves them as they are.
    """
    values = output.astype(np.float64)
    logits = np.log(np.maximum(values, _SMALLEST)) if kind == "probabilities" else values
    return softmax(logits / temperature)
