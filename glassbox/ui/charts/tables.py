"""A table of words and numbers as HTML: light for the browser, read by screen readers, scrolled sideways on a phone."""

import html
from collections.abc import Sequence

import streamlit as st


def table(
    caption: str,
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    words: Sequence[int] = (0,),
    links: Sequence[str] = (),
    show_caption: bool = True,
) -> None:
    """Show `rows` of text below `heads`. Numbers stand to the right, the columns `words` to the left.

    The first cell of a row names it, and leads to its address in `links` where there is one. The caption is always
    there for screen readers. For hundreds of rows, st.dataframe is better.
    """
    st.html(to_html(caption, heads, rows, words=words, links=links, show_caption=show_caption))


def to_html(
    caption: str,
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    words: Sequence[int] = (0,),
    links: Sequence[str] = (),
    show_caption: bool = True,
) -> str:
    """The table of `table` as HTML; every text in it is escaped."""

    def attributes(column: int) -> str:
        return ' class="gb-words"' if column in words else ""

    def name(row: int, text: str) -> str:
        named = html.escape(text)
        address = html.escape(links[row]) if row < len(links) else ""
        return f'<a href="{address}" target="_blank" rel="noopener">{named}</a>' if address else named

    head = "".join(f"<th scope=col{attributes(column)}>{html.escape(one)}</th>" for column, one in enumerate(heads))
    body = "".join(
        f"<tr><th scope=row>{name(i, row[0])}</th>"
        + "".join(f"<td{attributes(column)}>{html.escape(one)}</td>" for column, one in enumerate(row[1:], 1))
        + "</tr>"
        for i, row in enumerate(rows)
    )
    hidden = "" if show_caption else ' class="gb-unseen"'
    return (
        f'<div class="gb-table"><table><caption{hidden}>{html.escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )
