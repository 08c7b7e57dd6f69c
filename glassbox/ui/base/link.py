"""What a page's link carries beside digit and language: ?PARAMETER=TEXT and st.session_state[KEY], kept alike."""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar

import streamlit as st

Value = TypeVar("Value")
_WRITTEN = "link_written"
"""What the link of the page in front was last seen to carry, by parameter; a handful a page."""

_WAITING = "link_waiting"
"""What is to be written into the link at the end of the run, by parameter."""


@contextmanager
def at_once() -> Iterator[None]:
    """Write all that is linked meanwhile at the end: each writing is a step for the browser's Back."""
    st.session_state[_WAITING] = {}
    try:
        yield
    finally:
        if waiting := st.session_state.pop(_WAITING, None):
            st.query_params.update(waiting)


def linked(key: str, parameter: str, read: Callable[[str], Value | None], write: Callable[[Value], str]) -> None:
    """Take st.session_state[key] from the link where that has changed, else write it there. Call it on every run.

    `read` gives None for a text that means nothing here (links can be forged). A link without the parameter changes
    nothing when the visitor comes from another page; who goes back to it in the browser gets the page's own beginning.
    """
    seen: dict[str, str | None] = st.session_state.setdefault(_WRITTEN, {})
    asked = st.query_params.get(parameter)
    if asked != seen.get(parameter):
        value = read(asked) if asked is not None else None
        if value is not None:
            st.session_state[key] = value
        elif asked is None:
            st.session_state.pop(key, None)
    text = write(st.session_state[key]) if key in st.session_state else None
    if text is not None and text != asked:
        st.session_state.get(_WAITING, st.query_params)[parameter] = text  # a fragment by itself writes by itself
    seen[parameter] = text if text is not None else asked


def followed(names: Collection[str]) -> dict[str, str] | None:
    """What the link says of `names`, if it is not what `carry` last wrote: someone came with it or went back to it."""
    seen: dict[str, str | None] = st.session_state.setdefault(_WRITTEN, {})
    asked = {name: st.query_params[name] for name in names if name in st.query_params}
    return asked if asked != {name: seen[name] for name in names if seen.get(name) is not None} else None


def carry(names: Collection[str], values: Mapping[str, str]) -> None:
    """Have the link say `values` and no others of `names`. In one step, for each is one in the browser's history."""
    st.session_state.setdefault(_WRITTEN, {}).update({name: values.get(name) for name in names})
    kept = {name: value for name, value in st.query_params.items() if name not in names}
    if {**kept, **values} != st.query_params.to_dict():
        st.query_params.from_dict({**kept, **values})


def forget() -> None:
    """Another page is in front, and its link is another one."""
    st.session_state[_WRITTEN] = {}
