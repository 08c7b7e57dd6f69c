"""All settings of a playground's training, as one value that a link can carry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

from glassbox.graph.optimisers import Adam, Optimiser, Penalty, Sgd
from glassbox.playground import data
from glassbox.playground.features import FEATURES

OPTIMISERS: dict[str, Optimiser] = {"sgd": Sgd(), "momentum": Sgd(momentum=0.9), "adam": Adam()}
ACTIVATIONS = {"tanh": "Tanh", "relu": "Relu", "sigmoid": "Sigmoid", "linear": None}
"""The ONNX operator behind each hidden layer."""
RATES = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
PENALTIES = ("none", "l1", "l2")
STRENGTHS = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1)
NOISES = tuple(range(0, 55, 5))
SHARES = tuple(range(10, 100, 10))
BATCHES = tuple(range(1, 31))
SEEDS = range(1_000_000)
MAX_LAYERS, MAX_NEURONS = 6, 8
OWN = "own"
"""The name of the data set that a visitor brought."""


@dataclass(frozen=True)
class Setup:
    """A training's settings. `noise` and the `share` trained on: percent; `layers`: neurons of each hidden layer;
    `discrete`, `test`: whether the figure shows classes only, and the points not trained on."""

    data: str = "circle"
    classes: int = 2
    noise: int = 0
    share: int = 50
    seed: int = 1
    features: tuple[str, ...] = ("x", "y")
    layers: tuple[int, ...] = (4, 2)
    activation: str = "tanh"
    optimiser: str = "sgd"
    rate: float = 0.03
    batch: int = 10
    penalty: str = "none"
    strength: float = 0.001
    discrete: bool = False
    test: bool = False

    @property
    def regularisation(self) -> Penalty | None:
        """The penalty that is added to the loss, None without one."""
        return None if self.penalty == "none" else Penalty(**{self.penalty: self.strength})

    @property
    def own(self) -> bool:
        """Whether it uses the visitor's own data, which no link carries."""
        return self.data == OWN


_CHOICES: dict[str, tuple[object, ...] | range] = {
    "data": (*data.NAMES, OWN),
    "classes": data.CLASSES,
    "noise": NOISES,
    "share": SHARES,
    "seed": SEEDS,
    "activation": tuple(ACTIVATIONS),
    "optimiser": tuple(OPTIMISERS),
    "rate": RATES,
    "batch": BATCHES,
    "penalty": PENALTIES,
    "strength": STRENGTHS,
    "discrete": (False, True),
    "test": (False, True),
}
NAMES = tuple(field.name for field in fields(Setup))


def to_query(setup: Setup) -> dict[str, str]:
    """Return what of `setup` differs from the standard one, as the parameters of a link."""
    standard = Setup()
    return {name: _text(getattr(setup, name)) for name in NAMES if getattr(setup, name) != getattr(standard, name)}


def from_query(query: Mapping[str, str], own: bool = False) -> Setup:
    """Return the setup of a link, the standard where it is missing, forged or wrong; `own`: own data is there."""
    changes: dict[str, object] = {}
    for name in NAMES:
        if (text := query.get(name)) is None:
            continue
        if name == "features":
            chosen = tuple(feature for feature in FEATURES if feature in text.split("-"))
            changes |= {"features": chosen} if chosen else {}
        elif name == "layers":
            parts = text.split("-") if text != "0" else []
            neurons = [int(part) for part in parts if part.isdecimal() and len(part) == 1]
            if len(neurons) == len(parts) and layers_are_fine(neurons):
                changes["layers"] = tuple(neurons)
        else:
            for option in _CHOICES[name] if name != "seed" else _seed(text):
                if _text(option) == text:
                    changes[name] = option
    setup = replace(Setup(), **changes)  # type: ignore[arg-type]
    return setup if own or not setup.own else replace(setup, data=Setup().data)


def layers_are_fine(neurons: list[int]) -> bool:
    """Return whether a network may have these hidden layers."""
    return len(neurons) <= MAX_LAYERS and all(1 <= n <= MAX_NEURONS for n in neurons)


def _seed(text: str) -> tuple[int, ...]:
    return (int(text),) if text.isascii() and text.isdecimal() and len(text) <= 6 else ()


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, tuple):
        return "-".join(map(str, value)) or "0"
    return f"{value:g}" if isinstance(value, float) else str(value)
