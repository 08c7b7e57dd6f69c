"""Biases packed into the matrices of dense layers: the same training by fewer nodes, and where it is left alone."""

from itertools import pairwise

import numpy as np
import onnx
import pytest
from onnx import ModelProto, helper, numpy_helper

from glassbox.engine.session import Session
from glassbox.graph import packing
from glassbox.graph.optimisers import Adam, Optimiser, Penalty, Sgd
from glassbox.graph.training import carry_on, start, trainable, training_graph

SIZES = (3, 5, 4, 2)


def network(hidden: str = "Tanh", last: str = "", shared: bool = False, **attributes: float) -> ModelProto:
    """Dense layers of SIZES with `hidden` between them; `shared`: the first layer's bias is added once more at the end;
    `attributes`: of the last Gemm."""
    rng, nodes, weights, x = np.random.default_rng(0), [], [], "x"
    for i, (before, after) in enumerate(pairwise(SIZES), 1):
        final = i == len(SIZES) - 1
        nodes.append(helper.make_node("Gemm", [x, f"W{i}", f"b{i}"], [f"z{i}"], **(attributes if final else {})))
        if operator := last if final else hidden:
            nodes.append(helper.make_node(operator, [f"z{i}"], [f"h{i}"]))
        x = nodes[-1].output[0]
        weights.append(numpy_helper.from_array(rng.normal(size=(before, after)).astype(np.float32), f"W{i}"))
        weights.append(numpy_helper.from_array(rng.normal(size=after).astype(np.float32), f"b{i}"))
    if shared:
        nodes += [helper.make_node("ReduceSum", ["b1"], ["s"]), helper.make_node("Add", [x, "s"], ["y"])]
    declared = [helper.make_tensor_value_info(name, 1, ["N", n]) for name, n in (("x", 3), (nodes[-1].output[0], 2))]
    graph = helper.make_graph(nodes, "dense", declared[:1], declared[1:], weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)


def trained(model: ModelProto, loss: str, optimiser: Optimiser) -> tuple[ModelProto, dict[str, np.ndarray]]:
    """Return the training graph, and what 40 steps of it come to, in two runs."""
    graph = training_graph(model, loss, optimiser)  # type: ignore[arg-type]
    onnx.checker.check_model(graph, full_check=True)
    rng, session = np.random.default_rng(1), Session(graph.SerializeToString())
    x, t = rng.normal(size=(40, 6, 3)).astype(np.float32), np.eye(2, dtype=np.float32)[rng.integers(0, 2, (40, 6))]
    feeds, found = start(model, optimiser), {}
    for part in (slice(0, 30), slice(30, 40)):
        given = {"x": x[part], "targets": t[part], "learning_rate": np.array(0.05, np.float32)}
        found = session.run({**feeds, **given}).outputs
        feeds |= carry_on(found)
    return graph, found


@pytest.mark.parametrize("hidden", ["Tanh", "Sigmoid"])
@pytest.mark.parametrize(("loss", "last"), [("mean_squared_error", ""), ("categorical_crossentropy", "Softmax")])
@pytest.mark.parametrize("optimiser", [Sgd(), Sgd(0.9, nesterov=True)], ids=["sgd", "nesterov"])
def test_packed_layers_learn_what_the_layers_learn(
    hidden: str, loss: str, last: str, optimiser: Optimiser, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = network(hidden, last)
    packed, found = trained(model, loss, optimiser)
    monkeypatch.setattr(packing, "layers", lambda *_: [])
    plain, expected = trained(model, loss, optimiser)
    assert list(found) == list(expected)
    for name, cells in expected.items():
        np.testing.assert_allclose(found[name], cells, rtol=1e-4, atol=2e-6, err_msg=name)
    assert {x.name for x in packed.graph.input} == {x.name for x in plain.graph.input}
    loops = [next(node for node in one.graph.node if node.op_type == "Scan") for one in (packed, plain)]
    fewer, more = (len(loop.attribute[0].g.node) for loop in loops)
    assert fewer <= more - len(SIZES) + 1  # a sum for each bias, at least


@pytest.mark.parametrize(
    "model",
    [network("Relu"), network(shared=True), network(beta=0.5), network("Tanh", "Exp")],
    ids=["not saturating", "a bias read twice", "scaled", "an operator behind"],
)
def test_other_networks_are_left_alone(model: ModelProto) -> None:
    assert packing.layers(model.graph, trainable(model)) == []


def test_an_input_of_unknown_shape_is_left_alone() -> None:
    model = network()
    model.graph.input[0].type.tensor_type.ClearField("shape")
    assert packing.layers(model.graph, trainable(network())) == []


def test_what_is_penalised_remembered_or_trained_in_part_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    model = network()
    assert len(packing.layers(model.graph, trainable(model))) == len(SIZES) - 1
    assert packing.layers(model.graph, ["W1", "b1"]) == []
    monkeypatch.setattr(packing, "packed", lambda *_: pytest.fail("it was packed"))
    for options in ({"optimiser": Adam()}, {"optimiser": Sgd(), "penalty": Penalty(l2=0.1)}):
        training_graph(model, "mean_squared_error", **options)  # type: ignore[arg-type]
