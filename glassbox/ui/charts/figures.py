"""What all Plotly figures share: their tool bar, axes, curves with bands, and their numbers as a table."""

import math
from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from glassbox.ui.base import formats, palette
from glassbox.ui.base.i18n import t
from glassbox.ui.charts.tables import Table
from glassbox.zoo.cards import Accuracy

CONFIG = {
    "displayModeBar": "hover",
    "modeBarButtons": [["zoomIn2d", "zoomOut2d", "pan2d", "resetScale2d"], ["toImage"]],
    "toImageButtonOptions": {"format": "png", "scale": 2, "filename": "glassbox"},
    "displaylogo": False,
    "scrollZoom": False,
    "showAxisDragHandles": False,
}
"""Options for st.plotly_chart: buttons to zoom, to go back and for a PNG; the wheel and a finger scroll the page."""
HEIGHT = 360


def finished(figure: go.Figure, height: int = HEIGHT, legend: bool = True) -> go.Figure:
    """Give `figure` what all figures share, and return it: the page scrolls and not the figure; words have room."""
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 8, "t": 36, "b": 8},  # the tool bar is above, the legend below
        showlegend=legend,
        legend={"orientation": "h", "x": 0, "y": 0, "yref": "container", "yanchor": "bottom", "title": None},
        dragmode=False,
    )
    figure.update_xaxes(automargin=True)
    figure.update_yaxes(automargin=True)
    return figure


def add_curve(
    figure: go.Figure,
    name: str,
    x: Sequence[float],
    y: Sequence[float],
    *,
    colour: str,
    dash: str = "solid",
    width: float = 2.5,
    markers: bool = False,
    band: tuple[Sequence[float], Sequence[float]] | None = None,
    text: Sequence[str] | None = None,
    hover: str | None = "%{text}",
) -> None:
    """Add a line to `figure`; `band`: the ends of an interval around it. The legend shows and hides all that have the
    same name together. `text`: the heights in words, at first as numbers; `hover`: what is read off the line, None for
    nothing."""
    if band:
        low, high = band
        figure.add_scatter(
            x=[*x, *reversed(x)],
            y=[*low, *reversed(high)],
            fill="toself",
            fillcolor=colour,
            opacity=0.18,
            mode="none",
            hoverinfo="skip",
            legendgroup=name,
            showlegend=False,
        )
    figure.add_scatter(
        x=list(x),
        y=list(y),
        mode="lines+markers" if markers else "lines",
        name=name,
        legendgroup=name,
        line={"color": colour, "dash": dash, "width": width},
        text=list(text or map(_number, y)),
        hovertemplate=hover,
        hoverinfo=None if hover else "skip",
        showlegend=name not in {trace.name for trace in figure.data},
    )


def add_line_at(figure: go.Figure, x: float, text: str = "") -> None:
    """Add a dashed vertical line to `figure`, `text` at its top. The axis has its type by then."""
    figure.add_vline(x=x, line={"color": palette.GREY, "dash": "dash", "width": 1})
    if text:
        place = math.log10(x) if figure.layout.xaxis.type == "log" else x
        figure.add_annotation(x=place, y=1, yref="paper", yanchor="bottom", text=text, showarrow=False)


def numbers(figure: go.Figure, caption: str) -> Table:
    """Return the named curves of `figure` as a table: a row for each x, a column for each curve, in its words."""
    curves = [trace for trace in figure.data if trace.name and trace.hoverinfo != "skip"]
    across = figure.layout.xaxis
    columns = [dict(zip(map(float, trace.x), trace.text, strict=True)) for trace in curves]
    places = sorted({float(x) for trace in curves for x in trace.x})
    rows = [[_written(place, across), *(column.get(place, "–") for column in columns)] for place in places]
    heads = [across.title.text or "", *(trace.name for trace in curves)]
    return Table(caption, heads, rows, show_caption=False)


def interval(found: Accuracy, decimals: int = 1) -> str:
    """Return a share with its 95% interval: '98.5% (98.3% – 98.8%)'."""
    value, low, high = (formats.measured(share, decimals) for share in (found.value, found.low, found.high))
    return t("charts.interval", value=value, low=low, high=high)


def _written(value: float, axis: Any) -> str:
    return formats.measured(value, 2) if (axis.tickformat or "").endswith("%") else _number(value)


def _number(value: float) -> str:
    return formats.number(float(value)) if value is not None and math.isfinite(value) else "–"


def paper(dark: bool) -> str:
    """Return the colour of the page behind a figure."""
    return palette.PAPER["dark" if dark else "light"]
