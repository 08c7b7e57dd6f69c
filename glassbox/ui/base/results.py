"""What the pages compute, kept so that it is computed once: for all visitors, or in one visitor's session alone.

    _OWN: Entry[Results] = declare("attributions", Kind.RESULTS, {})

    @kept(_OWN, shared=600, own=60)
    def attributed(picture: str, method: str, _network: Network) -> ScoredMap: ...

    scored = attributed.of(is_sample)(link, "saliency", network)

What came of something that a visitor wrote, drew or uploaded is `own`: it lies in the session as one of its entries, so
that the page on privacy counts it, its button erases it, and it is over with the session. What came of the dashboard's
samples and examples is shared. Arguments whose names begin with _ tell no results apart, as in Streamlit's caches.
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import wraps
from inspect import signature
from typing import Any, Generic, ParamSpec, TypeVar

import streamlit as st

from glassbox.ui.base.state import Entry
from glassbox.ui.server.while_used import while_used

Results = Mapping[tuple[Hashable, ...], Any]
"""What one function returned in a session, by its arguments."""
P = ParamSpec("P")
Made = TypeVar("Made")


@dataclass(frozen=True)
class Kept(Generic[P, Made]):
    """A function in two forms that keep what it returns, which must not be changed: for all visitors, or for one."""

    shared: Callable[P, Made]
    own: Callable[P, Made]

    def of(self, everybodys: bool) -> Callable[P, Made]:
        """Return the form for what everybody has, else the form for what is the visitor's own."""
        return self.shared if everybodys else self.own


def kept(
    entry: Entry[Results], *, shared: int, own: int, ttl: float | None = None, large: bool = False
) -> Callable[[Callable[P, Made]], Kept[P, Made]]:
    """Keep what a function returns: the `shared` results used last for all visitors, for `ttl` seconds at most, and the
    `own` used last in the `entry` of each session. Shared ones that are `large`, or refer to what is, are dropped once
    nobody asks for them: see `while_used`."""

    def decorate(make: Callable[P, Made]) -> Kept[P, Made]:
        cached: Callable[[Callable[P, Made]], Callable[P, Made]] = (
            while_used(shared) if large else st.cache_resource(max_entries=shared, ttl=ttl, show_spinner=False)
        )
        return Kept(cached(make), _kept_in_session(make, entry, own))

    return decorate


def _kept_in_session(make: Callable[P, Made], entry: Entry[Results], most: int) -> Callable[P, Made]:
    form = signature(make)

    @wraps(make)
    def look_up(*args: P.args, **kwargs: P.kwargs) -> Made:
        given = form.bind(*args, **kwargs).arguments
        key = tuple(value for name, value in given.items() if not name.startswith("_"))
        results = dict(entry.get())
        made: Made = results.pop(key) if key in results else make(*args, **kwargs)
        results[key] = made  # the one used last stands last
        entry.set(dict(list(results.items())[-most:]))
        return made

    return look_up
