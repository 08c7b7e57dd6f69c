"""Teaching a network one picture: a few steps of gradient descent on weights that belong to one visitor."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glassbox.digits.reference_set import ReferenceChange, ReferenceSet
from glassbox.explain.backward_pass import Array, Backward, Weights
from glassbox.graph.model import Model
from glassbox.graph.optimisers import Sgd
from glassbox.training.learner import Diverged, Divergence, Learner

MOST_STEPS = 50
GENTLE_STEPS = 5
GENTLE_LOSS = 0.1
"""The share of a reference set that a gentle learning rate lets be forgotten, in the median over its lessons."""


@dataclass(frozen=True)
class Lesson:
    """The weights after the steps, and the loss before each; `stopped`: what ended them early, the weights then being
    the last good ones."""

    weights: dict[str, Array]
    losses: NDArray[np.float32]
    stopped: Divergence | None = None


@dataclass(frozen=True)
class Examples:
    """Pictures, float32 (n, 28, 28) in [0, 1], with their labels (n,)."""

    pictures: Array
    labels: NDArray[np.int64]


class Teacher:
    """Trains a model on one picture by plain gradient descent. Threads may share it: it keeps nobody's weights."""

    def __init__(self, model: Model, labels: int = 10, provider: str = "cpu") -> None:
        """`model`: (N, 28, 28) or (N, 1, 28, 28) -> (N, labels). Raises ValueError as `Learner` does."""
        self._learner = Learner(model, "categorical_crossentropy", Sgd(), provider=provider)
        self._labels, self._one_at_a_time = labels, threading.Lock()
        tensor = self._learner.model.graph.input[0].type.tensor_type
        self._shape = [dim.dim_value for dim in tensor.shape.dim][1:]

    def teach(
        self,
        picture: Array,
        label: int,
        steps: int,
        learning_rate: float,
        weights: Weights | None = None,
        *,
        rehearsed: Examples | None = None,
    ) -> Lesson:
        """Make `steps` (1 to MOST_STEPS) on one picture (28, 28) in [0, 1], from `weights` or the model's own.

        `rehearsed`: pictures that are learned with it in each step, all of equal weight. Raises ValueError for another
        number of steps.
        """
        if not 1 <= steps <= MOST_STEPS:
            raise ValueError(f"between 1 and {MOST_STEPS} steps can be made, not {steps}")
        pictures, labels = picture[None], np.array([label])
        if rehearsed is not None:
            pictures = np.concatenate([pictures, rehearsed.pictures])
            labels = np.concatenate([labels, rehearsed.labels])
        size = len(labels)
        batches = np.broadcast_to(pictures.reshape(1, size, *self._shape), (steps, size, *self._shape)).astype(
            np.float32
        )
        targets = np.broadcast_to(np.eye(self._labels, dtype=np.float32)[labels], (steps, size, self._labels))
        with self._one_at_a_time:
            learner = self._from(weights)
            losses, stopped = np.zeros(0, np.float32), None
            try:
                losses = learner.learn(batches, targets, learning_rate)
                if not self._usable(batches, targets):
                    stopped = Divergence(steps, "learning_rate", learning_rate)
                    losses, learner = np.zeros(0, np.float32), self._from(weights)
                    if steps > 1:
                        losses = learner.learn(batches[1:], targets[1:], learning_rate)
            except Diverged as error:
                stopped = error.divergence
            return Lesson({name: cells.copy() for name, cells in learner.weights.items()}, losses, stopped)

    def _from(self, weights: Weights | None) -> Learner:
        """Return the learner with `weights`, or the model's own."""
        self._learner.reset()
        for name, cells in (weights or {}).items():
            self._learner.weights[name][...] = cells
        return self._learner

    def _usable(self, batches: Array, targets: Array) -> bool:
        """Return whether the weights of now still give a finite loss: a step of no length tells.

        They may be finite and yet so large that the next picture overflows.
        """
        try:
            self._learner.learn(batches[:1], targets[:1], 0.0)
        except Diverged:
            return False
        return True


def gentle_rate(teacher: Teacher, network: Backward, reference: ReferenceSet, rates: Sequence[float]) -> float:
    """Return the largest of the ascending `rates` at which lessons leave the network of use; the smallest if none does.

    A lesson is GENTLE_STEPS steps on one picture of the reference set, the first of each label, taught as the label
    that the network holds second likeliest. No more than GENTLE_LOSS of the set may be forgotten by it.
    """
    pictures = reference.pictures()
    before = network.probabilities(pictures)
    _, first = np.unique(reference.labels, return_index=True)

    def forgotten(place: int, rate: float) -> int:
        label = int(before[place].argsort()[-2])
        lesson = teacher.teach(pictures[place], label, steps=GENTLE_STEPS, learning_rate=rate)
        after = network.probabilities(pictures, lesson.weights)
        return len(ReferenceChange(reference.labels, before.argmax(1), after.argmax(1)).forgotten)

    gentle = rates[0]
    for rate in rates:
        if np.median([forgotten(place, rate) for place in first]) > GENTLE_LOSS * len(pictures):
            break
        gentle = rate
    return gentle
