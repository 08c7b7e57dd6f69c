"""Adversarial pictures: small changes, chosen by the gradient, that make a network read another label.

A picture is (28, 28) float32 in [0, 1]; no pixel may change by more than epsilon and none may leave [0, 1]. FGSM makes
-ln p of the present label grow; PGD makes its margin shrink, the score of the label less the best of the others: below
0 another label is read. `noise`, a change of the same size without any knowledge of the network, is the baseline.
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


def loss_gradient(network: Network, pictures: Picture, labels: Labels) -> NDArray[np.float64]:
    """Return the gradient of -ln p(label) by the pixels of `pictures`, (n, 28, 28), each up to a positive factor.

    p is the calibrated probability. By the scores, the gradient is (1 - p) times q - e, where q is the softmax over the
    other labels alone and e is 1 at the label: without the factor it vanishes for no network, however sure.
    """
    rows, others = np.arange(len(labels)), network.scores(pictures).astype(np.float64)
    others[rows, labels] = -np.inf
    cotangents = calibrated(others, "logits", network.temperature)
    cotangents[rows, labels] = -1
    return network.pullback(pictures, cotangents.astype(np.float32))


def margins(scores: NDArray[np.floating], labels: Labels) -> NDArray[np.float64]:
    """Return each label's score less the best of the other labels, (n,): below 0 where another label is read."""
    rows, others = np.arange(len(labels)), scores.astype(np.float64)
    others[rows, labels] = -np.inf
    return np.asarray(scores[rows, labels] - others.max(1))


def fgsm(network: Network, pictures: Picture, labels: Labels, epsilon: Epsilon) -> NDArray[np.float32]:
    """Return `pictures` after one step: every pixel changed by epsilon in the direction that makes the loss grow.

    The fast gradient sign method, Goodfellow et al., 2015, https://arxiv.org/abs/1412.6572
    """
    step = np.sign(loss_gradient(network, pictures, labels))
    return within(pictures + _each(epsilon) * step, pictures, epsilon)


def pgd(
    network: Network,
    pictures: Picture,
    labels: Labels,
    epsilon: Epsilon,
    steps: int = STEPS,
    starts: int = 1,
    seed: int = 0,
) -> NDArray[np.float32]:
    """Return `pictures` after small steps that make the margin shrink, each clipped to within epsilon of the picture:
    of all steps the picture with the least margin.

    The first start is the picture itself: far from it, on paper as grey as epsilon allows, a network's neurons may all
    be off, and then it reads one label whatever is changed. Each further start, for pictures still read rightly, aims
    at one of the other labels, the likeliest first: from the picture again, and once all have had their turn, from a
    random point within epsilon.

    Projected gradient descent, Madry et al., 2018, https://arxiv.org/abs/1706.06083, on the difference of two scores,
    which saturates for no network, Carlini and Wagner, 2017, https://arxiv.org/abs/1608.04644; aimed at each label as
    in Croce and Hein, 2020, https://arxiv.org/abs/2003.01690
    """
    sizes = np.broadcast_to(np.asarray(epsilon, np.float64), len(labels))
    found, least = _descended(network, pictures, labels, sizes, start=pictures, steps=steps)
    likeliest = _others(network.scores(pictures), labels)
    for index in range(starts - 1):
        left = np.flatnonzero(least >= 0)
        if not len(left):
            break
        turn, place = divmod(index, likeliest.shape[1])
        start = noise(pictures[left], sizes[left], seed + index, inside=True) if turn else pictures[left]
        made, reached = _descended(
            network,
            pictures[left],
            labels[left],
            sizes[left],
            start=start,
            steps=steps,
            targets=likeliest[left, place],
        )
        better = reached < least[left]
        found[left[better]], least[left[better]] = made[better], reached[better]
    return found


def _descended(
    network: Network,
    pictures: Picture,
    labels: Labels,
    sizes: NDArray[np.float64],
    *,
    start: Picture,
    steps: int,
    targets: Labels | None = None,
) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Return the pictures with the least margin on the way from `start`, and that margin, (n,).

    The way goes towards `targets`, or at each step towards the best of the other labels.
    """
    rows, changed, scores = np.arange(len(labels)), start, network.scores(start)
    found, least = start.copy(), margins(scores, labels)
    for _ in range(steps):
        cotangents = np.zeros_like(scores)
        cotangents[rows, _others(scores, labels)[:, 0] if targets is None else targets] = 1
        cotangents[rows, labels] = -1
        step = np.sign(network.pullback(changed, cotangents))
        changed = within(changed + STRIDE / steps * _each(sizes) * step, pictures, sizes)
        scores = network.scores(changed)
        reached = margins(scores, labels)
        better = reached < least
        found[better], least[better] = changed[better], reached[better]
    return found, least


def _others(scores: NDArray[np.floating], labels: Labels) -> Labels:
    """Return the labels but those of `labels`, the highest score first: (n, labels - 1)."""
    rows, others = np.arange(len(labels)), scores.astype(np.float64)
    others[rows, labels] = -np.inf
    return np.argsort(-others, axis=1, kind="stable")[:, :-1]


def noise(pictures: Picture, epsilon: Epsilon, seed: int = 0, inside: bool = False) -> NDArray[np.float32]:
    """Return `pictures` with every pixel changed by epsilon, up or down at random; `inside`: by anything between."""
    rng = np.random.default_rng(seed)
    toss = rng.uniform(-1, 1, pictures.shape)
    return within(pictures + _each(epsilon) * (toss if inside else np.sign(toss)), pictures, epsilon)


Attack = Callable[[Network, Picture, Labels, Epsilon], NDArray[np.float32]]
ATTACKS: dict[str, Attack] = {"fgsm": fgsm, "pgd": pgd}


def read(network: Network, picture: Picture) -> Prediction:
    """Return the label that the network reads in a picture (28, 28), and its calibrated probability."""
    chances = network.probabilities(picture[None])[0]
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
    targets: Mapping[str, Network], picture: Picture, attack: str, epsilon: float
) -> dict[str, AdversarialExample]:
    """Attack each of `targets` on `picture` (28, 28), away from the label it reads; return by name what was made
    against each, with the predictions of all."""
    found = {}
    for name, target in targets.items():
        before = read(target, picture)
        labels = np.array([before.label])
        made = ATTACKS[attack](target, picture[None], labels, epsilon)[0]
        found[name] = AdversarialExample(made, before, {reader: read(one, made) for reader, one in targets.items()})
    return found


def smallest_epsilon(target: Network, picture: Picture, attack: str, epsilons: NDArray[np.float64]) -> float | None:
    """Return the smallest of `epsilons` (k,) at which `attack` changes the label that the target reads in `picture`
    (28, 28); None if none does. All sizes are tried in one batch.
    """
    label, count = read(target, picture).label, len(epsilons)
    pictures, labels = np.repeat(picture[None], count, 0), np.full(count, label)
    made = ATTACKS[attack](target, pictures, labels, epsilons)
    changed = epsilons[target.scores(made).argmax(1) != label]
    return float(changed.min()) if len(changed) else None


def _each(epsilon: Epsilon) -> Epsilon:
    return epsilon if isinstance(epsilon, float | int) else np.reshape(epsilon, (-1, 1, 1))


def within(changed: NDArray[np.floating], pictures: Picture, epsilon: Epsilon) -> NDArray[np.float32]:
    """Return `changed` clipped to within epsilon of `pictures` and to [0, 1]."""
    size = _each(epsilon)
    near = np.clip(changed, pictures - size, pictures + size)
    return np.asarray(np.clip(near, 0, 1), np.float32)
