import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import helper

from glassbox.graph.gradient import differentiate
from tests.gradients import KNOWLEDGE, check, few, graph, run

knowledge = st.sampled_from(KNOWLEDGE)


@pytest.mark.parametrize("operator", ["ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin"])
@few
@given(
    axes=st.sampled_from([None, (), (0,), (1,), (-1,), (0, 2), (0, 1, 2)]),
    keep=st.integers(0, 1),
    noop=st.integers(0, 1),
    seed=st.integers(0, 999),
    known=knowledge,
)
def test_reductions(operator, axes, keep, noop, seed, known):
    node = helper.make_node(
        operator, ["x"] + ["a"] * (axes is not None), ["y"], keepdims=keep, noop_with_empty_axes=noop
    )
    x = np.random.default_rng(seed).normal(size=(2, 3, 2))
    constants = {} if axes is None else {"a": np.array(axes, np.int64)}

    def forward(feeds):  # onnx's evaluator takes noop_with_empty_axes for granted in some operators
        if not axes and noop:
            return feeds["x"]
        function = {"ReduceSum": np.sum, "ReduceMean": np.mean, "ReduceMax": np.max, "ReduceMin": np.min}[operator]
        return function(feeds["x"], axis=axes or None, keepdims=bool(keep))

    check([node], {"x": x}, constants, knowledge=known, forward=forward)


@few
@given(axes=st.sampled_from([(0,), (-1, 0)]), keep=st.integers(0, 1), known=knowledge)
def test_axes_known_only_at_run_time(axes, keep, known):
    node = helper.make_node("ReduceMean", ["x", "a"], ["y"], keepdims=keep)
    check([node], {"x": np.random.default_rng(1).normal(size=(2, 3, 2)), "a": np.array(axes)}, knowledge=known)


@pytest.mark.parametrize("operator", ["Softmax", "LogSoftmax"])
@few
@given(axis=st.integers(-3, 2), seed=st.integers(0, 999), known=knowledge)
def test_softmax(operator, axis, seed, known):
    x = np.random.default_rng(seed).normal(size=(2, 3, 4)) * 3
    check([helper.make_node(operator, ["x"], ["y"], axis=axis)], {"x": x}, knowledge=known)


def test_equal_maxima_share_the_gradient():
    x = np.array([[1, 3, 3], [2, 2, 2]], np.float32)
    model = graph([helper.make_node("ReduceMax", ["x", "a"], ["y"], keepdims=0)], {"x": x}, {"a": np.array([1])})
    dx = run(differentiate(model, "y", ["x"]), {"x": x, "grad_y": np.array([6, 6], np.float32)})[0]
    assert dx.tolist() == [[0, 3, 3], [2, 2, 2]]


@pytest.mark.parametrize("operator", ["Softmax", "LogSoftmax"])
def test_rows_that_are_masked_throughout_have_no_gradient(operator):
    """As in PyTorch's attention and `jax.nn.softmax(where=mask)`; the scores, x times a weight, share that weight."""
    scores, weight = np.array([[1, 2], [3, 4], [5, 6]], np.float32), np.float32([0.5])
    mask = np.array([[0, 0], [-np.inf, -np.inf], [0, -np.inf]], np.float32)
    nodes = [
        helper.make_node("Mul", ["x", "w"], ["scores"]),
        helper.make_node("Add", ["scores", "mask"], ["masked"]),
        helper.make_node(operator, ["masked"], ["shares"]),
        helper.make_node("IsNaN", ["shares"], ["missing"]),
        helper.make_node("Where", ["missing", "zero", "shares"], ["y"]),
    ]
    model = graph(nodes, {"x": scores, "w": weight}, {"mask": mask, "zero": np.float32(0)})
    dy = np.array([[1, 0], [1, 0], [1, 0]], np.float32)
    dx, dw = run(differentiate(model, "y", ["x", "w"]), {"x": scores, "w": weight, "grad_y": dy})
    p = 1 / (1 + np.exp(0.5))  # the softmax of (0.5, 1) is (p, 1 - p)
    slope = p * (1 - p) if operator == "Softmax" else 1 - p
    np.testing.assert_allclose(dx, 0.5 * np.array([[slope, -slope], [0, 0], [0, 0]]), rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(dw, [-slope], rtol=1e-5)


@pytest.mark.parametrize("operator", ["Softmax", "LogSoftmax"])
def test_what_is_no_number_keeps_its_gradient_from_being_one(operator):
    x = np.array([[np.nan, 1], [1, 2]], np.float32)
    model = graph([helper.make_node(operator, ["x"], ["y"])], {"x": x})
    (dx,) = run(differentiate(model, "y", ["x"]), {"x": x, "grad_y": np.array([[1, 0], [1, 0]], np.float32)})
    assert np.isnan(dx).tolist() == [[True, True], [False, False]]


@pytest.mark.parametrize("known", KNOWLEDGE)
@pytest.mark.parametrize("keep", [0, 1])
@pytest.mark.parametrize("operator", ["ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin"])
@pytest.mark.parametrize(("shape", "axis"), [((0, 3), 0), ((0, 3), 1), ((2, 0), 0), ((2, 0), 1), ((0,), 0)])
def test_the_gradient_of_nothing_is_nothing_of_the_same_shape(operator, shape, axis, keep, known):
    x = np.zeros(shape, np.float32)
    rank = len(shape) if keep else len(shape) - 1
    node = helper.make_node(operator, ["x", "a"], ["y"], keepdims=keep)
    model = graph([node], {"x": x}, {"a": np.array([axis])}, {"y": rank}, known)
    (dx,) = run(differentiate(model, "y", ["x"]), {"x": x, "grad_y": np.ones_like(run(model, {"x": x})[0])})
    assert dx.shape == shape
