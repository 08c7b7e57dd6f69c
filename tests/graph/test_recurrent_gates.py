"""glassbox.graph.recurrent_gates against the replay in float64, from the same states, and the equations themselves."""

import numpy as np
import onnx
import pytest
from onnx import helper

from glassbox.engine.session import Session
from glassbox.explain.terms.recurrence import Recurrence
from glassbox.graph.recurrent_gates import GATES, with_gates
from tests import models, text_models

T, N, I, H = 9, 3, 4, 5  # noqa: E741


def network(kind: str, direction: str, **more: int) -> onnx.ModelProto:
    rng = np.random.default_rng(2)
    gates, directions = {"GRU": 3, "LSTM": 4}[kind], 2 if direction == "bidirectional" else 1
    held = {
        "W": models.weights(rng, directions, gates * H, I) * 4,
        "R": models.weights(rng, directions, gates * H, H) * 4,
        "B": models.weights(rng, directions, 2 * gates * H) * 4,
    }
    node = helper.make_node(kind, ["X", *held, "lengths"], ["Y"], hidden_size=H, direction=direction, **more)
    cast = helper.make_node("Cast", ["N"], ["lengths"], to=6)
    return models.graph([cast, node], {"X": [T, "n", I], "N": ["n"]}, "Y", held)


CASES = [
    (kind, direction, more)
    for kind, options in (("GRU", [{}, {"linear_before_reset": 1}]), ("LSTM", [{}]))
    for more in options
    for direction in ("forward", "reverse", "bidirectional")
]


@pytest.mark.parametrize(("kind", "direction", "more"), CASES)
def test_gates_are_those_of_the_replay(kind: str, direction: str, more: dict[str, int]) -> None:
    model = network(kind, direction, **more)
    gated, names = with_gates(model)
    onnx.checker.check_model(gated, full_check=True)
    assert list(names) == list(GATES[kind])
    assert [value.name for value in gated.graph.output] == ["Y", *names.values()]
    x = np.random.default_rng(3).normal(size=(T, N, I)).astype(np.float32)
    lengths = np.array([T, 4, 1])
    found = Session(gated.SerializeToString()).run({"X": x, "N": lengths.astype(np.float32)}).outputs
    plain = Session(model.SerializeToString()).run({"X": x, "N": lengths.astype(np.float32)}).outputs
    np.testing.assert_array_equal(found["Y"], plain["Y"])
    held = [onnx.numpy_helper.to_array(tensor) for tensor in model.graph.initializer]
    expected = Recurrence(kind, {"direction": direction, **more}, [x, *held, lengths], found["Y"]).gates()
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


def test_a_cell_of_another_kind_is_refused() -> None:
    clipped = network("GRU", "forward")
    clipped.graph.node[1].attribute.append(helper.make_attribute("clip", 1.0))
    started = text_models.writer("lstm", 12)
    stateless = network("LSTM", "forward")
    stateless.graph.node[1].input.extend(["", "", "P"])
    twice = network("LSTM", "forward")
    twice.graph.node.append(helper.make_node("LSTM", ["X", "W", "R", "B"], ["Z"], hidden_size=H))
    for model in (clipped, started, stateless, twice):
        with pytest.raises(ValueError, match="one GRU or LSTM with the standard activations that starts from zeros"):
            with_gates(model)
