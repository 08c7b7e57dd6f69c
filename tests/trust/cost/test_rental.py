"""What answers cost on rented machines, by hand."""

import pytest

from glassbox.trust.cost.rental import Machine, at_full_load, at_traffic, machines_needed


def test_a_machine_that_is_always_busy() -> None:
    # 0.36 an hour is 0.0001 a second; four cores at 250 a second give 1,000 answers for it.
    assert at_full_load(Machine(0.36, 4), 250) == pytest.approx(0.1)


@pytest.mark.parametrize(("asked", "machines"), [(1, 1), (86_400_000, 1), (86_400_001, 2), (864_000_000, 10)])
def test_as_many_machines_as_the_day_needs(asked: float, machines: int) -> None:
    assert machines_needed(Machine(1.0, 4), 250, asked) == machines


def test_what_idles_is_paid() -> None:
    machine = Machine(0.5, 2)
    # A day of one machine is 12; for 1,000 answers that is 12,000 a million, however fast it is.
    assert at_traffic(machine, 10, 1_000) == at_traffic(machine, 10_000, 1_000) == pytest.approx(12_000)
    # At its full load the two prices are the same.
    assert at_traffic(machine, 100, 2 * 100 * 86_400) == pytest.approx(at_full_load(machine, 100))
