"""glassbox.graph.recurrent_gates against the replay in float64, from the same states, and the equations themselves."""

from typing import Any

import numpy as np
import onnx
import pytest
from onnx import helper

from glassbox.engine.session import Session
from glassbox.explain.terms.recurrence import Recurrence
from glassbox.graph.recurrent_gates import GATES, with_gates
from tests import models, text_models

T, N, I, H = 9, 3, 4, 5  # noqa: E741


def network(kind: str, direction: str, starts: bool = False, **more: object) -> onnx.ModelProto:
    rng = np.random.default_rng(2)
    gates, directions = {"GRU": 3, "LSTM": 4}[kind], 2 if direction == "bidirectional" else 1
    held = {
        "W": models.weights(rng, directions, gates * H, I) * 4,
        "R": models.weights(rng, directions, gates * H, H) * 4,
        "B": models.weights(rng, directions, 2 * gates * H) * 4,
    }
    inputs = ["X", *held, "lengths"]
    if starts:
        states = {"h": (directions, N, H)} | ({"c": (directions, N, H), "P": (directions, 3 * H)} if gates == 4 else {})
        held |= {name: models.weights(rng, *shape) * 4 for name, shape in states.items()}
        inputs += states
    node = helper.make_node(kind, inputs, ["Y"], hidden_size=H, direction=direction, **more)
    cast = helper.make_node("Cast", ["N"], ["lengths"], to=6)
    return models.graph([cast, node], {"X": [T, "n", I], "N": ["n"]}, "Y", held)


CASES = [
    (kind, direction, more)
    for kind, options in (
        ("GRU", [{}, {"linear_before_reset": 1}, {"clip": 0.3}]),
        ("LSTM", [{}, {"input_forget": 1}, {"clip": 0.3}]),
    )
    for more in options
    for direction in ("forward", "reverse", "bidirectional")
]


@pytest.mark.parametrize("starts", [False, True], ids=["from zeros", "from states"])
@pytest.mark.parametrize(("kind", "direction", "more"), CASES)
def test_gates_are_those_of_the_replay(kind: str, direction: str, more: dict[str, Any], starts: bool) -> None:
    model = network(kind, direction, starts, **more)
    gated, names = with_gates(model)
    onnx.checker.check_model(gated, full_check=True)
    assert list(names) == list(GATES[kind])
    assert [value.name for value in gated.graph.output] == ["Y", *names.values()]
    x = np.random.default_rng(3).normal(size=(T, N, I)).astype(np.float32)
    lengths = np.array([T, 4, 1])
    found = Session(gated.SerializeToString()).run({"X": x, "N": lengths.astype(np.float32)}).outputs
    plain = Session(model.SerializeToString()).run({"X": x, "N": lengths.astype(np.float32)}).outputs
    np.testing.assert_array_equal(found["Y"], plain["Y"])
    w, r, b, *states = [onnx.numpy_helper.to_array(tensor) for tensor in model.graph.initializer]
    expected = Recurrence(kind, {"direction": direction, **more}, [x, w, r, b, lengths, *states], found["Y"]).gates()
    for gate, name in names.items():
        assert found[name].shape == (T, 2 if direction == "bidirectional" else 1, N, H)
        for n, length in enumerate(lengths):  # behind a text's end gates mean nothing
            np.testing.assert_allclose(found[name][:length, :, n], expected[gate][:length, :, n], atol=1e-5)


@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_gates_are_those_of_the_equations(cell: str, both: bool) -> None:
    ids = [3, 5, 9, 1, 7, 7, 4]
    gated, names = with_gates(text_models.classifier(cell, 12, 4, both))
    feeds = {"ids": np.array([ids]), "lengths": np.array([len(ids)], np.int32)}
    found = Session(gated.SerializeToString()).run(feeds).outputs
    _, gates = text_models.states(cell, text_models.parameters(cell, 12, 4, 1 + both), ids)
    for gate, name in names.items():
        np.testing.assert_allclose(found[name][:, :, 0].reshape(len(ids), -1), gates[gate], atol=1e-5)


def test_an_rnn_has_none() -> None:
    model = text_models.classifier("rnn", 12, 4)
    gated, names = with_gates(model)
    assert names == {}
    assert gated == model


def changed(**attributes: object) -> onnx.ModelProto:
    model = network("LSTM", "forward")
    model.graph.node[1].attribute.extend(helper.make_attribute(name, value) for name, value in attributes.items())
    return model


def stateless() -> onnx.ModelProto:
    model = network("LSTM", "forward")
    model.graph.node[1].output[:] = ["", "Y"]
    return model


def twice() -> onnx.ModelProto:
    model = network("LSTM", "forward")
    model.graph.node.append(helper.make_node("LSTM", ["X", "W", "R", "B"], ["Z"], hidden_size=H))
    return model


@pytest.mark.parametrize(
    ("model", "why"),
    [
        pytest.param(stateless(), "one GRU or LSTM that gives its states", id="without states"),
        pytest.param(twice(), "one GRU or LSTM that gives its states", id="two"),
        pytest.param(changed(layout=1), "batch first", id="batch first"),
        pytest.param(changed(activations=["Cube"] * 3), "the activation 'cube'", id="unknown activation"),
    ],
)
def test_what_has_no_gates_to_give_is_refused(model: onnx.ModelProto, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        with_gates(model)
