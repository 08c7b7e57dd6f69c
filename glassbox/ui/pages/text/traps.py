"""Texts that the networks tend to misread: one to choose, what each network says of it, and why it is hard."""

import html
import tomllib
from collections.abc import Mapping
from typing import Literal

import msgspec
import streamlit as st

from glassbox.paths import CONTENT
from glassbox.text.reader import TextReader, TextReading
from glassbox.text.tokens import TextError
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import sentences, t
from glassbox.ui.base.state import Kind, bound, declare
from glassbox.ui.pages.text import state

_CHOSEN = declare("text_trap", Kind.TEXTS, None)


Why = Literal["negation", "understatement", "double", "irony", "emoji", "title", "two", "indirect"]


class Trap(msgspec.Struct, frozen=True):
    """A text that is hard to read. `kind`: why; `label`: what a person reads; `token`: what its meaning hangs on."""

    kind: Why
    text: str
    label: str
    token: str


@st.cache_data(max_entries=1, show_spinner=False)
def traps() -> dict[str, tuple[Trap, ...]]:
    """Return the traps of each task."""
    given = tomllib.loads((CONTENT / "text_examples" / "traps.toml").read_text(encoding="utf-8"))
    return msgspec.convert(given, dict[str, tuple[Trap, ...]])


def choose_trap() -> None:
    """Let the visitor choose one of the task's traps, which is then put into the box."""
    task = state.task()
    by_text = {one.text: one for one in traps().get(task, ())}
    chosen = state.text() if state.text() in by_text else None

    def take(text: str | None) -> None:
        if text is not None:
            state.choose_text(task, text)

    st.pills(
        t("text.trap.choose"),
        list(by_text),
        format_func=lambda text: t(f"text.trap.{by_text[text].kind}"),
        **bound(_CHOSEN.key, chosen, take=take, options=[*by_text, None]),
    )


def explain_trap(reader: TextReader, readings: Mapping[str, TextReading]) -> None:
    """Say what a person reads in the trap that is in the box, which networks read something else, and why; nothing
    where there is no trap in it."""
    trap = next((one for one in traps().get(state.task(), ()) if one.text == state.text()), None)
    if trap is None:
        return
    fooled = {name: reading for name, reading in readings.items() if reading.label != trap.label}
    others = {name: reading for name, reading in readings.items() if name not in fooled}
    said = sentences(
        t("text.trap.person", label=t(f"text.label.{trap.label}")),
        t("text.trap.wrong", said=_listed(reader, fooled)) if fooled else "",
        t("text.trap.right", said=_listed(reader, others)) if others else "",
    )
    lines = [said, t(f"text.trap.{trap.kind}_why"), _without(reader, readings, trap)]
    st.html(f'<div class="gb-notice">{"".join(f"<p>{html.escape(line)}</p>" for line in lines if line)}</div>')


def _listed(reader: TextReader, readings: Mapping[str, TextReading]) -> str:
    """Return what each network says, in a row."""
    return t("text.trap.comma").join(
        t(
            "text.trap.says",
            model=reader.zoo.cards[name].cell.upper(),
            label=t(f"text.label.{reading.label}"),
            share=formats.percent(reading.confidence),
        )
        for name, reading in readings.items()
    )


def _without(reader: TextReader, readings: Mapping[str, TextReading], trap: Trap) -> str:
    """Return a sentence: what the best network says where the trap's token is left out, or that it does not know it."""
    name = next(name for name in reader.zoo.family(state.FAMILY[state.task()]) if name in readings)
    card, before = reader.zoo.cards[name], readings[name]
    words = {"token": trap.token, "model": card.cell.upper()}
    left = " ".join(trap.text.replace(trap.token, "", 1).split())
    try:
        after = state.read_text(reader, left, [name])[name]
    except TextError:
        return ""
    label = int(before.probabilities.argmax())
    shares = {
        "before": formats.percent(float(before.probabilities[label])),
        "after": formats.percent(float(after.probabilities[label])),
    }
    return t("text.trap.without", label=t(f"text.label.{before.label}"), **words, **shares)
