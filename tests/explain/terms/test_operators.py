"""Every operator with a rule, with attributes drawn at random: each cell's terms must be what ONNX Runtime added."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from onnx import NodeProto, helper

from glassbox.explain.terms.activations import UNARY
from glassbox.explain.terms.explain import Inside, Tapped
from tests.models import graph
from tests.reconcile import reconcile, sampled

drawn = settings(max_examples=40, deadline=None, derandomize=True)
Draw = Callable[[st.SearchStrategy[Any]], Any]


def run(
    nodes: NodeProto | list[NodeProto],
    feeds: dict[str, NDArray[Any]],
    constants: dict[str, NDArray[Any]] | None = None,
    opset: int = 18,
    most: int = 60,
) -> Inside:
    """Run a model of `nodes` whose last output is "y", and reconcile each of its tensors."""
    nodes = nodes if isinstance(nodes, list) else [nodes]
    model = graph(nodes, {name: array.shape for name, array in feeds.items()}, ["y"], constants, opset)
    inside = Tapped(model).run(feeds)
    rng = np.random.default_rng(0)
    for node in nodes:
        for index in sampled(inside, node.output[0], rng, most):
            reconcile(inside, node.output[0], index)
    return inside


def numbers(seed: int, *shape: int) -> NDArray[np.float32]:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def sources(inside: Inside, index: tuple[int, ...]) -> list[tuple[str, tuple[int, ...]]]:
    return [(term.source, term.source_index) for term in inside.terms("y", index).terms]


@st.composite
def windowed(draw: Draw, pool: bool) -> tuple[tuple[int, ...], dict[str, Any]]:
    """An input's size and the attributes of a Conv or a pooling that fits on it, over one or two axes."""
    axes = draw(st.integers(1, 2))
    kernel = draw(st.lists(st.integers(1, 3), min_size=axes, max_size=axes))
    strides = draw(st.lists(st.integers(1, 3), min_size=axes, max_size=axes))
    dilations = draw(st.lists(st.integers(1, 2), min_size=axes, max_size=axes))
    reach = [(k - 1) * d + 1 for k, d in zip(kernel, dilations, strict=True)]
    size = tuple(draw(st.integers(r, r + 4)) for r in reach)
    attributes = {"kernel_shape": kernel, "strides": strides, "dilations": dilations}
    padding = draw(st.sampled_from(["NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"]))
    if padding == "NOTSET":
        limit = [min(2, k - 1) if pool else 2 for k in kernel]  # a pooling window may not lie in the padding alone
        attributes["pads"] = [draw(st.integers(0, most)) for most in limit * 2]
    else:
        attributes["auto_pad"] = padding
        if padding != "VALID":  # which ONNX Runtime doesn't combine with dilation
            attributes["dilations"] = [1] * axes
            if pool:  # nor, when pooling, with strides that skip cells
                attributes["strides"] = [min(pair) for pair in zip(strides, kernel, strict=True)]
    return size, attributes


@drawn
@given(windowed(pool=False), st.integers(1, 2), st.integers(1, 2), st.booleans(), st.integers(0, 9))
def test_conv(window: tuple[tuple[int, ...], dict[str, Any]], group: int, channels: int, bias: bool, seed: int) -> None:
    size, attributes = window
    constants = {"w": numbers(seed, 2 * group, channels, *attributes["kernel_shape"])}
    constants |= {"b": numbers(seed, 2 * group)} if bias else {}
    node = helper.make_node("Conv", ["x", *constants], ["y"], group=group, **attributes)
    run(node, {"x": numbers(seed, 2, group * channels, *size)}, constants)


