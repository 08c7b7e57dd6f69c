"""Models made of models, each against what it should compute."""

import json
import subprocess
import sys

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from glassbox.input_error import InputError
from glassbox.inspection.commands import COMMANDS
from glassbox.inspection.requests import Make
from glassbox.paths import MODELS, ROOT
from tests.models import graph

CNN = MODELS / "cnn" / "1" / "model.onnx"
PICTURE = np.random.default_rng(5).random((1, 1, 28, 28), np.float32)
MATRIX = np.random.default_rng(1).normal(size=(3, 2)).astype(np.float32)


def make(data: bytes, arrays: dict | None = None, **asked) -> tuple[bytes, dict]:
    answer = COMMANDS["make"]([data], Make(**asked), arrays or {})
    json.dumps(answer.facts, allow_nan=False)
    made = answer.arrays["model"].tobytes()
    assert answer.facts["bytes"] == [len(data), len(made)]
    return made, answer.facts["checked"]


def outputs(data: bytes, fed: dict) -> dict:
    session = ort.InferenceSession(data, providers=["CPUExecutionProvider"])
    return dict(zip([x.name for x in session.get_outputs()], session.run(None, fed), strict=True))


def linear() -> bytes:
    node = helper.make_node("MatMul", ["x", "w"], ["y"])
    return graph([node], {"x": ["N", 3]}, ["y"], {"w": MATRIX}).SerializeToString()


@pytest.mark.parametrize(("kind", "share"), [("fp16", 0.6), ("int8_dynamic", 0.4), ("int8_static", 0.4)])
def test_fewer_bits_make_a_smaller_file_that_says_nearly_the_same(kind: str, share: float) -> None:
    data, fed = CNN.read_bytes(), {"picture": PICTURE}
    made, checked = make(data, fed, kind=kind)
    assert len(made) < share * len(data)
    onnx.checker.check_model(onnx.load_from_string(made))
    apart = np.abs(outputs(made, fed)["probabilities"] - outputs(data, fed)["probabilities"]).max()
    assert checked["how"] == "outputs"
    assert checked["largest"] == pytest.approx(apart, rel=1e-4)
    assert 0 < apart < 0.1
    kinds = {weight.data_type for weight in onnx.load_from_string(made).graph.initializer}
    assert (TensorProto.FLOAT16 if kind == "fp16" else TensorProto.UINT8) in kinds


def test_no_file_is_written() -> None:
    """The sandbox forbids it, and the quantisers' own functions would."""
    program = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
from glassbox.inspection.commands import COMMANDS
from glassbox.inspection.requests import Make
data = open(sys.argv[1], "rb").read()
for kind in ("fp16", "int8_dynamic", "int8_static", "taps", "derivative", "training", "submodel"):
    print(kind, COMMANDS["make"]([data], Make(kind=kind), {}).facts["checked"]["how"])
