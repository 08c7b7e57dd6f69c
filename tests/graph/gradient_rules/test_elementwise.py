import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from onnx import TensorProto, helper

from glassbox.graph.gradient import differentiate
from tests.gradients import KNOWLEDGE, check, few, graph, run

shapes = hnp.array_shapes(min_dims=0, max_dims=3, max_side=4)
seeds = st.integers(0, 999)
knowledge = st.sampled_from(KNOWLEDGE)


def normal(seed, shape, away_from=()):
    """Random cells, none nearer than 0.05 to a kink."""
    x = np.random.default_rng(seed).normal(size=shape) * 2
    for kink in away_from:
        x = np.where(np.abs(x - kink) < 0.05, x + 0.1, x)
    return np.asarray(x)


def erf(x):
    return np.vectorize(math.erf, otypes=[float])(x)


# onnx's evaluator computes Erf (so Gelu) in float32 and fails on a Softsign of no axes and a Mean that broadcasts.
EXACT = {
    "Erf": lambda feeds: erf(feeds["x"]),
    "Gelu": lambda feeds: feeds["x"] * (1 + erf(feeds["x"] / 2**0.5)) / 2,
    "Softsign": lambda feeds: feeds["x"] / (1 + np.abs(feeds["x"])),
    "Mean": lambda feeds: sum(feeds.values()) / len(feeds),
}


def positive(seed, shape):
    return np.abs(normal(seed, shape)) + 0.3


UNARY = [
    ("Neg", {}, normal),
    ("Exp", {}, normal),
    ("Log", {}, positive),
    ("Sqrt", {}, positive),
    ("Reciprocal", {}, positive),
    ("Sin", {}, normal),
    ("Cos", {}, normal),
    ("Abs", {}, normal),
    ("Erf", {}, normal),
    ("Relu", {}, normal),
    ("LeakyRelu", {"alpha": 0.3}, normal),
    ("LeakyRelu", {}, normal),
    ("ThresholdedRelu", {"alpha": 0.5}, normal),
    ("Elu", {"alpha": 1.5}, normal),
    ("Selu", {}, normal),
    ("Celu", {"alpha": 0.7}, normal),
    ("Softplus", {}, normal),
    ("Softsign", {}, normal),
    ("Tanh", {}, normal),
    ("Sigmoid", {}, normal),
    ("HardSigmoid", {"alpha": 0.3, "beta": 0.4}, normal),
    ("HardSwish", {}, normal),
    ("Mish", {}, normal),
    ("Identity", {}, normal),
    ("Floor", {}, normal),
]


@pytest.mark.parametrize(("operator", "attributes", "cells"), UNARY, ids=lambda x: x if isinstance(x, str) else "")
@few
@given(shape=shapes, seed=seeds, known=knowledge)
def test_functions_of_one_tensor(operator, attributes, cells, shape, seed, known):
    kinks = {"ThresholdedRelu": (0.5,), "HardSigmoid": (-4 / 3, 2), "HardSwish": (-3, 3), "Floor": range(-9, 9)}
    x = cells(seed, shape) if cells is positive else cells(seed, shape, kinks.get(operator, (0,)))
    node = helper.make_node(operator, ["x"], ["y"], **attributes)
    check([node], {"x": x}, knowledge=known, forward=EXACT.get(operator))


@pytest.mark.parametrize("approximate", ["none", "tanh"])
@few
@given(shape=shapes, seed=seeds)
def test_gelu(approximate, shape, seed):
    node = helper.make_node("Gelu", ["x"], ["y"], approximate=approximate)
    check([node], {"x": normal(seed, shape)}, opset=20, forward=EXACT["Gelu"] if approximate == "none" else None)


@few
@given(shape=shapes, seed=seeds, alpha=st.sampled_from([1.0, 0.4]))
def test_swish(shape, seed, alpha):
    node = helper.make_node("Swish", ["x"], ["y"], alpha=alpha)
    check([node], {"x": normal(seed, shape)}, opset=24, forward=lambda f: f["x"] / (1 + np.exp(-alpha * f["x"])))


