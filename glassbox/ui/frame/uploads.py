"""A visitor's uploads: read once, then dropped. What nobody reads, glassbox/ui/server/janitor.py drops.

This relies on private parts of Streamlit 1.67; tests/ui/frame/test_uploads.py says when these change.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import streamlit as st
from streamlit.runtime import exists, get_instance
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

from glassbox.ui.base.state import Kind, declare

_WIDGET = declare("upload_{name}_{turn}", Kind.FILES, None)
_TURN = declare("turn_of_{name}", Kind.INTERNAL, 0)


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
    files = widget(_WIDGET.at(name=name, turn=turn(name)).key)
    if note:
        st.caption(note)
    if files:
        read(files)
        finish(name, files)
        st.rerun()


def finish(name: str, files: Iterable[UploadedFile]) -> None:
    """Drop the bytes of the files of the widget `name`, which gets a new key: also where their reading was stopped."""
    forget(files)
    _TURN.at(name=name).set(turn(name) + 1)


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


def _manager() -> Any:
    return get_instance().uploaded_file_mgr
