"""Requests of a visitor's browser to a trainer. They may be forged: what does not fit is passed over."""

from contextlib import suppress
from dataclasses import replace
from typing import Annotated

import msgspec
from msgspec import Meta

from glassbox.playground import painting
from glassbox.playground.features import FEATURES
from glassbox.playground.setup import Setup, layers_are_fine
from glassbox.playground.trainer import Trainer

MOST_EPOCHS = 50
MOST_PLACES = 200
"""Places of one stroke of the brush; a longer one comes in parts."""
SECONDS = 0.1
"""The longest that one request trains, give or take an epoch: a server has many visitors."""


class _Request(msgspec.Struct, tag_field="kind", kw_only=True):
    """What a browser asks; `number` counts its requests."""

    number: Annotated[int, Meta(ge=0, lt=2**53)] = 0


class Train(_Request, tag="train", kw_only=True):
    """To train for so many epochs, MOST_EPOCHS at most."""

    epochs: int


class Reset(_Request, tag="reset"):
    """To go back to the first weights."""


class SetWeight(_Request, tag="weight", kw_only=True):
    """To set one weight by hand; `row` -1: the bias."""

    layer: int
    row: int
    column: int
    value: float


class Reshape(_Request, tag="shape", kw_only=True):
    """To change the hidden layers, by their numbers of neurons, and the features."""

    layers: list[int]
    features: list[str]


Place = tuple[float, float]
Places = Annotated[list[Place], Meta(min_length=1, max_length=MOST_PLACES)]


class Paint(_Request, tag="paint", kw_only=True):
    """To paint points of the class `value` at these places of the plane."""

    places: Places
    value: int


class Erase(_Request, tag="erase", kw_only=True):
    """To rub out what lies around these places."""

    places: Places


class Clear(_Request, tag="clear"):
    """To rub out all points."""


Request = Train | Reset | SetWeight | Reshape | Paint | Erase | Clear


def carry_out(trainer: Trainer, setup: Setup, request: Request) -> Setup | None:
    """Carry out a request. For a Reshape return `setup` changed so, if a network may have that shape. What is painted
    or rubbed out is then in the trainer's data.

    Raises Diverged as training does.
    """
    match request:
        case Train(epochs=epochs):
            trainer.learn(min(max(epochs, 1), MOST_EPOCHS), SECONDS)
        case Reset():
            trainer.reset()
        case SetWeight(layer=layer, row=row, column=column, value=value):
            with suppress(IndexError, ValueError):  # no such weight, or too large
                trainer.set_weight(layer, None if row == -1 else row, column, value)
        case Reshape(layers=layers, features=chosen):
            features = tuple(name for name in FEATURES if name in chosen)
            if features and layers_are_fine(layers):
                return replace(setup, layers=tuple(layers), features=features)
        case Paint(places=places, value=value):
            with suppress(IndexError):  # no such class
                trainer.take(painting.painted(trainer.data, places, value))
        case Erase(places=places):
            trainer.take(painting.erased(trainer.data, places))
        case Clear():
            trainer.take(painting.cleared(trainer.data))
    return None
