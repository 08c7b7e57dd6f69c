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
