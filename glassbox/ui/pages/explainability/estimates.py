"""Estimates of the study in words, and as points of a chart."""

from glassbox.trust.scoreboard import Estimate
from glassbox.ui.base import formats
from glassbox.ui.base.formats import hundredths
from glassbox.ui.base.i18n import t
from glassbox.ui.charts.tables import Cell


def interval(estimate: Estimate) -> str:
    """Return an estimate with its 95 % interval: '0.71 (0.68 to 0.73)'."""
    value, low, high = (hundredths(number) for number in (estimate.value, estimate.low, estimate.high))
    return t("explainability.interval", value=value, low=low, high=high)


def share_interval(estimate: Estimate) -> str:
    """Return a share with its 95 % interval: '3.5% (2.7% – 5.1%)'."""
    value, low, high = map(formats.rough, (estimate.value, estimate.low, estimate.high))
    return t("charts.interval", value=value, low=low, high=high)


def correlation_cell(estimate: Estimate | None, between: str) -> Cell:
    """Return a correlation as a shaded cell; `between`: what it is the correlation of, in words. None: one of the two
    maps is blank on every picture."""
    if estimate is None:
        return Cell("–", said=t("explainability.not_compared", between=between), kind="missing")
    return Cell(hundredths(estimate.value), said=f"{between}: {interval(estimate)}", shade=estimate.value)
