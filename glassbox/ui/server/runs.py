"""How the runs of all visitors share one processor: one at a time, and their messages to the browsers in batches.

Python runs one thread at a time. Twenty runs that start together end together, each as late as the last; one at a time
end one after another, and in half the time on average. And each message of a run used to wake the event loop twice:
every wake is a system call that hands the interpreter from one thread to the other and back.

This relies on private parts of Streamlit 1.67; tests/ui/server/test_runs.py says when they change.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from copy import copy
from functools import partial
from pathlib import Path
from threading import Condition
from time import monotonic
from typing import Any

from streamlit.elements import html
from streamlit.navigation import page as streamlit_pages
from streamlit.navigation.page import Page
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.NewSession_pb2 import CustomThemeConfig
from streamlit.runtime import app_session
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.runtime import Runtime
from streamlit.runtime.scriptrunner import ScriptRunner, ScriptRunnerEvent
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData

from glassbox.ui.server import waiting

_log = logging.getLogger(__name__)
AT_ONCE = 1
"""Runs at a time. With two, twenty visitors got a tenth less (benchmarks/load.py): they hand the interpreter back and
forth, and what one leaves free of it, the event loop needs to send."""
GAP = 0.02
"""Seconds that a message of a run waits for further ones, so that the loop does not wake for each; a run's end and
whatever else may happen to it do not wait."""
SECONDS = 0.5
"""How long a run keeps others waiting, and how long one waits: a training or a large table does not stop the rest."""


class Turns:
    """Places for `at_once` runs. First come, first served; after `seconds` with one, another may enter."""

    def __init__(self, at_once: int, seconds: float) -> None:
        self._at_once, self._seconds = at_once, seconds
        self._since: dict[object, float] = {}  # one for each running script
        self._changed = Condition()

    @contextmanager
    def turn(self) -> Iterator[Callable[[], AbstractContextManager[None]]]:
        """Hold a place, after waiting for a free one for `seconds` at most. Gives what makes a block inside in which
        another may have the place."""
        ticket = object()
        self._enter(ticket)
        try:
            yield partial(self._aside, ticket)
        finally:
            self._leave(ticket)

    @contextmanager
    def _aside(self, ticket: object) -> Iterator[None]:
        self._leave(ticket)
        try:
            yield
        finally:
            self._enter(ticket)

    def _enter(self, ticket: object) -> None:
        with self._changed:
            self._changed.wait_for(self._is_free, self._seconds)
            self._since[ticket] = monotonic()

    def _leave(self, ticket: object) -> None:
        with self._changed:
            del self._since[ticket]
            self._changed.notify()

    def _is_free(self) -> bool:
        recently = monotonic() - self._seconds
        return sum(since > recently for since in self._since.values()) < self._at_once


class Batches:
    """What threads ask the event loop to call: in order, all that came since it last looked at one wake-up."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._waiting: deque[Callable[[], None]] = deque()  # emptied at every turn of the loop
        self._is_asked = False
        self._looks_again = False

    def add(self, callback: Callable[[], None], *, can_wait: bool = False) -> None:
        """Have `callback` called on the loop's thread, after those before it: as soon as it can, or, if it `can_wait`,
        GAP seconds after the last of them at most. Raises RuntimeError if the loop is closed."""
        self._waiting.append(callback)
        if self._is_asked or (can_wait and self._looks_again):
            return
        self._is_asked = True  # two threads that come here at once only wake the loop twice
        try:
            self._loop.call_soon_threadsafe(self._call_all)
        except RuntimeError:
            self._is_asked = False
            self._waiting.clear()
            raise

    def _call_all(self) -> None:
        self._is_asked = False  # first: what comes from now on either is in the queue below or asks again
        if not self._looks_again:
            self._looks_again = True
            self._loop.call_later(GAP, self._look_again)
        while self._waiting:
            try:
                self._waiting.popleft()()
            except Exception:
                _log.exception("an event of a run failed")

    def _look_again(self) -> None:
        self._looks_again = False  # first, likewise
        if self._waiting:
            self._call_all()


