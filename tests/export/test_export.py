"""python -m export --quick, whole, on a small data set in MNIST's own format made of drawn digits."""

import importlib
import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("tensorflow", reason="needs export/requirements.txt")

import onnx

from export import data
from glassbox.digits import strokes
from glassbox.zoo import digit_models, folder
from tests.export.command import export_models
from tests.export.digit_sets import write_set

pytestmark = pytest.mark.export


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("export")
    rng = np.random.default_rng(0)
    write_set(folder / "digits", rng, digits=True)
    write_set(folder / "unlike", rng, digits=False)
    models, names = folder / "models", (*digit_models.names(), digit_models.FAMILIARITY)
    sets = ("--data", folder / "digits", "--unlike", folder / "unlike")
    export_models("--quick", *sets, "--out", models, "--only", *names)
    return models


def test_the_app_accepts_every_exported_model(exported: Path) -> None:
    models = digit_models.load(exported)
    assert models.refused == {}
    assert tuple(models.cards) == digit_models.names()
    assert models.familiarity and models.familiarity.name == digit_models.FAMILIARITY


@pytest.mark.parametrize("name", digit_models.names())
def test_a_graph_is_clean(exported: Path, name: str) -> None:
    model = onnx.load(exported / name / "1" / "model.onnx")
    onnx.checker.check_model(model, full_check=True)
    operators = [node.op_type for node in model.graph.node]
    assert not {"Loop", "Scan", "Shape", "Slice", "Concat", "Cast", "Expand", "Gather"} & set(operators)
    assert operators.count("Transpose") == (1 if name in ("rnn", "lstm", "gru") else 0)
    native = {"rnn": "RNN", "lstm": "LSTM", "gru": "GRU"}
    assert native.get(name, operators[0]) in operators
    assert model.graph.input[0].type.tensor_type.shape.dim[0].dim_param == "N"
    layers = [layer["name"] for layer in json.loads((exported / name / "card.json").read_text())["layers"]]
    assert set(layers) <= {output for node in model.graph.node for output in node.output}


def test_every_layer_gives_what_keras_gives(exported: Path) -> None:
    for card_file in exported.glob("*/card.json"):
        for layer in json.loads(card_file.read_text()).get("layers", []):
            assert layer["keras_difference"] <= 1e-5, (card_file.parent.name, layer["name"])


def test_shaken_digits_stay_digits_of_mnists_form() -> None:
    digits = np.stack([strokes.draw(sample.strokes, 28, 2.6) for sample in strokes.SAMPLES])
    still = data.Shake(turn=0, shear=0, stretch=0, size=0, shift=0, pen=0)
    moved = data.shaken(digits, still, np.random.default_rng(0))
    assert moved.shape == digits.shape and moved.dtype == np.float32 and moved.min() >= 0 and moved.max() <= 1
    rows, columns = np.indices((28, 28))
    for picture in moved:
        middle = (picture * rows).sum() / picture.sum(), (picture * columns).sum() / picture.sum()
        assert middle == pytest.approx((13.5, 13.5), abs=0.3)
    again = data.shaken(digits, data.Shake(), np.random.default_rng(5))
    assert (again == data.shaken(digits, data.Shake(), np.random.default_rng(5))).all() and (again != moved).any()


@pytest.mark.parametrize("name", (*digit_models.names(), digit_models.FAMILIARITY, "char_zh", "char_en"))
def test_a_shipped_card_shows_its_model_as_the_script_says(name: str) -> None:
    script = importlib.import_module(f"export.models.{name}")
    assert folder.listings()[name].display == script.DISPLAY
