"""What a visitor's session holds: each entry is declared once, with its kind; nothing else touches st.session_state.

    RATE = declare("bill_rate", Kind.CONTROL, 0.03, parameter="rate")
    CELL: Entry[Place | None] = declare("cnn_cell_{network}_{layer}", Kind.CONTROL, None)

    RATE.set(0.1)
    place = CELL.at(network="cnn", layer="conv").get()

A widget needs no declaration: its value is what a control is set to. One that holds what the visitor wrote, drew or
uploaded is declared, so that the page on privacy can name it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from typing import Any, Generic, TypedDict, TypeVar

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

Value = TypeVar("Value")


class Kind(StrEnum):
    """What an entry holds, as the page on privacy lists it."""

    DIGIT = "digit"
    """The visitor's digit, also as the text of a link."""
    STROKES = "strokes"
    """What is drawn on the canvas."""
    FILES = "files"
    """Pictures uploaded or photographed, and what the networks read in them."""
    TEXTS = "texts"
    """What the visitor wrote or brought as a table, and what was made of it."""
    NETWORKS = "networks"
    """Networks trained by the visitor, with their data and results."""
    RESULTS = "results"
    """What the pages computed from the visitor's digit, texts and tables: see glassbox/ui/base/results.py."""
    CONTROL = "choices"
    """What the controls of the pages are set to."""
    INTERNAL = "internal"
    """What the pages need to go on from one run to the next."""
    UNDECLARED = "undeclared"


@dataclass(frozen=True)
class Entry(Generic[Value]):
    """An entry of the session, or of several that differ in the {parts} of their key.

    `default`: its value until it is set; `parameter`: its name in the page's link; `stays`: the visitor's button on the
    page on privacy does not erase it.
    """

    key: str
    kind: Kind
    default: Value
    parameter: str | None = None
    stays: bool = False

    def at(self, **parts: object) -> Entry[Value]:
        """Return the entry with `parts` in its key and parameter."""
        return replace(
            self,
            key=self.key.format(**parts),
            parameter=self.parameter and self.parameter.format(**parts),
        )

    def get(self) -> Value:
        """Return the stored value, else the default."""
        value: Value = st.session_state.get(self.key, self.default)
        return value

    def set(self, value: Value) -> None:
        """Store `value`."""
        st.session_state[self.key] = value

    def clear(self) -> None:
        """Drop the stored value: the default holds again."""
        st.session_state.pop(self.key, None)

    def settle(self) -> None:
        """Store the default if there is no value yet, for a widget with this key to show."""
        st.session_state.setdefault(self.key, self.default)

    @property
    def is_set(self) -> bool:
        """Return whether a value is stored."""
        return self.key in st.session_state

    @property
    def widget(self) -> str:
        """Return the key of the widget that shows the entry, where Streamlit would forget the value with the widget."""
        return f"{self.key}{_WIDGET}"


_WIDGET = "_widget"
_DECLARED: dict[str, Entry[Any]] = {}


def declare(key: str, kind: Kind, default: Value, *, parameter: str | None = None, stays: bool = False) -> Entry[Value]:
    """Declare an entry. Raises ValueError if it is declared already as something else."""
    entry = Entry(key, kind, default, parameter, stays)
    if (known := _DECLARED.setdefault(key, entry)).kind != kind:
        raise ValueError(f"{key} is {known.kind} already")
    return entry


def declared(key: str) -> Entry[Any] | None:
    """Return the declaration that `key` falls under."""
    key = key.removesuffix(_WIDGET)
    return _DECLARED.get(key) or next((entry for name, entry in _DECLARED.items() if _fits(key, name)), None)


def kind(key: str) -> Kind:
    """Return what is declared of `key`; of a widget that is not, Kind.CONTROL."""
    if entry := declared(key):
        return entry.kind
    context = get_script_run_ctx()
    # Streamlit has no public way to tell widgets; tests/ui/base/test_state.py says when this one changes.
    widgets = context.session_state._state._key_id_mapper if context else ()
    return Kind.CONTROL if key in widgets else Kind.UNDECLARED


def entries() -> dict[str, Any]:
    """Return all that the session holds, by key."""
    return dict(st.session_state.to_dict().items())  # not one by one: each would be looked up a second time


def erase() -> None:
    """Drop all entries but those that stay, and what Streamlit keeps of every widget that was on any page of the visit:
    its callback, with all that this refers to."""
    for key in entries():
        if not stays(key):
            del st.session_state[key]
    if context := get_script_run_ctx():
        session = context.session_state._state
        kept = {session._key_id_mapper.get_id_from_key(key) for key in entries()}
        widgets = session._new_widget_state.widget_metadata
        for widget in widgets.keys() - kept:
            del widgets[widget]


def stays(key: str) -> bool:
    """Return whether the entry `key` outlives `erase`."""
    entry = declared(key)
    return entry is not None and entry.stays


_CHOICE: Entry[str | None] = declare("choice_in_run", Kind.INTERNAL, None)
"""The link that the browser sent with the choice that started the run; None where something else did."""


def note_choice() -> None:
    """Note that a choice of the visitor's, in a widget or a component, started this run. For their callbacks."""
    if (context := get_script_run_ctx()) and not context.fragment_ids_this_run:
        _CHOICE.set(context.query_string)


def forget_choice() -> None:
    """Forget what `note_choice` noted, at the end of the run."""
    _CHOICE.clear()


def by_choice() -> bool:
    """Return whether a choice started this run, and so neither a link nor the browser's Back. A fragment by itself runs
    for no other reason, save where it comes into view."""
    context = get_script_run_ctx()
    return context is not None and (bool(context.fragment_ids_this_run) or _CHOICE.get() == context.query_string)


def held(widget: str) -> Any:
    """Return what the widget with the key `widget` holds, None if it holds nothing. For its callbacks."""
    return st.session_state.get(widget)


class Bound(TypedDict):
    """The arguments that bind a widget to a value kept elsewhere."""

    key: str
    on_change: Callable[[], None]


def bound(key: str, value: Value, take: Callable[[Value], None], options: Container[Value] | None = None) -> Bound:
    """Return the key and callback of a widget that shows `value` and hands what the visitor chooses to `take`.

    The widget shows `value` whatever it held before, so that the value outlives the page and a change of language. What
    is not among `options` (the browser's messages can be forged) is passed over.
    """
    st.session_state[key] = value

    def changed() -> None:
        note_choice()
        chosen = st.session_state[key]
        if options is None or chosen in options:
            take(chosen)

    return {"key": key, "on_change": changed}


def _fits(key: str, template: str) -> bool:
    """Return whether `key` is `template` with something in the place of each {part}."""
    pattern = _pattern(template)
    return pattern is not None and pattern.fullmatch(key) is not None


@cache  # of what is declared
def _pattern(template: str) -> re.Pattern[str] | None:
    parts = re.split(r"\{\w+\}", template)
    return re.compile(".*".join(map(re.escape, parts)), re.DOTALL) if len(parts) > 1 else None
