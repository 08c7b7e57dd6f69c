"""Another word in a text, and what that changes: both readings side by side."""

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from glassbox.text.reader import TextReader, TextReading
from glassbox.text.tokens import TextError
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import t
from glassbox.ui.base.state import Kind, declare
from glassbox.ui.charts.tables import table
from glassbox.ui.components.passage import passages
from glassbox.ui.frame import texts
from glassbox.ui.pages.text import state, view

_AT = declare("text_swap", Kind.TEXTS, ("", 0))
"""A text and the token in it that is replaced."""
_BOX = declare("text_swap_{text}_{token}", Kind.TEXTS, "")
_LONGEST = 40


@st.fragment
def swap(reader: TextReader, found: Mapping[str, TextReading]) -> None:
    """Choose a token, write something else in its place, and compare."""
    if not found:
        st.info(t("text.nothing"))
        return
    name = next(one for one in reader.zoo.family(state.FAMILY[state.task()]) if one in found)
    card, before = reader.zoo.cards[name], found[name]
    st.markdown(t(f"text.swap_lead_{card.unit}", model=card.cell.upper()))
    at = chosen(before)
    token = before.tokens[at]
    written = st.text_input(
        t("text.swap_box", token=view.literal(view.visible(token))),
        key=_BOX.at(text=before.text[:100], token=at).key,
        max_chars=_LONGEST,
        placeholder=t("text.swap_placeholder"),
        width=360,
    )
    # Nothing written yet: without that token.
    changed = before.text[: token.start] + (written or "") + before.text[token.end :]
    try:
        after = state.reading(reader, changed, list(found)) if changed.strip() else {}
    except TextError as error:
        st.error(texts.sentence(error), icon=":material/error:")
        after = {}
    shown = [replace(view.passage(card, before, t("text.swap_before")), name="before")]
    if after:
        title = t("text.swap_after" if written else "text.swap_without")
        shown.append(replace(view.passage(card, after[name], title), name="after"))

    def picked(which: str, token: int) -> None:
        if which == "before":
            _AT.set((before.text, token))

    framed = {"before": [at]}
    if after:
        end = token.start + len(written or "")
        framed["after"] = [i for i, one in enumerate(after[name].tokens) if token.start <= one.start < end]
    passages(shown, hint=t("text.swap_hint"), key="text_swap_passages", picked=framed, on_picked=picked)
    if after:
        rows = [compared(reader, one, found[one], after[one]) for one in found]
        heads = [t("text.network"), t("text.swap_before"), t("text.swap_after"), t("text.swap_change")]
        table(t("text.swap_table"), heads, rows, words=(0, 1, 2), show_caption=False)


def chosen(reading: TextReading) -> int:
    """The token that is replaced: the one clicked, else the one that brought the verdict."""
    kept, at = _AT.get()
    if kept == reading.text and at < len(reading.tokens):
        return int(at)
    return view.turning(reading)


def compared(reader: TextReader, name: str, before: TextReading, after: TextReading) -> tuple[str, ...]:
    """A network's verdict on both, and the change in the share of the first verdict, in points."""
    label = int(before.probabilities.argmax())
    points = 100 * float(after.probabilities[label] - before.probabilities[label])
    moved = "0.0" if abs(points) < 0.05 else f"{points:+.1f}".replace("-", "−")
    change = t("text.points", points=moved, label=t(f"text.label.{before.label}"))
    cells = [f"{t(f'text.label.{one.label}')} · {formats.percent(one.confidence)}" for one in (before, after)]
    return reader.zoo.cards[name].cell.upper(), *cells, change
