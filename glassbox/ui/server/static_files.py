"""Streamlit's own scripts and styles, sent compressed.

Streamlit 1.67 sends them as they lie on disk: 3 MB before the first screen moves, another 4.7 MB for the first chart.
Here each is compressed once, in a thread beside the running server, and sent from memory from then on.
"""

import gzip
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path

import brotli
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import file_util

from glassbox.paths import PACKAGE, ROOT
from glassbox.ui.server.icon_font import named_icons, with_icons

PREFIX = "/static/"
MEDIA_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".json": "application/json"}
"""What is worth compressing; pictures and fonts are compressed already."""
FONT = "font/woff2"
IDENTITY = "identity"
CACHE_CONTROL = "public, immutable, max-age=31536000"
"""As Streamlit's own: the names hold a hash of the contents."""
ENCODINGS: dict[str, Callable[[bytes], bytes]] = {
    "br": lambda data: brotli.compress(data, quality=9),
    "gzip": lambda data: gzip.compress(data, 9),
}
"""Best first. Over plain HTTP, other than from this machine, browsers accept gzip alone."""


class PreparedFiles:
    """The compressible files of a folder, each compressed once an encoding and kept: some 6 MB an encoding.

    `replaced`: files that are sent in another form, whatever the encoding, each by what makes it; until `prepare_all`
    has made one, Streamlit's own is sent.
    """

    def __init__(self, folder: Path, replaced: Mapping[str, Callable[[], bytes]] | None = None) -> None:
        self._files = {
            f"{PREFIX}{file.relative_to(folder).as_posix()}": file
            for file in sorted(folder.rglob("*"), key=lambda file: file.stat().st_size)
            if file.suffix in MEDIA_TYPES and file.is_file()
        }
        self._replaced = dict(replaced or {})
        self._bodies: dict[tuple[str, str], bytes] = {}

    def encoding(self, path: str, accepts: str) -> str | None:
        """Return in which encoding a file is sent to one who `accepts`; None if it is not sent from here."""
        if path in self._replaced:
            return IDENTITY if (path, IDENTITY) in self._bodies else None
        return accepted(accepts) if path in self._files else None

    def ready(self, path: str, encoding: str) -> bytes | None:
        """Return the file as it is sent, if it has been made."""
        return self._bodies.get((path, encoding))

    def body(self, path: str, encoding: str) -> bytes:
        """Return the file as it is sent, made now if it has not been. Raises KeyError for a file that is not here."""
        if (path, encoding) not in self._bodies:  # two who ask at once may both make it: the same bytes
            made = self._replaced[path]() if encoding == IDENTITY else self._compressed(path, encoding)
            self._bodies[path, encoding] = made
        return self._bodies[path, encoding]

    def prepare_all(self) -> None:
        """Make every file for every encoding, the smallest first; a request for one of them may come between."""
        for encoding in ENCODINGS:
            for path in self._files:
                self.body(path, encoding)
        for path in self._replaced:
            self.body(path, IDENTITY)

    def _compressed(self, path: str, encoding: str) -> bytes:
        return ENCODINGS[encoding](self._files[path].read_bytes())


def streamlit_files() -> PreparedFiles:
    """Return the files of the installed Streamlit's frontend, its icon font with the icons alone that are shown."""
    folder = Path(file_util.get_static_dir()) / "static"
    sources = (*PACKAGE.rglob("*.py"), *(ROOT / "pages").glob("*.py"), ROOT / "dashboard.py")
    icons = {
        f"{PREFIX}{font.relative_to(folder).as_posix()}": partial(_icons, folder, font, sources)
        for font in folder.glob("media/MaterialSymbols-Rounded.*.woff2")
    }
    return PreparedFiles(folder, icons)


def _icons(folder: Path, font: Path, sources: Iterable[Path]) -> bytes:
    return with_icons(font, named_icons(folder.glob("js/*.js"), sources))


def accepted(header: str) -> str | None:
    """Return the best encoding that an Accept-Encoding header names; None if it accepts none of ours."""
    offers = (offer.strip().partition(";") for offer in header.split(","))
    named = {name.strip() for name, _, weight in offers if weight.replace(" ", "") not in ("q=0", "q=0.0")}
    return next((encoding for encoding in ENCODINGS if encoding in named), None)


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
                await Response(body, media_type=MEDIA_TYPES.get(Path(path).suffix, FONT), headers=headers)(
                    scope, receive, send
                )
                return
        await self.app(scope, receive, send)
