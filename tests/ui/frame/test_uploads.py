"""The private parts of Streamlit that uploads.py relies on are there and do what it needs."""

from types import SimpleNamespace

import pytest
import streamlit
from streamlit.runtime import Runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

from glassbox.ui.frame import uploads
from tests.ui.upload_manager import manager


def held(files: MemoryUploadedFileManager) -> dict[str, list[str]]:
    return {session: list(records) for session, records in files.file_storage.items() if records}


def test_streamlit_is_the_version_that_this_was_written_for() -> None:
    assert streamlit.__version__.startswith("1.67.")
    assert isinstance(Runtime.uploaded_file_mgr, property)


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
