import numpy as np
import onnx
import pytest
from onnx import helper

from glassbox.graph.model import constants, read
from glassbox.graph.optimisers import Adam, Penalty, Sgd
from glassbox.graph.training import carry_on, start, trainable, training_graph, weights_as_inputs, with_weights
from glassbox.zoo import transformer_models
from tests.gradients import graph, run
from tests.models import network

RNG = np.random.default_rng(0)


def dense(last="Softmax"):
    """(N, 3) -> Dense(4, tanh) -> Dense(2), and a Softmax or nothing."""
    nodes = [
        helper.make_node("MatMul", ["x", "W1"], ["p1"]),
        helper.make_node("Add", ["p1", "b1"], ["z1"]),
        helper.make_node("Tanh", ["z1"], ["h"]),
        helper.make_node("Gemm", ["h", "W2", "b2"], ["z2" if last else "y"]),
    ]
    nodes += [helper.make_node(last, ["z2"], ["y"])] if last else []
    rng = np.random.default_rng(1)
    weights = {name: rng.normal(size=shape).astype(np.float32) for name, shape in SHAPES.items()}
    return graph(nodes, {"x": np.zeros((5, 3), np.float32)}, weights, {"y": 2}, "names"), weights


RATE = {"learning_rate": np.float32(0.1)}
SHAPES = {"W1": (3, 4), "b1": (4,), "W2": (4, 2), "b2": (2,)}


def train(trainer, feeds):
    """The outputs of the training graph by name."""
    return dict(zip([output.name for output in trainer.graph.output], run(trainer, feeds), strict=True))


def batches(k=6, n=5):
    rng = np.random.default_rng(2)
    return rng.normal(size=(k, n, 3)).astype(np.float32), np.eye(2, dtype=np.float32)[rng.integers(0, 2, (k, n))]


class ByHand:
    """The same network and rules in float64, written out."""

    def __init__(self, weights, loss, penalty):
        self.w = {name: w.astype(np.float64) for name, w in weights.items()}
        self.loss, self.penalty = loss, penalty

    def gradients(self, x, t):
        w = self.w
        h = np.tanh(x @ w["W1"] + w["b1"])
        y = h @ w["W2"] + w["b2"]
        if self.loss == "categorical_crossentropy":
            p = np.exp(y) / np.exp(y).sum(1, keepdims=True)
            value, dy = -(t * np.log(p)).sum(1).mean(), (p - t) / len(x)
        else:
            value, dy = ((y - t) ** 2).mean(), 2 * (y - t) / y.size
        dz = dy @ w["W2"].T * (1 - h * h)
        grads = {"W1": x.T @ dz, "b1": dz.sum(0), "W2": h.T @ dy, "b2": dy.sum(0)}
        for name in ("W1", "W2"):
            value += self.penalty.l1 * np.abs(w[name]).sum() + self.penalty.l2 * (w[name] ** 2).sum()
            grads[name] = grads[name] + self.penalty.l1 * np.sign(w[name]) + 2 * self.penalty.l2 * w[name]
        return value, grads


def sgd(momentum=0.0, nesterov=False):
    def step(w, g, memory, t, lr):
        before = memory.get("m", 0)
        memory["m"] = momentum * before - lr * g
        return w + (momentum * memory["m"] - lr * g if nesterov else memory["m"])

    return step


def adam(w, g, memory, t, lr):
    memory["m"] = 0.9 * memory.get("m", 0) + 0.1 * g
    memory["v"] = 0.999 * memory.get("v", 0) + 0.001 * g * g
    return w - lr * memory["m"] / (1 - 0.9**t) / (np.sqrt(memory["v"] / (1 - 0.999**t)) + 1e-7)


RULES = [
    (Sgd(), sgd()),
    (Sgd(momentum=0.9), sgd(0.9)),
    (Sgd(momentum=0.8, nesterov=True), sgd(0.8, True)),
    (Adam(), adam),
]


