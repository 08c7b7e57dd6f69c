"""The one builder of HTML tables: words and numbers, shaded cells, bars and small drawings, light for the browser.

Screen readers read them as tables; on a phone they scroll sideways, by the keyboard too.
"""

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import streamlit as st

POSITIVE = "var(--gb-positive)"
"""The colour of positive numbers, for shades."""
SCROLLING = 3
"""A table of this many columns may be wider than a phone: it can be focused, so that the arrow keys scroll it."""


@dataclass(frozen=True)
class Cell:
    """A cell that is more than its text.

    `said`: the cell in words, shown when it is pointed at. `shade`: how much of the table's colour lies behind the
    text, from 0 to 1; below 0, of the colour of negative numbers. `bar`: the length of a bar under the text, from -1 to
    1. `kind`: "strong", "more" and "fewer" stand out, "missing" recedes, "wide" gives its bar all the room there is.
    `drawn`: markup below the text, which whoever made it has escaped.
    """

    text: str
    said: str = ""
    shade: float = 0.0
    bar: float | None = None
    kind: Literal["", "strong", "more", "fewer", "missing", "wide"] = ""
    drawn: str = ""


Cells = Sequence[str | Cell]


@dataclass(frozen=True)
class Table:
    """`heads`, where there are any, and `rows` of equal length; the first cell of a row names it.

    Numbers stand to the right, the columns `words` to the left. `links`: addresses that the rows' names lead to, "" for
    none. `marked` and `totals`: places of rows that stand out. `colour`: that of the shades, a CSS colour; with it the
    cells are set in a grid. `upright`: heads that stand on end, where they are longer than a cell. `dense`: less room
    between columns.
    """

    caption: str
    heads: Sequence[str]
    rows: Sequence[Cells]
    words: Sequence[int] = (0,)
    links: Sequence[str] = ()
    marked: Sequence[int] = ()
    totals: Sequence[int] = ()
    colour: str = ""
    upright: bool = False
    dense: bool = False
    show_caption: bool = True

    def html(self) -> str:
        """Return the table as HTML; every text in it is escaped."""
        caption = html.escape(self.caption)
        heads = "".join(self._head(column, text) for column, text in enumerate(self.heads))
        head = f"<thead><tr>{heads}</tr></thead>" if heads else ""
        body = "".join(self._row(place, list(row)) for place, row in enumerate(self.rows))
        shown = f'<p class="gb-caption" aria-hidden="true">{caption}</p>' if self.show_caption else ""
        kinds = {"gb-shaded": self.colour, "gb-upright": self.upright, "gb-dense": self.dense}
        classes = " ".join(["gb-table", *(name for name, wanted in kinds.items() if wanted)])
        style = f' style="--shade:{self.colour}"' if self.colour else ""
        focus = f' tabindex="0" role="group" aria-label="{caption}"' if len(self.heads) >= SCROLLING else ""
        return (
            f'{shown}<div class="{classes}"{style}{focus}><table><caption class="gb-unseen">{caption}</caption>'
            f"{head}<tbody>{body}</tbody></table></div>"
        )

    def _head(self, column: int, text: str) -> str:
        """Return the head of a column: a plain cell where it has no text, since there is nothing to read out."""
        if not text:
            return "<td></td>"
        return f"<th scope=col{self._words(column)}><span>{html.escape(text)}</span></th>"

    def _row(self, place: int, cells: list[str | Cell]) -> str:
        kind = ' class="gb-marked"' if place in self.marked else ' class="gb-total"' if place in self.totals else ""
        first = cells[0] if isinstance(cells[0], Cell) else Cell(cells[0])
        name = f"{first.drawn}{html.escape(first.text)}"
        if place < len(self.links) and self.links[place]:
            name = f'<a href="{html.escape(self.links[place])}" target="_blank" rel="noopener">{name}</a>'
        rest = "".join(self._cell(column, cell) for column, cell in enumerate(cells[1:], 1))
        return f"<tr{kind}><th scope=row>{name}</th>{rest}</tr>"

    def _cell(self, column: int, cell: str | Cell) -> str:
        if isinstance(cell, str):
            return f"<td{self._words(column)}>{html.escape(cell)}</td>"
        classes = [f"gb-{cell.kind}"] if cell.kind else []
        classes += ["gb-below"] if cell.shade < 0 else []
        classes += ["gb-words"] if column in self.words else []
        given = {
            "class": " ".join(classes),
            "title": html.escape(cell.said),
            "style": f"--share:{100 * min(abs(cell.shade), 1):.0f}%" if cell.shade else "",
        }
        attributes = "".join(f' {name}="{value}"' for name, value in given.items() if value)
        return f"<td{attributes}>{_bar(cell.bar)}{html.escape(cell.text)}{cell.drawn}</td>"

    def _words(self, column: int) -> str:
        return ' class="gb-words"' if column in self.words else ""


def _bar(share: float | None) -> str:
    if share is None:
        return ""
    side = "negative" if share < 0 else "positive"
    return f'<i class="gb-bar gb-{side}" style="--share:{min(abs(share), 1):.3f}"></i>'


def show(made: Table) -> None:
    """Draw a table. For hundreds of rows, st.dataframe is better."""
    st.html(made.html())


def table(
    caption: str,
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    words: Sequence[int] = (0,),
    links: Sequence[str] = (),
    show_caption: bool = True,
) -> None:
    """Draw a plain Table of text."""
    show(Table(caption, heads, rows, words=words, links=links, show_caption=show_caption))
