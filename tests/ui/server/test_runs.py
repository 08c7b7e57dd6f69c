"""Runs take turns, and what they send goes out in batches: in order, and none is lost."""

import asyncio
import inspect
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from types import SimpleNamespace
from typing import Any, cast

import pytest
from streamlit.elements import html
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.NewSession_pb2 import CustomThemeConfig
from streamlit.runtime import app_session
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.runtime import Runtime
from streamlit.runtime.scriptrunner import ScriptRunner, ScriptRunnerEvent, script_runner

from glassbox.ui.server import runs, waiting
from glassbox.ui.server.runs import Batches, Turns

FOREVER = 60.0


def hold(turns: Turns, entered: Event, leave: Event) -> None:
    with turns.turn():
        entered.set()
        assert leave.wait(FOREVER)


def test_no_more_runs_than_places_at_a_time_and_the_next_enters_when_one_leaves() -> None:
    turns = Turns(2, FOREVER)
    entered, leave = [Event() for _ in range(3)], [Event() for _ in range(3)]
    with ThreadPoolExecutor(3) as threads:
        for number in (0, 1):
            threads.submit(hold, turns, entered[number], leave[number])
            assert entered[number].wait(FOREVER)
        third = threads.submit(hold, turns, entered[2], leave[2])
        assert not entered[2].wait(0.1)
        leave[1].set()
        assert entered[2].wait(FOREVER)
        leave[0].set()
        leave[2].set()
        third.result(FOREVER)


def test_a_long_run_does_not_keep_the_others_waiting() -> None:
    turns = Turns(1, 0.01)
    entered, leave = Event(), Event()
    with ThreadPoolExecutor(1) as threads:
        threads.submit(hold, turns, entered, leave)
        assert entered.wait(FOREVER)
        with turns.turn():  # although the other still has its place
            assert not leave.is_set()
        leave.set()


def test_who_waits_for_something_else_lets_others_run_and_takes_a_place_again() -> None:
    turns = Turns(1, FOREVER)
    entered, leave = Event(), Event()
    with ThreadPoolExecutor(1) as threads, turns.turn() as step_aside, waiting.by(step_aside):
        other = threads.submit(hold, turns, entered, leave)
        assert not entered.wait(0.1)
        with waiting.aside():
            assert entered.wait(FOREVER)
            leave.set()
            other.result(FOREVER)
        assert len(turns._since) == 1
    assert not turns._since
    with waiting.aside():  # outside of a run there is nothing to give
        pass


def test_a_run_that_fails_frees_its_place() -> None:
    turns = Turns(1, FOREVER)
    with pytest.raises(ValueError, match="failed"), turns.turn():
        raise ValueError("failed")
    with turns.turn():
        pass


class Loop(asyncio.SelectorEventLoop):
    """Counts how often another thread woke it."""

    woken = 0

    def call_soon_threadsafe(self, callback: Callable[..., object], *args: Any, context: Any = None) -> asyncio.Handle:
        self.woken += 1
        return super().call_soon_threadsafe(callback, *args, context=context)


def test_what_comes_together_is_called_in_order_at_one_wake_up() -> None:
    loop = Loop()
    batches, called = Batches(loop), list[int]()
    for number in range(100):
        batches.add(lambda number=number: called.append(number))  # type: ignore[misc]
    loop.run_until_complete(asyncio.sleep(0))
    assert called == list(range(100))
    assert loop.woken == 1
    batches.add(lambda: called.append(100))
    loop.run_until_complete(asyncio.sleep(0))
    assert called[-1] == 100
    assert loop.woken == 2
    loop.close()


def test_what_can_wait_wakes_the_loop_once_in_a_while_and_what_cannot_takes_it_along() -> None:
    loop = Loop()
    batches, called = Batches(loop), list[int]()
    for number in range(3):
        batches.add(lambda number=number: called.append(number), can_wait=True)  # type: ignore[misc]
    loop.run_until_complete(asyncio.sleep(0))
    assert called == [0, 1, 2]  # the first of a run does not wait
    batches.add(lambda: called.append(3), can_wait=True)
    loop.run_until_complete(asyncio.sleep(0))
    assert called == [0, 1, 2]
    batches.add(lambda: called.append(4))
    loop.run_until_complete(asyncio.sleep(0))
    assert called == [0, 1, 2, 3, 4]
    assert loop.woken == 2
    batches.add(lambda: called.append(5), can_wait=True)
    loop.run_until_complete(asyncio.sleep(10 * runs.GAP))
    assert called == [0, 1, 2, 3, 4, 5]
    assert loop.woken == 2  # it looked by itself
    batches.add(lambda: called.append(6), can_wait=True)
    loop.run_until_complete(asyncio.sleep(0))
    assert called == [0, 1, 2, 3, 4, 5, 6]
    assert loop.woken == 3
    loop.close()


