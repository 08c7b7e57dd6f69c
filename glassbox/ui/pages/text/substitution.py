"""Replace a token of the text and compare the readings before and after."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace

import streamlit as st

from glassbox.text.reader import TextReader, TextReading
from glassbox.text.tokens import TextError
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import t
from glassbox.ui.base.quoting import quoted
from glassbox.ui.base.state import Kind, declare
from glassbox.ui.charts.tables import table
from glassbox.ui.components.passage import passages
from glassbox.ui.frame.texts import error_message
from glassbox.ui.pages.text import state, view
from glassbox.ui.pages.text.familiarity import familiarity_notice
from glassbox.zoo.text_models import TextCard

_REPLACED = declare("text_swap", Kind.TEXTS, ("", 0))
"""A text and the index of the token in it that is replaced."""
_BOX = declare("text_swap_{text}_{token}", Kind.TEXTS, "")
_MAX_CHARACTERS = 40


@st.fragment
def substitution_section(reader: TextReader, readings: Mapping[str, TextReading]) -> None:
    """Let the visitor choose a token and write something else in its place; draw both readings of the best network and
    a table of all networks' verdicts."""
    if not readings:
        st.info(t("text.nothing"))
        return
    name = next(name for name in reader.zoo.family(state.FAMILY[state.task()]) if name in readings)
    card, before = reader.zoo.cards[name], readings[name]
    st.markdown(t(f"text.swap_lead_{card.unit}", model=card.cell.upper()))
    index = replaced_token(before)
    token = before.tokens[index]
    st.markdown(t("text.swap_box", token=quoted(view.visible(token))))
    written = st.text_input(
        t("text.swap_label"),  # read out as it is written, its backticks too
        label_visibility="collapsed",
        key=_BOX.at(
            text=hashlib.sha256(before.text.encode("utf-8", "surrogatepass")).hexdigest()[:16], token=index
        ).key,
        max_chars=_MAX_CHARACTERS,
        placeholder=t("text.swap_placeholder"),
        width=360,
    )
    replacement = written or ""  # at first nothing: the text without the token
    after = _read_changed(reader, before.text[: token.start] + replacement + before.text[token.end :], list(readings))
    shown = [replace(view.passage(card, before, t("text.swap_before")), name="before")]
    framed = {"before": [index]}
    if after:
        title = t("text.swap_after" if replacement else "text.swap_without")
        shown.append(replace(view.passage(card, after[name], title), name="after"))
        new = range(token.start, token.start + len(replacement))
        framed["after"] = [i for i, other in enumerate(after[name].tokens) if other.start in new]

    def picked(passage: str, token: int) -> None:
        if passage == "before":
            _REPLACED.set((before.text, token))

    passages(shown, hint=t("text.swap_hint"), key="text_swap_passages", picked=framed, on_picked=picked)
    if after:
        familiarity_notice(reader, card.task, after[name].text, only_unlike=True)
        rows = [
            comparison_row(reader.zoo.cards[name], before=reading, after=after[name])
            for name, reading in readings.items()
        ]
        heads = [t("text.network"), t("text.swap_before"), t("text.swap_after"), t("text.swap_change")]
        table(t("text.swap_table"), heads, rows, words=(0, 1, 2), show_caption=False)


def replaced_token(reading: TextReading) -> int:
    """Return the index of the token to replace: the one clicked, at first the decisive one."""
    text, index = _REPLACED.get()
    if text == reading.text and index < len(reading.tokens):
        return int(index)
    return view.decisive_token(reading)


def _read_changed(reader: TextReader, text: str, names: Sequence[str]) -> dict[str, TextReading]:
    """Return the readings of the changed text; none if it is blank, or if it can't be read, which is shown."""
    try:
        return state.read_text(reader, text, names) if text.strip() else {}
    except TextError as error:
        st.error(error_message(error.reason), icon=":material/error:")
        return {}


def comparison_row(card: TextCard, *, before: TextReading, after: TextReading) -> tuple[str, ...]:
    """Return a network's row of the table: its name, both verdicts, and by how many percentage points the probability
    of the first verdict's label changed."""
    label = int(before.probabilities.argmax())
    points = formats.points(float(after.probabilities[label] - before.probabilities[label]))
    change = t("text.points", points=points, label=t(f"text.label.{before.label}"))
    verdicts = [
        f"{t(f'text.label.{reading.label}')} · {formats.percent(reading.confidence)}" for reading in (before, after)
    ]
    return card.cell.upper(), *verdicts, change
