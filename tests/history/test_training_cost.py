"""What a training would cost: by hand, and against the one that was published."""

from dataclasses import replace

import pytest

from glassbox.history import milestones
from glassbox.history.training_cost import Assumptions, bill
from glassbox.ui.pages.factors import cost


def chip(name: str) -> milestones.Accelerator:
    return next(one for one in milestones.accelerators() if one.name == name)


def test_bill_by_hand() -> None:
    """1e18 FLOP at half of 1e12 FLOP/s: 2e6 s = 555.6 h."""
    one = replace(chip("NVIDIA H100 SXM5 80GB"), flops=1e12, watts=500.0, price=8766.0, rent=2.0)
    given_ = Assumptions(utilisation=0.5, overhead=2, years=2, busy=0.5, server=1.2, pue=1.5, electricity=0.1)
    made = bill(1e18, one, given_)
    hours = 1e6 * 2 / 3600
    assert made.hours == pytest.approx(hours)
    assert made.kilowatt_hours == pytest.approx(hours * 0.5 * 1.2 * 1.5)
    assert made.rent == pytest.approx(hours * 2)
    assert made.hardware == pytest.approx(hours * 2)  # 8766 $ twice, over two years of which half is used: 2 $ an hour
    assert made.electricity == pytest.approx(hours * 0.9 * 0.1)
    assert made.owned == pytest.approx(hours * 2.09)


def test_hours_of_llama_are_near_what_meta_reports() -> None:
    compute = next(one.compute for one in milestones.milestones() if one.name == cost.REPORTED_MODEL) or 0
    made = bill(compute, chip(cost.FIRST_CHIP), Assumptions())
    assert made.hours == pytest.approx(cost.REPORTED_HOURS, rel=0.2)


def test_what_is_not_known_costs_nothing_known() -> None:
    made = bill(1e20, replace(chip("NVIDIA H100 SXM5 80GB"), watts=None, price=None, rent=None), Assumptions())
    assert (made.kilowatt_hours, made.rent, made.hardware, made.electricity, made.owned) == (None,) * 5


@pytest.mark.parametrize("wrong", [{"utilisation": 0.0}, {"busy": 1.1}, {"years": 0.0}, {"pue": 0.9}])
def test_assumptions_that_cannot_be_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError):
        Assumptions(**wrong)


def test_nothing_to_train_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing"):
        bill(0, chip("NVIDIA H100 SXM5 80GB"), Assumptions())


@pytest.mark.parametrize(
    ("dollars", "english"),
    [
        (0.001, "less than a cent"),
        (3, "$3.00"),
        (661_175, "$661,000"),
        (4.63e6, "$4.63 million"),
        (1.2e9, "$1.20 billion"),
    ],
)
def test_money(dollars: float, english: str) -> None:
    assert cost.money(dollars) == english


@pytest.mark.parametrize(
    ("seconds", "english"),
    [(0.0034, "3.40\u00a0ms"), (7200, "2.00 hours"), (864_000, "10.0 days"), (3.2e9, "101 years")],
)
def test_spans(seconds: float, english: str) -> None:
    assert cost.time_span(seconds) == english


def test_energies() -> None:
    expected = ["2.00\u00a0GWh", "333\u00a0MWh", "12.0\u00a0kWh", "500\u00a0Wh", "100\u00a0µWh"]
    assert [cost.energy(given_) for given_ in (2e6, 333_000, 12, 0.5, 1e-7)] == expected
