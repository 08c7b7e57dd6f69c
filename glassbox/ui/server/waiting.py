"""Runs that wait for something else than the processor let others run meanwhile.

with waiting.aside():
    answered.wait()
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar

_ASIDE: ContextVar[Callable[[], AbstractContextManager[None]]] = ContextVar("lets others run", default=nullcontext)


def aside() -> AbstractContextManager[None]:
    """Return a block in which this run waits, and gives the place that it runs in to another one."""
    return _ASIDE.get()()


@contextmanager
def by(step_aside: Callable[[], AbstractContextManager[None]]) -> Iterator[None]:
    """Have `aside` do as `step_aside` in the runs of this block."""
    before = _ASIDE.set(step_aside)
    try:
        yield
    finally:
        _ASIDE.reset(before)
