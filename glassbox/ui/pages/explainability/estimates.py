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
    """Return a share with its 95 % interval: '3.5 % (2.7–5.1)'."""
    return f"{share(estimate.value)} ({_percent(estimate.low)}–{_percent(estimate.high)})"


def share(value: float) -> str:
    """Return a share in per cent: '12 %', '3.5 %', '0.02 %', '<0.01 %'."""
    return f"{_percent(value)}{formats.NO_BREAK}%"


def _percent(value: float) -> str:
    """Return a share in per cent without the sign: two significant digits, and never a bare 0."""
    percent = 100 * value
    if percent < 0.005:
        return "<0.01"
    return f"{percent:.{0 if percent >= 10 else 1 if percent >= 0.1 else 2}f}"


def correlation_cell(estimate: Estimate, between: str) -> Cell:
    """Return a correlation as a shaded cell; `between`: what it is the correlation of, in words."""
    return Cell(hundredths(estimate.value), said=f"{between}: {interval(estimate)}", shade=estimate.value)