def test_nothing_is_lost_between_many_threads_and_the_loop() -> None:
    loop = Loop()
    batches, called = Batches(loop), list[tuple[int, int]]()

    def send(thread: int) -> None:
        for number in range(500):
            batches.add(lambda number=number: called.append((thread, number)), can_wait=thread < 2)  # type: ignore[misc]

    async def all_sent() -> None:
        with ThreadPoolExecutor(4) as threads:
            await asyncio.gather(*(loop.run_in_executor(threads, send, thread) for thread in range(4)))
        await asyncio.sleep(10 * runs.GAP)

    loop.run_until_complete(all_sent())
    loop.close()
    assert len(called) == 2000
    assert loop.woken <= 2000


def test_one_that_fails_does_not_take_the_rest_along(caplog: pytest.LogCaptureFixture) -> None:
    loop = Loop()
    batches, called = Batches(loop), list[int]()
    batches.add(lambda: called.append(1 // 0))
    batches.add(lambda: called.append(2))
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()
    assert called == [2]
    assert "an event of a run failed" in caplog.text


def test_nothing_is_kept_for_a_loop_that_is_closed() -> None:
    loop = Loop()
    batches = Batches(loop)
    loop.close()
    for _ in range(2):
        with pytest.raises(RuntimeError):
            batches.add(lambda: None)
        assert not batches._waiting


def test_a_message_goes_the_short_way_and_only_while_its_run_is_the_sessions() -> None:
    sent, handled = list[str](), list[ScriptRunnerEvent]()
    session: Any = SimpleNamespace(
        _scriptrunner="current",
        _glassbox_batches=SimpleNamespace(add=lambda callback, can_wait: callback()),
        _call_soon_on_event_loop=lambda callback: callback(),
        _enqueue_forward_msg=lambda one: sent.append(one.hash),
        _handle_scriptrunner_event_on_event_loop=lambda _, event, *__: handled.append(event),
    )
    for sender in ("current", "replaced"):
        message = ForwardMsg()
        message.hash = sender
        runs._on_event_shortly(session, cast(Any, sender), ScriptRunnerEvent.ENQUEUE_FORWARD_MSG, message)
    runs._on_event_shortly(session, cast(Any, "current"), ScriptRunnerEvent.SHUTDOWN, client_state=None)
    assert sent == ["current"]
    assert handled == [ScriptRunnerEvent.SHUTDOWN]


def test_the_theme_is_told_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "_THEMES", {})
    for section in ("theme", "theme.light", "theme.dark.sidebar"):
        for _ in range(2):
            own, streamlits = CustomThemeConfig(), CustomThemeConfig()
            runs._populate_theme_once(own, section)
            runs._populate_theme(streamlits, section)
            assert own == streamlits


@pytest.mark.parametrize(
    "body",
    [
        "<style>p { margin: 0 }</style>",
        "<style>p</style><p>text</p>",
        "<style>p</style><style>q</style>",
        "<p>text</p>",
        "",
        "<style><!--</style>-->p</style>",
        "<style>a</p></style>",
    ],
)
def test_style_sheets_are_told_as_before(body: str) -> None:
    assert runs._is_style_alone(body) == runs._only_style_tags(body)


def test_a_page_is_made_once_and_each_run_gets_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    made = list[Path]()

    def make(page: Path, *, default: bool = False) -> Any:
        made.append(page)
        return SimpleNamespace(page=page, default=default, may_be_called=False)

    monkeypatch.setattr(runs, "_create_page", make)
    monkeypatch.setattr(runs, "_PAGES", {})
    first: Any = runs._create_page_once(Path("dashboard.py"), default=True)
    first.may_be_called = True
    again: Any = runs._create_page_once(Path("dashboard.py"), default=True)
    assert (again.page, again.default, again.may_be_called) == (Path("dashboard.py"), True, False)
    runs._create_page_once(Path("pages/cnn.py"))
    assert made == [Path("dashboard.py"), Path("pages/cnn.py")]


def test_the_private_parts_are_as_they_were() -> None:
    """If this fails, read what changed in Streamlit and mend glassbox/ui/server/runs.py."""
    assert list(inspect.signature(ScriptRunner._run_script).parameters) == ["self", "rerun_data"]
    assert list(inspect.signature(AppSession._call_soon_on_event_loop).parameters) == ["self", "callback"]
    assert "self._call_soon_on_event_loop(" in inspect.getsource(AppSession._on_scriptrunner_event)
    assert "self._run_script(" in inspect.getsource(ScriptRunner._run_script_thread)
    assert "call_soon_threadsafe(async_objs.need_send_data.set)" in inspect.getsource(Runtime._enqueued_some_message)
    assert "_populate_theme_msg(" in inspect.getsource(AppSession._create_new_session_message)
    assert "_glassbox_batches" not in inspect.getsource(app_session)
    source = inspect.getsource(AppSession._handle_scriptrunner_event_on_event_loop)
    assert "if sender is not self._scriptrunner:" in source
    assert "self._enqueue_forward_msg(forward_msg)" in source
    mpa = inspect.getsource(script_runner._mpa_v1)
    assert "from streamlit.navigation.page import _create_page" in mpa
    assert "_create_page(pages_folder / page.name)" in mpa
    assert "if _html_only_style_tags(html_content):" in inspect.getsource(html)
