"""What the pages make of large models, kept for all visitors for as long as somebody asks for it.

    @while_used(most=8)
    def reader(name: str, provider: str) -> TransformerReader: ...

Streamlit's caches drop what is too old or too much when they are next asked, so that they hold everything once nobody
is there. What is kept here and was not asked for in IDLE_SECONDS is dropped by the server's janitor; to make it anew
takes some tens of milliseconds.
"""

from collections.abc import Callable, Hashable
from contextlib import suppress
from functools import update_wrapper
from inspect import signature
from threading import RLock
from time import monotonic
from typing import Any, Generic, NamedTuple, ParamSpec, TypeVar
from weakref import WeakValueDictionary

import streamlit as st

IDLE_SECONDS = 30.0
"""With a sweep of the janitor it is less than a minute until nothing is kept for visitors who have left."""

P = ParamSpec("P")
Made = TypeVar("Made")


class _Held(NamedTuple, Generic[Made]):
    """What one function returned, by its arguments: what is `kept`, with the time.monotonic when it was last asked for,
    that last of all; and all that is `alive`, as others refer to it, which is not made twice."""

    kept: dict[Hashable, tuple[Made, float]]
    alive: WeakValueDictionary[Hashable, Made]


class WhileUsed(Generic[P, Made]):
    """A function of hashable arguments with the `most` results of it that were asked for last. Arguments whose names
    begin with _ tell no results apart, as in Streamlit's caches."""

    def __init__(self, make: Callable[P, Made], most: int) -> None:
        self._make, self._most, self._lock, self._form = make, most, RLock(), signature(make)
        update_wrapper(self, make)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Made:
        given = self._form.bind(*args, **kwargs).arguments
        key = tuple(value for name, value in given.items() if not name.startswith("_"))
        with self._lock:
            kept, alive = self._held()
            if key in kept:
                made, _ = kept.pop(key)
            elif (found := alive.get(key)) is not None:
                made = found
            else:
                made = self._make(*args, **kwargs)
                with suppress(TypeError):  # a list or None can't be referred to weakly
                    alive[key] = made
            kept[key] = made, monotonic()
            while len(kept) > self._most:
                del kept[next(iter(kept))]
            return made

    def clear(self) -> None:
        """Forget all results."""
        with self._lock:
            for results in self._held():
                results.clear()

    def drop(self, before: float) -> None:
        """Drop the results that were last asked for `before` a time of time.monotonic."""
        with self._lock:
            kept = self._held().kept
            for key in [key for key, (_, asked) in kept.items() if asked < before]:
                del kept[key]

    def _held(self) -> _Held[Made]:
        held: _Held[Made] = _everything().setdefault(self, _Held({}, WeakValueDictionary()))
        return held


_FUNCTIONS: list[WhileUsed[..., Any]] = []
"""Every function that is decorated."""


def while_used(most: int) -> Callable[[Callable[P, Made]], WhileUsed[P, Made]]:
    """Keep what a function of hashable arguments returns while it is asked for, `most` results of it."""

    def decorate(make: Callable[P, Made]) -> WhileUsed[P, Made]:
        one = WhileUsed(make, most)
        _FUNCTIONS.append(one)
        return one

    return decorate


def drop_idle() -> None:
    """Drop what was not asked for in IDLE_SECONDS."""
    for one in _FUNCTIONS:
        one.drop(monotonic() - IDLE_SECONDS)


@st.cache_resource(max_entries=1, show_spinner=False)
def _everything() -> dict[WhileUsed[..., Any], _Held[Any]]:
    """Return the results of every function: with Streamlit's own caches, so that they are cleared together."""
    return {}
