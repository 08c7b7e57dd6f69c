"""Removing neurons: against a network small enough to work out by hand, and against the shipped one without them."""

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from glassbox.digits import strokes
from glassbox.digits.tensors import rescaled
from glassbox.engine.session import Session
from glassbox.explain.ablation import Ablation
from glassbox.graph.model import constants, read
from glassbox.zoo import digit_models

WEIGHTS = np.array([[1, 0, 2], [0, -1, 1]], np.float32)
HEAD = np.array([[1, 0], [0, 1], [1, 1]], np.float32)


def small(last: str = "out") -> bytes:
    """Two inputs, three units with ReLU, two outputs; `last`: which tensor is the model's output."""
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["sums"]),
        helper.make_node("Relu", ["sums"], ["hidden"]),
        helper.make_node("MatMul", ["hidden", "v"], ["out"]),
        helper.make_node("Shape", ["x"], ["size"]),
    ]
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 2])
    y = helper.make_tensor_value_info(last, TensorProto.FLOAT, ["N", 3 if last == "hidden" else 2])
    weights = [numpy_helper.from_array(WEIGHTS, "w"), numpy_helper.from_array(HEAD, "v")]
    graph = helper.make_graph(nodes, "small", [x], [y], weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10).SerializeToString()


X = np.array([[2, -3]], np.float32)  # hidden: 2, 3, relu(4 - 3) = 1; out: 3, 4


def test_nothing_removed_is_the_model_itself() -> None:
    found = Ablation(small(), "hidden").run(X).tensors
    assert found["hidden"].tolist() == [[2, 3, 1]]
    assert found["out"].tolist() == [[3, 4]]


def test_removed_unit_gives_nothing_on() -> None:
    found = Ablation(small(), "hidden").run(X, {1}).tensors
    assert found["hidden"].tolist() == [[2, 0, 1]]
    assert found["out"].tolist() == [[3, 1]]


def test_sums_are_those_of_the_lesser_network() -> None:
    number = Ablation(small(), "hidden").run(X, {1}).terms("out", (0, 1))
    assert number.terms.products.tolist() == [0, 0, 1]
    assert number.after == number.engine == 1


def test_each_removes_one_more() -> None:
    ablation = Ablation(small(), "hidden")
    assert ablation.each(X).tolist() == [[1, 4], [3, 1], [2, 3]]
    assert ablation.each(X, {0}).tolist() == [[1, 4], [1, 1], [0, 3]]


def test_output_of_the_model_can_be_switched_too() -> None:
    assert Ablation(small("hidden"), "hidden").run(X, [0, 2]).tensors["hidden"].tolist() == [[0, 3, 0]]


def test_shipped_mlp_without_its_neurons_is_the_mlp_with_their_weights_at_zero() -> None:
    data = digit_models.load().model_bytes("mlp")
    picture = np.random.default_rng(5).random((1, 28, 28), np.float32)
    removed = [3, 40, 127]
    lesser = read(data)
    for tensor in lesser.graph.initializer:
        if tensor.name == "logits/kernel":
            kernel = constants(lesser.graph)[tensor.name].copy()
            kernel[removed] = 0
            tensor.CopyFrom(numpy_helper.from_array(kernel, tensor.name))
    expected = Session(lesser.SerializeToString()).run({"picture": picture}).outputs["logits"]
    ablation = Ablation(data, "hidden")
    np.testing.assert_allclose(ablation.run(picture, removed).tensors["logits"], expected, rtol=0, atol=1e-5)
    np.testing.assert_allclose(ablation.each(picture, removed[1:])[3], expected[0], rtol=0, atol=1e-5)


@pytest.mark.parametrize("unit", [-1, 3])
def test_unknown_unit_is_named(unit: int) -> None:
    with pytest.raises(ValueError, match=f"no unit {unit}; it has 3"):
        Ablation(small(), "hidden").run(X, [unit])


def test_layer_of_maps_has_no_list_of_units() -> None:
    with pytest.raises(ValueError, match="not \\(N, units\\)"):
        Ablation(digit_models.load().model_bytes("cnn"), "conv")


@pytest.fixture
def shipped() -> Ablation:
    return Ablation(digit_models.load().model_bytes("mlp"), "hidden")


@pytest.mark.parametrize("sample", [3, 5])
def test_what_is_dispensable_is_so_and_one_more_turns_the_verdict(shipped: Ablation, sample: int) -> None:
    """On the shipped MLP: every shorter list leaves the verdict, the whole one does not; no neuron comes twice."""
    picture = rescaled(strokes.draw(strokes.SAMPLES[sample].strokes)[5::10, 5::10])[None]
    verdict = shipped.run(picture).tensors[shipped.output][0].argmax()
    order = shipped.dispensable(picture)
    assert len(set(order)) == len(order) > 1
    for count in range(len(order)):
        assert shipped.run(picture, order[:count]).tensors[shipped.output][0].argmax() == verdict
    turned = shipped.run(picture, order).tensors[shipped.output][0].argmax() != verdict
    assert turned or len(order) == shipped.units
    assert shipped.survived(picture, order) == len(order) - turned


def test_units_survive_in_the_order_that_is_given(shipped: Ablation) -> None:
    picture = rescaled(strokes.draw(strokes.SAMPLES[1].strokes)[5::10, 5::10])[None]
    verdict = shipped.run(picture).tensors[shipped.output][0].argmax()
    order = list(np.random.default_rng(0).permutation(shipped.units))
    count = shipped.survived(picture, order)
    assert 0 < count < shipped.units
    assert shipped.run(picture, order[:count]).tensors[shipped.output][0].argmax() == verdict
    assert shipped.run(picture, order[: count + 1]).tensors[shipped.output][0].argmax() != verdict
