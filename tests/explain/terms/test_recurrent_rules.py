"""RNN, GRU and LSTM with attributes and optional inputs drawn at random: every state and gate must add up."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from onnx import helper

from glassbox.explain.terms.explain import Inside, Tapped
from tests.models import graph
from tests.reconcile import reconcile

STEPS, BATCH, READ, UNITS = 4, 2, 3, 2
GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}
FUNCTIONS = [
    "Relu", "Tanh", "Sigmoid", "Affine", "LeakyRelu", "ThresholdedRelu", "ScaledTanh", "HardSigmoid", "Elu", "Softsign",
    "Softplus",
]  # fmt: skip
WITH_ALPHA = {"Affine", "LeakyRelu", "ThresholdedRelu", "ScaledTanh", "HardSigmoid", "Elu"}
WITH_BETA = {"Affine", "ScaledTanh", "HardSigmoid"}


def numbers(seed: int, *shape: int) -> NDArray[np.float32]:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def build(kind: str, optional: set[str], lengths: list[int] | None, **attributes: Any) -> Tapped:
    """A model of one node of `kind` over x; `optional` says which inputs it has: B, first, first_cell, peepholes."""
    directions = 2 if attributes.get("direction") == "bidirectional" else 1
    rows = GATES[kind] * UNITS
    held = {"W": numbers(1, directions, rows, READ), "R": numbers(2, directions, rows, UNITS)}
    shapes = {
        "B": (directions, 2 * rows),
        "first": (directions, BATCH, UNITS),
        "first_cell": (directions, BATCH, UNITS),
        "peepholes": (directions, 3 * UNITS),
    }
    held |= {name: numbers(3 + place, *shapes[name]) for place, name in enumerate(shapes) if name in optional}
    if lengths is not None:
        held["lengths"] = np.array(lengths, np.int32)
    order = ["B", "lengths", "first"] + (["first_cell", "peepholes"] if kind == "LSTM" else [])
    inputs = ["x", "W", "R", *(name if name in held else "" for name in order)]
    outputs = ["", "last"] + (["last_cell"] if kind == "LSTM" else [])
    node = helper.make_node(kind, inputs, outputs, name="layer", hidden_size=UNITS, **attributes)
    return Tapped(graph([node], {"x": (STEPS, BATCH, READ)}, outputs[1:], held))


def check(model: Tapped, seed: int = 0) -> Inside:
    """Reconcile every cell: the states, the last ones, every gate."""
    inside = model.run({"x": numbers(seed, STEPS, BATCH, READ)})
    computed = [name for name in inside.tensors if name.startswith(("layer", "last"))]
    for tensor in computed:
        for index in np.ndindex(inside.tensors[tensor].shape):
            found = reconcile(inside, tensor, index)
            scale = max(1.0, found.magnitude)
            assert found.after == pytest.approx(float(inside.tensors[tensor][index]), rel=1e-5, abs=1e-6 * scale)
    return inside


@st.composite
def settings_of(draw: Any, kind: str) -> tuple[set[str], list[int] | None, dict[str, Any]]:
    names = ["B", "first"] + (["first_cell", "peepholes"] if kind == "LSTM" else [])
    optional = draw(st.sets(st.sampled_from(names)))
    lengths = draw(st.none() | st.lists(st.integers(0, STEPS), min_size=BATCH, max_size=BATCH))
    direction = draw(st.sampled_from(["forward", "reverse", "bidirectional"]))
    attributes: dict[str, Any] = {"direction": direction}
    each = {"RNN": 1, "GRU": 2, "LSTM": 3}[kind] * (2 if direction == "bidirectional" else 1)
    if draw(st.booleans()):
        chosen = attributes["activations"] = draw(st.lists(st.sampled_from(FUNCTIONS), min_size=each, max_size=each))
        if draw(st.booleans()):
            alphas, betas = (sum(name in group for name in chosen) for group in (WITH_ALPHA, WITH_BETA))
            attributes["activation_alpha"] = [0.5 + 0.1 * place for place in range(alphas)]
            attributes["activation_beta"] = [0.4 - 0.1 * place for place in range(betas)]
    if draw(st.booleans()):
        attributes["clip"] = 0.8
    if kind == "GRU":
        attributes["linear_before_reset"] = draw(st.integers(0, 1))
    if kind == "LSTM":
        attributes["input_forget"] = draw(st.integers(0, 1))
    return optional, lengths, {name: value for name, value in attributes.items() if value != []}


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.sampled_from(sorted(GATES)).flatmap(lambda kind: st.tuples(st.just(kind), settings_of(kind))))
def test_every_state_and_gate_adds_up(case: tuple[str, tuple[set[str], list[int] | None, dict[str, Any]]]) -> None:
    kind, (optional, lengths, attributes) = case
    check(build(kind, optional, lengths, **attributes))
