"""Charts that a visitor explores: drawn by Plotly when they come near the window, their numbers in a table below."""

import html
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Literal

import msgspec
import plotly.graph_objects as go
import streamlit as st

from glassbox.ui.base import payload
from glassbox.ui.base.i18n import language, t
from glassbox.ui.charts import figures
from glassbox.ui.charts.reliability import reliability, reliability_table
from glassbox.ui.charts.tables import show
from glassbox.ui.components.near_viewport import near_viewport
from glassbox.zoo.cards import Calibration, ModelCard

MANY, SCROLLED = 12, 420
"""A table of more rows than `MANY` scrolls in a box so many pixels high."""
KEPT = 32
"""Figures kept for all visitors, some 100 kB each."""


@st.fragment
def interactive_chart(
    draw: Callable[[], go.Figure],
    *,
    key: str,
    alt: str,
    height: int = figures.HEIGHT,
    width: int | Literal["stretch"] = "stretch",
    numbers: Callable[[], None] | None = None,
    title: str = "",
    tabled: bool = False,
    sources: bool = False,
    at_once: bool = False,
    of: tuple[Hashable, ...] = (),
) -> None:
    """Draw a figure `height` pixels high, which says `alt` to those who do not see it, and its numbers as a table.

    Plotly is large: unless the figure is wanted `at_once`, it waits, its room kept free, until it comes near the
    window. `numbers` draws the table below `title`; without it, it is made of the figure's curves; there is none where
    the page has `tabled` the numbers itself. `sources`: the marks have their words and a web address as customdata; the
    one that is clicked is named below the figure and leads there. `of`: all that the figure depends on but the
    language; with it, the figure is made once for all visitors.
    """
    said = ""
    with st.container(key=f"gb_chart_{key}", height=height, width=width, border=False, gap=None):
        if near_viewport(f"{key}_near") or at_once:
            figure = _kept((*of, language()), draw) if of else draw()
            if sources:
                state = st.plotly_chart(
                    figure, config=figures.CONFIG, key=key, alt=alt, on_select="rerun", selection_mode="points"
                )
                said = source_line(figure, chosen_points(state))
            else:
                st.plotly_chart(figure, config=figures.CONFIG, key=key, alt=alt)
    if sources:
        st.html(said or source_hint())
    if tabled:
        return
    with st.expander(title or t("charts.numbers"), key=f"{key}_numbers", on_change="rerun") as unfolded:
        if unfolded.open and numbers:
            numbers()
        elif unfolded.open:
            made = figures.numbers(draw(), alt)
            with st.container(height=SCROLLED if len(made.rows) > MANY else "content"):
                show(made)


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _kept(of: tuple[Hashable, ...], _draw: Callable[[], go.Figure]) -> go.Figure:
    return _draw()


def versions(cards: Mapping[str, ModelCard]) -> tuple[str, ...]:
    """Return what tells the models of `cards` apart from others of the same names, for a figure made of their cards."""
    return tuple(card.sha256 for card in cards.values())


def reliability_chart(
    measured: Calibration, model: str, *, colour: str, key: str, width: int | Literal["stretch"] = "stretch"
) -> None:
    """Draw the reliability diagram of the network that visitors know as `model`."""
    alt = t("charts.calibration.alt", model=model)
    interactive_chart(
        lambda: reliability(measured, colour),
        key=key,
        alt=alt,
        width=width,
        numbers=lambda: show(reliability_table(measured, alt)),
    )


class _Points(msgspec.Struct):
    points: list[object]


class _Point(msgspec.Struct):
    curve_number: payload.Index
    point_index: payload.Index


def chosen_points(state: object) -> list[object]:
    """Return the marks that a browser says were clicked, as they came."""
    chosen = payload.parse(state, payload.Selected[_Points])
    return chosen.selection.points if chosen else []


def source_line(figure: go.Figure, chosen: Sequence[object]) -> str:
    """Return a line of HTML: what the chosen mark is, with a link to its source, or that one can be chosen."""
    for point in filter(None, (payload.parse(one, _Point) for one in chosen)):
        try:
            said, link = figure.data[point.curve_number].customdata[point.point_index]
        except (IndexError, KeyError, TypeError, ValueError):
            continue  # the figure has changed since, or a curve was clicked
        if not isinstance(said, str):
            continue  # the interval of a curve
        source = (
            f' <a href="{html.escape(link)}" target="_blank" rel="noopener">{html.escape(t("charts.source"))} ↗</a>'
        )
        return f'<p class="gb-source" role="status">{html.escape(said)}{source if link else ""}</p>'
    return source_hint()


def source_hint() -> str:
    """Return a line of HTML: that a mark can be chosen."""
    return f'<p class="gb-source gb-hint" role="status">{html.escape(t("charts.hint"))}</p>'
