"""What learning does, as Plotly figures. Pure: arrays in, figure out."""

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from glassbox.probe import Change
from glassbox.ui import style
from glassbox.ui.figures import GREY, finished
from glassbox.ui.i18n import t

SMALLEST = 1e-12
"""What is drawn for an error of nothing, as a logarithm has no place for 0."""


def through_time(lengths: Mapping[str, NDArray[np.float64]]) -> go.Figure:
    """The size of each state's error by the row after which the state stands, a line a network, logarithmic."""
    figure = go.Figure()
    for name, values in lengths.items():
        figure.add_scatter(
            x=np.arange(1, len(values) + 1),
            y=np.maximum(values, SMALLEST),
            mode="lines+markers",
            name=t(f"model.{name}"),
            line={"color": style.COLOURS[name], "width": 3},
            hovertemplate="%{y:.3g}",
        )
    figure.update_xaxes(title=t("time.row_axis"), dtick=3)
    figure.update_yaxes(title=t("time.error_axis"), type="log", exponentformat="power", nticks=6)
    figure.update_layout(hovermode="x unified")
    return finished(figure, height=380)


def losses(values: NDArray[np.floating], colour: str) -> go.Figure:
    """The loss on the visitor's picture before each step, and after the last."""
    figure = go.Figure(
        go.Scatter(
            x=np.arange(len(values)),
            y=values,
            mode="lines+markers",
            line={"color": colour, "width": 3},
            hovertemplate="%{x}: %{y:.3g}<extra></extra>",
        )
    )
    figure.update_xaxes(title=t("teach.step_axis"), rangemode="tozero")
    figure.update_yaxes(title=t("teach.loss_axis"), rangemode="tozero")
    return finished(figure, height=260, legend=False)


def kept(change: Change, colour: str) -> go.Figure:
    """The share of the probe's pictures of each digit that is read rightly, before and after."""
    before, after = change.by_label()
    figure = go.Figure()
    for name, values, fill in ((t("teach.before"), before, GREY), (t("teach.after"), after, colour)):
        figure.add_bar(x=np.arange(10), y=values, name=name, marker={"color": fill}, hovertemplate="%{y:.0%}")
    figure.update_xaxes(title=t("teach.digit_axis"), dtick=1)
    figure.update_yaxes(title=t("teach.right_axis"), tickformat=".0%", range=[0, 1.02])
    figure.update_layout(barmode="group", hovermode="x unified")
    return finished(figure, height=260)
