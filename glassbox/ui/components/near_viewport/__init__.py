"""Tells when its place on the page comes near the visitor's window: what is costly to draw there can wait till then."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from glassbox.ui.base import payload
from glassbox.ui.components.register import register

_component = register(__file__)
_ALL: ContextVar[bool] = ContextVar("draw all that waits", default=False)


@contextmanager
def drawing_all() -> Iterator[None]:
    """Have all places count as near meanwhile: what is drawn is not for a window."""
    before = _ALL.set(True)
    try:
        yield
    finally:
        _ALL.reset(before)


def near_viewport(key: str) -> bool:
    """Return whether this place has come near the window since the page was opened; then its fragment runs again.

    True from the start in a browser that cannot tell and when the page is printed.
    """
    near = payload.parse(_component(key=key, data={}, on_near_change=lambda: None, height=1).near, bool) or False
    return near or _ALL.get()
