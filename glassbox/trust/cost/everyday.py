"""Energies that people know, in joules, for comparison."""

from glassbox.trust.cost.carbon import JOULES_PER_KWH, PHONE_CHARGE

LITRE_BOILED = 4186.0 * (100 - 20)
"""A litre of water from 20 to 100 °C, without what the kettle loses: 4186 J for each kilogram and degree."""
EIA = "https://www.eia.gov/tools/faqs/faq.php?id=97"
HOUSEHOLD_DAY = 10_715 * JOULES_PER_KWH / 365
"""A day's electricity of an average household of the United States in 2020, by the EIA: 10,715 kWh in the year."""
UNITS = {"phone": PHONE_CHARGE, "kettle": LITRE_BOILED, "household": HOUSEHOLD_DAY}
"""From the smallest on."""


def equivalents(joules: float) -> dict[str, float]:
    """Return how many of each of UNITS an energy is."""
    return {name: joules / unit for name, unit in UNITS.items()}
