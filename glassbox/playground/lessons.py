"""Setups worth trying, each with something to see; the words for why are the strings `playground.lesson.NAME.*`."""

from __future__ import annotations

import math
from dataclasses import dataclass

from glassbox.playground.setup import Setup
from glassbox.playground.trainer import Score

LESSONS = {
    "line": Setup(layers=()),
    "feature": Setup(layers=(), features=("xx", "yy")),
    "hidden": Setup(layers=(3,)),
    "product": Setup(data="checkerboard", layers=(), features=("xy",)),
    "checkerboard": Setup(data="checkerboard", layers=(4, 2), rate=0.1),
    "linear": Setup(data="checkerboard", layers=(8, 8), activation="linear"),
    "spiral": Setup(data="spiral", layers=(8, 8), features=("x", "y", "sinx", "siny"), optimiser="adam", rate=0.01),
    "several": Setup(data="blobs", classes=4, noise=15, layers=(6,), optimiser="adam"),
    "overfit": Setup(noise=40, share=10, layers=(8, 8), optimiser="adam", rate=0.01, test=True),
    "penalty": Setup(
        noise=40, share=10, layers=(8, 8), optimiser="adam", rate=0.01, test=True, penalty="l2", strength=0.01
    ),
    "dead": Setup(data="checkerboard", layers=(4, 2), activation="relu", rate=3.0, seed=1),
    "hills": Setup(data="hills", layers=(8, 8), optimiser="adam", rate=0.01),
    "diverge": Setup(data="plane", layers=(), rate=0.3),
}
"""The first ones show why a network needs hidden layers, the others what can go well and wrong."""


@dataclass(frozen=True)
class Goal:
    """What a visitor is to reach in a lesson: a test accuracy of at least `accuracy`, losses of at most `train_loss`
    and `test_loss`, with the fields `keep` of the lesson's setup as they are, and with the `features`, if some are
    named."""

    accuracy: float = 0.0
    train_loss: float = math.inf
    test_loss: float = math.inf
    keep: tuple[str, ...] = ()
    features: tuple[str, ...] = ()

    @property
    def loss(self) -> float | None:
        """The loss to reach, None where there is none."""
        least = min(self.train_loss, self.test_loss)
        return least if math.isfinite(least) else None

    def reached(self, lesson: Setup, setup: Setup, score: Score) -> bool:
        """Return whether training the `setup`, which is that of `lesson` or was made of it, has reached the goal."""
        return (
            score.epoch > 0
            and (score.test_accuracy or 0.0) >= self.accuracy
            and score.train_loss <= self.train_loss
            and score.test_loss <= self.test_loss
            and all(getattr(setup, name) == getattr(lesson, name) for name in self.keep)
            and (not self.features or setup.features == self.features)
        )


GOALS = {
    "line": Goal(accuracy=0.95),
    "feature": Goal(accuracy=0.95, keep=("layers",)),
    "hidden": Goal(accuracy=0.95, keep=("features",)),
    "product": Goal(accuracy=0.95, keep=("layers",)),
    "checkerboard": Goal(accuracy=0.95, keep=("features",)),
    "linear": Goal(accuracy=0.95, keep=("layers", "features")),
    "spiral": Goal(accuracy=0.95, features=("x", "y")),
    "several": Goal(accuracy=0.93),
    "overfit": Goal(train_loss=0.05, keep=("layers",)),
    "penalty": Goal(test_loss=0.57),
    "dead": Goal(accuracy=0.95, keep=("activation",)),
    "hills": Goal(test_loss=0.015),
    "diverge": Goal(test_loss=0.01),
}
"""Of each lesson; the words are the strings `playground.lesson.NAME.goal`."""
_SAME_DATA = ("data", "classes", "noise", "share")


def same_data(one: Setup, other: Setup) -> bool:
    """Return whether two setups are to learn the same, from as many points: the seed may differ."""
    return all(getattr(one, name) == getattr(other, name) for name in _SAME_DATA)
