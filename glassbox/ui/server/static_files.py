"""Streamlit's own scripts and styles, sent compressed.

Streamlit 1.67 sends them as they lie on disk: 3 MB before the first screen moves, another 4.7 MB for the first chart.
"""

import logging
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import gettempdir

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from glassbox.paths import PACKAGE
from glassbox.ui.server import prepared_files
from glassbox.ui.server.prepared_files import IDENTITY, PreparedFiles

_log = logging.getLogger(__name__)
MEDIA_TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".woff2": "font/woff2",
}
CACHE_CONTROL = "public, immutable, max-age=31536000"
"""As Streamlit's own: the names hold a hash of the contents."""


class StaticFiles:
    """ASGI middleware that answers GET /static/... from `files`, and passes on everything else."""

    def __init__(self, app: ASGIApp, files: PreparedFiles) -> None:
        self.app = app
        self.files = files

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "GET":
            path: str = scope["path"]
            if encoding := self.files.encoding(path, Headers(scope=scope).get("accept-encoding", "")):
                body = self.files.ready(path, encoding) or await run_in_threadpool(self.files.body, path, encoding)
                headers = {"content-encoding": encoding, "cache-control": CACHE_CONTROL, "vary": "accept-encoding"}
                if encoding == IDENTITY:
                    del headers["content-encoding"]
                answer = Response(body, media_type=MEDIA_TYPES[Path(path).suffix], headers=headers)
                await answer(scope, receive, send)
                return
        await self.app(scope, receive, send)


@contextmanager
def prepared(files: PreparedFiles) -> Iterator[None]:
    """Have a child process make all `files`, unless an earlier server of this user has: they stay for the next."""
    try:
        files.made = kept_folder(files.key)
    except OSError as error:  # a file system that is only read, or a folder of somebody else's
        _log.warning("Streamlit's files are sent uncompressed: there is no room for temporary files (%s)", error)
        yield
        return
    child = None
    if not files.is_whole:
        command = [sys.executable, "-m", prepared_files.__name__, str(files.made)]
        try:
            child = subprocess.Popen(command, cwd=PACKAGE.parent, stdin=subprocess.DEVNULL)
        except OSError as error:  # no further process is to be had
            _log.warning("Each of Streamlit's files is compressed as it is first asked for (%s)", error)
    try:
        yield
    finally:
        if child:
            child.terminate()
            child.wait()
        files.made = None


def kept_folder(key: str) -> Path:
    """Return the folder `key` among this user's temporary files. Raises OSError where there can be none, and where the
    folder above it is one that others may write to: they could put scripts there."""
    own = getattr(os, "getuid", lambda: None)()
    above = Path(gettempdir()) / f"glassbox-static-{'user' if own is None else own}"
    above.mkdir(mode=0o700, exist_ok=True)
    about = above.lstat()
    if not stat.S_ISDIR(about.st_mode) or (own is not None and (about.st_uid != own or about.st_mode & 0o022)):
        raise PermissionError(f"{above} is not this user's alone")
    folder = above / key
    folder.mkdir(exist_ok=True)
    os.utime(folder)  # the ones used last are kept
    return folder
