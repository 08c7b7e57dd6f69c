"""glassbox.zoo.digit_models: cards are read whole, and what can't be trusted is refused by name."""

import gc
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from glassbox import records
from glassbox.paths import MODELS
from glassbox.zoo import cards, digit_models
from tests import small_zoo

ALL = small_zoo.ALL


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ALL:
        small_zoo.write(tmp_path, name)
    return tmp_path


def test_a_whole_zoo_is_read(folder: Path) -> None:
    found = digit_models.load(folder)
    assert tuple(found.cards) == ("mlp", "cnn", "rnn", "cnn_deep", "lstm", "gru")
    assert found.refused == {}
    for name in ALL:
        assert found.model_bytes(name) == (folder / name / "1" / "model.onnx").read_bytes()
    assert found.familiarity is not None
    assert (found.familiarity.threshold, found.familiarity.auroc) == (0.25, 0.99)


def test_a_card_keeps_every_value(folder: Path) -> None:
    written = json.loads((folder / "cnn" / "card.json").read_text())
    card = digit_models.load(folder).cards["cnn"]
    assert card.input == cards.Input("picture", ("N", 1, 28, 28), "float32", (0.0, 1.0))
    assert card.output == cards.Output("verdict", ("N", 10), "probabilities")
    assert card.labels == tuple("0123456789")
    assert card.layers == (cards.Layer("verdict", "Dense", ("N", 10), 7840, 7840, 1e-7),)
    assert (card.parameters, card.flops, card.bytes, card.seed) == (7840, 15680, written["bytes"], 7)
    assert card.versions == {"keras": "3.15.1"}
    assert card.dataset == cards.Dataset("MNIST", "CC BY-SA 3.0", "LeCun", 60000, 10000)
    assert card.training.history == cards.History((0.2, 0.1), (0.8, 0.9), (0.3, 0.2), (0.7, 0.8))
    assert (card.training.seconds, card.training.optimizer) == (12.5, "adam")
    assert card.accuracy == cards.Accuracy(0.8, 0.7, 0.9, 80, 100)
    assert card.confusion[3] == (0, 0, 0, 8, 0, 0, 0, 0, 0, 0)
    assert card.calibration.temperature == 2.0
    assert card.calibration.bins_after == (cards.Bin(None, None, 0), cards.Bin(0.9, 0.8, 100))
    assert card.pictures is None


def test_accuracy_on_real_pictures_is_read_where_it_is(tmp_path: Path) -> None:
    small_zoo.write(tmp_path, "gru", pictures={"correct": 9, "count": 10, "accuracy": 0.9})
    assert digit_models.load(tmp_path).cards["gru"].pictures == digit_models.Pictures(9, 10, 0.9)


