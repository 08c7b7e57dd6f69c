"""What a page's link carries beside digit and language: ?PARAMETER=TEXT and an entry of the session, kept alike."""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar

import streamlit as st

from glassbox.ui.base.state import Entry, Kind, by_choice, declare, forget_choice

Value = TypeVar("Value")
_SEEN: Entry[Mapping[str, str | None]] = declare("link_written", Kind.INTERNAL, {})
"""What the link of the page in front was last seen to carry, by parameter; a handful a page."""

_WAITING: Entry[dict[str, str] | None] = declare("link_waiting", Kind.INTERNAL, None)
"""What is to be written into the link at the end of the run, by parameter."""


@contextmanager
def at_once() -> Iterator[None]:
    """Write all that is linked meanwhile into the page's link at the end.

    Each writing is a step for the browser's Back.
    """
    _WAITING.set({})
    try:
        yield
    finally:
        forget_choice()
        waiting = _WAITING.get()
        _WAITING.clear()
        if waiting:
            st.query_params.update(waiting)


def linked(
    entry: Entry[Value] | Entry[Value | None], read: Callable[[str], Value | None], write: Callable[[Value], str] = str
) -> None:
    """Take the entry from the link where that has changed, else write it there. Call it on every run.

    `read` gives None for a text that means nothing here (links can be forged). A link without the parameter changes
    nothing when the visitor comes from another page; who goes back to it in the browser gets the page's own beginning.
    The link that comes with a choice may be older than the choice before it.
    """
    parameter = entry.parameter or entry.key
    seen, asked = _SEEN.get(), st.query_params.get(parameter)
    if asked != seen.get(parameter) and not (parameter in seen and by_choice()):
        value = read(asked) if asked is not None else None
        if value is not None:
            entry.set(value)
        elif asked is None:
            entry.clear()
    held = entry.get() if entry.is_set else None
    text = None if held is None else write(held)
    if text is not None and text != asked:
        waiting = _WAITING.get()
        if waiting is None:  # a fragment by itself writes by itself
            st.query_params[parameter] = text
        else:
            waiting[parameter] = text
    _SEEN.set({**seen, parameter: text if text is not None else asked})


def followed(names: Collection[str]) -> dict[str, str] | None:
    """Return what the link says of `names`, None if `carry` wrote it, be it before the visitor's last choice.

    Else someone came with it or went back to it.
    """
    seen = _SEEN.get()
    if by_choice() and seen.keys() >= set(names):
        return None
    asked = {name: st.query_params[name] for name in names if name in st.query_params}
    return asked if asked != {name: seen[name] for name in names if seen.get(name) is not None} else None


def carry(names: Collection[str], values: Mapping[str, str]) -> None:
    """Make the link say `values` and no others of `names`. In one step, for each is one in the browser's history."""
    _SEEN.set({**_SEEN.get(), **{name: values.get(name) for name in names}})
    kept = {name: value for name, value in st.query_params.items() if name not in names}
    if {**kept, **values} != st.query_params.to_dict():
        st.query_params.from_dict({**kept, **values})


def forget() -> None:
    """Forget what the link was last seen to carry: another page is in front."""
    _SEEN.set({})
