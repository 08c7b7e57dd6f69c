"""One step of gradient descent on the visitor's picture: the pass before it, the new weights and the pass after it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glassbox.digits.tensors import rescaled
from glassbox.explain.backward_pass import Array, Backward, Pass
from glassbox.training.teacher import Lesson
from glassbox.ui.base.state import Entry, Kind, declare
from glassbox.ui.frame import networks
from glassbox.ui.frame.shell import Page
from glassbox.zoo.digit_models import Card

RATES = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
MODEL = declare("backprop_model", Kind.CONTROL, "", parameter="model")
RATE: Entry[float | None] = declare("backprop_rate", Kind.CONTROL, None, parameter="rate")
"""The learning rate that the visitor chose; None: the network's own, which teaches it without ruin."""


@dataclass(frozen=True)
class TrainingStep:
    """A step of the model of `card` on `digit`, uint8 (28, 28), towards `label`, the true one: the passes `before` and
    `after` it, and its `update`."""

    card: Card
    label: int
    rate: float
    digit: NDArray[np.uint8]
    backward: Backward
    before: Pass
    update: Lesson
    after: Pass

    @property
    def model(self) -> str:
        return self.card.name

    @property
    def followed_weight(self) -> tuple[int, int]:
        """The weight of the output layer that the phases follow, (feature, label): of the true label's weights, the
        one with the largest gradient."""
        gradient = self.before.gradients[self.backward.kernel]
        return int(np.abs(gradient[:, self.label]).argmax()), self.label


def take_step(page: Page, model: str, label: int, rate: float) -> TrainingStep:
    """Return one step on the visitor's picture from the weights that `model` came with."""
    backward, picture = networks.backward_pass(page.reader, model), network_input(page)
    before = backward.run(picture, label)
    update = networks.teacher(page.reader, model).teach(picture, label, steps=1, learning_rate=rate)
    after = backward.run(picture, label, update.weights)
    return TrainingStep(
        card=page.reader.zoo.cards[model],
        label=label,
        rate=rate,
        digit=page.picture.digit,
        backward=backward,
        before=before,
        update=update,
        after=after,
    )


def most_to_learn(page: Page, models: Sequence[str], label: int) -> str:
    """Return which of `models` misreads the visitor's picture, a `label`, else has the largest loss on it."""
    picture = network_input(page)

    def need(model: str) -> tuple[bool, float]:
        found = networks.backward_pass(page.reader, model).run(picture, label)
        return int(found.probabilities.argmax()) != label, found.loss

    return max(models, key=need)


def network_input(page: Page) -> Array:
    """Return the visitor's digit as networks take it, float32 (28, 28) in [0, 1]."""
    return rescaled(page.picture.digit)
