"""One limit for the uploads of all visitors together, those that are still arriving counted."""

from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

MAX_UPLOADED_BYTES = 200_000_000
"""What the files of all visitors together may hold until they are read."""
PATH = "/_stcore/upload_file/"


class UploadLimit:
    """ASGI middleware that refuses an upload for which there is no room. `held` gives the bytes of those that have
    arrived; an upload that does not say its length beforehand is refused, for it could not be counted."""

    def __init__(self, app: ASGIApp, held: Callable[[], int], limit: int = MAX_UPLOADED_BYTES) -> None:
        self.app = app
        self.held = held
        self.limit = limit
        self.arriving = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in ("PUT", "POST") or PATH not in scope["path"]:
            await self.app(scope, receive, send)
            return
        length = Headers(scope=scope).get("content-length", "")
        if not length.isdecimal():
            await PlainTextResponse("The length of an upload must be given.", 411)(scope, receive, send)
        elif self.held() + self.arriving + int(length) > self.limit:
            answer = PlainTextResponse("Too many files are being read: try again in a minute.", 503)
            await answer(scope, receive, send)
        else:
            self.arriving += int(length)
            try:
                await self.app(scope, receive, send)
            finally:
                self.arriving -= int(length)
