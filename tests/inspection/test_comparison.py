"""Two models side by side, against what was done to the second."""

import json

import numpy as np
import onnx
import pytest
from onnx import helper, version_converter

from glassbox.input_error import InputError
from glassbox.inspection.commands import COMMANDS
from glassbox.inspection.comparison import difference
from glassbox.inspection.matching import matched
from glassbox.inspection.requests import Compare
from glassbox.paths import MODELS
from glassbox.zoo import tiny_models
from tests.models import graph


def compare(one: bytes, other: bytes, arrays: dict | None = None, **asked) -> dict:
    facts = COMMANDS["compare"]([one, other], Compare(**asked), arrays or {}).facts
    json.dumps(facts, allow_nan=False)
    return facts


def file(name: str) -> bytes:
    return (MODELS / name / "1" / "model.onnx").read_bytes()


def renamed(data: bytes) -> bytes:
    """The same model with other names for its inner tensors and its weights."""
    model = onnx.load_from_string(data)
    fixed = {value.name for value in [*model.graph.input, *model.graph.output]}
    for node in model.graph.node:
        node.name = f"n_{node.name}"
        node.input[:] = [name if name in fixed or not name else f"t_{name}" for name in node.input]
        node.output[:] = [name if name in fixed or not name else f"t_{name}" for name in node.output]
    for weight in model.graph.initializer:
        weight.name = f"t_{weight.name}"
    del model.graph.value_info[:]
    return model.SerializeToString()


def test_a_model_is_the_same_as_itself_under_other_names() -> None:
    found = compare(file("cnn"), renamed(file("cnn")))
    assert len(found["tensors"]) == 6
    assert {row["matched"] for row in found["tensors"]} == {"name", "topology"}
    assert all(
        row["largest"] == 0 and row["other"] in (row["tensor"], f"t_{row['tensor']}") for row in found["tensors"]
    )
    assert all(row["equal"] and row["at"] is None for row in found["tensors"])
    assert found["runs"] > 1  # the first runs, in which the engine sets itself up, are not among them
    assert found["first"] is None
    assert found["alone"] == [[], []]
    assert {row["state"] for row in found["weights"]} == {"first", "second"}


@pytest.mark.parametrize("layer", range(3))
def test_the_first_tensor_that_differs_is_the_changed_layers(layer: int) -> None:
    rng = np.random.default_rng(0)
    nodes = [helper.make_node("MatMul", [f"h{n}", f"w{n}"], [f"h{n + 1}"]) for n in range(3)]
    weights = {f"w{n}": rng.normal(size=(4, 4)).astype(np.float32) for n in range(3)}
    changed = weights | {f"w{layer}": weights[f"w{layer}"] * np.float32(1.5)}
    one, other = (graph(nodes, {"h0": [1, 4]}, ["h3"], held).SerializeToString() for held in (weights, changed))
    found = compare(one, other)
    assert found["first"] == f"h{layer + 1}"
    (row,) = found["weights"]
    assert (row["name"], row["state"]) == (f"w{layer}", "changed")
    assert row["relative"] == pytest.approx(0.5, rel=1e-5)
    assert next(x for x in found["tensors"] if x["tensor"] == "h3")["relative"] == pytest.approx(0.5, rel=1e-4)
    assert compare(one, other, tolerance=0.6)["first"] is None


@pytest.mark.parametrize("twin", ["cnn_fp16", "cnn_int8_static", "cnn_int8_dynamic"])
def test_a_twin_of_fewer_bits_differs_by_little_and_is_matched(twin: str) -> None:
    picture = np.random.default_rng(0).random((1, 1, 28, 28), np.float32)
    found = compare(file("cnn"), file(twin), {"picture": picture}, tolerance=1e-6)
    assert found["first"] is not None
    (first,) = [row for row in found["tensors"] if row["tensor"] == found["first"]]
    assert first["exceeds"] and first["operator"] in ("Conv", "Relu")  # where the weights of fewer bits are used first
    assert {"conv", "flatten", "logits", "probabilities"} <= {row["tensor"] for row in found["tensors"]}
    assert {row["matched"] for row in found["tensors"]} == {"name"}
    assert all(row["cosine"] > 0.9 for row in found["tensors"] if row["cosine"] is not None)
    assert found["structure"]["file_bytes"] == [len(file("cnn")), len(file(twin))]


