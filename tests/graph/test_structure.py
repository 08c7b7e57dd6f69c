"""Structure: shapes, parameters and multiply-adds that can be worked out by hand."""

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from glassbox.graph.structure import FLOPS_PER_MULTIPLY_ADD, structure
from tests.graph.test_taps import branching
from tests.models import graph, network


def ones(*shape: int) -> np.ndarray:
    return np.ones(shape, np.float32)


@pytest.mark.parametrize(
    ("name", "parameters", "multiply_adds"),
    [
        ("mlp", 784 * 128 + 128 + 128 * 10 + 10, 784 * 128 + 128 * 10),
        ("cnn", 32 * 9 + 32 + 5408 * 10 + 10, 26 * 26 * 32 * 9 + 5408 * 10),
        # ONNX keeps two biases a gate, one beside W and one beside R.
        ("rnn", 32 * (28 + 32 + 2) + 330, 28 * 32 * (28 + 32) + 320),
        ("lstm", 4 * 32 * (28 + 32 + 2) + 330, 28 * 4 * 32 * (28 + 32) + 320),
        ("gru", 3 * 32 * (28 + 32 + 2) + 330, 28 * 3 * 32 * (28 + 32) + 320),
        (
            "cnn_deep",
            sum(9 * a * b + b for a, b in zip([1, 16, 24, 48, 48, 96], [16, 24, 48, 48, 96, 96], strict=True)) + 970,
            784 * 9 * (16 + 16 * 24) + 196 * 9 * (24 * 48 + 48 * 48) + 49 * 9 * (48 * 96 + 96 * 96) + 960,
        ),
    ],
)
def test_the_networks_of_the_zoo(name: str, parameters: int, multiply_adds: int) -> None:
    whole = structure(network(name))
    assert whole.parameters == sum(layer.parameters for layer in whole.layers) == parameters
    assert whole.multiply_adds == multiply_adds
    assert whole.flops == FLOPS_PER_MULTIPLY_ADD * multiply_adds == 2 * multiply_adds
    assert whole.bytes == 4 * parameters


def test_layers_in_order_with_shapes() -> None:
    whole = structure(network("cnn"))
    assert [layer.operator for layer in whole.layers] == ["Conv", "Relu", "MaxPool", "Flatten", "Gemm", "Softmax"]
    conv, _, pool, flatten, dense, _ = whole.layers
    assert (conv.name, conv.inputs, conv.outputs) == ("conv/sum", ("picture",), ("conv/sum",))
    assert conv.constants == ("conv/kernel", "conv/bias")
    assert conv.shapes == {
        "picture": ("N", 1, 28, 28),
        "conv/kernel": (32, 1, 3, 3),
        "conv/bias": (32,),
        "conv/sum": ("N", 32, 26, 26),
    }
    assert pool.shapes["pool"] == ("N", 32, 13, 13)
    assert (flatten.parameters, flatten.multiply_adds) == (0, 0)
    assert (dense.parameters, dense.multiply_adds, dense.flops, dense.bytes) == (54_090, 54_080, 108_160, 216_360)
    assert whole.inputs == {"picture": ("N", 1, 28, 28)}
    assert whole.outputs == {"probabilities": ("N", 10)}


def test_a_batch_multiplies_the_work() -> None:
    one, eight = structure(network("lstm")), structure(network("lstm"), {"N": 8})
    assert eight.multiply_adds == 8 * (one.multiply_adds or 0) and eight.parameters == one.parameters
    assert eight.layers[0].shapes["picture"] == ("N", 28, 28)


@pytest.mark.parametrize(
    ("node", "x", "weight", "multiply_adds"),
    [
        (helper.make_node("Conv", ["x", "w"], ["y"], group=4), [1, 4, 5, 5], (8, 1, 3, 3), 8 * 9 * 9),
        (helper.make_node("Conv", ["x", "w"], ["y"], strides=[2], pads=[1, 1]), [1, 2, 9], (3, 2, 3), 3 * 5 * 6),
        (helper.make_node("ConvTranspose", ["x", "w"], ["y"]), [1, 2, 4], (2, 3, 3), 2 * 4 * 3 * 3),
        (helper.make_node("Gemm", ["x", "w"], ["y"], transA=1, transB=1), [5, 2], (7, 5), 2 * 5 * 7),
        (helper.make_node("MatMul", ["x", "w"], ["y"]), [4, 1, 2, 3], (5, 3, 6), 4 * 5 * 2 * 3 * 6),
        (helper.make_node("MatMul", ["x", "w"], ["y"]), [2, 3], (3,), 2 * 3),
        (helper.make_node("Add", ["x", "w"], ["y"]), [2, 3], (3,), 0),
    ],
)
def test_multiply_adds(node: object, x: list[int], weight: tuple[int, ...], multiply_adds: int) -> None:
    whole = structure(graph([node], {"x": x}, ["y"], {"w": ones(*weight)}))  # type: ignore[list-item]
    assert whole.layers[0].multiply_adds == whole.multiply_adds == multiply_adds
    assert whole.parameters == np.prod(weight)


