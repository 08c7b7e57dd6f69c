"""Streamlit's manager of uploads, with files of several visitors."""

from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec


def manager(**sessions: list[int]) -> MemoryUploadedFileManager:
    """Each session with files of so many bytes."""
    made = MemoryUploadedFileManager("/upload")
    for session, sizes in sessions.items():
        for number, size in enumerate(sizes):
            made.add_file(session, UploadedFileRec(f"{session}{number}", "a.png", "image/png", bytes(size)))
    return made
