"""The private parts of Streamlit and Starlette that uploads.py relies on are there and do what it needs."""

import inspect
from types import SimpleNamespace

import pytest
import streamlit
from starlette.formparsers import MultiPartParser
from streamlit.runtime import Runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.session_manager import ActiveSessionInfo, SessionManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from glassbox.ui.frame import uploads


def manager(**sessions: list[int]) -> MemoryUploadedFileManager:
    """Each session with files of so many bytes."""
    made = MemoryUploadedFileManager("/upload")
    for session, sizes in sessions.items():
        for number, size in enumerate(sizes):
            made.add_file(session, UploadedFileRec(f"{session}{number}", "a.png", "image/png", bytes(size)))
    return made


def held(files: MemoryUploadedFileManager) -> dict[str, list[str]]:
    return {session: list(records) for session, records in files.file_storage.items() if records}


def test_uploads_of_visitors_who_left_are_dropped() -> None:
    files = manager(here=[10], gone=[10, 10])
    uploads.sweep(files, active=["here"])
    assert held(files) == {"here": ["here0"]}


def test_a_visitor_can_park_only_so_much() -> None:
    size = uploads.MAX_PARKED_BYTES // 2
    files = manager(here=[size, size, size], other=[size])
    uploads.sweep(files, active=["here", "other"])
    assert held(files) == {"here": ["here1", "here2"], "other": ["other0"]}


def test_streamlit_is_the_version_that_this_was_written_for() -> None:
    assert streamlit.__version__.startswith("1.67.")
    assert isinstance(MultiPartParser.spool_max_size, int)
    assert isinstance(Runtime.uploaded_file_mgr, property)
    assert "_session_mgr" in inspect.getsource(Runtime)
    assert callable(SessionManager.list_active_sessions)
    assert "session" in ActiveSessionInfo.__annotations__


def test_uploads_up_to_the_servers_limit_stay_in_memory() -> None:
    uploads.keep_small.clear()
    uploads.keep_small()
    assert MultiPartParser.spool_max_size > streamlit.get_option("server.maxUploadSize") * 1024 * 1024


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> MemoryUploadedFileManager:
    """The files of two visitors, seen from the session of the first."""
    files = manager(here=[10, 32], other=[7])
    monkeypatch.setattr(uploads, "get_script_run_ctx", lambda: SimpleNamespace(session_id="here"))
    monkeypatch.setattr(uploads, "exists", lambda: True)
    monkeypatch.setattr(uploads, "_manager", lambda: files)
    return files


def test_a_visitor_is_told_the_bytes_of_the_own_uploads(here: MemoryUploadedFileManager) -> None:
    assert uploads.parked() == 42


def test_dropping_all_leaves_the_others_theirs(here: MemoryUploadedFileManager) -> None:
    uploads.drop()
    assert uploads.parked() == 0
    assert held(here) == {"other": ["other0"]}
