"""What the cards say of a model's outputs, and `python -m export --study calibration`, which needs no Keras, whole."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from export import data, measures
from glassbox.calibration import calibrated
from glassbox.digits.reader import Reader
from glassbox.paths import MODELS, ROOT
from glassbox.zoo import digit_models
from tests.export.digit_sets import write_set


def drawn(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Logits whose softmax is the chance of each label, and labels drawn with it."""
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, (count, 10))
    return logits, (calibrated(logits, "logits", 1).cumsum(1) > rng.random((count, 1))).argmax(1)


def test_temperature_makes_confidence_earned() -> None:
    """Logits four times too large: the fitted temperature is four, and the calibration error falls."""
    logits, labels = drawn(20_000)
    temperature = measures.fit_temperature(4 * logits, "logits", labels)
    assert temperature == pytest.approx(4, rel=0.05)
    before, after = (calibrated(4 * logits, "logits", t) for t in (1, temperature))
    assert measures.calibration_error(before, labels) > 0.2 > 0.02 > measures.calibration_error(after, labels)


def test_auroc_counts_pairs() -> None:
    inside, outside = np.array([0.1, 0.4, 0.35]), np.array([0.8, 0.3])
    assert measures.auroc(inside, outside) == pytest.approx(4 / 6)


def test_the_interval_is_wilsons() -> None:
    low_high = measures.accuracy(np.repeat([0, 1], [81, 182]), np.zeros(263, np.uint8))
    assert (low_high["low"], low_high["high"]) == pytest.approx((0.2553, 0.3662), abs=1e-4)  # Newcombe 1998, table I


def test_a_temperature_is_used_where_it_helps_on_held_out_examples() -> None:
    logits, labels = drawn(1000)
    found = measures.judged(4 * logits, labels, 4 * logits, labels, "logits")["calibration"]
    assert found["held_out"]["helps"] and found["temperature"] == found["held_out"]["fitted"]
    assert found["held_out"]["gain"] > 0.1 and found["held_out"]["ece_after"] < found["held_out"]["ece_before"]


def test_no_temperature_is_used_where_the_gain_is_chance() -> None:
    """The fitted one is not 1, and has the greater likelihood on the examples that it was fitted on."""
    logits, labels = drawn(1000)
    found = measures.judged(logits, labels, logits, labels, "logits")["calibration"]
    assert found["held_out"]["fitted"] != 1 and not found["held_out"]["helps"]
    assert found["temperature"] == 1
    assert found["ece_after"] == found["ece_before"] and found["bins_after"] == found["bins_before"]


def test_the_test_examples_have_no_say() -> None:
    logits, labels = drawn(1000)
    honest, sure = (measures.judged(logits, labels, k * logits, labels, "logits") for k in (1, 4))
    assert honest["calibration"]["held_out"] == sure["calibration"]["held_out"]
    assert honest["calibration"]["temperature"] == sure["calibration"]["temperature"]


def test_the_cards_of_the_models_there_are_measured_anew(tmp_path: Path) -> None:
    write_set(tmp_path / "digits", np.random.default_rng(0), digits=True)
    shutil.copytree(MODELS / "mlp", tmp_path / "models" / "mlp")
    path = tmp_path / "models" / "mlp" / "card.json"
    before = json.loads(path.read_text(encoding="utf-8"))
    command = [sys.executable, "-m", "export", "--study", "calibration", "--out", tmp_path / "models"]
    subprocess.run([*command, "--data", tmp_path / "digits"], cwd=ROOT, check=True, timeout=300)
    zoo = digit_models.load(tmp_path / "models")
    after, test = zoo.cards["mlp"], data.load(tmp_path / "digits").test
    read = [Reader(zoo).read(digit)["mlp"].label == str(label) for digit, label in zip(*_pairs(test), strict=True)]
    assert (after.accuracy.correct, after.accuracy.count) == (sum(read), len(test))
    assert after.calibration.held_out.count == len(data.load(tmp_path / "digits").validation)
    kept = json.loads(path.read_text(encoding="utf-8"))
    measured = {"accuracy", "confusion", "calibration"}
    assert {key: kept[key] for key in kept.keys() - measured} == {key: before[key] for key in kept.keys() - measured}


def _pairs(split: data.Split) -> tuple[np.ndarray, np.ndarray]:
    return split.digits, split.labels
