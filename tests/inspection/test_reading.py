"""What is read of a file, against the file itself and counts by hand."""

import json
import math
from collections import Counter

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from glassbox.input_error import InputError
from glassbox.inspection.blocks import blocks, scope
from glassbox.inspection.commands import COMMANDS
from glassbox.inspection.requests import Read, Run
from glassbox.inspection.weights import picture
from glassbox.paths import MODELS
from tests.models import graph

read = COMMANDS["read"]
FLOAT = TensorProto.FLOAT


def facts(data: bytes, **asked) -> dict:
    found = read([data], Read(**asked), {}).facts
    json.dumps(found, allow_nan=False)
    return found


def codes(data: bytes) -> dict[str, dict]:
    return {one["code"]: one for one in facts(data)["findings"]}


def test_a_size_of_minus_one_is_free() -> None:
    model = graph([onnx.helper.make_node("Relu", ["x"], ["y"])], {"x": [2, 3]}, ["y"])
    for value in (*model.graph.input, *model.graph.output):
        value.type.tensor_type.shape.dim[0].dim_value = -1
    assert facts(model.SerializeToString())["inputs"][0]["shape"] == ["x.0", 3]
    answer = COMMANDS["run"]([model.SerializeToString()], Run(sizes={"x.0": 5}), {})
    assert [row["shape"] for row in answer.facts["tensors"]] == [[5, 3], [5, 3]]


@pytest.mark.parametrize("name", ["cnn", "lstm", "text_en_gru", "mlp_int8_static"])
def test_counts_are_those_of_the_file(name: str) -> None:
    path = MODELS / name / "1" / "model.onnx"
    model = onnx.load(path)
    found = facts(path.read_bytes())
    counted = {row["operator"]: row["nodes"] for row in found["operators"]}
    assert counted == Counter(node.op_type for node in model.graph.node if node.op_type != "Constant")
    floats = [numpy_helper.to_array(x) for x in model.graph.initializer if x.data_type != TensorProto.INT64]
    assert found["totals"]["parameters"] == sum(x.size for x in floats)
    for total in ("parameters", "bytes", "multiply_adds"):
        assert sum(row[total] for row in found["operators"]) == found["totals"][total]
    main = found["graphs"][0]
    assert [node["outputs"] for node in main["nodes"]] == [
        list(node.output) for node in model.graph.node if node.op_type != "Constant"
    ]
    assert [weight["shape"] for weight in found["weights"]] == [list(x.dims) for x in model.graph.initializer]


def test_a_shared_weight_counts_once() -> None:
    nodes = [helper.make_node("MatMul", ["x", "w"], ["h"]), helper.make_node("MatMul", ["h", "w"], ["y"])]
    found = facts(graph(nodes, {"x": ["N", 3]}, ["y"], {"w": np.ones((3, 3), np.float32)}).SerializeToString())
    (row,) = found["operators"]
    assert (row["parameters"], row["bytes"], row["multiply_adds"]) == (9, 36, 18)
    assert found["totals"] == {"parameters": 9, "bytes": 36, "multiply_adds": 18}
    more = facts(
        graph(nodes, {"x": ["N", 3]}, ["y"], {"w": np.ones((3, 3), np.float32)}).SerializeToString(), sizes={"N": 5}
    )
    assert more["totals"]["multiply_adds"] == 90


def conditional() -> bytes:
    """y = relu(x) or x + w, as the sign of the sum says, w inside the body."""
    x, y = (helper.make_tensor_value_info(name, FLOAT, [4]) for name in "xy")
    out = helper.make_tensor_value_info("out", FLOAT, [4])
    then = helper.make_graph([helper.make_node("Relu", ["x"], ["out"], name="rectify")], "then", [], [out])
    w = numpy_helper.from_array(np.ones(4, np.float32), "w")
    other = helper.make_graph([helper.make_node("Add", ["x", "w"], ["out"])], "else", [], [out], [w])
    nodes = [
        helper.make_node("ReduceSum", ["x"], ["sum"], keepdims=0),
        helper.make_node("Greater", ["sum", "zero"], ["positive"]),
        helper.make_node("If", ["positive"], ["y"], name="choose", then_branch=then, else_branch=other),
    ]
    zero = numpy_helper.from_array(np.zeros((), np.float32), "zero")
    made = helper.make_graph(nodes, "conditional", [x], [y], [zero])
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", 18)], ir_version=9).SerializeToString()