_TURNS = Turns(AT_ONCE, SECONDS)
_run_script = ScriptRunner._run_script
_call_soon = AppSession._call_soon_on_event_loop
_on_event = AppSession._on_scriptrunner_event
_enqueued = Runtime._enqueued_some_message
_populate_theme = app_session._populate_theme_msg
_create_page = streamlit_pages._create_page
_only_style_tags = html._html_only_style_tags
_BATCHES = "_glassbox_batches"
"""The attribute of a session that holds its Batches, and goes with it."""
_THEMES: dict[str, CustomThemeConfig] = {}
"""The parts of the theme in config.toml, six at most, read once: each run tells the browser all of them."""

_PAGES: dict[Path, Page] = {}
"""The pages of the dashboard, found once: as many as files in pages/, and the first screen."""


def prepare() -> None:
    """Once a process, before the first visitor: have runs take turns, and messages go out in batches."""
    ScriptRunner._run_script = _run_in_turn  # type: ignore[assignment, method-assign]
    AppSession._call_soon_on_event_loop = _call_soon_in_batches  # type: ignore[assignment, method-assign]
    AppSession._on_scriptrunner_event = _on_event_shortly  # type: ignore[assignment, method-assign]
    Runtime._enqueued_some_message = _wake_once  # type: ignore[assignment, method-assign]
    app_session._populate_theme_msg = _populate_theme_once  # type: ignore[assignment]
    html._html_only_style_tags = _is_style_alone  # type: ignore[assignment]
    streamlit_pages._create_page = _create_page_once  # type: ignore[assignment]


def _create_page_once(page: Path, *, default: bool = False) -> Page:
    """Return a page of the folder, as Streamlit makes it anew for each of them at each run: 34 µs times 22."""
    if page not in _PAGES:
        _PAGES[page] = _create_page(page, default=default)
    return copy(_PAGES[page])  # a run marks the one that it may call


def _is_style_alone(body: str) -> bool:
    """Return whether some HTML is style sheets alone, for one style sheet without a look at each of its characters."""
    one = body.startswith("<style>") and body.endswith("</style>") and body.count("</") == 1 and "<!--" not in body
    return one or _only_style_tags(body)


def _run_in_turn(runner: ScriptRunner, rerun_data: RerunData) -> None:
    with _TURNS.turn() as step_aside, waiting.by(step_aside):
        _run_script(runner, rerun_data)


def _call_soon_in_batches(session: AppSession, callback: Callable[[], None], *, can_wait: bool = False) -> None:
    kept = vars(session)
    if _BATCHES not in kept:
        kept[_BATCHES] = Batches(session._event_loop)
    try:
        kept[_BATCHES].add(callback, can_wait=can_wait)
    except RuntimeError:
        _call_soon(session, callback)  # which knows what to do when the loop is closed


def _on_event_shortly(
    session: AppSession,
    sender: ScriptRunner | None,
    event: ScriptRunnerEvent,
    forward_msg: ForwardMsg | None = None,
    **about: Any,
) -> None:
    """Handle an event of a run. Nearly all are messages, which change nothing of the session."""
    if event == ScriptRunnerEvent.ENQUEUE_FORWARD_MSG and forward_msg is not None:
        _call_soon_in_batches(session, partial(_enqueue, session, sender, forward_msg), can_wait=True)
    else:
        _on_event(session, sender, event, forward_msg, **about)


def _enqueue(session: AppSession, sender: ScriptRunner | None, message: ForwardMsg) -> None:
    if sender is session._scriptrunner:  # not one that another has replaced
        session._enqueue_forward_msg(message)


def _wake_once(runtime: Runtime) -> None:
    """Wake the task that sends to the browsers; without a system call if this is its thread."""
    objects = runtime._get_async_objs()
    if asyncio._get_running_loop() is objects.eventloop:
        objects.need_send_data.set()
    else:
        _enqueued(runtime)


def _populate_theme_once(message: CustomThemeConfig, section: str = "theme") -> None:
    if section not in _THEMES:
        part = CustomThemeConfig()
        _populate_theme(part, section)
        _THEMES[section] = part
    message.MergeFrom(_THEMES[section])
