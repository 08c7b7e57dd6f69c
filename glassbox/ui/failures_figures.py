"""Where the networks fail, as Plotly figures. Pure: the record in, figure out."""

from collections.abc import Sequence

import plotly.graph_objects as go

from glassbox.trust.scoreboard import Slices
from glassbox.ui import style
from glassbox.ui.figures import GREY, finished
from glassbox.ui.i18n import t


def slices(found: Slices, networks: Sequence[str], own: float, axis: str) -> go.Figure:
    """Accuracy of each network by slice, at the slice's median, with its Wilson interval; a line where the visitor's
    digit lies. `axis`: the measure's name with its unit."""
    figure = go.Figure()
    for name in networks:
        accuracy = [one.accuracy[name] for one in found.slices]
        figure.add_scatter(
            x=[one.middle for one in found.slices],
            y=[one.value for one in accuracy],
            error_y={
                "array": [one.high - one.value for one in accuracy],
                "arrayminus": [one.value - one.low for one in accuracy],
                "thickness": 1.5,
                "width": 3,
            },
            mode="lines+markers",
            name=t(f"model.{name}"),
            line={"color": style.COLOURS[name], "width": 2},
            customdata=[
                [one.count, f"{a.low:.2%}", f"{a.high:.2%}"] for one, a in zip(found.slices, accuracy, strict=True)
            ],
            hovertemplate="%{y:.2%} (%{customdata[1]} – %{customdata[2]}) n = %{customdata[0]:,}",
        )
    low, high = found.quantiles[0], found.quantiles[-1]
    figure.add_vline(
        x=min(max(own, low), high),
        line={"color": GREY, "width": 2, "dash": "dash"},
        annotation={"text": t("explainability.your_digit"), "yanchor": "bottom"},
        annotation_position="top",
    )
    figure.update_xaxes(title=axis)
    figure.update_yaxes(title=t("zoo.calibration_y"), tickformat=".0%", rangemode="normal")
    figure = finished(figure, height=400)
    figure.update_layout(margin={"t": 60}, legend={"y": 1.12})
    return figure
