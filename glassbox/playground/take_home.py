"""What a visitor takes away: the points as CSV, and a Keras script that holds the network as it is now."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from glassbox import csv_file
from glassbox.playground import network
from glassbox.playground.setup import Setup
from glassbox.playground.trainer import Trainer

TEMPLATE = Path(__file__).with_name("keras_script.py.jinja")
_FEATURES = {"x": "x", "y": "y", "xx": "x * x", "yy": "y * y", "xy": "x * y", "sinx": "np.sin(x)", "siny": "np.sin(y)"}
_OPTIMISERS = {
    "sgd": "keras.optimizers.SGD({rate:g})",
    "momentum": "keras.optimizers.SGD({rate:g}, momentum=0.9)",
    "adam": "keras.optimizers.Adam({rate:g})",
}


def points_csv(trainer: Trainer) -> str:
    """Return the points in their own units below a heading: x, y, label or height, and which part each is in."""
    data = trainer.data
    rows = [[*data.columns, "part"]]
    places = data.points * np.array(data.spread[:2]) + np.array(data.centre[:2])
    for i, ((x, y), value) in enumerate(zip(places, data.values, strict=True)):
        label = data.classes[int(value)] if data.classes else f"{value * data.spread[2] + data.centre[2]:.6g}"
        rows.append([f"{x:.6g}", f"{y:.6g}", label, "train" if i < trainer.trained_on else "test"])
    return csv_file.text(rows)


def keras_code(trainer: Trainer, setup: Setup) -> str:
    """Return a script: the network with its present weights, compiled as in `setup`, and `predict` for points (N, 2).

    Needs Jinja2, which the dashboard brings (the extra "app").
    """
    import jinja2

    data = trainer.data
    heights = not data.classes and (data.centre[2], data.spread[2]) != (0, 1)
    environment = jinja2.Environment(trim_blocks=True, keep_trailing_newline=True, undefined=jinja2.StrictUndefined)
    return environment.from_string(TEMPLATE.read_text(encoding="utf-8")).render(
        centre=list(data.centre[:2]),
        spread=list(data.spread[:2]),
        classes=list(data.classes),
        features=[_FEATURES[name] for name in setup.features],
        regularizer=_regularizer(setup),
        layers=_layers(trainer, setup),
        optimizer=_OPTIMISERS[setup.optimiser].format(rate=setup.rate),
        loss=network.loss(data),
        targets="one-hot rows" if data.outputs > 1 else "-1 or 1" if data.classes else "heights between -1 and 1",
        batch=setup.batch,
        height_centre=data.centre[2] if heights else None,
        height_spread=data.spread[2] if heights else None,
    )


def _layers(trainer: Trainer, setup: Setup) -> list[dict[str, object]]:
    """Each layer's neurons, activation, weights and biases, as the script writes them."""
    layers = network.in_layers(trainer.weights)
    last = (network.last_activation(trainer.data) or "linear").lower()
    activations = [setup.activation] * (len(layers) - 1) + [last]
    return [
        {"neurons": len(bias), "activation": activation, "weights": _numbers(matrix), "biases": _numbers(bias)}
        for (matrix, bias), activation in zip(layers, activations, strict=True)
    ]


def _regularizer(setup: Setup) -> str:
    return "None" if setup.penalty == "none" else f"keras.regularizers.{setup.penalty.upper()}({setup.strength:g})"


def _numbers(cells: NDArray[np.float32]) -> str:
    """Nine significant digits, which is all of a float32."""
    if cells.ndim == 1:
        return f"[{', '.join(f'{cell:.9g}' for cell in cells.tolist())}]"
    return f"[{', '.join(_numbers(row) for row in cells)}]"
