"""The values that the essay on the four factors quotes."""

from collections.abc import Mapping

from glassbox.history import milestones
from glassbox.history.growth import Growth
from glassbox.history.study import Rate, growth_study
from glassbox.ui.base.i18n import t
from glassbox.ui.frame import facts as frame_facts
from glassbox.zoo.digit_models import Card


def facts(cards: Mapping[str, Card]) -> dict[str, str]:
    """Return the values of content/factors_essay.*.md; those of a refused network or record are dashes."""
    recorded = growth_study()
    ours = milestones.milestone_growth("compute")[1]
    sentence = agreement(ours, recorded.compute) if recorded else t("factors.unrecorded")
    return frame_facts.facts(cards) | {"compute.agreement": sentence}


def agreement(ours: Growth, whole: Rate) -> str:
    """Return a sentence: whether our fit agrees with that of all rows and with the published 4 to 5 times a year."""
    low, high = ours.interval
    overlaps_whole = low <= whole.high and whole.low <= high
    overlaps_published = low <= 5 and high >= 4
    return t("factors.agree" if overlaps_whole and overlaps_published else "factors.differ")
