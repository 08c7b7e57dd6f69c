"""Search for texts that activate the same hidden units as a span of the visitor's text, as in LSTMVis.

Strobelt et al., https://arxiv.org/abs/1606.07461
"""

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
from glassbox.text.tokens import LIMIT
from glassbox.ui.base import formats
from glassbox.ui.base.choice import choice
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import model_colour
from glassbox.ui.base.quoting import quoted
from glassbox.ui.base.results import Results, kept
from glassbox.ui.base.state import Entry, Kind, bound, declare
from glassbox.ui.components.passage import passages
from glassbox.ui.frame import heavy_jobs
from glassbox.ui.pages.text import own_texts, state, view
from glassbox.zoo.text_models import TextCard

THRESHOLDS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
SHOWN = 10
MIN_UNITS = 8
"""Active units that the first threshold leaves, if any threshold does."""
MAX_NAMED_UNITS = 24
"""Units listed by number; more would be a wall of numbers."""
SOURCES = ("ours", "own")
_SOURCE = declare("text_source", Kind.CONTROL, "")
_THRESHOLD: Entry[float | None] = declare("text_threshold", Kind.CONTROL, None)
_SPAN = declare("text_stretch", Kind.TEXTS, ("", 0, 0))
"""A text, and the first and last token of the span in it whose pattern is searched for."""
_CORPUS: Entry[Results] = declare("text_corpus", Kind.RESULTS, {})


@st.fragment
def similar_section(reader: TextReader, readings: Mapping[str, TextReading]) -> None:
    """Let the visitor mark a span of the text, and list the texts in which the same units are active."""
    if not readings:
        st.info(t("text.nothing"))
        return
    st.markdown(t("text.similar.lead"))
    name, card, reading = view.choose_network(reader, readings)
    first, last = _choose_span(card, reading)
    left, right = st.columns(2, gap="large", vertical_alignment="bottom")
    with left:
        threshold = _choose_threshold(reading, first, last)
    with right:
        source = choice(_SOURCE, t("text.similar.source"), SOURCES, words=lambda name: t(f"text.similar.{name}"))
    texts, labels = _texts(card, source)
    if not texts:
        return
    pattern = active_pattern(reading.states, first=first, last=last, threshold=threshold)
    units = int(np.count_nonzero(pattern))
    if not units:
        st.info(t("text.similar.none", threshold=f"{threshold:g}"))
        return
    try:
        searched = corpus.of(source == "ours")(name, card.sha256, _digest(texts), reader, texts)
    except ValueError:
        st.error(t("text.similar.unread"), icon=":material/error:")
        return
    matches = searched.nearest(pattern, length=last - first + 1, threshold=threshold, count=SHOWN)
    found = t(
        "text.similar.said",
        units=units,
        stretch=quoted(reading.text[reading.tokens[first].start : reading.tokens[last].end], LIMIT),
        threshold=f"{threshold:g}",
        count=len(searched.texts),
    )
    if labels:
        found += label_counts(card.task, [labels[searched.rows[match.index]] for match in matches])
    st.markdown(found)
    st.caption(t("text.similar.units", units=active_units(pattern)))
    if searched.left_out:
        st.caption(t("text.similar.left_out", count=len(searched.left_out)))
    st.html(matches_html(matches, searched, labels, model_colour(name)))


def matches_html(matches: Sequence[Match], searched: Corpus, labels: Sequence[str], colour: str) -> str:
    """Return a list in HTML: the texts with the matching span marked in `colour`, the best first.

    `labels`: those of all texts searched, or none; then a text is named by its row in the file.
    """
    lines = []
    for match in matches:
        text, tokens = full_width(searched.texts[match.index]), searched.tokens[match.index]
        start, end = tokens[match.first].start, tokens[match.last].end
        parts = [html.escape(part) for part in (text[:start], text[start:end], text[end:])]
        row = searched.rows[match.index]
        label = labels[row] if labels else t("text.similar.row", row=row + 2)  # as a spreadsheet counts, heading first
        lines.append(
            f"<li><p>{parts[0]}<mark>{parts[1]}</mark>{parts[2]}</p>"
            f"<span>{html.escape(label)}</span>"
            f'<b style="--share:{match.share:.3f}"><i></i>{formats.percent(match.share)}</b></li>'
        )
    return f'<ol class="gb-alike" style="--colour:{colour}">{"".join(lines)}</ol>'


