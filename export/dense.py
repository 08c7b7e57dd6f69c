"""The article's MLP in NumPy, for the privacy study: it needs each picture's own gradient, and networks by the dozen.

At this size NumPy takes a third of the time of `keras.fit`. The weights carry the names that they have in the ONNX file
of the MLP. One thread is fastest: set OPENBLAS_NUM_THREADS=1.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Weights = dict[str, Floats]

SHAPES = {"hidden/kernel": (784, 128), "hidden/bias": (128,), "logits/kernel": (128, 10), "logits/bias": (10,)}
ADAM = (0.9, 0.999, 1e-7)
"""Keras' beta_1, beta_2 and epsilon."""


@dataclass(frozen=True)
class Privacy:
    """DP-SGD: each picture's gradient is shortened to the length `clip`, and normal noise of deviation `noise` * `clip`
    is added to their sum. Abadi et al., "Deep learning with differential privacy", 2016, arXiv:1607.00133."""

    clip: float
    noise: float


def start(rng: np.random.Generator) -> Weights:
    """Fresh weights, drawn as Keras does (Glorot and Bengio, 2010)."""
    weights = {}
    for name, shape in SHAPES.items():
        limit = np.sqrt(6 / sum(shape)) if len(shape) == 2 else 0.0
        weights[name] = rng.uniform(-limit, limit, shape).astype(np.float32)
    return weights


def forward(weights: Weights, pictures: Floats) -> tuple[Floats, Floats]:
    """Pictures (n, 784) in [0, 1] -> the hidden layer (n, 128) and the logits (n, 10)."""
    hidden = np.maximum(pictures @ weights["hidden/kernel"] + weights["hidden/bias"], 0)
    return hidden, hidden @ weights["logits/kernel"] + weights["logits/bias"]


def losses(weights: Weights, pictures: Floats, targets: Floats) -> Floats:
    """The squared error of each picture (n,), the mean over its ten logits: what the article's MLP is trained on."""
    return np.square(forward(weights, pictures)[1] - targets).mean(1)


def gradients(weights: Weights, pictures: Floats, targets: Floats, clip: float | None = None) -> Weights:
    """The sum over pictures (n, 784) with targets (n, 10) of the gradients of their losses, each shortened to `clip`.

    By a kernel, a picture's gradient is the outer product of what enters and the error behind, so its length is the
    product of theirs, and to shorten the errors is to shorten it (Goodfellow, "Efficient per-example gradient
    computations", 2015, arXiv:1510.01799).
    """
    hidden, logits = forward(weights, pictures)
    behind = (logits - targets) * np.float32(2 / logits.shape[1])
    before = (behind @ weights["logits/kernel"].T) * (hidden > 0)
    if clip is not None:
        squares = _squares(behind) * (1 + _squares(hidden)) + _squares(before) * (1 + _squares(pictures))
        share = np.minimum(1, np.float32(clip) / np.sqrt(np.maximum(squares, 1e-30)))[:, None]
        behind, before = behind * share, before * share
    return {
        "hidden/kernel": pictures.T @ before,
        "hidden/bias": before.sum(0),
        "logits/kernel": hidden.T @ behind,
        "logits/bias": behind.sum(0),
    }


def _squares(values: Floats) -> Floats:
    return np.einsum("ij,ij->i", values, values)


def descend(weights: Weights, batches: Iterable[tuple[Floats, Floats]], steps: int, rate: float = 1e-3) -> None:
    """Train in place on at most `steps` batches of pictures (n, 784) and targets (n, 10), as train.py does: Adam, its
    rate falling along half a cosine to a hundredth. Kingma and Ba, 2015, https://arxiv.org/abs/1412.6980."""
    decay, decay_square, small = ADAM
    first, second = ({name: np.zeros_like(w) for name, w in weights.items()} for _ in range(2))
    for step, (pictures, targets) in zip(range(steps), batches, strict=False):
        now = rate * (0.01 + 0.99 * 0.5 * (1 + np.cos(np.pi * step / steps)))
        now *= np.sqrt(1 - decay_square ** (step + 1)) / (1 - decay ** (step + 1))
        for name, g in gradients(weights, pictures, targets).items():
            g *= np.float32(1 / len(pictures))
            first[name] += np.float32(1 - decay) * (g - first[name])
            second[name] += np.float32(1 - decay_square) * (g * g - second[name])
            weights[name] -= np.float32(now) * first[name] / (np.sqrt(second[name]) + np.float32(small))


def epochs(pictures: Floats, targets: Floats, batch: int, rng: np.random.Generator) -> Iterator[tuple[Floats, Floats]]:
    """Batches without end: all pictures once, in a fresh order, then again."""
    while True:
        order = rng.permutation(len(pictures))
        for i in range(0, len(order), batch):
            yield pictures[order[i : i + batch]], targets[order[i : i + batch]]


def descend_privately(
    weights: Weights,
    pictures: Floats,
    targets: Floats,
    *,
    share: float,
    steps: int,
    rate: float,
    privacy: Privacy | None,
    rng: np.random.Generator,
) -> None:
    """DP-SGD in place; with `privacy` None the same steps without clipping and noise.

    pictures: (n, 784), targets: (n, 10). At each step every picture is drawn with the chance `share`, independently, as
    the accountant supposes; the noisy sum is divided by the number expected, not by the number drawn.
    """
    expected = np.float32(share * len(pictures))
    for _ in range(steps):
        drawn = np.flatnonzero(rng.random(len(pictures), np.float32) < share)
        found = gradients(weights, pictures[drawn], targets[drawn], privacy.clip if privacy else None)
        for name, sums in found.items():
            if privacy:
                sums += np.float32(privacy.noise * privacy.clip) * rng.standard_normal(sums.shape, np.float32)
            weights[name] -= np.float32(rate) / expected * sums
