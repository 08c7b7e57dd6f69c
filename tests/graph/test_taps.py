"""Taps: the model stays what it was, and its inner tensors come out beside its own outputs."""

from pathlib import Path

import numpy as np
import pytest
from onnx import ModelProto, TensorProto, checker, helper, numpy_helper

from glassbox.engine.session import Session
from glassbox.graph.model import read
from glassbox.graph.taps import tap, tappable
from tests.models import graph, network

X = np.array([[1, -2, 3]], np.float32)


def chain() -> ModelProto:
    """x -> double -> relu -> y = relu + bias."""
    nodes = [
        helper.make_node("Mul", ["x", "two"], ["double"]),
        helper.make_node("Relu", ["double"], ["relu"]),
        helper.make_node("Add", ["relu", "bias"], ["y"]),
    ]
    return graph(nodes, {"x": ["N", 3]}, ["y"], {"two": np.float32([2]), "bias": np.float32([1, 1, 1])})


def run(model: ModelProto, **feeds: np.ndarray) -> dict[str, np.ndarray]:
    return Session(model.SerializeToString()).run(feeds).outputs


def branching() -> ModelProto:
    """y = x * 2 if the first x is positive, else -x; the branches read the outer graph's x and two."""

    def body(name: str, *nodes: object) -> object:
        return helper.make_graph(list(nodes), name, [], [helper.make_tensor_value_info(f"{name}_out", 1, None)])

    double = helper.make_node("Mul", ["x", "two"], ["inner"])
    then = body("then", double, helper.make_node("Relu", ["inner"], ["then_out"]))
    other = body("else", helper.make_node("Neg", ["x"], ["else_out"]))
    nodes = [
        helper.make_node("Gather", ["x", "first"], ["head"], axis=1),
        helper.make_node("Greater", ["head", "zero"], ["choices"]),
        helper.make_node("Squeeze", ["choices"], ["choice"]),
        helper.make_node("If", ["choice"], ["picked"], then_branch=then, else_branch=other),
        helper.make_node("Identity", ["picked"], ["y"]),
    ]
    constants = {"first": np.array([0]), "zero": np.float32([0]), "two": np.float32([2])}
    return graph(nodes, {"x": [1, 3]}, ["y"], constants)


def test_all_inner_tensors_come_after_the_models_own_outputs() -> None:
    model = chain()
    before = model.SerializeToString()
    outputs = run(tap(model), x=X)
    assert list(outputs) == ["y", "double", "relu"]
    np.testing.assert_array_equal(outputs["double"], [[2, -4, 6]])
    np.testing.assert_array_equal(outputs["relu"], [[2, 0, 6]])
    np.testing.assert_array_equal(outputs["y"], [[3, 1, 7]])
    assert model.SerializeToString() == before


def test_chosen_tensors_once_each_in_the_order_asked() -> None:
    assert list(run(tap(chain(), ["relu", "double", "relu", "y"]), x=X)) == ["y", "relu", "double"]
    assert list(run(tap(chain(), []), x=X)) == ["y"]
    assert list(run(tap(tap(chain())), x=X)) == ["y", "double", "relu"]


def test_inputs_and_initialisers_can_be_tapped() -> None:
    outputs = run(tap(chain(), ["bias", "x"]), x=X)
    np.testing.assert_array_equal(outputs["bias"], [1, 1, 1])
    np.testing.assert_array_equal(outputs["x"], X)


def test_types_and_shapes_come_from_inference() -> None:
    kinds = tappable(chain())
    assert list(kinds) == ["x", "two", "bias", "double", "relu", "y"]
    relu = kinds["relu"].type.tensor_type
    assert relu.elem_type == TensorProto.FLOAT
    assert [dim.dim_param or dim.dim_value for dim in relu.shape.dim] == ["N", 3]


def test_a_tensor_that_inference_knows_nothing_of_is_left_to_the_engine() -> None:
    model = chain()
    nodes = [helper.make_node("QuickGelu", ["x"], ["quick"], domain="com.microsoft", alpha=1.0)]
    nodes += [helper.make_node("NonZero", ["quick"], ["places"]), helper.make_node("Relu", ["quick"], ["y"])]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    model.opset_import.append(helper.make_opsetid("com.microsoft", 1))
    assert not tappable(model)["quick"].HasField("type")
    outputs = run(tap(model), x=X)
    np.testing.assert_allclose(outputs["quick"], X / (1 + np.exp(-X)), rtol=1e-5)
    assert outputs["places"].shape == (2, 3)


def test_described_tensors_are_not_described_twice() -> None:
    model = chain()
    model.graph.value_info.append(helper.make_tensor_value_info("relu", TensorProto.FLOAT, ["N", 3]))
    tapped = tap(model, ["relu"])
    assert [value.name for value in tapped.graph.value_info] == []
    assert list(run(tapped, x=X)) == ["y", "relu"]


@pytest.mark.parametrize("kind", ["rnn", "lstm", "gru"])
def test_states_without_a_name_get_one(kind: str) -> None:
    outputs = run(tap(network(kind)), picture=np.ones((2, 28, 28), np.float32))
    assert "" not in outputs
    assert outputs["layer.Y"].shape == (28, 1, 2, 32)
    np.testing.assert_array_equal(outputs["layer.Y"][-1, 0], outputs["state"])


def test_a_name_for_the_states_is_not_taken_twice() -> None:
    model = network("gru")
    model.graph.node[2].output[0] = "layer.Y"
    model.graph.node[3].input[0] = "layer.Y"
    outputs = run(tap(model), picture=np.ones((1, 28, 28), np.float32))
    assert outputs["layer.Y"].shape == (1, 32)
    assert outputs["layer.Y_2"].shape == (28, 1, 1, 32)