def test_two_opsets_compute_the_same() -> None:
    newer = version_converter.convert_version(onnx.load_from_string(file("mlp")), 21).SerializeToString()
    found = compare(file("mlp"), newer, tolerance=1e-6)
    assert found["structure"]["opsets"] == [{"ai.onnx": 18}, {"ai.onnx": 21}]
    assert found["first"] is None and found["tensors"]


def test_optimisation_changes_no_more_than_rounding() -> None:
    found = compare(file("cnn"), file("cnn"), optimised=("all", "none"), tolerance=1e-4)
    assert found["first"] is None
    assert [row["exceeds"] for row in found["outputs"]] == [False]


def test_difference_is_by_hand() -> None:
    nan, inf = np.nan, np.inf
    found = difference(np.array([1, -4, nan, inf, 2.0]), np.array([1, -3, nan, inf, nan]))
    assert (found["largest"], found["relative"], found["at"], found["not_finite"]) == (1.0, 0.25, [1], 1)
    assert difference(np.zeros(3), np.zeros(3))["relative"] == 0
    assert difference(np.array([inf]), np.array([-inf]))["not_finite"] == 1


def test_a_tensor_of_whole_numbers_is_no_twin_of_floats() -> None:
    floats, whole = ("Relu", np.zeros(3, np.float32)), ("Relu", np.zeros(3, np.int8))
    assert matched({"a": floats}, {"a": whole}) == []
    assert matched({"a": floats, "b": floats}, {"c": floats, "b": floats}) == [
        ("a", "c", "topology"),
        ("b", "b", "name"),
    ]


def test_other_inputs_are_refused() -> None:
    two = graph([helper.make_node("Add", ["a", "b"], ["y"])], {"a": [2], "b": [2]}, ["y"]).SerializeToString()
    one = graph([helper.make_node("Relu", ["a"], ["y"])], {"a": [2]}, ["y"]).SerializeToString()
    wide = graph([helper.make_node("Relu", ["a"], ["y"])], {"a": [3]}, ["y"]).SerializeToString()
    for other, code in ((two, "inputs_differ"), (wide, "input_size")):
        with pytest.raises(InputError) as caught:
            compare(one, other)
        assert caught.value.code == code


@pytest.mark.parametrize(("times", "branch"), [(3, "then_branch"), (-1, "else_branch")])
def test_the_branch_that_an_if_takes_is_compared(times: int, branch: str) -> None:
    """The second model takes |x| for -x in one branch; the other is the same."""
    one = onnx.load_from_string(tiny_models.loops())
    other = onnx.ModelProto.FromString(one.SerializeToString())
    (chosen,) = [node for node in other.graph.node if node.op_type == "If"]
    (body,) = [part.g for part in chosen.attribute if part.name == "else_branch"]
    (negated,) = [node for node in body.node if node.op_type == "Neg"]
    negated.op_type = "Abs"
    arrays = {"x": np.array([2, 3], np.float32), "times": np.array(times)}
    facts = compare(one.SerializeToString(), other.SerializeToString(), arrays)
    rows = {row["tensor"]: row for row in facts["tensors"]}
    assert facts["taken"] == [[[f"y:{branch}"]]] * 2
    inside = {name for name, row in rows.items() if row.get("path") == [f"y:{branch}"]}
    assert inside >= ({"power"} if times == 3 else {"negative"})
    assert facts["first"] == (None if times == 3 else "negative")
    assert rows["y"]["exceeds"] == (times == -1) and rows["y"]["operator"] == "If"
