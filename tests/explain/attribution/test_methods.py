"""On networks small enough that each map can be worked out by hand."""

import numpy as np
import pytest
from onnx import helper

from glassbox.explain.attribution.methods import (
    Network,
    NoFeatureMaps,
    enlarged,
    grad_cam,
    gradient_times_input,
    integrated_gradients,
    last_feature_maps,
    occlusion,
    rise,
    saliency,
    smoothgrad,
)
from tests.gradients import graph
from tests.models import network

RNG = np.random.default_rng(0)
PICTURE = RNG.random((28, 28)).astype(np.float32)
W = RNG.normal(size=(784, 2)).astype(np.float32)


def linear(activation=None):
    """S = W x, or S = activation(W x); then a Softmax."""
    nodes = [
        helper.make_node("Flatten", ["picture"], ["flat"]),
        helper.make_node("MatMul", ["flat", "W"], ["z"]),
        helper.make_node(activation or "Identity", ["z"], ["scores"]),
        helper.make_node("Softmax", ["scores"], ["p"]),
    ]
    batch = {"picture": np.zeros((5, 28, 28), np.float32)}
    model = graph(nodes, batch, {"W": W / 28}, {"p": 2})
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_param = "N"
    return Network(model)


def convolutional():
    """Two maps, A_0 = relu(x) and A_1 = relu(x - 0.5); S = the sum of A_0 minus twice that of A_1."""
    nodes = [
        helper.make_node("Conv", ["picture", "k", "b"], ["c"], kernel_shape=[1, 1]),
        helper.make_node("Relu", ["c"], ["maps"]),
        helper.make_node("Flatten", ["maps"], ["flat"]),
        helper.make_node("MatMul", ["flat", "W"], ["scores"]),
    ]
    weights = {"k": np.ones((2, 1, 1, 1), np.float32), "b": np.array([0, -0.5], np.float32)}
    weights["W"] = np.repeat([[1.0], [-2.0]], 784, 0).astype(np.float32)
    model = graph(nodes, {"picture": np.zeros((5, 1, 28, 28), np.float32)}, weights, {"scores": 2})
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_param = "N"
    return Network(model)


SLOPE = (W[:, 1] / 28).reshape(28, 28)


def test_gradients_of_a_linear_network():
    net = linear()
    assert net.score == "scores"
    assert saliency(net, PICTURE, 1) == pytest.approx(np.abs(SLOPE), rel=1e-5)
    assert gradient_times_input(net, PICTURE, 1) == pytest.approx(PICTURE * SLOPE, rel=1e-5)
    assert smoothgrad(net, PICTURE, 1, samples=100) == pytest.approx(np.abs(SLOPE), rel=1e-4)


def rewritten(*ends, kind=np.float32, constants=None):
    """S = W x in `kind`, then a Softmax p whose result the nodes `ends` write as y in another type."""
    to = helper.np_dtype_to_tensor_dtype(np.dtype(kind))
    nodes = [
        helper.make_node("Cast", ["picture"], ["ink"], to=to),
        helper.make_node("Flatten", ["ink"], ["flat"]),
        helper.make_node("MatMul", ["flat", "W"], ["scores"]),
        helper.make_node("Softmax", ["scores"], ["p"]),
        *ends,
    ]
    model = graph(
        nodes, {"picture": np.zeros((5, 28, 28), np.float32)}, {"W": (W / 28).astype(kind)} | (constants or {})
    )
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_param = "N"
    return Network(model)


@pytest.mark.parametrize("kind", [np.float32, np.float16, "8 bits"])
def test_a_softmax_written_in_another_type_is_not_taken_twice(kind):
    if kind == "8 bits":
        ends = [helper.make_node("QuantizeLinear", ["p", "s", "z"], ["q"])]
        ends += [helper.make_node("DequantizeLinear", ["q", "s", "z"], ["y"])]
        net = rewritten(*ends, constants={"s": np.float32(1 / 255), "z": np.uint8(0)})
    else:
        net = rewritten(helper.make_node("Cast", ["p"], ["y"], to=1), kind=kind)
    plain = linear()
    close = {"abs": 2e-3}
    assert (net.score, net.output) == ("scores", "y")
    assert net.scores(PICTURE[None]) == pytest.approx(plain.scores(PICTURE[None]), **close)
    assert net.probabilities(PICTURE[None]) == pytest.approx(plain.probabilities(PICTURE[None]), **close)
    assert net.gradients(PICTURE[None], 1)[0] == pytest.approx(SLOPE, **close)
    assert net.scores(PICTURE[None]).dtype == np.float32


def test_integrated_gradients_are_exact_where_the_network_is_linear():
    found = integrated_gradients(linear(), PICTURE, 1)
    assert found.map == pytest.approx(PICTURE * SLOPE, abs=1e-6)
    assert found.difference == pytest.approx((PICTURE * SLOPE).sum(), rel=1e-4)
    assert found.error == pytest.approx(0, abs=1e-5)


