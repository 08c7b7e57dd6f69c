"""What strangers leave behind is dropped on time: their sessions, uploads and processes, and the memory of them.

Streamlit 1.67 keeps a closed session until another visitor leaves, the last one served even longer, uploads without a
limit over all sessions, and collects the whole heap after every run. This relies on private parts of it;
tests/ui/server/test_janitor.py says when they change, and test_forgotten.py what is left in the process's memory.
"""

import asyncio
import gc
import logging
from typing import Any

from starlette.formparsers import MultiPartParser
from streamlit import config
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime import Runtime
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.session_manager import ActiveSessionInfo

from glassbox import heap
from glassbox.engine import isolation
from glassbox.ui.server import while_used

_log = logging.getLogger(__name__)
SWEEP_SECONDS = 10.0
COLLECT_EVERY = 2
"""Sweeps from one collection of the whole heap to the next, unless a session is over: then it is at once, so that with
server.disconnectedSessionTTL what a visitor brought is gone within a minute."""


def prepare() -> None:
    """Once a process, before the first visitor: uploads stay in memory, no visitor can clear everyone's caches, and
    threads share a heap."""
    # Starlette writes uploads above this to disk; the server refuses what is larger than server.maxUploadSize.
    MultiPartParser.spool_max_size = 1 + config.get_option("server.maxUploadSize") * 1024 * 1024
    AppSession._handle_clear_cache_request = _ignore  # type: ignore[assignment, method-assign]
    heap.overwrite_freed()
    gc.collect()
    gc.freeze()  # what was loaded at the start stays, and is not looked through again


async def sweep_forever(runtime: Runtime) -> None:
    """Sweep until cancelled. Runs in the server's event loop, where sessions come and go, so nothing needs a lock."""
    sweeps, known = 0, set[str]()
    while True:
        await asyncio.sleep(SWEEP_SECONDS)
        sweeps += 1
        try:
            expire_sessions(runtime._session_mgr)
            before, known = known, {info.session.id for info in runtime._session_mgr.list_sessions()}
            active = {info.session.id for info in runtime._session_mgr.list_active_sessions()}
            drop_uploads(runtime.uploaded_file_mgr, active)
            release_last_served(runtime._loop_coroutine_task, known)
            await asyncio.to_thread(isolation.shared().sweep, known)  # a process takes a moment to end
            await asyncio.to_thread(while_used.drop_idle)
            if before - known or sweeps % COLLECT_EVERY == 0:
                gc.collect()
            heap.give_back()
        except Exception:  # a janitor that stops would be noticed only when the memory is full
            _log.exception("could not sweep")


def expire_sessions(manager: Any) -> None:
    """Shut down the sessions whose visitors have been away for longer than server.disconnectedSessionTTL."""
    for _, info in manager._session_storage._cache.expire():
        info.session.shutdown()


def release_last_served(flushing: Any, known: set[str]) -> None:
    """Empty what the task that sends messages to the browsers holds of a session that is not `known` any more.

    Its local variables go on holding the last session and message until there are others.
    """
    coroutine = flushing.get_coro()
    if getattr(coroutine.cr_await, "__name__", "") != "wait":  # in the midst of sending
        return
    local = gc.get_referents(coroutine)
    if any(isinstance(one, ActiveSessionInfo) and one.session and one.session.id not in known for one in local):
        for one in local:
            if isinstance(one, ActiveSessionInfo):
                one.session = one.client = None  # type: ignore[assignment]
            elif isinstance(one, list):
                one.clear()
            elif isinstance(one, ForwardMsg):
                one.Clear()


def drop_uploads(manager: Any, active: set[str]) -> None:
    """Drop the uploads of sessions that are not `active`."""
    for session_id in [one for one in manager.file_storage if one not in active]:
        manager.remove_session_files(session_id)


def uploaded_bytes(manager: Any) -> int:
    """Return the bytes of all visitors' uploads."""
    return sum(len(record.data) for records in manager.file_storage.values() for record in records.values())


def _ignore(session: AppSession) -> None:
    """Clear nothing: the caches are everybody's."""
