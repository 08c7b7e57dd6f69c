"""One of a few: a segmented control whose choice outlives the page, a change of language and forged values."""

from collections.abc import Callable, Sequence
from typing import Literal

import streamlit as st

from glassbox.ui.base.link import linked


def choice(
    key: str,
    label: str,
    options: Sequence[str],
    words: Callable[[str], str],
    *,
    help: str | None = None,
    show_label: bool = True,
    width: Literal["content", "stretch"] = "content",
    on_chosen: Callable[[], None] = lambda: None,
) -> str:
    """Show `options` by their `words` and give the one chosen, which st.session_state[key] holds.

    Streamlit itself keeps the chosen option's words, and forgets them with the page or when they are translated.
    """
    widget = f"{key}_widget"
    if st.session_state.get(key) not in options:
        st.session_state[key] = options[0]
    st.session_state[widget] = st.session_state[key]

    def changed() -> None:
        if st.session_state[widget] in options:
            st.session_state[key] = st.session_state[widget]
            on_chosen()

    st.segmented_control(
        label,
        options,
        format_func=words,
        required=True,
        key=widget,
        help=help,
        label_visibility="visible" if show_label else "collapsed",
        width=width,
        on_change=changed,
    )
    chosen: str = st.session_state[key]
    return chosen


def linked_choice(key: str, parameter: str, label: str, options: Sequence[str], words: Callable[[str], str]) -> str:
    """A choice, its label unseen, that the page's link carries as ?`parameter`= and takes from it."""
    linked(key, parameter, lambda asked: asked if asked in options else None, str)
    return choice(key, label, options, words, show_label=False)
