"""A request's body as it arrives: no more of it is held than may be, and no more is unpacked."""

import asyncio
import zlib
from collections.abc import Mapping
from contextlib import suppress

from starlette.types import Receive

from glassbox.serving.protocol import ServiceError

DISCARDED = 4
"""Times the most that a body may have: so much is passed over, so that whoever sends it gets to read why."""
SECONDS = 1
"""In which it is to arrive."""


class GoneError(Exception):
    """Whoever asked has gone before all was sent."""


class Body:
    """The body of the request with `headers`, at most `most` bytes; `left`: whether more of it may come."""

    def __init__(self, headers: Mapping[bytes, bytes], receive: Receive, most: int) -> None:
        self._headers, self._receive, self._most = headers, receive, most
        self.left = b"content-length" in headers or b"transfer-encoding" in headers
        said = headers.get(b"content-length", b"0")
        self._said = int(said[:20]) if said.isdigit() else 0

    async def read(self) -> bytes:
        """Return all of it, unpacked. Raises ServiceError as soon as there is more than may be, and GoneError."""
        if self._said > self._most:
            raise self._too_large()
        parts, length, self.left = list[bytes](), 0, True
        while self.left:
            part = await self._part()
            length += len(part)
            if length > self._most:
                raise self._too_large()
            parts.append(part)
        return self._unpacked(b"".join(parts))

    async def discard(self) -> None:
        """Pass over what is left of it, as long as that is neither much nor slow."""
        length = 0
        if self._said > DISCARDED * self._most or b"expect" in self._headers:
            return
        with suppress(TimeoutError, GoneError):
            async with asyncio.timeout(SECONDS):
                while self.left and length <= DISCARDED * self._most:
                    length += len(await self._part())

    async def _part(self) -> bytes:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            raise GoneError
        self.left = message.get("more_body", False)
        part: bytes = message.get("body", b"")
        return part

    def _unpacked(self, body: bytes) -> bytes:
        """Return `body` without its compression."""
        encoding = self._headers.get(b"content-encoding", b"identity").lower()
        if encoding == b"identity":
            return body
        if encoding not in (b"gzip", b"deflate"):
            raise ServiceError(415, "a body may be compressed by gzip or deflate", {"accept-encoding": "gzip, deflate"})
        unpacker = zlib.decompressobj(32 + zlib.MAX_WBITS)  # either header
        try:
            found = unpacker.decompress(body, self._most + 1)
        except zlib.error:
            raise ServiceError(400, "the body is not compressed as it says") from None
        if len(found) > self._most:
            raise self._too_large()
        if not unpacker.eof:
            raise ServiceError(400, "the body is not compressed as it says")
        return found

    def _too_large(self) -> ServiceError:
        return ServiceError(413, f"a request has at most {self._most} bytes")