@pytest.mark.parametrize("operator", ["Add", "Sub", "Mul", "Div", "Pow", "Max", "Min"])
@few
@given(both=hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3), seed=seeds, known=knowledge)
def test_functions_of_two_tensors_that_broadcast(operator, both, seed, known):
    cells = positive if operator in ("Div", "Pow") else normal
    inputs = {"a": cells(seed, both.input_shapes[0]), "b": cells(seed + 1, both.input_shapes[1])}
    check([helper.make_node(operator, ["a", "b"], ["y"])], inputs, knowledge=known)


@pytest.mark.parametrize("operator", ["Sum", "Mean", "Max", "Min"])
@few
@given(three=hnp.mutually_broadcastable_shapes(num_shapes=3, max_dims=3, max_side=3), seed=seeds, known=knowledge)
def test_functions_of_three_tensors(operator, three, seed, known):
    inputs = {
        name: normal(seed + i, shape) for i, (name, shape) in enumerate(zip("abc", three.input_shapes, strict=True))
    }
    check([helper.make_node(operator, list("abc"), ["y"])], inputs, knowledge=known, forward=EXACT.get(operator))


@few
@given(three=hnp.mutually_broadcastable_shapes(num_shapes=3, max_dims=3, max_side=3), seed=seeds, known=knowledge)
def test_where(three, seed, known):
    c, a, b = three.input_shapes
    inputs = {"c": normal(seed, c) > 0, "a": normal(seed, a), "b": normal(seed + 1, b)}
    check([helper.make_node("Where", ["c", "a", "b"], ["y"])], inputs, knowledge=known)


@few
@given(shape=shapes, seed=seeds, known=knowledge)
def test_prelu(shape, seed, known):
    inputs = {"x": normal(seed, shape, (0,)), "s": normal(seed, shape[-1:])}
    check([helper.make_node("PRelu", ["x", "s"], ["y"])], inputs, knowledge=known)


@few
@given(shape=shapes, seed=seeds, bounds=st.sampled_from(["low high", "low ", " high", " "]), known=knowledge)
def test_clip(shape, seed, bounds, known):
    given = bounds.split(" ")
    inputs = {"x": normal(seed, shape, (-1, 1))} | {
        name: np.array(v) for name, v in (("low", -1.0), ("high", 1.0)) if name in given
    }
    check([helper.make_node("Clip", ["x", *given], ["y"])], inputs, knowledge=known)


@pytest.mark.parametrize("exponent", [-1.0, 0.0, 0.5, 1.0, 2.0, 3.0, 2.5])
@few
@given(shape=shapes, seed=seeds)
def test_a_known_exponent(exponent, shape, seed):
    node = helper.make_node("Pow", ["x", "p"], ["y"])
    check([node], {"x": positive(seed, shape)}, {"p": np.float32(exponent)})


@pytest.mark.parametrize(
    ("exponent", "slopes"),
    [(np.int64(2), [-4, 0, 6]), (np.float32(0), [0, 0, 0]), (np.float32(3), [12, 0, 27])],
    ids=["whole", "zero", "three"],
)
def test_powers_at_zero_and_with_whole_exponents(exponent, slopes):
    node = helper.make_node("Pow", ["x", "p"], ["y"])
    x = np.array([-2, 0, 3], np.float32)
    model = graph([node], {"x": x}, {"p": exponent})
    assert run(differentiate(model, "y", ["x"]), {"x": x, "grad_y": np.ones(3, np.float32)})[0].tolist() == slopes


