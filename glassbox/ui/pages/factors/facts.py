"""The numbers in the essay on the four factors."""

from collections.abc import Mapping

from glassbox.history import milestones
from glassbox.history.growth import Growth
from glassbox.history.study import Rate, growth_study
from glassbox.ui.base.i18n import t
from glassbox.ui.frame import facts as shared
from glassbox.zoo.digit_models import Card


def facts(cards: Mapping[str, Card]) -> dict[str, str]:
    """The values of content/factors_essay.*.md. Networks that were refused are shown by a dash."""
    said = agreement(milestones.milestone_growth("compute")[1], growth_study().compute)
    return shared.facts(cards) | {"compute.agreement": said}


def agreement(ours: Growth, whole: Rate) -> str:
    """Whether our fit, that of all rows and the published 4 to 5 times a year agree, and why they may differ."""
    low, high = ours.interval
    together = low <= whole.high and whole.low <= high
    published = low <= 5 and high >= 4
    return t("factors.agree" if together and published else "factors.differ")
