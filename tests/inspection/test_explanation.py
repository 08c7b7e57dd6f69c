"""Maps of attribution, against closed forms and against the methods for digits, which are held to Captum's."""

import json

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from glassbox.explain.attribution import methods
from glassbox.input_error import InputError
from glassbox.inspection.commands import COMMANDS, Answer
from glassbox.inspection.requests import Explain, Picture
from glassbox.paths import MODELS
from tests.models import graph

CNN = MODELS / "cnn" / "1" / "model.onnx"
MATRIX = np.random.default_rng(1).normal(size=(6, 3)).astype(np.float32)


def explain(data: bytes, arrays: dict, **asked) -> Answer:
    answer = COMMANDS["explain"]([data], Explain(**asked), arrays)
    json.dumps(answer.facts, allow_nan=False)
    return answer


@pytest.fixture
def digit() -> np.ndarray:
    """A thick slanted stroke."""
    rows, columns = np.mgrid[:28, :28]
    return (np.clip(2.5 - abs(columns - 20 + rows / 3), 0, 1) * ((rows > 4) & (rows < 24))).astype(np.float32)


def linear() -> bytes:
    return graph(
        [helper.make_node("MatMul", ["x", "w"], ["y"])], {"x": ["N", 6]}, ["y"], {"w": MATRIX}
    ).SerializeToString()


@pytest.mark.parametrize("method", ["integrated_gradients", "occlusion"])
def test_a_linear_score_is_divided_into_its_products(method: str) -> None:
    x = np.random.default_rng(0).normal(size=(1, 6)).astype(np.float32)
    answer = explain(linear(), {"x": x}, method=method, target=(0, 2))
    np.testing.assert_allclose(answer.arrays["map"], x[0] * MATRIX[:, 2], rtol=1e-4, atol=1e-6)
    assert answer.facts["value"] == pytest.approx(float(x[0] @ MATRIX[:, 2]), rel=1e-5)


def test_the_saliency_of_a_linear_score_is_its_weights() -> None:
    answer = explain(linear(), {}, method="saliency", target=(0, 1))
    np.testing.assert_allclose(answer.arrays["map"], abs(MATRIX[:, 1]), rtol=1e-5)
    curves = answer.arrays["deletion"], answer.arrays["insertion"]
    assert all(curve.shape[0] == 2 and (curve[0, 0], curve[0, -1]) == (0, 1) for curve in curves)


def test_maps_are_those_of_the_digits_methods(digit: np.ndarray) -> None:
    network = methods.Network(CNN)
    label = int(network.scores(digit[None])[0].argmax())
    fed = {"picture": digit[None, None]}
    wanted = {
        "saliency": methods.saliency(network, digit, label),
        "integrated_gradients": methods.integrated_gradients(network, digit, label).map,
        "grad_cam": methods.grad_cam(network, digit, label),
    }
    for method, expected in wanted.items():
        answer = explain(CNN.read_bytes(), fed, method=method)
        assert answer.facts["target"] == [0, label]
        assert answer.facts["runs"] in (1, 50)
        np.testing.assert_allclose(answer.arrays["map"], expected, rtol=1e-3, atol=1e-4 * abs(expected).max())


def test_a_map_that_tells_is_better_than_chance(digit: np.ndarray) -> None:
    answer = explain(CNN.read_bytes(), {"picture": digit[None, None]})
    assert answer.facts["method"] == "integrated_gradients"
    assert answer.facts["missed"] < 0.1
    assert answer.facts["faithfulness"] > answer.facts["random"]
    area = np.trapezoid(answer.arrays["insertion"][1], answer.arrays["insertion"][0])
    area -= np.trapezoid(answer.arrays["deletion"][1], answer.arrays["deletion"][0])
    assert answer.facts["faithfulness"] == pytest.approx(area)


def magic() -> bytes:
    """Scores through an operator that has no rule: which of the three sums is largest, added to the sums."""
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["h"]),
        helper.make_node("Det", ["square"], ["d"], name="determinant"),
        helper.make_node("Reshape", ["h", "shape"], ["square"]),
        helper.make_node("Add", ["h", "d"], ["y"]),
    ]
    nodes = [nodes[0], nodes[2], nodes[1], nodes[3]]
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 6])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 49])
    matrix = np.random.default_rng(2).normal(size=(6, 49)).astype(np.float32)
    held = [numpy_helper.from_array(matrix, "w"), numpy_helper.from_array(np.array([1, 7, 7]), "shape")]
    made = helper.make_graph(nodes, "g", [x], [y], held)
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", 18)], ir_version=9).SerializeToString()


def test_where_there_is_no_gradient_occlusion_is_chosen_and_said_why() -> None:
    answer = explain(magic(), {})
    refused = answer.facts["methods"]
    assert answer.facts["method"] == "occlusion"
    assert "Det" in refused["integrated_gradients"] and "determinant" in refused["saliency"]
    assert refused["occlusion"] is refused["rise"] is None
    with pytest.raises(InputError) as caught:
        explain(magic(), {}, method="saliency")
    assert caught.value.code == "method_refused"


def test_text_is_explained_by_its_embedding() -> None:
    data = (MODELS / "text_en_gru" / "1" / "model.onnx").read_bytes()
    answer = explain(data, {"ids": np.arange(2, 12)[None], "lengths": np.array([10], np.int32)})
    assert answer.facts["source"] not in ("ids", "lengths")
    assert answer.facts["method"] == "integrated_gradients"
    assert answer.arrays["map"].shape == (10,)
    assert answer.facts["missed"] < 0.1


def test_a_picture_is_explained_by_its_pixels() -> None:
    """Of a network that looks at the red of the upper left corner alone, the map is there alone."""
    weights = np.zeros((3 * 16 * 16, 2), np.float32)
    weights.reshape(3, 16, 16, 2)[0, :4, :4, 1] = 1
    nodes = [helper.make_node("Flatten", ["x"], ["flat"]), helper.make_node("MatMul", ["flat", "w"], ["y"])]
    data = graph(nodes, {"x": ["N", 3, 16, 16]}, ["y"], {"w": weights}).SerializeToString()
    pixels = np.full((40, 30, 3), 200, np.uint8)
    for method in ("integrated_gradients", "occlusion", "rise"):
        answer = explain(data, {"p": pixels}, inputs={"x": Picture(array="p")}, method=method, target=(0, 1))
        found = answer.arrays["map"]
        assert found.shape == (16, 16)
        assert (
            found[:4, :4].min() > np.delete(found.reshape(-1), np.ravel_multi_index(np.mgrid[:6, :6], (16, 16))).max()
        )


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"target": (0, 3)}, "unknown_cell"),
        ({"score": "nowhere"}, "unknown_tensor"),
        ({"input": "nowhere"}, "unknown_tensor"),
        ({"method": "grad_cam"}, "method_refused"),
    ],
)
def test_what_does_not_fit_is_refused(asked: dict, code: str) -> None:
    with pytest.raises(InputError) as caught:
        explain(linear(), {}, **asked)
    assert caught.value.code == code
