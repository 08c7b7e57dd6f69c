"""One of several: a control whose choice outlives the page, a change of language and forged values."""

from collections.abc import Callable, Sequence
from typing import Literal

import streamlit as st

from glassbox.ui.base.link import linked
from glassbox.ui.base.state import Entry, bound


def choice(
    entry: Entry[str],
    label: str,
    options: Sequence[str],
    words: Callable[[str], str],
    *,
    help: str | None = None,
    show_label: bool = True,
    width: Literal["content", "stretch"] = "content",
    on_chosen: Callable[[], None] = lambda: None,
) -> str:
    """Show a few `options` side by side by their `words`, and return the one chosen: `entry`'s value, else the first.

    Streamlit itself keeps the chosen option's words, and forgets them with the page or when they are translated.
    """

    def take(chosen: str) -> None:
        entry.set(chosen)
        on_chosen()

    st.segmented_control(
        label,
        options,
        format_func=words,
        required=True,
        help=help,
        label_visibility="visible" if show_label else "collapsed",
        width=width,
        **bound(entry.widget, _settled(entry, options), take, options),
    )
    return entry.get()


def linked_choice(entry: Entry[str], label: str, options: Sequence[str], words: Callable[[str], str]) -> str:
    """Show a choice without its label, kept in the page's link."""
    linked(entry, lambda asked: asked if asked in options else None)
    return choice(entry, label, options, words, show_label=False)


def selection(
    entry: Entry[str],
    label: str,
    options: Sequence[str],
    words: Callable[[str], str],
    *,
    first: str,
    width: int | Literal["stretch"] = "stretch",
) -> str:
    """Show many `options` in a list, and return the one chosen; at first `first`, if it is offered."""
    value = _settled(entry, options, first)
    st.selectbox(label, options, format_func=words, width=width, **bound(entry.widget, value, entry.set, options))
    return entry.get()


def _settled(entry: Entry[str], options: Sequence[str], first: str | None = None) -> str:
    """Return the entry's value, set to `first` or the first of `options` if it is none of them."""
    if entry.get() not in options:
        entry.set(first if first is not None and first in options else options[0])
    return entry.get()
