"""Keeps strangers' uploads small and short-lived in Streamlit 1.67, which by itself does neither.

Both rely on private parts of the installed versions; tests/ui/frame/test_uploads.py says when these change.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import streamlit as st
from starlette.formparsers import MultiPartParser
from streamlit.runtime import exists, get_instance
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

from glassbox.ui.base.state import Kind, declare

_log = logging.getLogger(__name__)
SWEEP_SECONDS = 10.0
MAX_PARKED_BYTES = 200_000_000
"""What one visitor's files may hold until they are read: more than most will ever choose at once."""
_WIDGET = declare("upload_{name}_{turn}", Kind.FILES, None)
_TURN = declare("turn_of_{name}", Kind.INTERNAL, 0)


@st.cache_resource(show_spinner=False)
def keep_small() -> None:
    """Keep uploads in memory instead of temporary files, and drop those of visitors who left; once a process."""
    # Starlette writes uploads above this to disk; the server refuses what is larger than server.maxUploadSize.
    MultiPartParser.spool_max_size = 1 + st.get_option("server.maxUploadSize") * 1024 * 1024
    if exists():
        threading.Thread(target=_sweep_forever, name="uploads", daemon=True).start()


def read_once(
    name: str,
    widget: Callable[[str], Sequence[UploadedFile]],
    read: Callable[[Sequence[UploadedFile]], None],
    note: str = "",
) -> None:
    """Draw `widget`, which gets its key and gives the files chosen, and `note` below it; hand what it gives to `read`.

    Then the files' bytes are dropped, and the page runs again with a new key, which empties the widget: the old one
    would take the next file and nobody would read it.
    """
    turn = _TURN.at(name=name)
    files = widget(_WIDGET.at(name=name, turn=turn.get()).key)
    if note:
        st.caption(note)
    if files:
        read(files)
        forget(files)
        turn.set(turn.get() + 1)
        st.rerun()


def turn(name: str) -> int:
    """Return how often the widget `name` has been read."""
    return _TURN.at(name=name).get()


def forget(files: Iterable[UploadedFile]) -> None:
    """Drop the bytes of files that have been read. The visitor's widget must be given a new key."""
    context = get_script_run_ctx()
    if context is None or not exists():
        return
    for file in files:
        _manager().remove_file(context.session_id, file.file_id)


def parked() -> int:
    """Return the bytes of this visitor's uploads that lie in memory: none, once they are read."""
    context = get_script_run_ctx()
    if context is None or not exists():
        return 0
    return sum(len(record.data) for record in _manager().file_storage.get(context.session_id, {}).values())


def drop() -> None:
    """Drop all of this visitor's uploads, read or not."""
    context = get_script_run_ctx()
    if context is not None and exists():
        _manager().remove_session_files(context.session_id)


def sweep(manager: Any, active: Iterable[str]) -> None:
    """Drop the uploads of all but the `active` sessions, and the oldest of a session that parks too many."""
    active = set(active)
    for session_id, records in list(manager.file_storage.items()):
        if session_id not in active:
            manager.remove_session_files(session_id)
            continue
        parked = 0
        for file_id, record in reversed(list(records.items())):
            parked += len(record.data)
            if parked > MAX_PARKED_BYTES:
                manager.remove_file(session_id, file_id)


def _sweep_forever() -> None:
    while exists():
        time.sleep(SWEEP_SECONDS)
        try:
            active = [info.session.id for info in get_instance()._session_mgr.list_active_sessions()]
            sweep(_manager(), active)
        except Exception:  # a janitor that stops would be noticed only when the memory is full
            _log.exception("uploads could not be swept")


def _manager() -> Any:
    return get_instance().uploaded_file_mgr
