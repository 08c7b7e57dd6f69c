"""Compressed small networks: weights put back as they came, units cut out as NumPy would, the study run whole."""

import hashlib
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("tensorflow", reason="needs export/requirements.txt")

import keras
import onnx
import onnxruntime
from keras import layers
from onnx import TensorProto, numpy_helper

from export import convert
from export.data import Split
from export.models import cnn, cnn_deep, mlp, rnn
from export.narrowing import narrow, restore
from export.studies import quantisation
from glassbox.trust.cost import compression
from glassbox.zoo import digit_models
from tests import small_zoo
from tests.export.command import export_models
from tests.export.digit_sets import write_set

pytestmark = pytest.mark.export
MODULES = {"mlp": mlp, "cnn": cnn, "rnn": rnn, "cnn_deep": cnn_deep}


def built(name: str) -> tuple[keras.Model, onnx.ModelProto]:
    """A network with random weights and biases, and its ONNX graph."""
    keras.utils.set_random_seed(7)
    model, rng = MODULES[name].build(), np.random.default_rng(7)
    for layer in model.layers:
        layer.set_weights([one + rng.normal(0, 0.05, one.shape) for one in layer.get_weights()])
    return model, convert.convert(model)


def run(model: onnx.ModelProto, pictures: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    shape = session.get_inputs()[0].shape[1:]
    return session.run(None, {"picture": pictures.reshape(-1, *shape)})[0]


def pictures(count: int) -> np.ndarray:
    return np.random.default_rng(1).random((count, 28, 28), np.float32)


@pytest.mark.parametrize("name", MODULES)
def test_weights_come_back_as_they_went(name: str) -> None:
    model, exported = built(name)
    restored = restore(MODULES[name].build(), exported)
    for before, after in zip(model.get_weights(), restored.get_weights(), strict=True):
        np.testing.assert_allclose(after, before, atol=1e-6)


@pytest.mark.parametrize("name", MODULES)
def test_nothing_changes_when_all_units_are_kept(name: str) -> None:
    model, _ = built(name)
    kept = narrow(model, 1.0)
    x = pictures(3).reshape(-1, *model.input_shape[1:])
    np.testing.assert_allclose(np.asarray(kept(x)), np.asarray(model(x)), atol=1e-5)


@pytest.mark.parametrize("name", MODULES)
def test_units_whose_weights_are_zero_can_go(name: str) -> None:
    """Half of every hidden layer's units get no weights and no bias, so they give 0 and the other half is all there is:
    the narrow network gives what the whole one gives."""
    model, _ = built(name)
    for layer in model.layers[:-1]:
        weights = [one.copy() for one in layer.get_weights()]
        for one in weights:
            one[..., ::2] = 0
        if isinstance(layer, layers.SimpleRNN):
            weights[1][::2] = 0
        if weights:
            layer.set_weights(weights)
    narrowed = narrow(model, 0.5)
    x = pictures(3).reshape(-1, *model.input_shape[1:])
    np.testing.assert_allclose(np.asarray(narrowed(x)), np.asarray(model(x)), atol=1e-5)
    assert narrowed.count_params() < 0.6 * model.count_params()
    assert convert.convert(narrowed).ByteSize() < 0.6 * convert.convert(model).ByteSize()


def test_the_largest_units_are_kept() -> None:
    model, _ = built("mlp")
    hidden = model.get_layer("hidden")
    kernel = hidden.get_weights()[0]
    strong = np.sort(np.argsort(-np.abs(kernel).sum(0))[:32])
    narrowed = narrow(model, 0.25)
    np.testing.assert_array_equal(narrowed.get_layer("hidden").get_weights()[0], kernel[:, strong])
    np.testing.assert_array_equal(
        narrowed.get_layer("logits").get_weights()[0], model.get_layer("logits").get_weights()[0][strong]
    )


@pytest.mark.parametrize("name", MODULES)
def test_fewer_bits_give_nearly_the_same(name: str) -> None:
    _, exported = built(name)
    before = exported.SerializeToString()
    x = pictures(50)
    expected = run(exported, x)
    size = np.abs(expected).max()
    digits = Split((x * 255).astype(np.uint8), np.zeros(50, np.uint8))
    made = {
        "fp16": quantisation.half(exported),
        "dynamic": quantisation.dynamic(exported),
        "static": quantisation.static(exported, digits),
    }
    assert exported.SerializeToString() == before  # the original is as it was
    for kind, (tolerance, smaller) in {"fp16": (0.01, 0.65), "dynamic": (0.2, 0.6), "static": (0.2, 0.7)}.items():
        onnx.checker.check_model(made[kind])
        assert np.abs(run(made[kind], x) - expected).max() < tolerance * size, kind
        assert made[kind].ByteSize() < smaller * exported.ByteSize(), kind
    assert {tensor.data_type for tensor in made["fp16"].graph.initializer} <= {TensorProto.FLOAT16, TensorProto.INT64}


def test_dynamic_ranges_are_those_of_one_picture_where_accuracy_is_measured() -> None:
    """Beside bright pictures a faint one is rounded to few levels; the dashboard reads one at a time."""
    _, exported = built("mlp")
    dynamic = quantisation.dynamic(exported)
    faint = (pictures(60) * 4).astype(np.uint8)
    digits = np.concatenate([faint, np.full((1, 28, 28), 255, np.uint8)])
    scaled = digits / np.float32(255)
    alone = np.concatenate([run(dynamic, scaled[i : i + 1]) for i in range(len(scaled))]).argmax(1)
    together, whole = run(dynamic, scaled).argmax(1), run(exported, scaled).argmax(1)
    assert (together == alone).sum() < len(digits)
    found = quantisation.measured(dynamic, exported, Split(digits, alone.astype(np.uint8)), "int8_dynamic")
    assert found["accuracy"]["correct"] == len(digits)
    assert found["agreement"] == {"same": int((alone == whole).sum()), "count": len(digits)}


def test_recurrent_weights_are_kept_in_8_bits_within_half_a_step() -> None:
    _, exported = built("rnn")
    weights = {t.name: numpy_helper.to_array(t) for t in exported.graph.initializer}
    kept = {t.name: numpy_helper.to_array(t) for t in quantisation.dynamic(exported).graph.initializer}
    for name in ("rnn/kernel", "rnn/recurrent_kernel"):
        scale = kept[f"{name}_scale"][None, :, None]
        assert kept[f"{name}_int8"].dtype == np.int8
        assert np.all(np.abs(kept[f"{name}_int8"] * scale - weights[name]) <= scale * 0.5001)


def test_what_still_calculates_in_floats_is_said() -> None:
    assert quantisation.in_float("int8_static", Counter(RNN=1, Gemm=1)) == ["RNN"]
    assert quantisation.in_float("int8_static", Counter(Conv=2)) == []
    assert quantisation.in_float("fp16", Counter(Conv=2, Gemm=1)) == ["Conv", "Gemm"]


def test_the_whole_study_on_a_few_digits(tmp_path: Path) -> None:
    write_set(tmp_path / "digits", np.random.default_rng(0), digits=True)
    models = tmp_path / "models"
    for name in (*digit_models.names(), digit_models.FAMILIARITY):
        small_zoo.write(models, name)
    for name in MODULES:
        _, exported = built(name)
        (models / name / "1" / "model.onnx").write_bytes(exported.SerializeToString())
        path = models / name / "card.json"
        shown = json.loads(path.read_text())
        changes = {
            "sha256": hashlib.sha256(exported.SerializeToString()).hexdigest(),
            "output": shown["output"] | {"name": exported.graph.output[0].name, "kind": exported.graph.output[0].name},
        }
        path.write_text(json.dumps(shown | changes))
    export_models("--study", "quantisation", "--quick", "--data", tmp_path / "digits", "--out", models)
    found = compression.versions(digit_models.load(models), models, tmp_path / "studies" / "quantisation.json")
    assert [one.name for one in found] == [f"{of}_{kind}" for of in MODULES for kind in compression.ALL]
    filed = [one.name for one in found if one.kind in compression.KINDS]
    cards = [json.loads((models / name / "card.json").read_text()) for name in filed]
    assert all(card["accuracy"]["count"] == card["agreement"]["count"] == 300 for card in cards)
    assert all((card["tuning"] is not None) == card["kind"].startswith("narrow") for card in cards)
