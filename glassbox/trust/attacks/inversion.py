"""Model inversion: gradient descent from an empty picture to the one that a network takes for a label most surely.

Fredrikson et al., "Model inversion attacks that exploit confidence information", 2015,
https://doi.org/10.1145/2810103.2813677
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glassbox.explain.attribution.methods import SIDE, Network

STEPS = 100
STRIDE = 0.25
"""The length of the first step: the root of the sum of squares over the pixels (a digit of MNIST is about 9 long)."""
LONGER, SHORTER = 1.1, 0.5
"""What a step's length is multiplied by after one that helped, and after one that did not and is taken back."""


@dataclass(frozen=True)
class Inverted:
    """The inverted pictures (n, 28, 28) in [0, 1] of `labels` (n,), and their squared errors (n,)."""

    labels: NDArray[np.int64]
    pictures: NDArray[np.float32]
    losses: NDArray[np.float64]


def invert(network: Network, labels: NDArray[np.int64], steps: int = STEPS) -> Inverted:
    """Return for each of `labels` (n,) the picture on which the network answers that label and no other.

    From the empty picture, `steps` steps down the gradient of the squared error by the pixels, each brought back into
    [0, 1], and taken back if the error does not fall. The gradient is smoothed, which is still a direction of descent
    (the filter is symmetric and positive) but prefers strokes to specks: the denoising of Fredrikson et al.
    """
    targets = np.eye(network.labels, dtype=np.float32)[labels]
    pictures, strides = np.zeros((len(labels), SIDE, SIDE), np.float32), np.full(len(labels), STRIDE)
    scores = network.scores(pictures)
    for _ in range(steps):
        ascent = smooth(network.pullback(pictures, scores - targets))
        length = np.sqrt(np.square(ascent).sum((1, 2), keepdims=True))
        move = strides[:, None, None] * ascent / np.where(length > 0, length, 1)
        tried = np.clip(pictures - move, 0, 1).astype(np.float32)
        answers = network.scores(tried)
        helped = squared_errors(answers, labels) < squared_errors(scores, labels)
        pictures = np.where(helped[:, None, None], tried, pictures)
        scores = np.where(helped[:, None], answers, scores)
        strides *= np.where(helped, LONGER, SHORTER)
    return Inverted(labels, pictures, squared_errors(scores, labels))


def smooth(pictures: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return pictures (n, 28, 28) with each pixel the mean of its neighbours by the binomial weights 1 4 6 4 1."""
    size = pictures.shape[-1]
    distance = np.abs(np.subtract.outer(np.arange(size), np.arange(size)))
    filter_ = np.select([distance == 0, distance == 1, distance == 2], [6.0, 4.0, 1.0]) / 16
    return np.asarray(filter_ @ pictures @ filter_)


def squared_errors(scores: NDArray[np.floating], labels: NDArray[np.integer]) -> NDArray[np.float64]:
    """Return the mean squared distance (n,) of scores (n, labels) from 1 at the label and 0 elsewhere, the MLP's
    loss."""
    targets = np.eye(scores.shape[1])[labels]
    return np.asarray(np.square(scores - targets).mean(1), np.float64)


def correlation(picture: NDArray[np.floating], others: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return Pearson's correlations (n,) of the pixels of `picture` (28, 28) with those of `others` (n, 28, 28); 0
    where either has no contrast."""
    x = picture.reshape(-1).astype(np.float64)
    y = others.reshape(len(others), -1).astype(np.float64)
    x, y = x - x.mean(), y - y.mean(1, keepdims=True)
    lengths = np.sqrt(np.square(x).sum() * np.square(y).sum(1))
    return np.asarray(y @ x / np.where(lengths > 0, lengths, 1))
