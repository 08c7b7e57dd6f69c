"""The derivative through a convolution and the max pooling behind it, computed by phases, against that by indices."""

from itertools import product

import numpy as np
import pytest
from onnx import ModelProto, TensorProto, helper, numpy_helper

from glassbox.engine.session import Session
from glassbox.graph.gradient import differentiate
from glassbox.graph.pooling_phases import FEW


def model(*, relu: bool, bias: bool, window: int, pads: int, channels: int = 1, kernel: int = 3) -> ModelProto:
    """x (N, channels, 9, 8) -> Conv of 5 maps, Relu or not, MaxPool -> y."""
    rng = np.random.default_rng(window + pads)
    weights = [numpy_helper.from_array(rng.normal(size=(5, channels, kernel, kernel)).astype(np.float32), "W")]
    weights.append(numpy_helper.from_array(rng.normal(size=5).astype(np.float32), "b"))
    nodes = [helper.make_node("Conv", ["x", "W", "b"] if bias else ["x", "W"], ["map"], pads=[pads] * 4)]
    nodes += [helper.make_node("Relu", ["map"], ["act"])] if relu else []
    pool = {"kernel_shape": [window] * 2, "strides": [window] * 2}
    nodes.append(helper.make_node("MaxPool", ["act" if relu else "map"], ["y"], **pool))
    x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", n, *at]) for name, n, at in shapes(channels))
    graph = helper.make_graph(nodes, "pooled", [x], [y], weights[: 1 + bias])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)


def shapes(channels: int) -> list[tuple[str, int, list[object]]]:
    return [("x", channels, [9, 8]), ("y", 5, ["h", "w"])]


def operators(made: ModelProto) -> set[str]:
    return {node.op_type for node in made.graph.node}


@pytest.mark.parametrize(("relu", "bias", "pads"), [*product((True, False), (True, False), (0, 1))])
def test_the_gradient_is_that_of_the_indices_at_ties_too(relu: bool, bias: bool, pads: int) -> None:
    plain = model(relu=relu, bias=bias, window=2, pads=pads)
    by_phases, by_indices = differentiate(plain, "y", ["x"]), differentiate(plain, "y", ["x"], keep=["map"])
    assert "MaxPool" not in operators(by_phases)
    assert {"MaxPool", "MaxUnpool"} <= operators(by_indices)
    rng = np.random.default_rng(0)
    x = rng.integers(0, 2, (6, 1, 9, 8)).astype(np.float32)  # whole numbers tie often
    x[:2] = np.arange(2).reshape(2, 1, 1, 1)  # and in these all cells but those of the padding do
    y = Session(plain.SerializeToString()).run({"x": x}).outputs["y"]
    feeds = {"x": x, "grad_y": rng.normal(size=y.shape).astype(np.float32)}
    found, expected = (
        Session(made.SerializeToString()).run(feeds, ["grad_x"]).outputs["grad_x"] for made in (by_phases, by_indices)
    )
    assert np.abs(expected).max() > 1
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)


def test_what_is_asked_for_or_would_not_pay_stays() -> None:
    few = model(relu=True, bias=True, window=2, pads=0)
    assert "MaxPool" in operators(differentiate(few, "y", ["W"]))
    assert "MaxPool" in operators(differentiate(few, "y", ["act"]))
    assert FEW < 4 * 3 * 3
    assert "MaxPool" in operators(differentiate(model(relu=True, bias=True, window=2, pads=0, channels=4), "y", ["x"]))
    assert "MaxPool" in operators(differentiate(model(relu=True, bias=True, window=3, pads=0), "y", ["x"]))
    assert "MaxPool" not in operators(differentiate(few, "y", ["x"], keep=["y"]))