def test_bodies_are_graphs_of_their_own() -> None:
    found = facts(conditional())
    main, *bodies = found["graphs"]
    choose = main["nodes"][2]
    assert [found["graphs"][place]["name"] for place in choose["bodies"]] == ["else_branch", "then_branch"]
    assert [body["kind"] for body in bodies] == ["body", "body"]
    assert all(body["holder"] == [0, 2] for body in bodies)
    assert {row["operator"] for row in found["operators"]} == {"ReduceSum", "Greater", "If", "Relu", "Add"}
    assert choose["parameters"] == 4


def test_functions_are_graphs_that_nodes_name() -> None:
    double = helper.make_function(
        "own", "Double", ["a"], ["b"], [helper.make_node("Add", ["a", "a"], ["b"])], [helper.make_opsetid("", 18)]
    )
    x, y = (helper.make_tensor_value_info(name, FLOAT, [4]) for name in "xy")
    made = helper.make_graph([helper.make_node("Double", ["x"], ["y"], domain="own")], "calls", [x], [y])
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("own", 1)]
    data = helper.make_model(made, functions=[double], opset_imports=opsets, ir_version=9).SerializeToString()
    found = facts(data)
    (node,) = found["graphs"][0]["nodes"]
    function = found["graphs"][node["function"]]
    assert (function["kind"], function["inputs"], function["outputs"]) == ("function", ["a"], ["b"])
    assert "unknown_domain" not in codes(data)


def test_blocks_follow_scopes_and_repetition() -> None:
    names = ["in", *(f"/encoder/layer.{n}/{part}" for n in range(3) for part in ("mix/MatMul", "mix/Add", "Relu"))]
    kinds = ["Cast", *["MatMul", "Add", "Relu"] * 3]
    found = blocks([scope(name, "/") for name in names], kinds)
    assert [(one.name, one.first, one.last) for one in found if one.name.count("/") < 2] == [
        ("encoder", 1, 9),
        ("encoder/layer.0", 1, 3),
        ("encoder/layer.1", 4, 6),
        ("encoder/layer.2", 7, 9),
    ]
    assert len({one.alike for one in found if one.name.count("/") == 1}) == 1
    flat = blocks([()] * 10, kinds)
    assert [(one.first, one.last) for one in flat] == [(1, 3), (4, 6), (7, 9)]
    assert {one.alike for one in flat} == {0}
    assert blocks([()] * 4, ["Relu"] * 4) == []


def test_blocks_nest_and_cover_no_node_twice() -> None:
    rng = np.random.default_rng(1)
    for _ in range(50):
        count = int(rng.integers(1, 60))
        scopes = [tuple(str(x) for x in rng.integers(0, 2, rng.integers(0, 4))) for _ in range(count)]
        found = blocks(scopes, rng.integers(0, 3, count).tolist())
        for one in found:
            assert 0 <= one.first < one.last < count
            around = [other for place, other in enumerate(found) if place == one.parent]
            assert all(other.first <= one.first and one.last <= other.last for other in around)
            beside = [x for x in found if x is not one and x.parent == one.parent]
            assert all(other.last < one.first or one.last < other.first for other in beside)


def test_findings_say_what_is_wrong() -> None:
    big = np.arange(64, dtype=np.float32)
    weights = {"w": big, "twin": big.copy(), "spare": big + 1, "broken": np.array([np.nan, 1] * 32, np.float32)}
    nodes = [
        helper.make_node("Mul", ["h", "twin"], ["m"]),
        helper.make_node("Add", ["x", "w"], ["h"]),
        helper.make_node("Add", ["m", "broken"], ["y"]),
        helper.make_node("Relu", ["x"], ["nobody"]),
    ]
    x, y = (helper.make_tensor_value_info(name, FLOAT, [64]) for name in "xy")
    held = [numpy_helper.from_array(value, name) for name, value in weights.items()]
    made = helper.make_graph(nodes, "faulty", [x], [y], held)
    data = helper.make_model(made, opset_imports=[helper.make_opsetid("", 13)], ir_version=8).SerializeToString()
    found = codes(data)
    assert {"unsorted", "older_opset", "nodes_unused", "weights_unused", "weights_alike"} <= found.keys()
    assert found["weights_alike"]["names"] == ["twin"]
    assert (found["weights_unused"]["names"], found["weights_unused"]["bytes"]) == (["spare"], 256)
    assert found["weights_not_finite"]["names"] == ["broken"]
    assert found["nodes_unused"]["count"] == 1