@pytest.mark.parametrize(("optimiser", "rule"), RULES, ids=["sgd", "momentum", "nesterov", "adam"])
@pytest.mark.parametrize("loss", ["mean_squared_error", "categorical_crossentropy"])
@pytest.mark.parametrize("penalty", [Penalty(), Penalty(l1=0.01), Penalty(l2=0.02), Penalty(0.01, 0.02)], ids=str)
def test_training_against_the_rules_written_out(optimiser, rule, loss, penalty):
    model, weights = dense("Softmax" if loss == "categorical_crossentropy" else None)
    x, t = batches()
    trainer = training_graph(model, loss, optimiser, penalty)
    onnx.checker.check_model(trainer, full_check=True)
    rate = 0.01 if isinstance(optimiser, Adam) else 0.1
    feeds = {**start(model, optimiser), "learning_rate": np.float32(rate)}
    losses = []
    for part in (slice(0, 4), slice(4, 6)):  # in two runs, the second taking up what the first left
        results = train(trainer, {**feeds, "x": x[part], "targets": t[part]})
        losses.extend(results["losses"])
        feeds |= carry_on(results)
    by_hand, memory = ByHand(weights, loss, penalty), {name: {} for name in weights}
    for step in range(6):
        value, grads = by_hand.gradients(x[step], t[step])
        assert losses[step] == pytest.approx(value, rel=1e-4)
        for name in weights:
            by_hand.w[name] = rule(by_hand.w[name], grads[name], memory[name], step + 1, rate)
    for name, shape in SHAPES.items():
        assert feeds[name].shape == shape
        assert feeds[name] == pytest.approx(by_hand.w[name], rel=2e-3, abs=2e-5)


def test_each_update_is_part_of_the_product_that_computes_the_gradient():
    """Plain SGD leaves no node behind in the loop but the network's, the gradients' and one Gemm for each weight."""
    trainer = training_graph(dense(None)[0], "mean_squared_error", Sgd())
    loop = next(node for node in trainer.graph.node if node.op_type == "Scan")
    operators = [node.op_type for node in loop.attribute[0].g.node if node.op_type != "Identity"]
    assert sorted(operators) == sorted(
        ["MatMul", "Add", "Tanh", "Gemm", "Sub", "Mul", "Gemm", "Mul", "Sub", "Mul"] + ["Gemm"] * 4
    )


@pytest.mark.parametrize("name", ["mlp", "cnn", "rnn", "lstm", "gru", "cnn_deep"])
def test_every_network_of_the_zoo_learns_a_batch_by_heart(name):
    model = network(name)
    shape = [d.dim_value for d in model.graph.input[0].type.tensor_type.shape.dim][1:]
    x = np.repeat(RNG.random((1, 8, *shape)).astype(np.float32), 25, 0)
    t = np.repeat(np.eye(10, dtype=np.float32)[np.arange(8)][None], 25, 0)
    loss = "mean_squared_error" if name == "mlp" else "categorical_crossentropy"
    trainer = training_graph(model, loss, Adam())
    onnx.checker.check_model(trainer, full_check=True)
    feeds = {**start(model, Adam()), "learning_rate": np.float32(0.003)}
    results = train(trainer, {**feeds, "picture": x, "targets": t})
    assert results["losses"][-1] < 0.9 * results["losses"][0]
    assert results["next_step"] == 25
    trained = with_weights(model, carry_on(results))
    onnx.checker.check_model(trained, full_check=True)
    assert [w.name for w in trained.graph.initializer] == [w.name for w in model.graph.initializer]


