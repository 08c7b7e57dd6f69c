"""The hidden states and gates of one network, token by token."""

from collections.abc import Mapping
from typing import Any

import streamlit as st
from numpy.typing import NDArray

from glassbox.explain.row_reader import STATE
from glassbox.text.reader import TextReader, TextReading
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import t
from glassbox.ui.components import time_film
from glassbox.ui.frame.downloads import downloads
from glassbox.ui.pages.text import view

_LABEL_HEIGHT = 20
"""Pixels of a row, in which the token has to be legible."""
_CELL_WIDTH = 8
"""Pixels of a unit at most: less where two maps stand side by side."""


@st.fragment
def hidden_states_section(reader: TextReader, readings: Mapping[str, TextReading]) -> None:
    """Draw the hidden state and the gates of one network through time."""
    if not readings:
        st.info(t("text.nothing"))
        return
    _, card, reading = view.choose_network(reader, readings)
    st.markdown(t(f"text.inside_{card.cell}"))
    units = reading.states.shape[1]
    labels = view.labels(card)
    tensors: dict[str, NDArray[Any]] = {STATE: reading.states, **reading.gates}
    network = time_film.film_network(
        card.name,
        title=card.cell.upper(),
        said="",
        verdicts=[(labels[row.argmax()], formats.percent(float(row.max()))) for row in reading.after],
        panels=time_film.state_panels(tensors, t("text.hover")),
        cell=(_CELL_WIDTH, _LABEL_HEIGHT),
    )
    words = {name: t(f"text.rows_{name}") for name in ("back", "forward", "row", "after", "hint", "explore")}
    with st.container(key="gb_text_rows"):
        tokens = [view.visible(token) for token in reading.tokens]
        time_film.token_film(network, labels=tokens, words=words, key="text_rows")
    figure = {t(f"components.time_film.part_{part}"): values for part, values in tensors.items()}
    files = {f"{card.cell}/{part}": values for part, values in (tensors | {"probabilities": reading.after}).items()}
    downloads("text", files, figures={t("text.view_inside"): lambda: figure})
    if card.bidirectional:
        st.caption(t("text.both_ways", half=units // 2, next=units // 2 + 1, units=units))