def test_conv_lists_the_window_of_all_its_channels() -> None:
    x, w = np.arange(32, dtype=np.float32).reshape(1, 2, 4, 4), np.ones((1, 2, 2, 2), np.float32)
    inside = run(helper.make_node("Conv", ["x", "w"], ["y"], pads=[1, 1, 0, 0]), {"x": x}, {"w": w})
    corner = inside.terms("y", (0, 0, 0, 0)).terms
    assert [(term.source_index, term.weight_index) for term in corner] == [
        ((0, 0, 0, 0), (0, 0, 1, 1)),
        ((0, 1, 0, 0), (0, 1, 1, 1)),
    ]
    assert [term.value for term in inside.terms("y", (0, 0, 1, 1)).terms] == [0, 1, 4, 5, 16, 17, 20, 21]


@drawn
@given(
    windowed(pool=True), st.sampled_from(["MaxPool", "AveragePool"]), st.booleans(), st.booleans(), st.integers(0, 9)
)
def test_pooling(
    window: tuple[tuple[int, ...], dict[str, Any]], kind: str, ceil: bool, include: bool, seed: int
) -> None:
    size, attributes = window
    if "pads" in attributes:
        attributes["ceil_mode"] = int(ceil)
    if kind == "AveragePool":
        attributes["count_include_pad"] = int(include)
    node = helper.make_node(kind, ["x"], ["y"], **attributes)
    run(node, {"x": numbers(seed, 1, 2, *size)}, opset=19)


def test_the_first_maximum_wins() -> None:
    x = np.array([[[[1, 5], [5, 2]]]], np.float32)
    for node in (
        helper.make_node("MaxPool", ["x"], ["y"], kernel_shape=[2, 2]),
        helper.make_node("GlobalMaxPool", ["x"], ["y"]),
        helper.make_node("ReduceMax", ["x"], ["y"]),
    ):
        found = run(node, {"x": x}).terms("y", (0, 0, 0, 0))
        assert found.kind == "max" and [term.weight for term in found.terms] == [0, 1, 0, 0]


def test_maxpool_indices_are_no_sum() -> None:
    node = helper.make_node("MaxPool", ["x"], ["y", "places"], kernel_shape=[2])
    inside = run(node, {"x": numbers(0, 1, 1, 4)})
    with pytest.raises(ValueError, match="MaxPool of node 'y' has no sum behind its output 1"):
        inside.terms("places", (0, 0, 0))


@drawn
@given(st.booleans(), st.booleans(), st.sampled_from([0.5, 1]), st.sampled_from([0.0, 1.0, 2.0]), st.sampled_from("ab"))
def test_gemm(trans_a: bool, trans_b: bool, alpha: float, beta: float, constant: str) -> None:
    a, b = numbers(1, *((5, 3) if trans_a else (3, 5))), numbers(2, *((4, 5) if trans_b else (5, 4)))
    for c in (numbers(3, 4), numbers(3, 3, 1), np.array(2, np.float32)):
        attributes = {"transA": int(trans_a), "transB": int(trans_b), "alpha": float(alpha), "beta": beta}
        node = helper.make_node("Gemm", ["a", "b", "c"], ["y"], **attributes)
        feeds, constants = ({"a": a}, {"b": b, "c": c}) if constant == "b" else ({"b": b, "c": c}, {"a": a})
        assert set(source for source, _ in sources(run(node, feeds, constants), (2, 3))) == set(feeds)


@pytest.mark.parametrize(
    ("left", "right"),
    [((3, 4), (4, 2)), ((4,), (4, 2)), ((3, 4), (4,)), ((4,), (4,)), ((2, 1, 3, 4), (5, 4, 2)), ((2, 3, 4), (4,))],
)
def test_matmul(left: tuple[int, ...], right: tuple[int, ...]) -> None:
    node = helper.make_node("MatMul", ["a", "b"], ["y"])
    run(node, {"a": numbers(1, *left), "b": numbers(2, *right)})
    inside = run(node, {"b": numbers(2, *right)}, {"a": numbers(1, *left)})
    first = inside.terms("y", (0,) * inside.tensors["y"].ndim).terms[0]
    assert (first.source, first.weight_source) == ("b", "a")


