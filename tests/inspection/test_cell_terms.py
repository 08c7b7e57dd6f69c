"""The terms of a number, against the number itself and NumPy."""

import json

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from glassbox.input_error import InputError
from glassbox.inspection.commands import COMMANDS
from glassbox.inspection.requests import Run, Terms, View
from glassbox.paths import MODELS
from tests.models import graph

terms = COMMANDS["terms"]
CNN = MODELS / "cnn" / "1" / "model.onnx"


def test_the_terms_of_a_score_are_its_inputs_times_the_weights() -> None:
    data, picture = CNN.read_bytes(), np.random.default_rng(0).random((1, 1, 28, 28), np.float32)
    fed = {"picture": picture}
    run = COMMANDS["run"]([data], Run(views=(View(tensor="flatten"), View(tensor="logits"))), fed)
    found = terms([data], Terms(tensor="logits", index=(0, 3), most=1000), fed).facts
    json.dumps(found, allow_nan=False)
    weights = {x.name: numpy_helper.to_array(x) for x in onnx.load(CNN).graph.initializer}
    matrix = next(value for value in weights.values() if value.shape == (5408, 10))
    products = run.arrays["values/flatten"][0] * matrix[:, 3]
    largest = np.sort(np.abs(products))[::-1][:1000]
    np.testing.assert_allclose([abs(term["product"]) for term in found["terms"]], largest, rtol=1e-5)
    assert found["count"] == 5408
    assert found["agrees"] and found["engine"] == pytest.approx(run.arrays["values/logits"][0, 3])
    assert found["before"] == pytest.approx(products.sum(dtype=float) + found["bias"], abs=1e-4)


@pytest.mark.parametrize(
    ("tensor", "index", "code"),
    [("nowhere", (0,), "unknown_tensor"), ("y", (5,), "unknown_cell"), ("y", (), "unknown_cell")],
)
def test_a_cell_that_is_not_there_is_refused(tensor: str, index: tuple[int, ...], code: str) -> None:
    data = graph([helper.make_node("Relu", ["x"], ["y"])], {"x": [3]}, ["y"]).SerializeToString()
    with pytest.raises(InputError) as caught:
        terms([data], Terms(tensor=tensor, index=index), {})
    assert caught.value.code == code


def test_an_operator_without_a_rule_is_named() -> None:
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 7, 7])  # more rows than are written out
    node = helper.make_node("Det", ["x"], ["y"], name="determinant")
    made = helper.make_graph([node], "g", [x], [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1])])
    data = helper.make_model(made, opset_imports=[helper.make_opsetid("", 18)], ir_version=9).SerializeToString()
    with pytest.raises(InputError) as caught:
        terms([data], Terms(tensor="y", index=(0,)), {})
    assert caught.value.code == "terms_unknown"
    assert caught.value.details == {"operator": "Det", "node": "determinant"}


def test_the_gates_of_an_lstm_are_explained_too() -> None:
    data = (MODELS / "lstm" / "1" / "model.onnx").read_bytes()
    names = [one["tensor"] for one in COMMANDS["run"]([data], Run(), {}).facts["tensors"]]
    states = next(name for name in names if name == "lstm/states" or name.endswith(".Y"))
    found = terms([data], Terms(tensor=states, index=(3, 0, 0, 5)), {}).facts
    assert found["kind"] == "lstm" and {"i", "o", "f", "c"} <= found["gates"].keys()
    assert found["agrees"]