def test_weights_with_one_gradient_in_common():
    """y = x (V + W) + b: one node computes the gradient of V and of W, so no update may be part of it."""
    nodes = [
        helper.make_node("Add", ["V", "W"], ["sum"]),
        helper.make_node("Gemm", ["x", "sum", "b"], ["y"]),
    ]
    weights = {
        name: RNG.normal(size=shape).astype(np.float32) for name, shape in {"V": (3, 2), "W": (3, 2), "b": 2}.items()
    }
    model = graph(nodes, {"x": np.zeros((5, 3), np.float32)}, weights, {"y": 2}, "names")
    x, t = batches(1)
    error = x[0] @ (weights["V"] + weights["W"]) + weights["b"] - t[0]
    results = train(training_graph(model, "mean_squared_error", Sgd()), weights | RATE | {"x": x, "targets": t})
    change = 0.1 * x[0].T @ error * 2 / error.size
    assert results["next_V"] == pytest.approx(weights["V"] - change, rel=1e-4)
    assert results["next_W"] == pytest.approx(weights["W"] - change, rel=1e-4)


def test_a_name_that_training_needs_is_refused():
    node = helper.make_node("Mul", ["targets", "w"], ["y"])
    model = graph([node], {"targets": np.ones((2, 3), np.float32)}, {"w": np.ones(3, np.float32)}, {"y": 2})
    with pytest.raises(ValueError, match="named 'targets'"):
        training_graph(model, "mean_squared_error", Sgd())


def test_only_the_chosen_weights_change():
    model, weights = dense()
    trainer = training_graph(model, "categorical_crossentropy", Sgd(), weights=["W2"])
    assert {x.name for x in trainer.graph.input} == {"W2", "learning_rate", "x", "targets"}
    assert {x.name for x in trainer.graph.initializer} >= {"W1", "b1", "b2"}
    x, t = batches()
    feeds = {**start(model, Sgd(), ["W2"]), "learning_rate": np.float32(0.1), "x": x, "targets": t}
    assert (run(trainer, feeds, ["next_W2"])[0] != weights["W2"]).all()


def test_trainable_weights_are_the_floating_point_ones_before_the_output():
    nodes = [
        helper.make_node("Reshape", ["x", "shape"], ["flat"]),
        helper.make_node("Mul", ["flat", "w"], ["y"]),
        helper.make_node("Mul", ["y", "unused"], ["z"]),
    ]
    weights = {"shape": np.array([-1, 3]), "w": np.ones(3, np.float32), "unused": np.ones(3, np.float32)}
    assert trainable(graph(nodes, {"x": np.ones((2, 3), np.float32)}, weights, {"y": 2})) == ["w"]


def test_single_numbers_and_the_statistics_of_a_normalisation_are_no_weights():
    nodes = [
        helper.make_node("BatchNormalization", ["x", "scale", "bias", "mean", "variance"], ["n"]),
        helper.make_node("Clip", ["n", "low", "high"], ["c"]),
        helper.make_node("Mul", ["c", "half"], ["y"]),
    ]
    weights = {name: np.ones(3, np.float32) for name in ("scale", "bias", "mean", "variance")}
    weights |= {"low": np.float32(-1), "high": np.float32(1), "half": np.float32(0.5)}
    assert trainable(graph(nodes, {"x": np.ones((2, 3), np.float32)}, weights, {"y": 2})) == ["scale", "bias"]


def test_of_arrays_of_one_number_those_of_a_layer_are_weights():
    nodes = [
        helper.make_node("Add", ["x", "epsilon"], ["a"]),
        helper.make_node("Mul", ["a", "scale"], ["b"]),
        helper.make_node("MatMul", ["b", "W"], ["c"]),
        helper.make_node("Add", ["c", "bias"], ["d"]),
        helper.make_node("Gemm", ["d", "W1", "b1"], ["y"]),
    ]
    weights = {name: np.ones(1, np.float32) for name in ("epsilon", "scale", "bias", "b1")}
    weights |= {"W": np.ones((3, 1), np.float32), "W1": np.ones((1, 1), np.float32)}
    found = trainable(graph(nodes, {"x": np.ones((2, 3), np.float32)}, weights, {"y": 2}))
    assert sorted(found) == ["W", "W1", "b1", "bias"]