"""
    done = subprocess.run(
        [sys.executable, "-c", program, CNN], cwd=ROOT, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 7


def test_taps_give_what_the_reference_computes() -> None:
    made, checked = make(CNN.read_bytes(), {"picture": PICTURE}, kind="taps", tensors=("conv", "logits"))
    known = ReferenceEvaluator(str(CNN)).run(None, {"picture": PICTURE}, intermediate=True)
    found = outputs(made, {"picture": PICTURE})
    assert list(found) == ["probabilities", "conv", "logits"]
    for name, value in found.items():
        np.testing.assert_allclose(value, known[name], rtol=1e-3, atol=1e-4)
    assert checked["largest"] < 1e-4


def test_the_derivative_of_a_product_is_its_weights() -> None:
    made, checked = make(linear(), kind="derivative")
    seed = np.array([[1, 0]], np.float32)
    session = ort.InferenceSession(made, providers=["CPUExecutionProvider"])
    fed = {"x": np.ones((1, 3), np.float32), "grad_y": seed}
    (found,) = session.run(["grad_x"], {x.name: fed[x.name] for x in session.get_inputs()})
    np.testing.assert_allclose(found, MATRIX[:, 0][None])
    assert checked["how"] == "differences" and checked["relative"] < 1e-3


def test_a_derivative_is_checked_where_it_is_steep() -> None:
    """Of 4,096 cells eight matter, to a number near 1,000, of which float32 keeps four more digits."""
    rng = np.random.default_rng(0)
    kernel = np.full((4096, 1), 1e-4, np.float32)
    kernel[rng.permutation(4096)[:8]] = 1
    constants = {"w": kernel, "b": np.float32([1000])}
    model = graph([helper.make_node("Gemm", ["x", "w", "b"], ["y"])], {"x": [1, 4096]}, ["y"], constants)
    assert make(model.SerializeToString(), kind="derivative")[1]["relative"] < 0.01


@pytest.mark.parametrize(("name", "wrt"), [("cnn", "picture"), ("cnn", "conv"), ("cnn", "conv/kernel"), ("lstm", "")])
def test_a_derivative_is_checked_by_differences(name: str, wrt: str) -> None:
    data = (MODELS / name / "1" / "model.onnx").read_bytes()
    _, checked = make(data, kind="derivative", tensors=(wrt,) if wrt else ())
    assert len(checked["tensors"]) == 1
    assert checked["relative"] < 0.02


def test_a_derivative_is_checked_on_empty_paper_too() -> None:
    """Where all pixels are alike every window of a pool has a kink."""
    picture = np.zeros((1, 1, 28, 28), np.float32)
    picture[0, 0, 5:23, 13:16] = 1
    data = (MODELS / "cnn_deep" / "1" / "model.onnx").read_bytes()
    assert make(data, {"picture": picture}, kind="derivative")[1]["relative"] < 0.01


def test_a_training_step_is_gradient_descent_by_hand() -> None:
    made, checked = make(linear(), kind="training", loss="mean_squared_error")
    rng = np.random.default_rng(0)
    x, targets = rng.normal(size=(4, 3)).astype(np.float32), rng.normal(size=(4, 2)).astype(np.float32)
    fed = {"x": x[None], "targets": targets[None], "w": MATRIX, "learning_rate": np.array(0.1, np.float32)}
    found = outputs(made, fed)
    error = x @ MATRIX - targets
    np.testing.assert_allclose(found["losses"], [(error**2).mean()], rtol=1e-5)
    np.testing.assert_allclose(found["next_w"], MATRIX - 0.1 * x.T @ error * 2 / error.size, rtol=1e-5)
    assert checked["how"] == "step" and checked["largest"] < 1e-4


@pytest.mark.parametrize("name", ["cnn", "lstm"])
def test_training_a_classifier_is_checked_by_a_step(name: str) -> None:
    for optimiser in ("sgd", "adam"):
        _, checked = make((MODELS / name / "1" / "model.onnx").read_bytes(), kind="training", optimiser=optimiser)
        assert checked["largest"] < 1e-3


@pytest.mark.parametrize("loss", ["categorical_crossentropy", "mean_squared_error"])
def test_a_model_of_one_axis_is_trained_too(loss: str) -> None:
    node = helper.make_node("MatMul", ["x", "w"], ["y"])
    data = graph([node], {"x": [3]}, ["y"], {"w": MATRIX}).SerializeToString()
    x = np.array([1, -2, 0.5], np.float32)
    made, checked = make(data, {"x": x}, kind="training", loss=loss)
    assert checked["relative"] < 1e-5
    logits = x @ MATRIX
    target = np.array([1, 0], np.float32)
    fed = {"w": MATRIX, "learning_rate": np.array(0, np.float32), "x": x[None], "targets": target[None]}
    expected = (
        ((logits - target) ** 2).mean() if loss == "mean_squared_error" else np.log(np.exp(logits).sum()) - logits[0]
    )
    assert outputs(made, fed)["losses"] == pytest.approx([expected], rel=1e-5)


def test_two_submodels_make_the_whole() -> None:
    data = CNN.read_bytes()
    front, checked = make(data, {"picture": PICTURE}, kind="submodel", to=("pool",))
    back, checked_back = make(data, {"picture": PICTURE}, kind="submodel", tensors=("pool",))
    middle = outputs(front, {"picture": PICTURE})
    assert list(middle) == ["pool"]
    np.testing.assert_allclose(
        outputs(back, middle)["probabilities"],
        outputs(data, {"picture": PICTURE})["probabilities"],
        rtol=1e-4,
        atol=1e-6,
    )
    assert checked["how"] == checked_back["how"] == "tensors"
    assert max(checked["largest"], checked_back["largest"]) < 1e-4


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"kind": "submodel", "tensors": ("nowhere",)}, "unknown_tensor"),
        ({"kind": "submodel", "tensors": ("a",), "to": ("y",)}, "cannot_make"),
        ({"kind": "taps", "tensors": ("nowhere",)}, "cannot_make"),
        ({"kind": "derivative", "to": ("nowhere",)}, "cannot_make"),
        ({"kind": "training"}, "cannot_make"),
        ({"kind": "int8_dynamic"}, "cannot_make"),
    ],
)
def test_what_cannot_be_made_is_refused_with_its_reason(asked: dict, code: str) -> None:
    nodes = [helper.make_node("Relu", ["x"], ["a"]), helper.make_node("Add", ["a", "z"], ["y"])]
    data = graph(nodes, {"x": [3], "z": [3]}, ["y"]).SerializeToString()
    with pytest.raises(InputError) as caught:
        make(data, **asked)
    assert caught.value.code == code


def test_nothing_is_trained_where_there_are_no_weights_or_the_output_is_one_number() -> None:
    square = graph([helper.make_node("Mul", ["x", "x"], ["y"])], {"x": [3]}, ["y"], {}).SerializeToString()
    product = helper.make_node("MatMul", ["x", "w"], ["h"])
    total = helper.make_node("ReduceSum", ["h"], ["y"], keepdims=0)
    number = graph([product, total], {"x": [1, 3]}, ["y"], {"w": MATRIX}).SerializeToString()
    for data, code in ((square, "nothing_to_train"), (number, "cannot_make")):
        with pytest.raises(InputError) as caught:
            make(data, kind="training")
        assert caught.value.code == code


def test_static_ranges_are_of_the_given_inputs() -> None:
    made, _ = make(CNN.read_bytes(), {"picture": PICTURE * 3}, kind="int8_static")
    model = onnx.load_from_string(made)
    weights = {x.name: numpy_helper.to_array(x) for x in model.graph.initializer}
    first = next(node for node in model.graph.node if node.op_type == "QuantizeLinear" and node.input[0] == "picture")
    assert float(weights[first.input[1]]) == pytest.approx(float(PICTURE.max()) * 3 / 255, rel=1e-4)
