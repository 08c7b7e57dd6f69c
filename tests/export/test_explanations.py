"""The study of explanations: its numbers against ones worked out by hand, and python -m export --study, whole."""

import json
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from export.studies import bootstrap, explanations
from glassbox.digits.reader import Reader
from glassbox.digits.reference_set import reference_set
from glassbox.explain.attribution import registry
from glassbox.explain.attribution.faithfulness import BlankMap
from glassbox.explain.attribution.methods import Network, integrated_gradients, saliency
from glassbox.explain.attribution.registry import METHODS
from glassbox.paths import MODELS, ROOT
from glassbox.trust import scoreboard, slices
from glassbox.zoo import digit_models
from tests.export.digit_sets import write_set

NAMES = ("mlp", "cnn")


@pytest.fixture(scope="module")
def studied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two of the shipped networks, studied on a few drawn digits. Gives the folder of models/ and studies/."""
    folder = tmp_path_factory.mktemp("study")
    write_set(folder / "digits", np.random.default_rng(0), digits=True)
    for name in NAMES:
        shutil.copytree(MODELS / name, folder / "models" / name)
    study(folder)
    return folder


def study(folder: Path) -> str:
    command = [
        sys.executable,
        "-m",
        "export",
        "--study",
        "explanations",
        "--quick",
        "--data",
        folder / "digits",
        "--out",
        folder / "models",
    ]
    return subprocess.run(command, cwd=ROOT, check=True, timeout=600, capture_output=True, text=True).stdout


def test_the_record_is_what_the_app_reads(studied: Path) -> None:
    record = scoreboard.load(studied / "studies" / "explanations.json")
    assert tuple(scoreboard.of_zoo(record, digit_models.load(studied / "models"))) == NAMES
    assert record.pictures == explanations.QUICK
    saliency = record.networks["mlp"].methods["saliency"]
    assert (saliency.score.count, saliency.sensitivity.count) == (explanations.QUICK, explanations.QUICK_CLOSE)
    assert record.networks["cnn"].shuffled == ("probabilities/kernel", "conv/kernel")


def test_the_scores_are_those_the_app_computes(studied: Path) -> None:
    """The same pictures, found and explained anew by the functions behind the page."""
    record = scoreboard.load(studied / "studies" / "explanations.json")
    test = explanations.data.load(studied / "digits").test
    chosen = np.random.default_rng(2026).permutation(len(test))[: explanations.QUICK]
    pictures = test.digits[chosen] / np.float32(255)
    network = Network(digit_models.load().model_bytes("cnn"))
    labels = network.scores(pictures).argmax(1)
    for method in ("gradient_times_input", "grad_cam", "rise"):
        scores = []
        for picture, label in zip(pictures, labels, strict=True):
            with suppress(BlankMap):
                scores.append(registry.attribute(network, picture, int(label), method).faithfulness)
        measured = record.networks["cnn"].methods[method]
        assert measured.score.value == pytest.approx(np.mean(scores), rel=1e-3, abs=1e-4)
        assert measured.blank == len(pictures) - len(scores)
    whole = [
        integrated_gradients(network, picture, int(label)) for picture, label in zip(pictures, labels, strict=True)
    ]
    missed = record.networks["cnn"].methods["integrated_gradients"].missed
    expected = np.median([abs(one.error / one.difference) for one in whole])
    assert missed and missed.value == pytest.approx(expected, rel=1e-3)


def test_verdicts_are_the_readers(studied: Path) -> None:
    record = scoreboard.load(studied / "studies" / "explanations.json")
    models = digit_models.load(studied / "models")
    test = explanations.data.load(studied / "digits").test
    reader = Reader(models)
    read = [reader.read(digit, NAMES) for digit in test.digits]
    right = {
        name: [one[name].label == str(label) for one, label in zip(read, test.labels, strict=True)] for name in NAMES
    }
    pairs = list(zip(right["mlp"], right["cnn"], strict=True))
    found = record.disagreement
    assert found.right_where_wrong[0][1] == sum(mlp and not cnn for mlp, cnn in pairs)
    assert found.right_where_wrong[1][0] == sum(cnn and not mlp for mlp, cnn in pairs)
    assert (found.all_right, found.all_wrong) == (sum(map(all, pairs)), sum(not any(pair) for pair in pairs))
    assert found.unanimous == sum(one["mlp"].label == one["cnn"].label for one in read)
    wrong = [one["mlp"] for one, good in zip(read, right["mlp"], strict=True) if not good]
    cells = record.mistakes["mlp"].cells
    assert sum(cell.count for cell in cells) == len(wrong)
    assert sum(cell.sure for cell in cells) == sum(one.confidence >= explanations.SURE for one in wrong)
    assert sum(cell.count * cell.confidence for cell in cells) == pytest.approx(
        sum(one.confidence for one in wrong), rel=1e-3
    )
    sizes = record.slices["size"]
    assert sum(one.count for one in sizes.slices) == len(test)
    assert sizes.quantiles[50] == pytest.approx(float(np.median(slices.size(test.digits))), rel=1e-3)


def test_a_second_run_keeps_what_is_measured_and_gives_the_same(studied: Path) -> None:
    path = studied / "studies" / "explanations.json"
    first = path.read_bytes()
    assert "pictures" not in study(studied)  # nothing is measured anew
    assert path.read_bytes() == first
    record = json.loads(first)
    record["networks"]["mlp"]["sha256"] = "0" * 64  # as if it had been trained since
    path.write_text(json.dumps(record))
    assert "mlp: 6 pictures" in (said := study(studied)) and "cnn:" not in said
    assert path.read_bytes() == first


def test_blank_maps_are_counted_and_not_scored(monkeypatch: pytest.MonkeyPatch) -> None:
    """A method that leaves three of four pictures blank, and one that leaves all of them."""
    pictures = reference_set().pictures()[[0, 10, 20, 30]].astype(np.float32)

    def once(network: Network, picture: np.ndarray, label: int) -> np.ndarray:
        return saliency(network, picture, label) if np.array_equal(picture, pictures[2]) else np.zeros((28, 28))

    chosen = {
        "saliency": METHODS["saliency"],
        "once": registry.AttributionMethod(once, "https://example.org", sums_to="linear"),
        "never": registry.AttributionMethod(lambda *_: np.ones((28, 28)), "https://example.org"),
    }
    for module in (registry, explanations):
        monkeypatch.setattr(module, "METHODS", chosen)
    network = Network(digit_models.load().model_bytes("mlp"))
    found = explanations.measured(network, pictures, close=4, seed=0)
    json.dumps(found, allow_nan=False)
    assert set(found["methods"]) == {"saliency", "once"} and found["all_blank"] == ["never"]
    tested, whole = found["methods"]["once"], found["methods"]["saliency"]
    assert tested["blank"] == 3 and whole["blank"] == 0
    assert {tested[name]["count"] for name in ("score", "over_edges", "better", "sensitivity", "missed")} == {1}
    label = int(network.scores(pictures[2:3])[0].argmax())
    expected = registry.attribute(network, pictures[2], label, "saliency").faithfulness
    assert tested["score"]["value"] == pytest.approx(expected, rel=1e-3)
    assert tested["randomised"]["ink"][-1] is None or tested["randomised"]["ink"][-1]["count"] <= 1
    agreement = found["agreement"]["whole"]
    assert agreement[0][0]["count"] == 4 and agreement[0][1]["count"] == 1 and agreement[0][2] is None
    assert agreement[0][1]["value"] == pytest.approx(1)


def test_disagreement_by_hand() -> None:
    labels = np.array([1, 2, 3, 4], np.uint8)
    found = explanations.disagreement({"a": np.array([1, 2, 0, 0]), "b": np.array([1, 0, 3, 0])}, labels)
    assert found["right_where_wrong"] == [[0, 1], [1, 0]] and found["differ"] == [[0, 2], [2, 0]]
    assert (found["all_right"], found["all_wrong"], found["unanimous"]) == (1, 1, 2)


def test_mistakes_by_hand() -> None:
    chances = np.full((4, 10), 0.0)
    chances[[0, 1, 2, 3], [7, 7, 7, 1]] = [0.95, 0.6, 0.99, 0.5]
    found = explanations.mistakes(chances, np.array([1, 1, 7, 1], np.uint8))
    assert found["cells"] == [{"true": 1, "read": 7, "count": 2, "confidence": 0.775, "sure": 1}]
    assert found["sure_count"] == 2


def test_slices_by_hand() -> None:
    values, labels = np.arange(100.0), np.zeros(100, np.uint8)
    chances = np.zeros((100, 10))
    chances[np.arange(100), (values < 5).astype(int)] = 1  # the five lowest are read as ones
    found = explanations.sliced(values, {"mlp": chances}, labels)
    assert [one["count"] for one in found["slices"]] == [5, 15, 20, 20, 20, 15, 5]
    assert [one["accuracy"]["mlp"]["correct"] for one in found["slices"]] == [0, 15, 20, 20, 20, 15, 5]
    assert found["slices"][0]["middle"] == 2 and found["slices"][0]["labels"] == [5] + [0] * 9


def test_intervals_are_seeded_and_as_wide_as_theory_says() -> None:
    values = np.random.default_rng(0).normal(5, 2, 400)
    found = bootstrap.estimate(values)
    assert found == bootstrap.estimate(values.copy())
    half = 1.96 * values.std() / 20  # the central limit theorem
    assert found["value"] == pytest.approx(values.mean(), rel=1e-3)
    assert (found["low"], found["high"]) == pytest.approx((values.mean() - half, values.mean() + half), abs=0.04)
    assert bootstrap.estimate(np.full(9, 0.25)) == {"value": 0.25, "low": 0.25, "high": 0.25, "count": 9}
    median = bootstrap.estimate(np.array([0.0, 1.0, 100.0]), np.median)
    assert median["value"] == 1 and median["low"] >= 0 and median["high"] <= 100
