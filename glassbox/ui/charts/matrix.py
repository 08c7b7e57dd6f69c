"""A small matrix of numbers as an HTML table, each cell shaded: light for the browser, legible in both themes."""

import html
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st


@dataclass(frozen=True)
class Cell:
    """`shade`: 0 is paper, 1 the colour, and -1 its opposite where the matrix is signed; `said`: the cell in words."""

    text: str
    shade: float = 0.0
    said: str = ""


def matrix(
    caption: str,
    names: Sequence[str],
    heads: Sequence[str],
    cells: Sequence[Sequence[Cell]],
    *,
    corner: str = "",
    colour: str = "var(--gb-positive)",
    upright: bool = False,
) -> None:
    """Show `cells` (a row a name, a column a head); `corner` says what rows and columns are; `upright`: heads that
    stand on end, where they are longer than a cell. Cells below 0 have the colour of negative numbers."""
    st.html(to_html(caption, names, heads, cells, corner=corner, colour=colour, upright=upright))


def to_html(
    caption: str,
    names: Sequence[str],
    heads: Sequence[str],
    cells: Sequence[Sequence[Cell]],
    *,
    corner: str,
    colour: str,
    upright: bool,
) -> str:
    """The table of `matrix` as HTML; every text in it is escaped."""
    head = "".join(f"<th scope=col><span>{html.escape(one)}</span></th>" for one in heads)
    body = "".join(
        f"<tr><th scope=row>{html.escape(name)}</th>{''.join(_cell(cell) for cell in row)}</tr>"
        for name, row in zip(names, cells, strict=True)
    )
    kind = "gb-table gb-matrix gb-upright" if upright else "gb-table gb-matrix"
    caption = html.escape(caption)
    return (
        f'<p class="gb-caption" aria-hidden="true">{caption}</p>'
        f'<div class="{kind}" style="--shade:{colour}"><table><caption class="gb-unseen">{caption}</caption>'
        f'<thead><tr><td class="gb-corner">{html.escape(corner)}</td>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _cell(cell: Cell) -> str:
    side = ' class="gb-below"' if cell.shade < 0 else ""
    share = min(abs(cell.shade), 1.0)
    return (
        f'<td{side} title="{html.escape(cell.said)}" style="--share:{100 * share:.0f}%">{html.escape(cell.text)}</td>'
    )
