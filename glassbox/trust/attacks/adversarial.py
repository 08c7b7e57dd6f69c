"""Adversarial pictures: small changes, chosen by the gradient, that make a network read another label.

A picture is (28, 28) float32 in [0, 1]; no pixel may change by more than epsilon and none may leave [0, 1]. The loss
that is made to grow is -ln p of the present label. `noise`, a change of the same size without any knowledge of the
network, is the baseline.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glassbox.calibration import calibrated
from glassbox.explain.attribution.methods import Network, Picture

Labels = NDArray[np.integer]
Epsilon = float | NDArray[np.floating]
"""One for all pictures, or one for each, (n,)."""

STEPS = 20
STRIDE = 2.5
"""The steps of PGD add up to so many times epsilon: from any start every corner of the cube can be reached."""


def loss_gradient(network: Network, pictures: Picture, labels: Labels, temperature: float = 1.0) -> NDArray[np.float64]:
    """Return the gradient of -ln p(label) by the pixels of `pictures`, (n, 28, 28), each up to a positive factor.

    p is the softmax of the scores divided by `temperature`. By the scores, the gradient is (1 - p) times q - e, where q
    is the softmax over the other labels alone and e is 1 at the label: without the factor it vanishes for no network,
    however sure.
    """
    rows, others = np.arange(len(labels)), network.scores(pictures).astype(np.float64)
    others[rows, labels] = -np.inf
    cotangents = calibrated(others, "logits", temperature)
    cotangents[rows, labels] = -1
    return network.pullback(pictures, cotangents.astype(np.float32))


def fgsm(
    network: Network, pictures: Picture, labels: Labels, epsilon: Epsilon, temperature: float = 1.0
) -> NDArray[np.float32]:
    """Return `pictures` after one step: every pixel changed by epsilon in the direction that makes the loss grow.

    The fast gradient sign method, Goodfellow et al., 2015, https://arxiv.org/abs/1412.6572
    """
    step = np.sign(loss_gradient(network, pictures, labels, temperature))
    return _within(pictures + _each(epsilon) * step, pictures, epsilon)


def pgd(
    network: Network,
    pictures: Picture,
    labels: Labels,
    epsilon: Epsilon,
    temperature: float = 1.0,
    steps: int = STEPS,
    seed: int = 0,
) -> NDArray[np.float32]:
    """Return `pictures` after small steps of FGSM from a random start, each clipped to within epsilon of the picture.

    Projected gradient descent, Madry et al., 2018, https://arxiv.org/abs/1706.06083
    """
    changed = noise(pictures, epsilon, seed, inside=True)
    for _ in range(steps):
        step = np.sign(loss_gradient(network, changed, labels, temperature))
        changed = _within(changed + STRIDE / steps * _each(epsilon) * step, pictures, epsilon)
    return changed


def noise(pictures: Picture, epsilon: Epsilon, seed: int = 0, inside: bool = False) -> NDArray[np.float32]:
    """Return `pictures` with every pixel changed by epsilon, up or down at random; `inside`: by anything between."""
    rng = np.random.default_rng(seed)
    toss = rng.uniform(-1, 1, pictures.shape)
    return _within(pictures + _each(epsilon) * (toss if inside else np.sign(toss)), pictures, epsilon)


Attack = Callable[[Network, Picture, Labels, Epsilon, float], NDArray[np.float32]]
ATTACKS: dict[str, Attack] = {"fgsm": fgsm, "pgd": pgd}


@dataclass(frozen=True)
class CalibratedNetwork:
    """A network with the temperature by which its scores are calibrated."""

    network: Network
    temperature: float

    def read(self, picture: Picture) -> Prediction:
        """Return the label that the network reads in a picture (28, 28), and its probability."""
        chances = calibrated(self.network.scores(picture[None]), "logits", self.temperature)[0]
        return Prediction(int(chances.argmax()), float(chances.max()))


@dataclass(frozen=True)
class Prediction:
    """A label and the probability that the network gives it."""

    label: int
    probability: float


@dataclass(frozen=True)
class AdversarialExample:
    """A `picture` (28, 28) made against one network, that network's prediction before, and each network's after."""

    picture: NDArray[np.float32]
    before: Prediction
    after: dict[str, Prediction]


def attack_each(
    targets: Mapping[str, CalibratedNetwork], picture: Picture, attack: str, epsilon: float
) -> dict[str, AdversarialExample]:
    """Attack each of `targets` on `picture` (28, 28), away from the label it reads; return by name what was made
    against each, with the predictions of all."""
    found = {}
    for name, target in targets.items():
        before = target.read(picture)
        labels = np.array([before.label])
        made = ATTACKS[attack](target.network, picture[None], labels, epsilon, target.temperature)[0]
        found[name] = AdversarialExample(made, before, {reader: one.read(made) for reader, one in targets.items()})
    return found


def smallest_epsilon(
    target: CalibratedNetwork, picture: Picture, attack: str, epsilons: NDArray[np.float64]
) -> float | None:
    """Return the smallest of `epsilons` (k,) at which `attack` changes the label that the target reads in `picture`
    (28, 28); None if none does. All sizes are tried in one batch.
    """
    label, count = target.read(picture).label, len(epsilons)
    pictures, labels = np.repeat(picture[None], count, 0), np.full(count, label)
    made = ATTACKS[attack](target.network, pictures, labels, epsilons, target.temperature)
    changed = epsilons[target.network.scores(made).argmax(1) != label]
    return float(changed.min()) if len(changed) else None


def _each(epsilon: Epsilon) -> Epsilon:
    return epsilon if isinstance(epsilon, float | int) else np.reshape(epsilon, (-1, 1, 1))


def _within(changed: NDArray[np.floating], pictures: Picture, epsilon: Epsilon) -> NDArray[np.float32]:
    """Return `changed` clipped to within epsilon of `pictures` and to [0, 1]."""
    size = _each(epsilon)
    near = np.clip(changed, pictures - size, pictures + size)
    return np.asarray(np.clip(near, 0, 1), np.float32)
