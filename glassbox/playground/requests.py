"""Requests of a visitor's browser to a trainer. They may be forged: what does not fit is passed over."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeGuard

from glassbox.playground.features import FEATURES
from glassbox.playground.setup import Setup, layers_are_fine
from glassbox.playground.trainer import Trainer

MOST_EPOCHS = 50
SECONDS = 0.1
"""The longest that one request trains, give or take an epoch: a server has many visitors."""


def carry_out(trainer: Trainer, setup: Setup, request: object) -> Setup | None:
    """Carry out a request: {"kind": "train", "epochs"}, {"kind": "reset"} or {"kind": "weight", "layer", "row",
    "column", "value"} (row -1: the bias). For {"kind": "shape", "layers", "features"} return `setup` changed so.

    Raises Diverged as training does.
    """
    if not isinstance(request, dict):
        return None
    match request.get("kind"):
        case "train" if _is_whole(epochs := request.get("epochs")):
            trainer.learn(min(max(epochs, 1), MOST_EPOCHS), SECONDS)
        case "reset":
            trainer.reset()
        case "weight":
            _edit(trainer, request)
        case "shape":
            return _shaped(setup, request)
    return None


def _edit(trainer: Trainer, request: dict[str, object]) -> None:
    layer, row, column, value = (request.get(name) for name in ("layer", "row", "column", "value"))
    if not (_is_whole(layer) and _is_whole(row) and _is_whole(column)):
        return
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            trainer.set_weight(layer, None if row == -1 else row, column, float(value))
        except (IndexError, ValueError, OverflowError):
            return


def _shaped(setup: Setup, request: dict[str, object]) -> Setup | None:
    layers, chosen = request.get("layers"), request.get("features")
    if not isinstance(layers, list) or not all(_is_whole(n) for n in layers) or not layers_are_fine(layers):
        return None
    features = tuple(name for name in FEATURES if isinstance(chosen, list) and name in chosen)
    return replace(setup, layers=tuple(layers), features=features) if features else None


def _is_whole(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)
