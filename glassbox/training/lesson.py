"""A lesson step by step: what a network reads in the picture that it is taught, and in a set of others, after each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from glassbox.digits.reference_set import ReferenceSet
from glassbox.explain.backward_pass import Array, Backward, Weights
from glassbox.training.learner import Divergence
from glassbox.training.teacher import Examples, Teacher

MOST_FRAMES = 301
"""Frames kept of one visitor's lessons: the first, and those after the last 300 steps."""


class Frame(NamedTuple):
    """What a network reads after so many steps. `probabilities`: float64 (labels,), calibrated, of the picture taught;
    `loss`: -ln of the plain softmax of its label; `read`: uint8 (pictures,), the labels of the reference set."""

    step: int
    probabilities: NDArray[np.float64]
    loss: float
    read: NDArray[np.uint8]


Frames = tuple[Frame, ...]


def joined(earlier: Frames, later: Frames) -> Frames:
    """Return the frames of two lessons, the second of which begins where the first ends; at most MOST_FRAMES."""
    made = earlier[-1].step if earlier else 0
    frames = earlier + tuple(frame._replace(step=made + frame.step) for frame in later[bool(earlier) :])
    return frames if len(frames) <= MOST_FRAMES else frames[:1] + frames[1 - MOST_FRAMES :]


@dataclass(frozen=True)
class Taught:
    """What a lesson leaves: the weights, a frame before the first step and one after each, and what ended it early."""

    weights: dict[str, Array]
    frames: Frames
    stopped: Divergence | None = None


@dataclass(frozen=True)
class Lessons:
    """Lessons for one model, by its `teacher`, read by its `network` at the `temperature` of its calibration; the
    `reference` set shows what is forgotten."""

    teacher: Teacher
    network: Backward
    temperature: float
    reference: ReferenceSet

    @cached_property
    def rehearsed(self) -> NDArray[np.int64]:
        """The indices of the pictures that a rehearsal learns again: the reference set's first of each label."""
        return np.asarray(np.unique(self.reference.labels, return_index=True)[1])

    @cached_property
    def read_before(self) -> NDArray[np.uint8]:
        """The labels that the model's own weights read in the reference set, uint8 (pictures,)."""
        return self._read(None)

    def _read(self, weights: Weights | None) -> NDArray[np.uint8]:
        found = self.network.probabilities(self.reference.pictures(), weights).argmax(1).astype(np.uint8)
        return np.asarray(found)

    def frame(self, picture: Array, label: int, weights: Weights | None = None) -> Frame:
        """Return what is read with `weights` or the model's own, as the frame before any step."""
        own, network = picture[None], self.network
        plain = max(float(network.probabilities(own, weights)[0, label]), float(np.finfo(np.float64).tiny))
        return Frame(
            step=0,
            probabilities=network.probabilities(own, weights, self.temperature)[0],
            loss=float(0.0 - np.log(plain)),
            read=self.read_before if weights is None else self._read(weights),
        )

    def teach(
        self,
        picture: Array,
        label: int,
        *,
        steps: int,
        rate: float,
        weights: Weights | None = None,
        rehearse: bool = False,
    ) -> Taught:
        """Teach a picture (28, 28) its `label` in `steps`, from `weights` or the model's own.

        `rehearse`: with each step the pictures `rehearsed` are learned too (Robins, Catastrophic Forgetting, Rehearsal
        and Pseudorehearsal, 1995, https://doi.org/10.1080/09540099550039318).
        """
        chosen = self.rehearsed
        examples = Examples(self.reference.pictures()[chosen], self.reference.labels[chosen]) if rehearse else None
        now = dict(self.network.weights if weights is None else weights)
        frames = [self.frame(picture, label, now)]
        for step in range(1, steps + 1):
            lesson = self.teacher.teach(picture, label, 1, rate, now, rehearsed=examples)
            if lesson.stopped:
                return Taught(now, tuple(frames), lesson.stopped._replace(step=step))
            now = lesson.weights
            frames.append(self.frame(picture, label, now)._replace(step=step))
        return Taught(now, tuple(frames))
