"""A trainer as the browser draws it: arrays as base64 of small integers, which is all a colour and a read-out need."""

from __future__ import annotations

import base64
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassbox.playground import features, network
from glassbox.playground.data import LIMIT
from glassbox.playground.setup import ACTIVATIONS, Setup
from glassbox.playground.trainer import Trainer, grid

SIDE = 48
"""The surface is worked out at SIDE x SIDE points; a neuron's small map shows every second of them."""
_GRID = grid(SIDE)
_BOUNDED = {"Tanh", "Sigmoid", "Softmax"}


def message(trainer: Trainer, shown: Setup) -> dict[str, object]:
    """The state of training: weights, losses, the map of each neuron. `shown`: for what is shown and not learned."""
    setup, data = trainer.setup, trainer.data
    neurons = trainer.neurons(_GRID)
    surface = neurons.pop(network.OUTPUT)
    bound = network.last_activation(data) in _BOUNDED
    limit = 1.0 if bound else max(1.0, float(np.abs(surface).max()))
    return {
        "epoch": trainer.epoch,
        "steps": trainer.steps,
        "history": _history(trainer),
        "accuracy": [trainer.score.train_accuracy, trainer.score.test_accuracy],
        "features": [{"name": name, "label": words} for name, words in features.FEATURES.items()],
        "chosen": list(setup.features),
        "layers": [
            {"weights": _rounded(matrix), "biases": _rounded(bias)}
            for matrix, bias in network.in_layers(trainer.weights)
        ],
        "activation": setup.activation if ACTIVATIONS[setup.activation] else "",
        "last": (network.last_activation(data) or "").lower(),
        "side": SIDE,
        "feature_maps": _maps(features.compute(_GRID, tuple(features.FEATURES))),
        "maps": [_maps(cells, bounded=setup.activation in ("tanh", "sigmoid")) for cells in neurons.values()],
        "surface": {"cells": _whole(surface.T / limit), "limit": limit},
        "points": {
            "places": _whole(data.points / LIMIT),
            "values": data.values.astype(int).tolist() if data.classes else _rounded(data.values),
            "train": trainer.trained_on,
        },
        "plane": LIMIT,
        "axes": {"names": data.columns, "centre": data.centre, "spread": data.spread},
        "classes": list(data.classes),
        "discrete": shown.discrete,
        "test": shown.test,
    }


def _history(trainer: Trainer) -> dict[str, list[float | None]]:
    return {
        "epochs": [score.epoch for score in trainer.history],
        "train": [_finite(score.train_loss) for score in trainer.history],
        "test": [_finite(score.test_loss) for score in trainer.history],
    }


def _finite(number: float) -> float | None:
    return float(f"{number:.4g}") if math.isfinite(number) else None


def _rounded(cells: NDArray[Any]) -> list[Any]:
    listed: list[Any] = np.round(cells.astype(np.float64), 5).tolist()
    return listed


def _maps(cells: NDArray[np.float32], bounded: bool = False) -> dict[str, object]:
    """(SIDE * SIDE, neurons) -> int8 maps one after the other, each as shares of its limit."""
    small = cells.T.reshape(-1, SIDE, SIDE)[:, ::2, ::2]
    limits = np.ones(len(small)) if bounded else np.maximum(np.abs(small).max((1, 2)), 1e-6)
    shares = np.rint(small / limits[:, None, None] * 127)
    return {"cells": _text(shares.astype(np.int8)), "limits": [float(f"{limit:.3g}") for limit in limits]}


def _whole(shares: NDArray[Any]) -> str:
    """Numbers from -1 to 1 as base64 of int16."""
    return _text(np.rint(shares * 32767).astype("<i2"))


def _text(cells: NDArray[Any]) -> str:
    return base64.b64encode(np.ascontiguousarray(cells).tobytes()).decode()
