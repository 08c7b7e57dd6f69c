"""Texts that excite the same hidden units as a stretch of the visitor's text, live, as LSTMVis finds them."""

import hashlib
import html
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from glassbox.text import neighbours
from glassbox.text.neighbours import Corpus, Match, active_pattern
from glassbox.text.punctuation import full_width
from glassbox.text.reader import TextReader, TextReading
from glassbox.ui.base import formats
from glassbox.ui.base.choice import choice
from glassbox.ui.base.i18n import t
from glassbox.ui.base.state import Entry, Kind, bound, declare
from glassbox.ui.components.passage import passages
from glassbox.ui.pages.text import own_texts, state, view
from glassbox.zoo.text_models import TextCard

THRESHOLDS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
SHOWN = 10
ENOUGH = 8
"""Units that a pattern should have at least, when the threshold is ours to choose."""
NAMED = 24
"""Units that are named; more would be a wall of numbers."""
SOURCES = ("ours", "own")
_SOURCE = declare("text_source", Kind.CONTROL, "")
_THRESHOLD: Entry[float | None] = declare("text_threshold", Kind.CONTROL, None)
_STRETCH = declare("text_stretch", Kind.TEXTS, ("", 0, 0))
"""A text, and the first and last token of the stretch that is looked for in it."""


@st.fragment
def alike(reader: TextReader, found: Mapping[str, TextReading]) -> None:
    """Mark a stretch of the text, and find the texts in which the same units are on."""
    if not found:
        st.info(t("text.nothing"))
        return
    st.markdown(t("text.similar.lead"))
    name, card, reading = view.network(reader, found)
    first, last = _stretch(card, reading)
    left, right = st.columns(2, gap="large", vertical_alignment="bottom")
    with left:
        threshold = _threshold(reading, first, last)
    with right:
        source = choice(_SOURCE, t("text.similar.source"), SOURCES, lambda one: t(f"text.similar.{one}"))
    texts, about = _texts(card, source)
    if not texts:
        return
    pattern = active_pattern(reading.states, first, last, threshold)
    units = int(np.count_nonzero(pattern))
    if not units:
        st.info(t("text.similar.none", threshold=f"{threshold:g}"))
        return
    try:
        searched = corpus(name, card.sha256, _digest(texts), reader, texts)
    except ValueError:
        st.error(t("text.similar.unread"), icon=":material/error:")
        return
    matches = searched.nearest(pattern, last - first + 1, threshold, SHOWN)
    stretch = reading.text[reading.tokens[first].start : reading.tokens[last].end]
    words = {
        "units": units,
        "stretch": view.literal(stretch),
        "threshold": f"{threshold:g}",
        "count": len(searched.texts),
    }
    st.markdown(t("text.similar.said", **words) + _common(matches, searched, about))
    st.caption(t("text.similar.units", units=units_on(pattern)))
    if searched.left_out:
        st.caption(t("text.similar.left_out", count=len(searched.left_out)))
    st.html(listed(matches, searched, about))


def listed(matches: Sequence[Match], searched: Corpus, about: Sequence[str]) -> str:
    """HTML: the texts with their stretches marked, the best first."""
    lines = []
    for match in matches:
        text, tokens = full_width(searched.texts[match.index]), searched.tokens[match.index]
        start, end = tokens[match.first].start, tokens[match.last].end
        parts = [html.escape(part) for part in (text[:start], text[start:end], text[end:])]
        place = searched.rows[match.index]
        label = about[place] if about else t("text.similar.row", row=place + 2)
        lines.append(
            f"<li><p>{parts[0]}<mark>{parts[1]}</mark>{parts[2]}</p>"
            f"<span>{html.escape(label)}</span>"
            f'<b style="--share:{match.share:.3f}"><i></i>{formats.percent(match.share)}</b></li>'
        )
    return f'<ol class="gb-alike">{"".join(lines)}</ol>'


def units_on(pattern: NDArray[np.int8]) -> str:
    """The units of a pattern, counted from 1, each with the side of zero on which it is on."""
    chosen = np.flatnonzero(pattern)
    named = [f"{'+' if pattern[unit] > 0 else '−'}{unit + 1}" for unit in chosen[:NAMED]]
    return ", ".join(named) + (" …" if len(chosen) > NAMED else "")


@st.cache_resource(max_entries=3, ttl=900, show_spinner=False)
def corpus(model: str, sha256: str, digest: str, _reader: TextReader, _texts: Sequence[str]) -> Corpus:
    """The states of the network `model` in `_texts`, of which `digest` is the SHA-256; three at most are kept, as one
    can take up to 51 MB. Raises ValueError if none of the texts can be read.
    """
    return neighbours.corpus(_reader, model, _texts)


def _stretch(card: TextCard, reading: TextReading) -> tuple[int, int]:
    """The stretch that is looked for: what was clicked or slid to, else what brought the verdict."""
    last = len(reading.tokens) - 1
    kept, first, end = _STRETCH.get()
    if kept != reading.text or end > last:
        first = end = view.turning(reading)
    if last:

        def slid(ends: tuple[int, int]) -> None:
            _STRETCH.set((reading.text, ends[0] - 1, ends[1] - 1))

        slider = bound("text_stretch_slider", (first + 1, end + 1), slid)
        st.slider(t(f"text.similar.stretch_{card.unit}"), 1, last + 1, **slider)
    shades = np.zeros(len(reading.tokens))
    shades[first : end + 1] = 1
    shown = replace(view.passage(card, reading), shades=shades, signed=False, shares=None, marks={}, foot="")

    def clicked(_: str, token: int) -> None:
        _STRETCH.set((reading.text, token, token))

    passages([shown], hint=t("text.similar.hint"), key="text_alike_passage", on_picked=clicked)
    return first, end


def _threshold(reading: TextReading, first: int, last: int) -> float:
    """From where on a unit counts as on; at first as high as leaves enough of them."""
    units = {one: int(np.count_nonzero(active_pattern(reading.states, first, last, one))) for one in THRESHOLDS}
    fitting = next((one for one in reversed(THRESHOLDS) if units[one] >= ENOUGH), THRESHOLDS[0])
    if _THRESHOLD.get() not in THRESHOLDS:
        _THRESHOLD.set(fitting)
    chosen: float = st.select_slider(
        t("text.similar.threshold"),
        THRESHOLDS,
        key=_THRESHOLD.key,
        help=t("text.similar.threshold_help"),
        persist_state="session",
    )
    return chosen


def _texts(card: TextCard, source: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The texts to search, and what each is about, where that is known."""
    if source == "ours":
        collected = state.collection(card.task)
        return tuple(text for text, _ in collected), tuple(t(f"text.label.{about}") for _, about in collected)
    table = own_texts.bring()
    return (table.texts if table else ()), ()


def _common(matches: Sequence[Match], searched: Corpus, about: Sequence[str]) -> str:
    """What most of the texts found are about."""
    if not about:
        return ""
    label, times = Counter(about[searched.rows[match.index]] for match in matches).most_common(1)[0]
    return t("text.similar.common", times=times, count=len(matches), label=label)


def _digest(texts: Sequence[str]) -> str:
    return hashlib.sha256("\0".join(texts).encode("utf-8", "surrogatepass")).hexdigest()