def test_a_model_that_is_not_its_cards_is_refused_and_the_others_go_on(folder: Path) -> None:
    path = folder / "cnn" / "1" / "model.onnx"
    model = bytearray(path.read_bytes())
    model[len(model) // 2] ^= 1
    path.write_bytes(model)
    found = digit_models.load(folder)
    assert found.refused == {"cnn": "sha256"}
    assert tuple(found.cards) == ("mlp", "rnn", "cnn_deep", "lstm", "gru")
    with pytest.raises(ValueError, match=r"the model cnn is refused \(sha256\)"):
        found.model_bytes("cnn")


def test_a_model_changed_after_the_check_is_not_what_runs(folder: Path) -> None:
    found = digit_models.load(folder)
    file = folder / "mlp" / "1" / "model.onnx"
    checked = found.model_bytes("mlp")
    file.write_bytes(b"something else")
    with pytest.raises(records.DamagedFileError, match=r"model\.onnx, mlp: its sha256 is not the one in the card"):
        found.model_bytes("mlp")
    file.write_bytes(checked)
    assert found.model_bytes("mlp") == checked


def test_a_zoo_does_not_hold_its_files(folder: Path) -> None:
    found = digit_models.load(folder)
    held, reached = 0, [found]
    for one in reached:
        reached += [part for part in gc.get_referents(one) if isinstance(part, dict | str | bytes | bytearray)]
        held += sys.getsizeof(one) if isinstance(one, bytes | bytearray) else 0
    assert held == 0


@pytest.mark.parametrize("gone", ["card.json", "1/model.onnx"])
def test_what_is_not_there_is_missing(folder: Path, gone: str) -> None:
    (folder / "rnn" / gone).unlink()
    found = digit_models.load(folder)
    assert found.refused == {"rnn": "missing"}
    assert "rnn" not in found.cards


def test_those_named_are_read_alone_and_in_their_order(folder: Path) -> None:
    (folder / "cnn" / "1" / "model.onnx").write_bytes(b"")
    (folder / "mlp" / "card.json").write_bytes(b"")
    found = digit_models.load(folder, names=["rnn", "lstm", "cnn"])
    assert tuple(found.cards) == ("rnn", "lstm") and found.article == ("rnn",)
    assert (found.refused, found.familiarity) == ({"cnn": "sha256"}, None)
    assert digit_models.load(folder, names=[]).cards == {}


def test_an_empty_folder_is_an_empty_zoo(tmp_path: Path) -> None:
    found = digit_models.load(tmp_path)
    assert found.refused == {}
    assert (found.cards, found.familiarity) == ({}, None)
    with pytest.raises(ValueError, match="no model is named 'tree'"):
        found.model_bytes("tree")


def test_a_folder_that_cannot_be_read_is_an_empty_zoo(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "models").write_bytes(b"no folder")
    assert digit_models.load(tmp_path / "models").cards == {}
    assert "the models can't be read" in caplog.text


def test_familiarity_is_refused_like_any_model(folder: Path) -> None:
    (folder / "familiarity" / "1" / "model.onnx").write_bytes(b"")
    found = digit_models.load(folder)
    assert (found.refused, found.familiarity) == ({"familiarity": "sha256"}, None)


def _without(card: dict[str, Any], *path: str) -> dict[str, Any]:
    *parents, last = path
    inner = card
    for key in parents:
        inner = inner[key]
    del inner[last]
    return card


def _with(card: dict[str, Any], value: Any, *path: str) -> dict[str, Any]:
    _without(card, *path)
    inner = card
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return card


def card() -> dict[str, Any]:
    return small_zoo.reader_card("mlp") | {"bytes": 1, "sha256": "0"}


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (_without(card(), "parameters"), "missing required field `parameters`"),
        (_without(card(), "training", "history", "loss"), r"missing required field `loss` - at `\$.training.history`"),
        (_with(card(), "many", "parameters"), r"Expected `int`, got `str` - at `\$.parameters`"),
        (_with(card(), True, "seed"), r"Expected `int`, got `bool` - at `\$.seed`"),
        (_with(card(), 0.5, "flops"), r"Expected `int`, got `float` - at `\$.flops`"),
        (_with(card(), [0, 1, 2], "input", "range"), r"Expected `array` of length 2 - at `\$.input.range`"),
        (_with(card(), ["N", 0.5], "output", "shape"), r"got `float` - at `\$.output.shape\[1\]`"),
        (_with(card(), ["N", 11], "output", "shape"), "output.shape does not end with the number of labels"),
        (_with(card(), "words", "output", "kind"), "output.kind is 'words'"),
        (_with(card(), 0, "calibration", "temperature"), "calibration.temperature is not above 0"),
        (_with(card(), 1.1, "calibration", "temperature"), "temperature is not what the held-out examples chose"),
        (_with(card(), False, "calibration", "held_out", "helps"), "temperature is not what the held-out examples"),
        (_with(card(), float("nan"), "calibration", "temperature"), "JSON is malformed"),
        (_with(card(), 97.8, "accuracy", "value"), "accuracy is not a fraction within its interval"),
        (_with(card(), [[1]], "confusion"), "confusion is not one row and one column a label"),
        (_with(card(), {"keras": 3}, "versions"), r"Expected `str`, got `int` - at `\$.versions"),
        (_with(card(), None, "dataset"), r"Expected `object`, got `null` - at `\$.dataset`"),
        ([], "Expected `object`, got `array`"),
        (_with(card(), 10**400, "accuracy", "value"), r"Number out of range - at `\$.accuracy.value`"),
    ],
)
def test_a_card_that_lacks_something_or_is_wrong_says_what(wrong: object, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        records.read(digit_models.Card, json.dumps(wrong).encode())


NESTED = pytest.param('{"more": ' + "[" * 100_000 + "]" * 100_000 + "}", id="nested")


@pytest.mark.parametrize("text", ["{", "", '{"name": "lstm"}', "\x00", NESTED])
def test_a_model_with_a_broken_card_is_refused(folder: Path, text: str) -> None:
    (folder / "lstm" / "card.json").write_text(text)
    assert digit_models.load(folder).refused == {"lstm": "card"}


def test_a_card_of_another_model_is_refused(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    small_zoo.write(tmp_path, "lstm")
    (tmp_path / "lstm").rename(tmp_path / "gru")
    assert digit_models.load(tmp_path).refused["gru"] == "card"
    assert "the model gru is refused: its card is not right: it is the card of lstm" in caplog.text


@pytest.mark.skipif(not any(MODELS.glob("*/card.json")), reason="no models are here: python -m export makes them")
def test_every_shipped_model_is_accepted() -> None:
    shipped = digit_models.load()
    assert shipped.refused == {}
    assert tuple(shipped.cards) == digit_models.names()
    for name, found in shipped.cards.items():
        assert found.bytes == len(shipped.model_bytes(name))
        assert found.accuracy.correct == sum(found.confusion[k][k] for k in range(10))
        assert found.accuracy.value == pytest.approx(found.accuracy.correct / found.accuracy.count)
