"""What a visitor takes away: the points as CSV, and a Keras script that holds the network as it is now."""

from __future__ import annotations

import csv
import io

import numpy as np

from glassbox.playground import network
from glassbox.playground.setup import Setup
from glassbox.playground.trainer import Trainer

_FEATURES = {"x": "x", "y": "y", "xx": "x * x", "yy": "y * y", "xy": "x * y", "sinx": "np.sin(x)", "siny": "np.sin(y)"}
_OPTIMISERS = {
    "sgd": "keras.optimizers.SGD({rate:g})",
    "momentum": "keras.optimizers.SGD({rate:g}, momentum=0.9)",
    "adam": "keras.optimizers.Adam({rate:g})",
}


def points_csv(trainer: Trainer) -> str:
    """The points in their own units, a heading above: x, y, label or height, and which part each is in."""
    data, file = trainer.data, io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([*data.columns, "part"])
    places = data.points * np.array(data.spread[:2]) + np.array(data.centre[:2])
    for i, ((x, y), value) in enumerate(zip(places, data.values, strict=True)):
        label = data.classes[int(value)] if data.classes else f"{value * data.spread[2] + data.centre[2]:.6g}"
        writer.writerow([f"{x:.6g}", f"{y:.6g}", label, "train" if i < trainer.trained_on else "test"])
    return file.getvalue()


def keras_code(trainer: Trainer, setup: Setup) -> str:
    """A script: the network with its weights of now, compiled with this setup, and `predict` for points (N, 2)."""
    data, several = trainer.data, trainer.data.outputs > 1
    layers = network.in_layers(trainer.weights)
    last = (network.last_activation(data) or "linear").lower()
    lines = [
        '"""A network from the Glassbox playground, with the weights that it had learned."""',
        "",
        "import keras",
        "import numpy as np",
        "",
        f"CENTRE, SPREAD = {list(data.centre[:2])}, {list(data.spread[:2])}",
        *([f"CLASSES = {list(data.classes)!r}"] if data.classes else []),
        "",
        "",
        "def features(points):",
        '    """(N, 2) -> (N, features)."""',
        "    x, y = ((np.asarray(points) - CENTRE) / SPREAD).T",
        f"    return np.stack([{', '.join(_FEATURES[name] for name in setup.features)}], axis=1)",
        "",
        "",
        f"regularizer = {_regularizer(setup)}",
        "model = keras.Sequential(",
        "    [",
        f"        keras.Input(({len(setup.features)},)),",
    ]
    for i, (_, bias) in enumerate(layers, 1):
        activation = last if i == len(layers) else setup.activation
        lines.append(
            f'        keras.layers.Dense({len(bias)}, activation="{activation}", kernel_regularizer=regularizer),'
        )
    lines += [
        "    ]",
        ")",
        "model.compile(",
        f"    optimizer={_OPTIMISERS[setup.optimiser].format(rate=setup.rate)},",
        f'    loss="{network.loss(data)}",',
        ")",
        "model.set_weights(",
        "    [",
    ]
    for matrix, bias in layers:
        lines += [f"        np.array({_numbers(matrix)}),", f"        np.array({_numbers(bias)}),"]
    targets = "one-hot rows" if several else "-1 or 1" if data.classes else "heights between -1 and 1"
    output = "model.predict(features(points), verbose=0)"
    if not data.classes and (data.centre[2], data.spread[2]) != (0, 1):
        output += f" * {data.spread[2]!r} + {data.centre[2]!r}"
    lines += [
        "    ]",
        ")",
        f"# To train on, with targets {targets}:",
        f"# model.fit(features(points), targets, batch_size={setup.batch}, epochs=100)",
        "",
        "",
        "def predict(points):",
        '    """(N, 2) -> the outputs (N, outputs)."""',
        f"    return {output}",
        "",
    ]
    return "\n".join(lines)


def _regularizer(setup: Setup) -> str:
    return "None" if setup.penalty == "none" else f"keras.regularizers.{setup.penalty.upper()}({setup.strength:g})"


def _numbers(cells: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> str:
    """Nine significant digits, which is all of a float32."""
    if cells.ndim == 1:
        return f"[{', '.join(f'{cell:.9g}' for cell in cells.tolist())}]"
    return f"[{', '.join(_numbers(row) for row in cells)}]"
