"""Jobs of more than a second take turns: two at a time, and who waits sees the place in the queue.

    with heavy_jobs.turn():
        verdicts = [reader.verdict(text) for text in texts]

A small machine has two cores; more jobs at once would make every visitor's page wait, and no job end sooner.
"""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Condition
from time import monotonic

import streamlit as st

from glassbox.serving.workers import LINES, WORKER
from glassbox.ui.base.i18n import t
from glassbox.ui.server import waiting
from glassbox.ui.server.lines import Line, OwnLine, SharedLine

_log = logging.getLogger(__name__)
AT_ONCE = 2
"""Heavy jobs that run at a time, in all processes that serve the address."""
LOOK_SECONDS = 0.5
"""How often a visitor who waits is told the place, and whether he or she still waits."""


class Turns:
    """A queue before `at_once` equal places. First come, first served."""

    def __init__(self, at_once: int, line: Line | None = None) -> None:
        self._at_once = at_once
        self._line: Line = line or OwnLine()
        self._changed = Condition()

    @contextmanager
    def turn(self, tell: Callable[[int], None]) -> Iterator[None]:
        """Wait until a place is free, and hold it. `tell` is called with the place in the queue, from 1, at once and
        then every LOOK_SECONDS; what it raises ends the waiting."""
        with self._changed:
            line, ticket = self._taken()
        try:
            while ahead := self._ahead(line, ticket):
                tell(ahead)
                with waiting.aside():
                    self._wait(line, ticket)
            yield
        finally:
            with self._changed:
                line.give_back(ticket)
                self._changed.notify_all()

    def _taken(self) -> tuple[Line, str]:
        try:
            return self._line, self._line.take()
        except OSError as error:
            _log.warning("long jobs take turns in each process by itself from now on: %s", error)
            self._line = OwnLine()
            return self._line, self._line.take()

    def _ahead(self, line: Line, ticket: str) -> int:
        """Return how many have to leave before it is the turn of `ticket`."""
        with self._changed:
            return max(0, line.before(ticket) + 1 - self._at_once)

    def _wait(self, line: Line, ticket: str) -> None:
        """Return once it may be the turn of `ticket`, and after LOOK_SECONDS at the latest."""
        end = monotonic() + LOOK_SECONDS
        with self._changed:
            while (ahead := line.before(ticket) + 1 - self._at_once) > 0 and (left := end - monotonic()) > 0:
                self._changed.wait(left if line.poll is None else min(left, line.poll * ahead))


def _line(name: str, poll: float) -> Line:
    """Return the line of that name, of all processes that serve the address."""
    folder = os.environ.get(LINES)
    try:
        return SharedLine(Path(folder) / name, os.environ[WORKER], poll) if folder else OwnLine()
    except OSError as error:
        _log.warning("long jobs take turns in each process by itself: %s", error)
        return OwnLine()


_TURNS = Turns(AT_ONCE, _line("long", poll=0.1))
_SHORT_TURNS = Turns(AT_ONCE, _line("short", poll=0.01))
_ALONE = Turns(1, _line("alone", poll=0.1))


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