@pytest.mark.parametrize("kind", ["Add", "Sub", "Mul", "Div", "Max", "Min", "Mean", "Sum"])
@pytest.mark.parametrize(("left", "right"), [((2, 3), (2, 3)), ((2, 1, 3), (4, 1)), ((3,), ()), ((), (2,))])
def test_elementwise(kind: str, left: tuple[int, ...], right: tuple[int, ...]) -> None:
    node, a, b = helper.make_node(kind, ["a", "b"], ["y"]), numbers(1, *left), numbers(2, *right)
    run(node, {"a": a, "b": b})
    run(node, {"a": a}, {"b": b})
    run(node, {"b": b}, {"a": a})


def test_a_bias_joins_the_sum_before_it_through_a_reshape() -> None:
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["product"]),
        helper.make_node("Reshape", ["product", "shape"], ["grid"]),
        helper.make_node("Add", ["grid", "b"], ["sum"]),
        helper.make_node("Relu", ["sum"], ["y"]),
    ]
    constants = {"w": numbers(1, 3, 4), "b": numbers(2, 2), "shape": np.array([1, 2, 2])}
    found = run(nodes, {"x": numbers(3, 1, 3)}, constants).terms("y", (0, 1, 0))
    assert found.operators == ("MatMul", "Add", "Relu")
    assert found.bias == constants["b"][0]
    assert [term.source_index for term in found.terms] == [(0, 0), (0, 1), (0, 2)]
    assert [term.weight_index for term in found.terms] == [(0, 2), (1, 2), (2, 2)]


def test_a_residual_keeps_its_two_terms() -> None:
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["conv"]),
        helper.make_node("Add", ["conv", "x"], ["sum"]),
        helper.make_node("Relu", ["sum"], ["y"]),
    ]
    inside = run(nodes, {"x": numbers(1, 1, 2, 3)}, {"w": numbers(2, 2, 2, 1)})
    assert sources(inside, (0, 1, 2)) == [("conv", (0, 1, 2)), ("x", (0, 1, 2))]


ATTRIBUTES: dict[str, dict[str, Any]] = {
    "Celu": {"alpha": 0.7},
    "Elu": {"alpha": 0.7},
    "Gelu": {"approximate": "tanh"},
    "HardSigmoid": {"alpha": 0.3, "beta": 0.4},
    "LeakyRelu": {"alpha": 0.2},
    "Selu": {"alpha": 1.5, "gamma": 1.2},
    "ThresholdedRelu": {"alpha": 0.3},
}


@pytest.mark.parametrize("kind", sorted(UNARY))
def test_functions(kind: str) -> None:
    x = np.abs(numbers(4, 40)) + 0.1 if kind in ("Log", "Sqrt", "Reciprocal") else 2 * numbers(4, 40)
    if kind in ("Acos", "Asin", "Atanh"):
        x = np.tanh(x) * np.float32(0.9)
    elif kind in ("Acosh", "Tan"):
        x = 1 + np.abs(x) if kind == "Acosh" else np.tanh(x)
    for attributes in ({}, ATTRIBUTES.get(kind, {})):
        node = helper.make_node(kind, ["x"], ["y"], **attributes)
        model = graph([node], {"x": x.shape}, ["y"], opset=24 if kind == "Swish" else 20)
        inside = Tapped(model).run({"x": x})
        for place in range(len(x)):
            found = inside.terms("y", (place,))
            assert sources(inside, (place,)) == [("x", (place,))]
            assert found.before == float(x[place])
            assert found.engine is not None and math.isclose(found.after, found.engine, rel_tol=2e-6, abs_tol=5e-7)


@pytest.mark.parametrize(("low", "high"), [("low", ""), ("", "high"), ("low", "high")])
def test_clip(low: str, high: str) -> None:
    limits = {name: np.array(value, np.float32) for name, value in ((low, -0.5), (high, 0.5)) if name}
    run(helper.make_node("Clip", ["x", low, high], ["y"]), {"x": numbers(1, 20)}, limits)
    run(helper.make_node("Clip", ["x"], ["y"], min=-0.5, max=0.5), {"x": numbers(1, 20)}, opset=6)


