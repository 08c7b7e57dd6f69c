"""Model inversion: gradient descent from empty paper to the picture that a network answers best.

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
    """What a network takes for each label: pictures (n, 28, 28) in [0, 1] and their squared errors (n,)."""

    labels: NDArray[np.int64]
    pictures: NDArray[np.float32]
    losses: NDArray[np.float64]


def invert(network: Network, labels: NDArray[np.int64], steps: int = STEPS) -> Inverted:
    """Walk from empty paper, for each of `labels` (n,) at once, to where the network answers the label and no other.

    `steps` steps down the gradient of the squared error by the pixels, each brought back into [0, 1], and taken back
    if the error does not fall. The gradient is smoothed, which stays a way down (the filter is symmetric and positive)
    but prefers strokes to specks: the denoising of Fredrikson et al.
    """
    targets = np.eye(network.labels, dtype=np.float32)[labels]
    pictures, strides = np.zeros((len(labels), SIDE, SIDE), np.float32), np.full(len(labels), STRIDE)
    scores = network.scores(pictures)
    for _ in range(steps):
        uphill = smooth(network.pullback(pictures, scores - targets))
        length = np.sqrt(np.square(uphill).sum((1, 2), keepdims=True))
        move = strides[:, None, None] * uphill / np.where(length > 0, length, 1)
        tried = np.clip(pictures - move, 0, 1).astype(np.float32)
        answers = network.scores(tried)
        helped = squared_errors(answers, labels) < squared_errors(scores, labels)
        pictures = np.where(helped[:, None, None], tried, pictures)
        scores = np.where(helped[:, None], answers, scores)
        strides *= np.where(helped, LONGER, SHORTER)
    return Inverted(labels, pictures, squared_errors(scores, labels))


def smooth(pictures: NDArray[np.floating]) -> NDArray[np.float64]:
    """(n, 28, 28) -> the same, each pixel the mean of its neighbours by the binomial weights 1 4 6 4 1."""
    size = pictures.shape[-1]
    distance = np.abs(np.subtract.outer(np.arange(size), np.arange(size)))
    filter_ = np.select([distance == 0, distance == 1, distance == 2], [6.0, 4.0, 1.0]) / 16
    return np.asarray(filter_ @ pictures @ filter_)


def squared_errors(scores: NDArray[np.floating], labels: NDArray[np.integer]) -> NDArray[np.float64]:
    """Scores (n, labels) -> (n,): the mean squared distance from 1 at the label and 0 elsewhere, the MLP's own loss."""
    targets = np.eye(scores.shape[1])[labels]
    return np.asarray(np.square(scores - targets).mean(1), np.float64)


def resemblance(picture: NDArray[np.floating], others: NDArray[np.floating]) -> NDArray[np.float64]:
    """(28, 28), (n, 28, 28) -> (n,): Pearson's correlation of the pixels, 1 for the same picture, 0 for nothing alike.

    A picture without contrast resembles nothing.
    """
    one = picture.reshape(-1).astype(np.float64)
    rest = others.reshape(len(others), -1).astype(np.float64)
    one, rest = one - one.mean(), rest - rest.mean(1, keepdims=True)
    lengths = np.sqrt(np.square(one).sum() * np.square(rest).sum(1))
    return np.asarray(rest @ one / np.where(lengths > 0, lengths, 1))