def label_counts(task: str, labels: Sequence[str]) -> str:
    """Return a sentence: the label that all texts found have, or how many have which of `labels`."""
    counts = Counter(labels).most_common()
    if len(counts) == 1:
        return t(f"text.similar.all_{task}", count=len(labels), label=labels[0])
    listed = t("frame.agreement.comma").join(f"{label} {times}" for label, times in counts)
    return t("text.similar.among", counts=listed)


def active_units(pattern: NDArray[np.int8]) -> str:
    """Return the active units of a pattern, counted from 1, each with its sign: "+2, −4"."""
    active = np.flatnonzero(pattern)
    named = [f"{'+' if pattern[unit] > 0 else '−'}{unit + 1}" for unit in active[:MAX_NAMED_UNITS]]
    return ", ".join(named) + (" …" if len(active) > MAX_NAMED_UNITS else "")


@kept(_CORPUS, shared=3, own=1, ttl=900)
def corpus(model: str, sha256: str, digest: str, _reader: TextReader, _texts: Sequence[str]) -> Corpus:
    """Return the states of the network `model` in `_texts`, whose SHA-256 is `digest`.

    Few are kept: each can take 51 MB. Raises ValueError if none of the texts can be read.
    """
    with heavy_jobs.turn():
        return neighbours.corpus(_reader, model, _texts)


def _choose_span(card: TextCard, reading: TextReading) -> tuple[int, int]:
    """Let the visitor choose a span; return its first and last token, at first the decisive one."""
    count = len(reading.tokens)
    text, first, last = _SPAN.get()
    if text != reading.text or last >= count:
        first = last = view.decisive_token(reading)
    if count > 1:

        def slid(ends: tuple[int, int]) -> None:
            _SPAN.set((reading.text, ends[0] - 1, ends[1] - 1))

        slider = bound("text_stretch_slider", (first + 1, last + 1), slid)
        st.slider(t(f"text.similar.stretch_{card.unit}"), min_value=1, max_value=count, **slider)
    shades = np.zeros(count)
    shades[first : last + 1] = 1
    shown = replace(view.passage(card, reading), shades=shades, signed=False, shares=None, marks={}, foot="")

    def clicked(_: str, token: int) -> None:
        _SPAN.set((reading.text, token, token))

    passages([shown], hint=t("text.similar.hint"), key="text_alike_passage", on_picked=clicked)
    return first, last


def _choose_threshold(reading: TextReading, first: int, last: int) -> float:
    """Let the visitor choose from which absolute state on a unit is active; return it, at first the largest that leaves
    MIN_UNITS active."""

    def units(threshold: float) -> int:
        return int(np.count_nonzero(active_pattern(reading.states, first=first, last=last, threshold=threshold)))

    if _THRESHOLD.get() not in THRESHOLDS:
        fitting = (threshold for threshold in reversed(THRESHOLDS) if units(threshold) >= MIN_UNITS)
        _THRESHOLD.set(next(fitting, THRESHOLDS[0]))
    chosen: float = st.select_slider(
        t("text.similar.threshold"),
        THRESHOLDS,
        key=_THRESHOLD.key,
        help=t("text.similar.threshold_help"),
        persist_state="session",
    )
    return chosen


def _texts(card: TextCard, source: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the texts to search, and their labels in the visitor's language, where they are known."""
    if source == "ours":
        collected = state.collection(card.task)
        return tuple(text for text, _ in collected), tuple(t(f"text.label.{label}") for _, label in collected)
    table = own_texts.choose_table()
    return (table.texts if table else ()), ()


def _digest(texts: Sequence[str]) -> str:
    return hashlib.sha256("\0".join(texts).encode("utf-8", "surrogatepass")).hexdigest()
