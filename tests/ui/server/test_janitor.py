"""What visitors leave behind is dropped, and the private parts of Streamlit that this takes are as they were."""

import asyncio
import inspect
from types import SimpleNamespace

import pytest
import streamlit
from starlette.formparsers import MultiPartParser
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime import Runtime
from streamlit.runtime.app_session import AppSession, AppSessionState
from streamlit.runtime.memory_session_storage import MemorySessionStorage
from streamlit.runtime.session_manager import ActiveSessionInfo, SessionInfo, SessionManager

from glassbox.engine import isolation
from glassbox.ui.server import janitor, while_used
from tests.ui.upload_manager import manager


def test_uploads_of_visitors_who_left_are_dropped() -> None:
    files = manager(here=[10], gone=[10, 10])
    assert janitor.uploaded_bytes(files) == 30
    janitor.drop_uploads(files, {"here"})
    assert {session: list(records) for session, records in files.file_storage.items()} == {"here": ["here0"]}


def test_a_session_is_shut_down_once_its_visitor_has_been_away() -> None:
    shut: list[str] = []
    storage = MemorySessionStorage(ttl_seconds=0)
    session = SimpleNamespace(id="gone", shutdown=lambda: shut.append("gone"))
    storage.save(SessionInfo(client=None, session=session))  # type: ignore[arg-type]
    janitor.expire_sessions(SimpleNamespace(_session_storage=storage))
    assert shut == ["gone"] and len(storage._cache) == 0
    janitor.expire_sessions(SimpleNamespace(_session_storage=storage))
    assert shut == ["gone"]


def test_the_last_session_served_is_let_go_once_it_is_over() -> None:
    """As in Streamlit's Runtime._loop_coroutine, whose local variables go on holding what it sent last."""

    async def flush(news: asyncio.Event, info: ActiveSessionInfo) -> None:
        messages = [ForwardMsg(hash="sent")]
        for message in messages:
            assert message.hash
        await asyncio.wait([asyncio.ensure_future(news.wait())])
        assert not messages and not message.hash

    async def serve(known: set[str]) -> ActiveSessionInfo:
        news, info = asyncio.Event(), ActiveSessionInfo(client=None, session=SimpleNamespace(id="last"))  # type: ignore[arg-type]
        flushing = asyncio.create_task(flush(news, info))
        await asyncio.sleep(0)
        janitor.release_last_served(flushing, known)
        if known:
            flushing.cancel()
        else:
            news.set()
            await flushing
        return info

    assert asyncio.run(serve(known={"last"})).session is not None
    assert asyncio.run(serve(known=set())).session is None


def test_no_visitor_clears_everyones_caches(monkeypatch: pytest.MonkeyPatch) -> None:
    cleared: list[str] = []
    monkeypatch.setattr(AppSession, "_handle_clear_cache_request", lambda self: cleared.append("before"))
    request = BackMsg()
    request.clear_cache = True
    session = object.__new__(AppSession)
    session._state = AppSessionState.SHUTDOWN_REQUESTED
    session.handle_backmsg(request)
    assert cleared == ["before"], "this is the private call that the message reaches"
    janitor.prepare()
    session.handle_backmsg(request)
    assert cleared == ["before"]


def test_uploads_up_to_the_servers_limit_stay_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AppSession, "_handle_clear_cache_request", AppSession._handle_clear_cache_request)
    janitor.prepare()
    assert MultiPartParser.spool_max_size > streamlit.get_option("server.maxUploadSize") * 1024 * 1024


def test_processes_of_sessions_that_are_over_are_ended_and_idle_models_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    swept: list[set[str]] = []
    dropped: list[bool] = []
    monkeypatch.setattr(isolation, "shared", lambda: SimpleNamespace(sweep=swept.append))
    monkeypatch.setattr(janitor, "SWEEP_SECONDS", 0)
    monkeypatch.setattr(while_used, "drop_idle", lambda: dropped.append(True))
    here = SimpleNamespace(session=SimpleNamespace(id="here"))

    async def sweep() -> None:
        sessions = SimpleNamespace(
            _session_storage=MemorySessionStorage(ttl_seconds=0),
            list_sessions=lambda: [here],
            list_active_sessions=lambda: [here],
        )
        serving = asyncio.create_task(asyncio.sleep(60))
        runtime = SimpleNamespace(_session_mgr=sessions, uploaded_file_mgr=manager(), _loop_coroutine_task=serving)
        sweeping = asyncio.create_task(janitor.sweep_forever(runtime))  # type: ignore[arg-type]
        while not (swept and dropped):
            await asyncio.sleep(0)
        sweeping.cancel()
        serving.cancel()

    asyncio.run(asyncio.wait_for(sweep(), 60))
    assert swept[0] == {"here"}


def test_what_a_visitor_took_is_free_within_a_minute() -> None:
    sweeps = 1 + janitor.COLLECT_EVERY
    assert streamlit.get_option("server.disconnectedSessionTTL") + sweeps * janitor.SWEEP_SECONDS <= 60


def test_streamlit_is_the_version_that_this_was_written_for() -> None:
    assert streamlit.__version__.startswith("1.67.")
    assert isinstance(Runtime.uploaded_file_mgr, property)
    assert "_session_mgr" in inspect.getsource(Runtime)
    assert callable(SessionManager.list_active_sessions)
    assert {"active_session_info", "msg_list", "msg"} <= {*Runtime._loop_coroutine.__code__.co_varnames}
    assert "self._loop_coroutine_task = asyncio.create_task" in inspect.getsource(Runtime.start)
    assert callable(AppSession.shutdown)
