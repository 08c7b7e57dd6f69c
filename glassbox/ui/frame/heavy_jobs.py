"""Jobs of more than a second take turns: two at a time, and who waits sees the place in the queue.

    with heavy_jobs.turn():
        verdicts = [reader.verdict(text) for text in texts]

A small machine has two cores; more jobs at once would make every visitor's page wait, and no job end sooner.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition

import streamlit as st

from glassbox.serving.workers import WORKERS
from glassbox.ui.base.i18n import t
from glassbox.ui.server import waiting

AT_ONCE = max(1, 2 // int(os.environ.get(WORKERS, "1")))
"""Heavy jobs that run at a time: two, or one in each of several processes that serve the address."""
LOOK_SECONDS = 0.5
"""How often a visitor who waits is told the place, and whether he or she still waits."""


class Turns:
    """A queue before `at_once` equal places. First come, first served."""

    def __init__(self, at_once: int) -> None:
        self._free = at_once
        self._waiting: list[object] = []  # at most one for each running script, so one a visitor
        self._changed = Condition()

    @contextmanager
    def turn(self, tell: Callable[[int], None]) -> Iterator[None]:
        """Wait until a place is free, and hold it. `tell` is called with the place in the queue, from 1, at once and
        then every LOOK_SECONDS; what it raises ends the waiting."""
        ticket = object()
        with self._changed:
            self._waiting.append(ticket)
        try:
            self._wait(ticket, tell)
        except BaseException:
            with self._changed:
                self._waiting.remove(ticket)
                self._changed.notify_all()
            raise
        try:
            yield
        finally:
            with self._changed:
                self._free += 1
                self._changed.notify_all()

    def _wait(self, ticket: object, tell: Callable[[int], None]) -> None:
        while True:
            with self._changed:
                place = self._waiting.index(ticket)
                if place < self._free:
                    self._waiting.remove(ticket)
                    self._free -= 1
                    self._changed.notify_all()  # who waits behind has moved up
                    return
                ahead = place - self._free
            tell(ahead + 1)
            with waiting.aside(), self._changed:
                if self._waiting.index(ticket) >= self._free:
                    self._changed.wait(LOOK_SECONDS)


_TURNS, _SHORT_TURNS, _ALONE = Turns(AT_ONCE), Turns(AT_ONCE), Turns(1)


@contextmanager
def turn() -> Iterator[None]:
    """Wait for a turn, saying so on the page, and hold it. Streamlit ends the waiting of a visitor who asks for
    something else or leaves."""
    notice = st.empty()
    with _TURNS.turn(lambda place: _tell(notice, place)):
        notice.empty()
        yield


@contextmanager
def alone() -> Iterator[None]:
    """Do as `turn` does for a load test, which another one would disturb: one at a time for all visitors."""
    notice = st.empty()
    with _ALONE.turn(lambda place: _tell_alone(notice, place)):
        notice.empty()
        yield


@contextmanager
def short_turn() -> Iterator[None]:
    """Wait for a turn for a piece of work of about a tenth of a second, and hold it: AT_ONCE such pieces run at a time,
    beside the heavy jobs. Nobody waits long enough to be told."""
    with _SHORT_TURNS.turn(lambda place: None):
        yield


def _tell(notice: st.delta_generator.DeltaGenerator, place: int) -> None:
    notice.info(t("frame.heavy_jobs.waiting", place=place, count=AT_ONCE), icon=":material/hourglass_top:")


def _tell_alone(notice: st.delta_generator.DeltaGenerator, place: int) -> None:
    notice.info(t("frame.heavy_jobs.alone", place=place), icon=":material/hourglass_top:")
