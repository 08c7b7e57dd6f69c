"""Energies that people know: worked out anew, and what a known amount comes to."""

import pytest

from glassbox.trust.cost import everyday


def test_units_are_those_of_their_sources() -> None:
    assert pytest.approx(0.093, abs=0.0005) == everyday.LITRE_BOILED / 3.6e6  # kWh, as kettles are told to take
    assert pytest.approx(29.36, abs=0.01) == everyday.HOUSEHOLD_DAY / 3.6e6  # kWh a day
    assert list(everyday.UNITS.values()) == sorted(everyday.UNITS.values())


def test_a_kilowatt_hour_in_everyday_units() -> None:
    found = everyday.equivalents(3.6e6)
    assert found["phone"] == pytest.approx(83.3, abs=0.05)
    assert found["kettle"] == pytest.approx(10.75, abs=0.01)
    assert found["household"] == pytest.approx(1 / 29.36, rel=1e-3)
