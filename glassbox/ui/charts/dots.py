"""Estimates as points on a common axis, one a cell of a table: value, interval, rivals and the visitor's own."""

import html
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from glassbox.ui.base.i18n import t


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
    """A cell a column, None where there is nothing to measure; `marked`: the visitor's own row."""

    name: str
    dots: tuple[Dot | None, ...]
    marked: bool = False


def dots(
    caption: str,
    heads: Sequence[str],
    rows: Sequence[Row],
    ends: tuple[float, float],
    legend: Sequence[tuple[str, str]],
) -> None:
    """Show `rows` below `heads`, each cell on an axis from `ends[0]` to `ends[1]`.

    `legend`: (kind, words) of the glyphs that occur: "point", "hollow", "band", "edges", "random", "whole", "yours".
    """
    st.html(to_html(caption, heads, rows, ends, legend))


def to_html(
    caption: str,
    heads: Sequence[str],
    rows: Sequence[Row],
    ends: tuple[float, float],
    legend: Sequence[tuple[str, str]],
) -> str:
    """The table of `dots` as HTML; every text in it is escaped."""
    head = "".join(f"<th scope=col>{html.escape(one)}</th>" for one in ("", *heads))
    keys = "".join(f'<li><i class="gb-{kind}"></i>{html.escape(words)}</li>' for kind, words in legend)
    return (
        f'<div class="gb-table gb-dots"><table><caption class="gb-unseen">{html.escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(_row(row, ends) for row in rows)}</tbody></table></div>"
        f'<ul class="gb-keys">{keys}</ul>'
    )


def _row(row: Row, ends: tuple[float, float]) -> str:
    name, kind = html.escape(row.name), ""
    if row.marked:
        name, kind = f'<i class="gb-yours"></i> {name}', ' class="gb-marked"'
    return f"<tr{kind}><th scope=row>{name}</th>{''.join(_cell(dot, ends) for dot in row.dots)}</tr>"


def _cell(dot: Dot | None, ends: tuple[float, float]) -> str:
    if dot is None:
        return f'<td class="gb-none" title="{html.escape(t("charts.dots.none"))}">–</td>'

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
    text, said = html.escape(dot.text), html.escape(dot.said)
    shown = f"<b>{text}</b>" if dot.good else text
    return (
        f'<td title="{said}" style="--dot:{dot.colour}"><span>{shown} {html.escape(dot.sign)}</span>'
        f'<span class="gb-axis" role="img" aria-label="{said}">{"".join(parts)}</span></td>'
    )
