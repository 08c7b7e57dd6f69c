"""Experiments with a setup: one training an optimiser, one a learning rate, and the loss surface around a training."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
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
    """One training: `name` of what was varied, its scores, and the step at which it diverged, if it did."""

    name: str
    scores: tuple[Score, ...]
    diverged: int | None

    @property
    def last(self) -> Score:
        """The score at the end: the last good one where it diverged."""
        return self.scores[-1]


def optimisers(setup: Setup, data: DataSet) -> Iterator[Experiment]:
    """Yield the training of a setup with each optimiser, from the same weights and with the same batches."""
    for name in OPTIMISERS:
        yield _run(name, replace(setup, optimiser=name), data)


def learning_rates(setup: Setup, data: DataSet) -> Iterator[Experiment]:
    """Yield the training of a setup with each learning rate, the smallest first."""
    for rate in RATES:
        yield _run(f"{rate:g}", replace(setup, rate=rate), data)


def _run(name: str, setup: Setup, data: DataSet) -> Experiment:
    trainer = Trainer(setup, data)
    diverged = _train(trainer)
    return Experiment(name, tuple(trainer.history), diverged)


def _train(trainer: Trainer, after_each: Callable[[], None] = lambda: None) -> int | None:
    """Train for EPOCHS epochs in FRAMES parts, or for SECONDS; call `after_each` part; return the step at which it
    diverged, if it did."""
    deadline = perf_counter() + SECONDS
    for _ in range(FRAMES):
        try:
            trainer.learn(EPOCHS // FRAMES, max(deadline - perf_counter(), 0.0))
        except Diverged as error:
            return error.divergence.step
        after_each()
        if perf_counter() > deadline:
            break
    return None


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
    """Train a network from its first weights, and return the training loss around its path.

    The plane is spanned by the path's two principal components, as seen from its end (Li et al. 2018, section 7,
    https://arxiv.org/abs/1712.09913).
    """
    trainer = Trainer(setup, data)
    weights = [_flat(trainer.weights)]
    _train(trainer, after_each=lambda: weights.append(_flat(trainer.weights)))
    steps = np.array(weights)
    centred = steps - steps[-1]
    _, lengths, axes = np.linalg.svd(centred, full_matrices=False)
    basis = np.zeros((2, steps.shape[1]))
    basis[: len(axes[:2])] = axes[:2]
    path = centred @ basis.T
    if not lengths[0]:  # nothing moved: any two directions will do
        basis[:, :2] = np.eye(2, steps.shape[1])
    margin = 0.35 * max(float(np.ptp(path, axis=0).max()), 0.1)
    along, across = (np.linspace(path[:, i].min() - margin, path[:, i].max() + margin, SIDE) for i in (0, 1))

    def loss(point: Floats) -> float:
        return trainer.losses(_shaped(steps[-1] + point @ basis, trainer.weights))[0]

    total = float(np.square(lengths).sum())
    return Surface(
        along=along,
        across=across,
        losses=np.array([[loss(np.array([a, b])) for a in along] for b in across]),
        path=path,
        path_losses=np.array([loss(point) for point in path]),
        share=float(np.square(lengths[:2]).sum()) / total if total else 1.0,
    )


def _flat(weights: Mapping[str, NDArray[Any]]) -> Floats:
    return np.concatenate([cells.ravel() for cells in weights.values()]).astype(np.float64)


def _shaped(flat: Floats, like: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[np.float32]]:
    shaped, at = {}, 0
    for name, cells in like.items():
        shaped[name] = flat[at : at + cells.size].reshape(cells.shape).astype(np.float32)
        at += cells.size
    return shaped