def test_against_a_rival_integrated_gradients_are_the_difference_of_the_two_maps():
    net = linear("Sigmoid")
    alone = [integrated_gradients(net, PICTURE, label) for label in (0, 1)]
    against = integrated_gradients(net, PICTURE, 0, rival=1)
    assert against.map == pytest.approx(alone[0].map - alone[1].map, abs=1e-6)
    assert against.difference == pytest.approx(alone[0].difference - alone[1].difference, abs=1e-5)


def test_integrated_gradients_are_complete_where_it_is_not_and_more_steps_help():
    net = linear("Sigmoid")
    errors = [abs(integrated_gradients(net, PICTURE, 0, steps=steps).error) for steps in (2, 50)]
    assert errors[1] < 1e-4 and errors[1] < errors[0]


def test_integrated_gradients_from_another_baseline():
    baseline = np.full_like(PICTURE, 0.5)
    found = integrated_gradients(linear(), PICTURE, 0, baseline)
    assert found.map == pytest.approx((PICTURE - 0.5) * (W[:, 0] / 28).reshape(28, 28), abs=1e-6)


def test_grad_cam_by_hand():
    """dS/dA_0 = 1 everywhere and dS/dA_1 = -2: the map is relu(A_0 - 2 A_1)."""
    expected = np.maximum(PICTURE - 2 * np.maximum(PICTURE - 0.5, 0), 0)
    assert grad_cam(convolutional(), PICTURE, 0) == pytest.approx(expected, abs=1e-6)


def test_grad_cam_needs_a_convolution():
    with pytest.raises(NoFeatureMaps, match="no convolution"):
        grad_cam(linear(), PICTURE, 0)


@pytest.mark.parametrize("name", ["cnn", "cnn_deep"])
def test_the_last_feature_maps_of_the_networks_of_the_zoo(name):
    model = network(name)
    maker = next(node for node in model.graph.node if last_feature_maps(model) in node.output)
    assert maker.op_type == "Relu"


def test_occlusion_of_a_linear_network():
    """Erasing a square loses the sum of its pixels' contributions; a pixel's value is the mean over its squares."""
    contributions = np.pad(PICTURE * SLOPE, 2)
    lost = sum(contributions[r : r + 28, c : c + 28] for r in range(3) for c in range(3))
    lost = np.pad([[contributions[r : r + 3, c : c + 3].sum() for c in range(30)] for r in range(30)], 0)
    expected = sum(lost[r : r + 28, c : c + 28] for r in range(3) for c in range(3)) / 9
    assert occlusion(linear(), PICTURE, 1, size=3, stride=1) == pytest.approx(expected, abs=1e-4)


def test_occlusion_of_an_empty_page_is_zero():
    assert (occlusion(linear(), np.zeros_like(PICTURE), 1) == 0).all()


def test_rise_finds_the_part_that_the_label_depends_on():
    """Only the middle of the picture speaks for label 1."""
    weights = np.zeros((28, 28, 2), np.float32)
    weights[10:18, 10:18, 1] = 0.2
    nodes = [helper.make_node("Flatten", ["picture"], ["f"]), helper.make_node("MatMul", ["f", "W"], ["scores"])]
    model = graph(nodes, {"picture": PICTURE[None]}, {"W": weights.reshape(784, 2)}, {"scores": 2})
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_param = "N"
    found = rise(Network(model), np.ones_like(PICTURE), 1)
    assert found[12:16, 12:16].min() > found[:, :4].max()
    assert found.min() >= 0 and found.max() <= 1
    assert (rise(Network(model), np.ones_like(PICTURE), 1) == found).all()  # the masks are the same each time


@pytest.mark.parametrize("name", ["mlp", "cnn", "rnn", "cnn_deep", "lstm", "gru"])
def test_every_network_of_the_zoo(name):
    net = Network(network(name))
    assert net.scores(np.stack([PICTURE] * 130)).shape == (130, 10)
    chances = net.probabilities(PICTURE[None])
    assert chances.sum() == pytest.approx(1)
    step = 1e-2
    pixel = np.zeros_like(PICTURE)
    pixel[14, 14] = step
    ends = net.scores(np.stack([PICTURE + pixel, PICTURE - pixel]))[:, 3]
    gradient = net.gradients(np.stack([PICTURE, 0 * PICTURE]), 3)
    assert gradient.shape == (2, 28, 28)
    assert gradient[0, 14, 14] == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=0.1, abs=2e-3)
    found = integrated_gradients(net, PICTURE, 3)
    assert abs(found.error) <= 0.05 * np.abs(found.map).sum()


def test_enlarging():
    assert enlarged(np.array([[1.0, 3.0]]), (2, 4)).tolist() == [[1, 1.5, 2.5, 3]] * 2
    assert enlarged(np.array([[5.0]]), (3, 3)).tolist() == [[5.0] * 3] * 3
    assert enlarged(PICTURE.astype(float), (28, 28)) == pytest.approx(PICTURE)