def test_cast() -> None:
    nodes = [
        helper.make_node("Cast", ["x"], ["whole"], to=helper.TensorProto.INT32),
        helper.make_node("Cast", ["whole"], ["y"], to=helper.TensorProto.FLOAT),
    ]
    inside = Tapped(graph(nodes, {"x": (3,)}, ["y"])).run({"x": np.array([-1.7, 0.2, 2.9], np.float32)})
    assert [inside.terms("whole", (i,)).after for i in range(3)] == [-1, 0, 2]


@drawn
@given(st.sampled_from(["Softmax", "LogSoftmax"]), st.sampled_from([11, 13]), st.integers(-3, 2))
def test_softmax(kind: str, opset: int, axis: int) -> None:
    inside = run(helper.make_node(kind, ["x"], ["y"], axis=axis), {"x": 5 * numbers(1, 2, 3, 4)}, opset=opset)
    found = inside.terms("y", (1, 2, 3))
    assert found.kind == "softmax"
    assert len(found.terms) == ((2, 3, 4)[axis] if opset == 13 else math.prod((2, 3, 4)[axis % 3 :]))
    run(helper.make_node(kind, ["x"], ["y"]), {"x": numbers(1, 2, 3, 4)}, opset=opset)


def test_batch_normalisation() -> None:
    constants = {name: np.abs(numbers(seed, 3)) for seed, name in enumerate(["scale", "shift", "mean", "variance"])}
    node = helper.make_node("BatchNormalization", ["x", *constants], ["y"], epsilon=1e-3)
    run(node, {"x": numbers(9, 2, 3, 2, 2)}, constants)


@drawn
@given(
    st.sampled_from(["ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin"]),
    st.sets(st.sampled_from([-1, 0, 1])),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
def test_reduction(kind: str, axes: set[int], keep: bool, empty: bool, old: bool) -> None:
    x = {"x": numbers(1, 2, 3, 4)}
    if old:
        given_axes = {"axes": sorted(axes)} if axes else {}
        run(helper.make_node(kind, ["x"], ["y"], keepdims=int(keep), **given_axes), x, opset=11)
    else:
        node = helper.make_node(kind, ["x", "axes"], ["y"], keepdims=int(keep), noop_with_empty_axes=int(empty))
        run(node, x, {"axes": np.array(sorted(axes), np.int64)}, opset=18)


@pytest.mark.parametrize(
    ("kind", "value"), [("ReduceSum", 0), ("ReduceMean", 0), ("ReduceMax", -math.inf), ("ReduceMin", math.inf)]
)
def test_a_reduction_over_nothing_has_no_terms(kind: str, value: float) -> None:
    """The standard's sum of nothing is 0, its maximum -inf, its minimum inf; ONNX Runtime takes 0 for the mean."""
    node = helper.make_node(kind, ["x", "axes"], ["y"])
    model = graph([node], {"x": [2, 0]}, ["y"], {"axes": np.array([1])}, opset=20)
    found = Tapped(model).run({"x": np.zeros((2, 0), np.float32)}).terms("y", (1, 0))
    assert (found.kind, len(found.terms)) == ("given", 0)
    np.testing.assert_equal([found.bias, found.after, found.engine], [value] * 3)


def test_the_sign_of_zero_is_kept() -> None:
    inside = run(helper.make_node("Reciprocal", ["x"], ["y"]), {"x": np.float32([0.0, -0.0])})
    assert [inside.terms("y", (place,)).after for place in range(2)] == [math.inf, -math.inf]


def test_global_average() -> None:
    inside = run(helper.make_node("GlobalAveragePool", ["x"], ["y"]), {"x": numbers(1, 2, 3, 4, 5)})
    assert len(inside.terms("y", (1, 2, 0, 0)).terms) == 20
