"""Points of a figure that each stand for one thing: its words, its source, its name beside it, its interval."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import plotly.graph_objects as go

from glassbox.ui.base.palette import GREY

Symbol = Literal["circle", "square", "triangle-up", "diamond-open", "x-thin-open", "star", "hexagon"]
_SIZES = {"star": 13, "x-thin-open": 8, "triangle-up": 10}
_SIZE = 9


@dataclass(frozen=True)
class Mark:
    """A point. `said`: what it is, in a line; `link`: the address of its source; `name`: written beside it, or
    `away` from it at the end of a line, in pixels to the right and down; `ends`: of its interval upwards."""

    x: float
    y: float
    said: str
    link: str = ""
    name: str = ""
    away: tuple[int, int] | None = None
    colour: str = GREY
    ends: tuple[float, float] | None = None


def add_marks(figure: go.Figure, legend: str, symbol: Symbol, marks: Sequence[Mark]) -> None:
    """Add `marks` to `figure` as one entry of its legend, or none if `legend` is empty.

    The first mark's colour is that of all intervals. Where the colours differ, the legend's sign is grey.
    """
    if not marks:
        return
    intervals = [(mark.y, *mark.ends) for mark in marks if mark.ends]
    colours = [mark.colour for mark in marks]
    if mixed := bool(legend) and len(set(colours)) > 1:
        sign = {"symbol": symbol, "size": _SIZES.get(symbol, _SIZE), "color": GREY}
        figure.add_scatter(x=[None], y=[None], mode="markers", name=legend, legendgroup=legend, marker=sign)
    figure.add_scatter(
        x=[mark.x for mark in marks],
        y=[mark.y for mark in marks],
        mode="markers",
        name=legend,
        legendgroup=legend,
        showlegend=bool(legend) and not mixed,
        marker={
            "symbol": symbol,
            "size": _SIZES.get(symbol, _SIZE),
            "color": colours,
            "opacity": 0.85,
            "line": {"width": 2 if symbol.endswith("open") else 0, "color": colours},
        },
        selected={"marker": {"size": 1.6 * _SIZE, "opacity": 1}},
        unselected={"marker": {"opacity": 0.85}},
        error_y={
            "array": [high - y for y, _, high in intervals],
            "arrayminus": [y - low for y, low, _ in intervals],
            "color": marks[0].colour,
            "thickness": 2,
            "width": 0,
        }
        if len(intervals) == len(marks)
        else None,
        customdata=[(mark.said, mark.link) for mark in marks],
        hovertemplate="%{customdata[0]}<extra></extra>",
    )


def add_names(figure: go.Figure, marks: Sequence[Mark], *, beside: Literal["left", "right"] = "left") -> None:
    """Write the names of `marks` on one side of them, a little above. Both axes' types are known by then."""
    for mark in marks:
        near: dict[str, object] = {"showarrow": False, "yanchor": "bottom", "yshift": 1}
        near |= {"xanchor": "right", "xshift": -5} if beside == "left" else {"xanchor": "left", "xshift": 5}
        far = {"arrowhead": 0, "arrowwidth": 1, "arrowcolor": GREY, "standoff": 6, "xanchor": "right"}
        _annotate(figure, mark, **(far | {"ax": mark.away[0], "ay": mark.away[1]} if mark.away else near))


def add_slanted_names(figure: go.Figure, marks: Sequence[Mark]) -> None:
    """Write the names of `marks` that are close together: slanted to the right, by turns upwards and downwards."""
    for place, mark in enumerate(sorted(marks, key=lambda mark: (mark.x, mark.y))):
        up = place % 2 == 0
        angle, anchor = (-40, "bottom") if up else (40, "top")
        _annotate(figure, mark, showarrow=False, textangle=angle, xanchor="left", xshift=5, yanchor=anchor)


def _annotate(figure: go.Figure, mark: Mark, **how: object) -> None:
    def place(value: float, kind: str | None) -> float:
        return math.log10(value) if kind == "log" else value

    if mark.name:
        x, y = place(mark.x, figure.layout.xaxis.type), place(mark.y, figure.layout.yaxis.type)
        figure.add_annotation(x=x, y=y, text=f"<b>{mark.name}</b>", **how)
