"""The record of robust accuracy: what it must hold, and what the shipped one does."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from glassbox.trust.attacks import robustness
from glassbox.trust.attacks.robustness import RobustnessStudy
from glassbox.zoo import digit_models


@pytest.fixture
def record() -> RobustnessStudy:
    found = robustness.robustness_study()
    assert found is not None
    return found


def test_the_shipped_record_is_of_the_shipped_networks(record: RobustnessStudy) -> None:
    cards = digit_models.load().cards
    assert set(record.networks) == set(record.transfer.networks) == set(digit_models.article())
    for name, one in record.networks.items():
        assert (one.sha256, one.temperature) == (cards[name].sha256, cards[name].calibration.temperature)
        for attack in (one.noise, one.fgsm, one.pgd, one.square, one.worst):
            assert attack[0].correct == one.worst[0].correct and {each.count for each in attack} == {record.pictures}


def test_robust_accuracy_never_rises_with_the_size_of_the_change(record: RobustnessStudy) -> None:
    """For PGD by itself too, which knows nothing of other sizes: it was 16, 23, 33, 40, 45 of 500 for the MLP."""
    for name, one in record.networks.items():
        for attack in (one.pgd, one.square, one.worst):
            correct = [each.correct for each in attack]
            assert all(larger <= smaller for smaller, larger in pairwise(correct)), (name, correct)


def test_pgd_is_no_weaker_than_what_it_is_compared_with(record: RobustnessStudy) -> None:
    for one in record.networks.values():
        for pgd, fgsm, noise in zip(one.pgd, one.fgsm, one.noise, strict=True):
            assert pgd.correct <= min(fgsm.correct, noise.correct)


def test_transfer_to_oneself_is_the_attack_itself(record: RobustnessStudy) -> None:
    place = record.epsilons.index(record.transfer.epsilon)
    for index, name in enumerate(record.transfer.networks):
        assert record.transfer.accuracy[index][index] == record.networks[name].pgd[place]


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        (lambda raw: raw["networks"]["mlp"]["worst"].reverse(), "worst rises|worst is above"),
        (lambda raw: raw["networks"]["mlp"]["worst"][1].update(correct=500), "worst is above"),
        (lambda raw: raw["networks"]["mlp"]["square"].pop(), "same sizes"),
        (lambda raw: raw["epsilons"].pop(), "not recorded at every size"),
        (lambda raw: raw["epsilons"].reverse(), "not in order"),
        (lambda raw: raw.pop("starts"), "starts"),
    ],
)
def test_a_record_that_cannot_be_is_refused(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, damage: Any, named: str
) -> None:
    raw = json.loads(robustness.STUDY.read_bytes())
    damage(raw)
    path = tmp_path / "robustness.json"
    path.write_text(json.dumps(raw))
    assert robustness.robustness_study(path) is None
    assert any(word in caplog.text for word in named.split("|"))