def test_the_weights_of_the_shipped_transformers_are_as_many_as_their_cards_say():
    zoo = transformer_models.load()
    for name, card in zoo.cards.items():
        held = constants(read(zoo.model_bytes(name)).graph)
        assert sum(held[weight].size for weight in trainable(zoo.model_bytes(name))) == card.parameters


def test_a_weight_that_does_not_exist_is_named():
    with pytest.raises(ValueError, match="no weight named 'W9'"):
        training_graph(dense()[0], "mean_squared_error", Sgd(), weights=["W9"])


def test_a_bias_used_in_another_way_too_is_trained_all_the_same():
    """y = (x W + b) b: the bias joins a matrix and multiplies one, so that it can't be carried as a row."""
    nodes = [
        helper.make_node("Gemm", ["x", "W", "b"], ["z"]),
        helper.make_node("Mul", ["z", "b"], ["y"]),
    ]
    rng = np.random.default_rng(3)
    weights = {"W": rng.normal(size=(3, 2)).astype(np.float32), "b": rng.normal(size=2).astype(np.float32)}
    model = graph(nodes, {"x": np.zeros((5, 3), np.float32)}, weights, {"y": 2}, "names")
    x, t = batches(1)
    feeds = {**weights, "learning_rate": np.float32(0.1), "x": x, "targets": t}
    (found,) = run(training_graph(model, "mean_squared_error", Sgd()), feeds, ["next_b"])

    def loss(b):
        return (((x[0] @ weights["W"] + b) * b - t[0]) ** 2).mean()

    step = np.eye(2) * 1e-6
    slope = [(loss(weights["b"] + h) - loss(weights["b"] - h)) / 2e-6 for h in step]
    assert found == pytest.approx(weights["b"] - 0.1 * np.array(slope), rel=1e-4)


def test_a_softmax_that_is_only_renamed_is_not_taken_twice():
    (xs, ts), (model, _) = batches(), dense("Softmax")
    feeds = {"x": xs, "targets": ts, **RATE, **start(model, Sgd())}
    plain = train(training_graph(model, "categorical_crossentropy", Sgd()), feeds)
    renamed = onnx.ModelProto()
    renamed.CopyFrom(model)
    renamed.graph.node[-1].output[0] = "p"
    renamed.graph.node.append(helper.make_node("Identity", ["p"], ["y"]))
    again = train(training_graph(renamed, "categorical_crossentropy", Sgd()), feeds)
    np.testing.assert_allclose(again["losses"], plain["losses"], rtol=1e-6)


def test_a_softmax_in_another_type_than_the_output_is_refused():
    model, _ = dense("Softmax")
    ends = [("Cast", "z2", "halves", {"to": 10}), ("Softmax", "halves", "p", {}), ("Cast", "p", "y", {"to": 1})]
    del model.graph.node[-1]
    model.graph.node.extend(helper.make_node(kind, [x], [y], **attributes) for kind, x, y, attributes in ends)
    with pytest.raises(ValueError, match="the Softmax that gives 'y' computes in another type than its output has"):
        training_graph(model, "categorical_crossentropy", Sgd())


def test_weights_that_are_fed_count_as_those_that_are_held():
    model, held = dense()
    others = {name: RNG.normal(size=cells.shape).astype(np.float32) for name, cells in held.items()}
    x = RNG.normal(size=(5, 3)).astype(np.float32)
    (expected,) = run(with_weights(model, others), {"x": x})
    (y,) = run(weights_as_inputs(model), {"x": x, **others})
    assert np.array_equal(y, expected)
    name = next(iter(held))
    one = weights_as_inputs(model, [name])
    assert [given.name for given in one.graph.input] == ["x", name] and len(one.graph.initializer) == len(held) - 1
    (y,) = run(one, {"x": x, name: others[name]})
    (expected,) = run(with_weights(model, {name: others[name]}), {"x": x})
    assert np.array_equal(y, expected)