@pytest.mark.parametrize("kind", ["BFLOAT16", "FLOAT8E4M3FN", "INT4", "FLOAT16"])
def test_twins_are_found_among_weights_of_narrow_types(kind: str) -> None:
    """NumPy has no names of its own for most of them, and shows their bytes to nobody as they are."""
    number = TensorProto.DataType.Value(kind)
    values = np.ones(256, helper.tensor_dtype_to_np_dtype(number))
    held = [numpy_helper.from_array(values, name) for name in ("w", "twin")]
    nodes = [helper.make_node("Identity", [name], [f"{name}_out"]) for name in ("w", "twin")]
    outputs = [helper.make_tensor_value_info(f"{name}_out", number, [256]) for name in ("w", "twin")]
    made = helper.make_graph(nodes, "narrow", [], outputs, held)
    data = helper.make_model(made, opset_imports=[helper.make_opsetid("", 21)], ir_version=10).SerializeToString()
    assert codes(data)["weights_alike"]["names"] == ["twin"]


@pytest.mark.parametrize("name", [b"conv/sum", b"glassbox", b"Softmax", b"picture"])
def test_names_that_are_no_text_are_damage(name: bytes) -> None:
    data = (MODELS / "cnn/1/model.onnx").read_bytes()
    assert name in data
    with pytest.raises(InputError) as caught:
        facts(data.replace(name, b"\xff" + name[1:]))
    assert caught.value.code == "not_a_model"


def test_a_sound_file_has_no_findings() -> None:
    assert [one["code"] for one in facts((MODELS / "cnn/1/model.onnx").read_bytes())["findings"]] == []


def test_what_stands_in_the_way_of_gradients_is_named() -> None:
    nodes = [
        helper.make_node("Relu", ["x"], ["r"]),
        helper.make_node("Magic", ["r"], ["h"], name="trick", domain="com.example"),
        helper.make_node("Shrink", ["h"], ["y"]),  # which is written out
        helper.make_node("Magic", ["r"], ["aside"], domain="com.example"),
    ]
    x, y = (helper.make_tensor_value_info(name, FLOAT, [4]) for name in "xy")
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("com.example", 1)]
    made = helper.make_graph(nodes, "magic", [x], [y])
    data = helper.make_model(made, opset_imports=opsets, ir_version=9).SerializeToString()
    found = facts(data, gradients=True)["gradients"]
    assert found["obstacles"] == [{"node": "trick", "operator": "com.example.Magic"}]
    assert "com.example.Magic" in found["by"][0]["why"] and "trick" in found["by"][0]["why"]
    assert codes(data)["unknown_domain"]["domain"] == "com.example"
    assert facts((MODELS / "cnn/1/model.onnx").read_bytes(), gradients=True)["gradients"] == {
        "score": "logits",
        "by": [{"name": "picture", "why": None}],
        "obstacles": [],
    }


def test_weights_on_request_have_statistics_and_pictures() -> None:
    path = MODELS / "cnn" / "1" / "model.onnx"
    held = {x.name: numpy_helper.to_array(x) for x in onnx.load(path).graph.initializer}
    answer = read([path.read_bytes()], Read(weights=tuple(held)), {})
    for fact, counts in zip(answer.facts["details"], answer.arrays["weights/histograms"], strict=True):
        value = held[fact["name"]]
        assert counts.sum() == value.size
        assert math.isclose(fact["mean"], value.mean(dtype=float), rel_tol=1e-9, abs_tol=1e-12)
        if value.ndim == 4:
            np.testing.assert_array_equal(answer.arrays[f"weights/pictures/{fact['name']}"], value[:64, 0])
    with pytest.raises(InputError) as caught:
        facts(path.read_bytes(), weights=("nowhere",))
    assert caught.value.code == "unknown_weight"


@pytest.mark.parametrize(
    ("shape", "shown"),
    [
        ((768, 3, 32, 32), (32, 32, 32)),  # as a vision transformer reads a picture
        ((2, 3, 32, 32), (2, 32, 32)),
        ((80, 3, 64, 64), (8, 64, 64)),
        ((80, 3, 7, 7), (64, 7, 7)),
        ((8, 3, 65, 65), (8, 100)),  # too large: a matrix of every n-th column
        ((70, 30, 1, 1), (70, 30)),
    ],
)
def test_the_kernels_of_a_convolution_are_shown_as_such(shape: tuple[int, ...], shown: tuple[int, ...]) -> None:
    value = np.random.default_rng(1).random(shape, np.float32)
    drawn = picture(value)
    assert drawn is not None
    if len(shown) == 3:
        np.testing.assert_array_equal(drawn, value[: shown[0], 0])
    else:
        assert drawn.shape[0] == shown[0] and drawn.size <= 128 * 128
