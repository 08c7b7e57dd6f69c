"""The same network, trained in several ways or seen from further off: optimisers, learning rates, the loss surface."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassbox.playground.data import DataSet
from glassbox.playground.setup import OPTIMISERS, RATES, Setup
from glassbox.playground.trainer import Score, Trainer
from glassbox.training.learner import Diverged

EPOCHS = 100
SECONDS = 1.0
"""The longest that one run takes, give or take an epoch; a run that is cut short says so by its last epoch."""
FRAMES = 25
"""Points of each run's loss curve."""
SIDE = 31
"""The loss surface is worked out at SIDE x SIDE points."""
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Experiment:
    """One run: `name` of what was varied, its scores, and the step at which it diverged, if it did."""

    name: str
    scores: tuple[Score, ...]
    diverged: int | None

    @property
    def last(self) -> Score:
        """The score at the end: the last good one where it diverged."""
        return self.scores[-1]


def optimisers(setup: Setup, data: DataSet) -> Iterator[Experiment]:
    """The setup's run with each optimiser, from the same weights and with the same batches."""
    for name in OPTIMISERS:
        yield _run(name, replace(setup, optimiser=name), data)


def learning_rates(setup: Setup, data: DataSet) -> Iterator[Experiment]:
    """The setup's run with each learning rate, smallest first."""
    for rate in RATES:
        yield _run(f"{rate:g}", replace(setup, rate=rate), data)


def _run(name: str, setup: Setup, data: DataSet) -> Experiment:
    trainer, deadline = Trainer(setup, data), perf_counter() + SECONDS
    diverged = None
    for _ in range(FRAMES):
        try:
            trainer.learn(EPOCHS // FRAMES, max(deadline - perf_counter(), 0.0))
        except Diverged as error:
            diverged = error.step
            break
        if perf_counter() > deadline:
            break
    return Experiment(name, tuple(trainer.history), diverged)


@dataclass(frozen=True)
class Surface:
    """The training loss around a path of weights, in the plane that holds most of it.

    `along`, `across`: the coordinates (SIDE,), in units of weight; `losses`: (SIDE, SIDE), rows across; `path`: (n, 2)
    with `path_losses` (n,); `share`: how much of the path's squared length the plane shows.
    """

    along: Floats
    across: Floats
    losses: Floats
    path: Floats
    path_losses: Floats
    share: float


def loss_surface(setup: Setup, data: DataSet) -> Surface:
    """Train the setup's network from its first weights, and survey the loss around its path.

    The plane is spanned by the path's two principal components, as seen from its end (Li et al. 2018, section 7,
    https://arxiv.org/abs/1712.09913).
    """
    trainer, deadline = Trainer(setup, data), perf_counter() + SECONDS
    path = [_flat(trainer.weights)]
    for _ in range(FRAMES):
        try:
            trainer.learn(EPOCHS // FRAMES, max(deadline - perf_counter(), 0.0))
        except Diverged:
            break
        path.append(_flat(trainer.weights))
        if perf_counter() > deadline:
            break
    steps = np.array(path)
    centred = steps - steps[-1]
    _, lengths, axes = np.linalg.svd(centred, full_matrices=False)
    basis = np.zeros((2, steps.shape[1]))
    basis[: len(axes[:2])] = axes[:2]
    places = centred @ basis.T
    if not lengths[0]:  # nothing moved: any two directions will do
        basis[:, :2] = np.eye(2, steps.shape[1])
    margin = 0.35 * max(float(np.ptp(places, axis=0).max()), 0.1)
    along, across = (np.linspace(places[:, i].min() - margin, places[:, i].max() + margin, SIDE) for i in (0, 1))

    def loss(place: Floats) -> float:
        return trainer.losses(_shaped(steps[-1] + place @ basis, trainer.weights))[0]

    losses = np.array([[loss(np.array([a, b])) for a in along] for b in across])
    heights = np.array([loss(place) for place in places])
    total = float((lengths**2).sum())
    return Surface(along, across, losses, places, heights, float((lengths[:2] ** 2).sum()) / total if total else 1.0)


def _flat(weights: Mapping[str, NDArray[Any]]) -> Floats:
    return np.concatenate([cells.ravel() for cells in weights.values()]).astype(np.float64)


def _shaped(flat: Floats, like: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[np.float32]]:
    shaped, at = {}, 0
    for name, cells in like.items():
        shaped[name] = flat[at : at + cells.size].reshape(cells.shape).astype(np.float32)
        at += cells.size
    return shaped