def test_a_shared_weight_counts_once() -> None:
    nodes = [helper.make_node("MatMul", ["x", "w"], ["h"]), helper.make_node("MatMul", ["h", "w"], ["y"])]
    whole = structure(graph(nodes, {"x": ["N", 3]}, ["y"], {"w": ones(3, 3)}))
    assert [layer.parameters for layer in whole.layers] == [9, 9]
    assert (whole.parameters, whole.bytes, whole.multiply_adds) == (9, 36, 18)


def test_weights_in_constant_nodes_count_and_shapes_do_not() -> None:
    def constant(name: str, array: np.ndarray) -> object:
        return helper.make_node("Constant", [], [name], value=numpy_helper.from_array(array))

    nodes = [
        constant("w", ones(3, 2)),
        constant("shape", np.array([-1, 2, 1])),
        helper.make_node("MatMul", ["x", "w"], ["h"]),
        helper.make_node("Reshape", ["h", "shape"], ["y"]),
    ]
    whole = structure(graph(nodes, {"x": ["N", 3]}, ["y"]))  # type: ignore[arg-type]
    assert [layer.operator for layer in whole.layers] == ["MatMul", "Reshape"]
    assert [layer.parameters for layer in whole.layers] == [6, 0]
    assert [layer.constants for layer in whole.layers] == [("w",), ("shape",)]
    assert whole.parameters == 6


def test_the_graph_to_draw() -> None:
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["conv"], name="first"),
        helper.make_node("Add", ["conv", "x"], ["sum"]),
        helper.make_node("Relu", ["sum"], ["y"]),
    ]
    whole = structure(graph(nodes, {"x": [1, 2, 3]}, ["y"], {"w": ones(2, 2, 1)}))
    assert [(node.name, node.kind, node.depth, node.layer) for node in whole.nodes] == [
        ("x", "input", 0, None),
        ("first", "layer", 1, 0),
        ("sum", "layer", 2, 1),
        ("y", "layer", 3, 2),
        ("y", "output", 4, None),
    ]
    assert [(edge.source, edge.target, edge.tensor) for edge in whole.edges] == [
        (0, 1, "x"),
        (1, 2, "conv"),
        (0, 2, "x"),
        (2, 3, "sum"),
        (3, 4, "y"),
    ]
    assert whole.edges[1].shape == (1, 2, 3)


def test_layers_of_one_name_are_told_apart() -> None:
    nodes = [helper.make_node("Relu", ["x"], ["h"], name="relu"), helper.make_node("Relu", ["h"], ["y"], name="relu")]
    assert [layer.name for layer in structure(graph(nodes, {"x": [1]}, ["y"])).layers] == ["relu", "relu_2"]


def test_what_nobody_can_count_is_unknown() -> None:
    model = graph([helper.make_node("Relu", ["x"], ["y"])], {"x": [1, 3]}, ["y"], {"w": ones(3)})
    model.graph.node[0].CopyFrom(helper.make_node("BiasGelu", ["x", "w"], ["y"], domain="com.microsoft"))
    model.opset_import.append(helper.make_opsetid("com.microsoft", 1))
    whole = structure(model)
    assert whole.layers[0].operator == "com.microsoft.BiasGelu"
    assert whole.layers[0].parameters == whole.parameters == 3
    assert (whole.layers[0].multiply_adds, whole.multiply_adds, whole.flops) == (None, None, None)


def test_a_branch_belongs_to_its_layer() -> None:
    model = branching()
    (branch,) = (attribute.g for attribute in model.graph.node[3].attribute if attribute.name == "then_branch")
    branch.initializer.append(helper.make_tensor("inside", TensorProto.FLOAT, [5], np.ones(5, np.float32)))
    whole = structure(model)
    choice = whole.layers[3]
    assert choice.inputs == ("choice", "x") and choice.constants == ("two",)  # what the bodies read counts as read
    assert choice.parameters == 5 + 1 and choice.multiply_adds is None
    assert whole.parameters == 5 + 1 + 1  # the zero that the first x is compared with is a number of the model, too
    assert whole.multiply_adds is None
    place = next(place for place, node in enumerate(whole.nodes) if node.layer == 3)
    assert {edge.tensor for edge in whole.edges if edge.target == place} == {"choice", "x"}


def test_weights_kept_in_another_file_are_refused() -> None:
    model = network("mlp")
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", "pyproject.toml"
    with pytest.raises(ValueError, match="'dense/kernel' is kept in another file"):
        structure(model)


def test_a_sparse_weight_counts_as_it_is_written_out() -> None:
    model = graph([helper.make_node("MatMul", ["x", "w"], ["y"])], {"x": [1, 3]}, ["y"], {"w": ones(3, 2)})
    del model.graph.initializer[:]
    values = helper.make_tensor("w", TensorProto.FLOAT, [2], [1.0, 2.0])
    for indices in (
        helper.make_tensor("i", TensorProto.INT64, [2], [0, 5]),
        helper.make_tensor("i", TensorProto.INT64, [2, 2], [0, 0, 2, 1]),
    ):
        del model.graph.sparse_initializer[:]
        model.graph.sparse_initializer.append(helper.make_sparse_tensor(values, indices, [3, 2]))
        assert structure(model).parameters == 6
