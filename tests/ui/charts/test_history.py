"""The figures of milestones: what is written in them fits a phone."""

import pytest

from glassbox.history import milestones as history
from glassbox.ui.charts.history import AWAY, milestones

PHONE = 270
"""Pixels from the left to the right edge of the plot where the window has 390."""


@pytest.mark.parametrize("measure", ["compute", "cost", "parameters", "examples"])
@pytest.mark.parametrize("since", [0.0, history.DEEP])
def test_no_name_ends_beyond_the_plot(measure: str, since: float) -> None:
    figure = milestones(measure, since, {})
    start, end = figure.layout.xaxis.range
    led = [one for one in figure.layout.annotations if one.showarrow is not False]
    assert led and len(led) <= len(AWAY)
    for name in led:
        assert name.xanchor == "right"
        assert (name.x - start) / (end - start) * PHONE + name.ax <= PHONE, name.text
