"""Closer looks at a text, one at a time: inside the networks, what decided, another word, like texts, a table."""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st
from numpy.typing import NDArray

from glassbox.explain.row_reader import STATE
from glassbox.text.reader import TextReader, TextReading
from glassbox.ui.base.i18n import t
from glassbox.ui.base.state import Kind, declare
from glassbox.ui.components import time_film
from glassbox.ui.frame.downloads import downloads
from glassbox.ui.pages.text import view
from glassbox.ui.pages.text.attribution import decided
from glassbox.ui.pages.text.batch import sheet
from glassbox.ui.pages.text.record import record
from glassbox.ui.pages.text.similar import alike
from glassbox.ui.pages.text.substitution import swap

Readings = Mapping[str, TextReading]
_LABEL_HEIGHT = 20
"""Pixels of a row, whose token has to be legible."""
VIEW = declare("text_view", Kind.CONTROL, "", parameter="view")


@st.fragment
def inside(reader: TextReader, found: Readings) -> None:
    """Hidden state and gates of one network through time."""
    if not found:
        st.info(t("text.nothing"))
        return
    _, card, reading = view.network(reader, found)
    st.markdown(t(f"text.inside_{card.cell}"))
    units = reading.states.shape[1]
    labels = view.labels(card)
    shown = [view.visible(token) for token in reading.tokens]
    verdicts = [(labels[row.argmax()], f"{100 * row.max():.1f}") for row in reading.after]
    network = time_film.film_network(
        card.name,
        title=card.cell.upper(),
        said="",
        verdicts=verdicts,
        panels=time_film.state_panels({STATE: reading.states} | reading.gates, t("text.hover")),
        cell=(8 if units <= 64 or not reading.gates else 5, _LABEL_HEIGHT),
    )
    words = {name: t(f"text.rows_{name}") for name in ("back", "forward", "row", "after", "hint", "explore")}
    with st.container(key="gb_text_rows"):
        time_film.token_film(network, labels=shown, words=words, key="text_rows")
    tensors: dict[str, NDArray[Any]] = {STATE: reading.states, **reading.gates}
    maps = {t(f"components.time_film.part_{part}"): values for part, values in tensors.items()}
    kept = {f"{card.cell}/{part}": values for part, values in (tensors | {"probabilities": reading.after}).items()}
    downloads("text", kept, figures={t("text.view_inside"): lambda: maps})
    if card.bidirectional:
        st.caption(t("text.both_ways", half=units // 2, next=units // 2 + 1, units=units))


VIEWS: dict[str, Callable[[TextReader, Readings], None]] = {
    "inside": inside,
    "decided": decided,
    "swap": swap,
    "alike": alike,
    "table": sheet,
    "record": record,
}
"""The closer looks, by the name that the page's link has."""
