"""The convolutions found in a graph, and the size of their outputs, against ONNX Runtime."""

import itertools

import numpy as np
import pytest
from onnx import TensorProto, helper

from glassbox.engine.session import Session
from glassbox.explain.convolution import Pooling, output_size, stages
from glassbox.zoo import digit_models


def model(*, group: int = 1, pads: int = 0, **attributes: object) -> bytes:
    """A convolution of two channels into two maps."""
    node = helper.make_node("Conv", ["x", "w"], ["y"], kernel_shape=[3, 3], pads=[pads] * 4, group=group, **attributes)
    weights = helper.make_tensor("w", TensorProto.FLOAT, [2, 2 // group, 3, 3], [1.0] * (36 // group))
    graph = helper.make_graph(
        [node],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 2, 11, 11])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 2, "h", "w"])],
        [weights],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10).SerializeToString()


@pytest.mark.parametrize(("stride", "padding", "dilation"), [*itertools.product((1, 2, 3), (0, 1, 2), (1, 2, 3))])
def test_output_size_is_the_engines(stride: int, padding: int, dilation: int) -> None:
    proto = model(pads=padding, strides=[stride] * 2, dilations=[dilation] * 2)
    engine = Session(proto).run({"x": np.ones((1, 2, 11, 11), np.float32)}).outputs["y"]
    assert engine.shape[2] == output_size(11, 3, stride, padding, dilation)
    (stage,) = stages(proto)
    assert (stage.strides, stage.padding, stage.dilations) == ((stride,) * 2, (padding,) * 2, (dilation,) * 2)


def test_window_that_does_not_fit_has_no_place() -> None:
    assert output_size(5, 3, dilation=3) == 0
    assert output_size(5, 3, dilation=2) == 1


@pytest.mark.parametrize("wrong", [{"stride": 0}, {"padding": -1}, {"dilation": 0}, {"kernel": 0}, {"size": 0}])
def test_impossible_windows_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        output_size(**({"size": 5, "kernel": 3} | wrong))


def test_convolution_in_groups_is_left_out() -> None:
    assert stages(model(group=2)) == ()


def test_convolutions_of_the_shipped_networks() -> None:
    models = digit_models.load()
    (only,) = stages(models.model_bytes("cnn"))
    assert (only.source, only.after, only.relu) == ("picture", "conv", True)
    assert only.pooling and (only.pooling.operator, only.pooling.window) == ("MaxPool", (2, 2))
    deep = stages(models.model_bytes("cnn_deep"))
    assert [stage.after for stage in deep] == [f"conv{n}" for n in range(1, 7)]
    assert [stage.source for stage in deep] == ["picture", "conv1", "pool1", "conv3", "pool2", "conv5"]
    assert deep[-1].pooling and deep[-1].pooling.window is None


def test_pooled_place() -> None:
    pooling = Pooling("MaxPool", "p", (2, 2), (2, 2))
    assert pooling.place(4, 5, (7, 7)) == (2, 2)
    assert pooling.place(6, 0, (7, 7)) is None  # the window would leave the map
    assert Pooling("MaxPool", "p", (2, 2), (3, 3)).place(2, 0, (7, 7)) is None  # between two windows
    assert Pooling("GlobalAveragePool", "p", None, None).place(6, 3, (7, 7)) == (0, 0)
