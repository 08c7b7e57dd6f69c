"""Estimates as points on a common axis, one a cell of a table: value, interval, rivals and the visitor's own."""

import html
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from glassbox.ui.charts.tables import Cell, Table


@dataclass(frozen=True)
class Dot:
    """A cell: a value with its interval, `text` above it, all of it in words in `said`.

    `good`: filled, else hollow. `band`: where most single pictures lie; `marks`: (where, one of "edges", "random" and
    "whole"); `yours`: the visitor's own; `sign` stands behind the text.
    """

    value: float
    low: float
    high: float
    text: str
    said: str
    colour: str
    good: bool
    band: tuple[float, float] | None = None
    marks: tuple[tuple[float, str], ...] = ()
    yours: float | None = None
    sign: str = ""


@dataclass(frozen=True)
class Row:
    """A dot a column, or a cell that says why there is none; `marked`: the visitor's own row."""

    name: str
    dots: tuple[Dot | Cell, ...]
    marked: bool = False


def dots(
    caption: str,
    heads: Sequence[str],
    rows: Sequence[Row],
    ends: tuple[float, float],
    legend: Sequence[tuple[str, str]],
) -> None:
    """Draw `rows` below `heads`, each cell on an axis from `ends[0]` to `ends[1]`, and the `legend`."""
    st.html(to_html(caption, heads, rows, ends, legend))


def to_html(
    caption: str,
    heads: Sequence[str],
    rows: Sequence[Row],
    ends: tuple[float, float],
    legend: Sequence[tuple[str, str]],
) -> str:
    """Return the table of `dots` and its legend as HTML; every text in it is escaped.

    `legend`: (kind, words) of the glyphs that occur: "point", "hollow", "band", "edges", "random", "whole", "yours".
    """
    own = '<i class="gb-yours"></i> '
    made = Table(
        caption,
        ["", *heads],
        [[Cell(row.name, drawn=own if row.marked else ""), *(_cell(dot, ends) for dot in row.dots)] for row in rows],
        marked=[place for place, row in enumerate(rows) if row.marked],
        show_caption=False,
    )
    keys = "".join(f'<li><i class="gb-{kind}"></i>{html.escape(words)}</li>' for kind, words in legend)
    return f'<div class="gb-dots">{made.html()}</div><ul class="gb-keys">{keys}</ul>'


def _cell(dot: Dot | Cell, ends: tuple[float, float]) -> Cell:
    if isinstance(dot, Cell):
        return dot

    def at(value: float) -> str:
        return f"{100 * min(max((value - ends[0]) / (ends[1] - ends[0]), 0), 1):.1f}%"

    def stretch(kind: str, low: float, high: float) -> str:
        return f'<i class="gb-{kind}" style="left:{at(low)};right:calc(100% - {at(high)})"></i>'

    parts = [stretch("band", *dot.band)] if dot.band else []
    if ends[0] < 0:
        parts.append(f'<i class="gb-zero" style="left:{at(0)}"></i>')
    parts += [f'<i class="gb-{kind}" style="left:{at(where)}"></i>' for where, kind in dot.marks]
    parts.append(stretch("interval", dot.low, dot.high))
    parts.append(f'<i class="gb-{"point" if dot.good else "hollow"}" style="left:{at(dot.value)}"></i>')
    if dot.yours is not None:
        parts.append(f'<i class="gb-yours" style="left:{at(dot.yours)}"></i>')
    said, drawn = html.escape(dot.said), "".join(parts)
    axis = f'<span class="gb-axis" style="--dot:{dot.colour}" role="img" aria-label="{said}">{drawn}</span>'
    return Cell(f"{dot.text} {dot.sign}".strip(), said=dot.said, kind="strong" if dot.good else "", drawn=axis)