@few
@given(shape=shapes, seed=seeds)
def test_a_cast_there_and_back(shape, seed):
    nodes = [
        helper.make_node("Cast", ["x"], ["d"], to=TensorProto.DOUBLE),
        helper.make_node("Mul", ["d", "d"], ["e"]),
        helper.make_node("CastLike", ["e", "x"], ["y"]),
    ]
    check(nodes, {"x": normal(seed, shape)})


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("fed", [True, False])
def test_dropout_in_training_passes_the_gradient_to_the_cells_that_the_run_keeps(training, fed):
    x = np.random.default_rng(0).normal(size=(20, 30)).astype(np.float32)
    settings = {"r": np.float32(0.25), "t": np.bool_(training)}
    feeds = {"x": x} | ({name: np.asarray(value) for name, value in settings.items()} if fed else {})
    model = graph([helper.make_node("Dropout", ["x", "r", "t"], ["y"])], feeds, {} if fed else settings)
    dx, y = run(differentiate(model, "y", ["x"], keep=["y"]), feeds | {"grad_y": 3 * np.ones_like(x)})
    np.testing.assert_allclose(dx, 3 * y / x, rtol=1e-5)
    assert (dx == 0).any() == training
    if fed:
        dr, y = run(differentiate(model, "y", ["r"], keep=["y"]), feeds | {"grad_y": 3 * np.ones_like(x)})
        np.testing.assert_allclose(dr, 3 * y.sum(dtype=np.float64) / 0.75 if training else 0, rtol=1e-3, atol=1e-3)


def test_dropout_passes_the_gradient_in_inference():
    x = np.ones((2, 3), np.float32)
    model = graph([helper.make_node("Dropout", ["x"], ["y"])], {"x": x})
    assert (run(differentiate(model, "y", ["x"]), {"x": x, "grad_y": 3 * x})[0] == 3).all()


# At a kink no derivative exists; the choices are TensorFlow's (tests/export/test_gradient_keras.py asks it).
KINKS = [
    ("Relu", {}, [-1, 0, 1], [0, 0, 1]),
    ("LeakyRelu", {"alpha": 0.25}, [-1, 0, 1], [0.25, 0.25, 1]),
    ("Abs", {}, [-1, 0, 1], [-1, 0, 1]),
    ("Elu", {}, [0], [1]),
    ("HardSigmoid", {"alpha": 0.5, "beta": 0.5}, [-1, 0, 1], [0, 0.5, 0]),
    ("Floor", {}, [1, 1.5], [0, 0]),
]


@pytest.mark.parametrize(("operator", "attributes", "x", "slopes"), KINKS)
def test_at_a_kink(operator, attributes, x, slopes):
    cells = np.array(x, np.float32)
    model = graph([helper.make_node(operator, ["x"], ["y"], **attributes)], {"x": cells})
    assert run(differentiate(model, "y", ["x"]), {"x": cells, "grad_y": np.ones_like(cells)})[0].tolist() == slopes


@pytest.mark.parametrize("operator", ["Max", "Min"])
def test_equal_inputs_give_the_gradient_to_the_first(operator):
    a = np.array([1, 2, 3], np.float32)
    model = graph([helper.make_node(operator, ["a", "b"], ["y"])], {"a": a, "b": a})
    da, db = run(differentiate(model, "y", ["a", "b"]), {"a": a, "b": a, "grad_y": np.ones(3, np.float32)})
    assert da.tolist() == [1, 1, 1] and db.tolist() == [0, 0, 0]


def test_clip_passes_the_gradient_at_its_bounds():
    x = np.array([-2, -1, 0, 1, 2], np.float32)
    model = graph(
        [helper.make_node("Clip", ["x", "low", "high"], ["y"])],
        {"x": x},
        {"low": np.float32(-1), "high": np.float32(1)},
    )
    assert run(differentiate(model, "y", ["x"]), {"x": x, "grad_y": np.ones(5, np.float32)})[0].tolist() == [
        0,
        1,
        1,
        1,
        0,
    ]


def test_clip_between_bounds_in_the_wrong_order():
    """ONNX: where min > max, all cells become max. Then all of dy is for max."""
    x = np.array([-2, 1.5, 3], np.float32)
    feeds = {"x": x, "low": np.array(2, np.float32), "high": np.array(1, np.float32)}
    model = graph([helper.make_node("Clip", ["x", "low", "high"], ["y"])], feeds)
    assert run(model, feeds)[0].tolist() == [1, 1, 1]
    dy = np.array([1, 2, 4], np.float32)
    grads = run(differentiate(model, "y", ["x", "low", "high"]), feeds | {"grad_y": dy})
    assert [grad.tolist() for grad in grads] == [[0, 0, 0], 0, 7]
