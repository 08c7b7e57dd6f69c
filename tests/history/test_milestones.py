"""The tables of milestones and accelerators by their rule, and their growth beside published figures."""

import math
from pathlib import Path

import pytest

from export.studies import growth as study
from glassbox.history import milestones
from glassbox.history.study import growth_study
from glassbox.zoo import digit_models


def row(name: str) -> milestones.Milestone:
    return next(one for one in milestones.milestones() if one.name == name)


def chip(name: str) -> milestones.Accelerator:
    return next(one for one in milestones.accelerators() if one.name == name)


def test_tables_are_within_their_limits_and_credited() -> None:
    assert 100 <= len(milestones.milestones()) <= study.MOST_MILESTONES == 120
    assert 30 <= len(milestones.accelerators()) <= study.MOST_ACCELERATORS == 40
    for path in (milestones.MILESTONES, milestones.ACCELERATORS):
        first = path.read_text(encoding="utf-8").splitlines()[0]
        assert first.startswith("#") and "Epoch AI" in first and "CC BY" in first


def test_every_row_has_its_source_and_something_to_show() -> None:
    for one in (*milestones.milestones(), *milestones.accelerators()):
        assert one.source.startswith(("http://", "https://")), one.name
    assert all(one.compute for one in milestones.milestones())
    assert all(one.per_watt for one in milestones.accelerators())
    assert all(bool(one.rent) == bool(one.rent_source) for one in milestones.accelerators())
    names = [one.name for one in milestones.milestones()]
    assert len(set(names)) == len(names)
    assert [one.date for one in milestones.milestones()] == sorted(one.date for one in milestones.milestones())


def test_frontier_rows_keep_to_their_rule() -> None:
    """At most two of the milestones until then are larger: necessary, for all larger ones are milestones themselves."""
    rows = [one for one in milestones.milestones() if one.compute]
    for one in rows:
        if one.chosen == "frontier":
            assert sum((other.compute or 0) > (one.compute or 0) for other in rows if other.date < one.date) <= 2
        if one.chosen == "china":
            assert one.china


@pytest.mark.parametrize(
    ("name", "compute", "parameters"),
    [
        ("AlexNet", 4.7e17, 60e6),  # Krizhevsky et al. 2012: 60 million parameters
        ("GPT-3 175B (davinci)", 3.14e23, 175e9),  # Brown et al. 2020, table D.1
        ("Llama 3.1-405B", 3.8e25, 405e9),  # Llama team 2024, https://arxiv.org/abs/2407.21783
        ("LeNet-5", 2.8e12, 60e3),  # LeCun et al. 1998: 60,000 parameters
    ],
)
def test_well_known_models_are_as_their_papers_say(name: str, compute: float, parameters: float) -> None:
    assert row(name).compute == pytest.approx(compute, rel=0.02)
    assert row(name).parameters == pytest.approx(parameters, rel=0.01)


def test_h100_is_as_its_data_sheet_says() -> None:
    assert chip("NVIDIA H100 SXM5 80GB").flops == pytest.approx(989e12, rel=0.001)
    assert chip("NVIDIA H100 SXM5 80GB").per_watt == pytest.approx(989.4e12 / 700)


def test_a_row_that_is_not_right_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    lines = milestones.MILESTONES.read_text(encoding="utf-8").splitlines()
    broken = tmp_path / "milestones.csv"
    broken.write_text("\n".join([*lines[:3], lines[3].replace(",other,", ",cooking,")]), encoding="utf-8")
    monkeypatch.setattr(milestones, "MILESTONES", broken)
    milestones.milestones.cache_clear()
    with pytest.raises(ValueError, match=r"milestones\.csv, row 2.*cooking"):
        milestones.milestones()
    milestones.milestones.cache_clear()


def test_growth_of_compute_is_that_of_the_whole_table_and_the_published() -> None:
    """Epoch AI: 4 to 5 times a year, 2010 to May 2024; 4.7 (90 % interval 4.3 to 5.2) in June 2024, of 428 models."""
    ours, whole = milestones.milestone_growth("compute")[1], growth_study().compute
    assert ours.interval[0] < whole.factor < ours.interval[1]
    assert 4 < ours.factor < 5 and 4 < whole.factor < 5
    assert whole.count > 3 * ours.count


def test_growth_before_2010_was_that_of_chips() -> None:
    """Sevilla et al. 2022: doubling in 17 to 29 months before deep learning."""
    months = milestones.milestone_growth("compute", 0, milestones.DEEP)[1].doubling
    assert 17 < months < 29
    low, high = growth_study().before.low, growth_study().before.high
    assert low < 10 ** (12 * math.log10(2) / months) < high


@pytest.mark.parametrize("measure", ["parameters", "examples"])
def test_sizes_grow_as_in_the_whole_table(measure: str) -> None:
    low, high = milestones.milestone_growth(measure)[1].interval
    assert low < getattr(growth_study(), measure).factor < high


@pytest.mark.parametrize("measure", ["per_watt", "per_dollar"])
def test_chips_improve_as_in_the_whole_table(measure: str) -> None:
    low, high = milestones.accelerator_growth(measure)[1].interval
    whole = getattr(growth_study(), measure)
    assert low < whole.high and whole.low < high


def test_training_compute_is_three_forward_passes_a_picture() -> None:
    card = digit_models.load().cards["mlp"]
    by_hand = 3 * 2 * (784 * 128 + 128 * 10) * card.dataset.train * card.training.epochs
    assert milestones.training_compute(card) == pytest.approx(by_hand, rel=0.01)  # the biases are the difference


def test_nearest_by_ratio() -> None:
    assert milestones.nearest_milestone(3.2e23).name in ("GPT-3 175B (davinci)", "InstructGPT 175B")
    assert milestones.nearest_milestone(1).name == "Theseus"