def test_optional_outputs_stay_optional() -> None:
    node = helper.make_node("LSTM", ["x", "W", "R"], ["", "", "cell"], hidden_size=1, name="layer")
    weights = {"W": np.ones((1, 4, 3), np.float32), "R": np.ones((1, 4, 1), np.float32)}
    outputs = run(tap(graph([node], {"x": [2, 1, 3]}, ["cell"], weights)), x=np.ones((2, 1, 3), np.float32))
    assert list(outputs) == ["cell", "layer.Y"]


@pytest.mark.parametrize(("first", "expected"), [(1, [2, 0, 6]), (-1, [1, 2, -3])])
def test_around_a_branch_all_is_tapped_and_inside_it_nothing(first: int, expected: list[int]) -> None:
    outputs = run(tap(branching()), x=np.array([[first, -2, 3]], np.float32))
    assert list(outputs) == ["y", "head", "choices", "choice", "picked"]
    np.testing.assert_array_equal(outputs["picked"], [expected])
    with pytest.raises(ValueError, match=r"'inner' \(inside the body of an If, Loop or Scan.*there are x, .*picked"):
        tap(branching(), ["inner"])


def test_the_branches_may_hold_the_name_that_states_would_get() -> None:
    model = branching()
    (then,) = (attribute.g for attribute in model.graph.node[3].attribute if attribute.name == "then_branch")
    then.node[0].output[0] = then.node[1].input[0] = "layer.Y"
    held = {"W": np.ones((1, 1, 3), np.float32), "R": np.ones((1, 1, 1), np.float32), "axis": np.array([0])}
    model.graph.initializer.extend(numpy_helper.from_array(array, name) for name, array in held.items())
    model.graph.node.append(helper.make_node("Unsqueeze", ["y", "axis"], ["rows"]))
    model.graph.node.append(helper.make_node("RNN", ["rows", "W", "R"], ["", "h"], hidden_size=1, name="layer"))
    assert "layer.Y_2" in run(tap(model), x=np.ones((1, 3), np.float32))


def test_weights_declared_as_inputs_are_no_hindrance() -> None:
    model = chain()
    model.graph.input.append(helper.make_tensor_value_info("bias", TensorProto.FLOAT, [3]))
    outputs = run(tap(model, ["relu", "bias"]), x=X, bias=np.zeros(3, np.float32))
    assert list(outputs) == ["y", "relu", "bias"]
    np.testing.assert_array_equal(outputs["y"], outputs["relu"])


def test_a_list_of_tensors_is_no_tensor() -> None:
    nodes = [
        helper.make_node("SplitToSequence", ["x"], ["parts"], axis=1, keepdims=0),
        helper.make_node("ConcatFromSequence", ["parts"], ["y"], axis=0),
    ]
    model = graph(nodes, {"x": [1, 3]}, ["y"])
    assert list(run(tap(model), x=X)) == ["y"]
    with pytest.raises(ValueError, match=r"'parts' \(.*no tensor of numbers\)"):
        tap(model, ["parts"])


def test_nodes_out_of_order_are_put_in_order() -> None:
    """ONNX Runtime runs them all the same; the standard does not allow them, nor do walks along the graph."""
    model = chain()
    nodes = [model.graph.node[place] for place in (2, 0, 1)]
    shuffled = ModelProto()
    shuffled.CopyFrom(model)
    del shuffled.graph.node[:]
    shuffled.graph.node.extend(nodes)
    assert read(shuffled) == model
    checker.check_model(tap(shuffled), full_check=True)
    assert list(run(tap(shuffled), x=X)) == ["y", "double", "relu"]


def test_a_branch_out_of_order_and_what_it_reads_are_put_in_order() -> None:
    model = branching()
    shuffled = ModelProto()
    shuffled.CopyFrom(model)
    (then,) = (item.g for item in shuffled.graph.node[3].attribute if item.name == "then_branch")
    for part in (then, shuffled.graph):
        nodes = list(part.node)
        del part.node[:]
        part.node.extend(nodes[::-1])
    assert [node.output[0] for node in read(shuffled).graph.node] == [node.output[0] for node in model.graph.node]
    checker.check_model(tap(shuffled))


def test_what_does_not_exist_is_named() -> None:
    with pytest.raises(ValueError, match="no tensor to tap is named 'hidden', ''; there are x, two, bias, double"):
        tap(chain(), ["hidden", ""])


@pytest.mark.parametrize("data", [b"", b"not a model", b"\x08\x09\xff\xff"])
def test_what_is_no_model_is_refused(data: bytes, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not an ONNX model"):
        read(data)
    path = tmp_path / "broken.onnx"
    path.write_bytes(data)
    with pytest.raises(ValueError, match="not an ONNX model"):
        tap(path)


@pytest.mark.parametrize("name", ["mlp", "cnn", "rnn", "cnn_deep", "lstm", "gru"])
def test_a_tapped_network_gives_the_same_verdict(name: str) -> None:
    model = network(name)
    picture = np.random.default_rng(0).random((3, 1, 28, 28) if "cnn" in name else (3, 28, 28), np.float32)
    plain, tapped = run(model, picture=picture), run(tap(model), picture=picture)
    (output,) = plain
    np.testing.assert_allclose(tapped[output], plain[output], rtol=1e-5, atol=1e-7)
    assert set(tapped) == {name for node in tap(model).graph.node for name in node.output if name}
