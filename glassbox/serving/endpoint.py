"""What every address of the service does with a request before and after it is answered.

Pure ASGI: at a tenth of a millisecond a run, a framework's request and response objects would cost more than the model.
"""

import asyncio
import logging
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec
from starlette.types import Receive, Scope, Send

from glassbox.serving import origins
from glassbox.serving.protocol import Problem, ServiceError
from glassbox.serving.settings import Settings

Result = TypeVar("Result")
_log = logging.getLogger(__name__)
_encoder = msgspec.json.Encoder()


@dataclass
class Request:
    """A request, read: the parameters of its `path`, its `headers` by their lower-case names, `query` and `body`."""

    path: Mapping[str, str]
    headers: Mapping[bytes, bytes]
    query: bytes
    body: bytes

    def header(self, name: str) -> str:
        """Return a header; "" if it was not sent."""
        return self.headers.get(name.encode(), b"").decode("latin-1")


@dataclass
class Answer:
    """An answer: its `body`, whole or piece by piece as it is made."""

    body: bytes | AsyncIterator[bytes] = b""
    status: int = 200
    media_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


def as_json(record: object, status: int = 200) -> Answer:
    """Return the answer that is `record` as JSON."""
    return Answer(_encoder.encode(record), status)


Handler = Callable[[Request], Awaitable[Answer]]


class Endpoint:
    """ASGI application for one address: `handler` answers the requests with one of `methods`."""

    def __init__(self, handler: Handler, settings: Settings, methods: tuple[str, ...]) -> None:
        self._handler, self._settings, self._methods = handler, settings, methods

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        allowed: dict[str, str] = {}
        try:
            headers = dict(scope["headers"])
            allowed = self._allowed(headers)
            answer = await self._answer(scope, headers, receive)
        except ServiceError as error:
            answer = _refusal(error)
        except _GoneError:
            return
        except Exception as error:
            # Neither the message nor the frames, in which there may be what was sent.
            _log.error("a request failed: %s in %s", type(error).__name__, self._handler.__name__)
            answer = _refusal(ServiceError(500, "this failed for a reason that is not the request's"))
        answer.headers |= allowed
        await _send(answer, send, head=scope["method"] == "HEAD")

    def _allowed(self, headers: Mapping[bytes, bytes]) -> dict[str, str]:
        """Return the headers that let a page of another site read the answer. Raises ServiceError for one that may not
        ask."""
        if b"origin" not in headers:
            return {}
        origin, host = headers[b"origin"].decode("latin-1"), headers.get(b"host", b"").decode("latin-1")
        if origins.own(origin, host, self._settings.hosts):
            return {}
        if origin not in self._settings.origins:
            raise ServiceError(403, "pages of this site may not ask here: see GLASSBOX_SERVICE_ORIGINS")
        return {"access-control-allow-origin": origin, "access-control-expose-headers": "*", "vary": "Origin"}

    async def _answer(self, scope: Scope, headers: Mapping[bytes, bytes], receive: Receive) -> Answer:
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        if method == "OPTIONS":
            asked = {"allow-methods": ", ".join(self._methods), "allow-headers": "*, Authorization", "max-age": "600"}
            return Answer(b"", 204, headers={f"access-control-{name}": value for name, value in asked.items()})
        if method not in self._methods:
            allowed = ", ".join(self._methods)
            raise ServiceError(405, f"this address takes {allowed}", {"allow": allowed})
        body = b""
        if method == "POST":
            body = await self._within(self._body(headers, receive), ServiceError(408, "the body came too slowly"))
        request = Request(scope["path_params"], headers, scope["query_string"], body)
        return await self._within(self._handler(request), ServiceError(503, "the answer took too long"))

    async def _within(self, work: Awaitable[Result], late: ServiceError) -> Result:
        try:
            async with asyncio.timeout(self._settings.seconds):
                return await work
        except TimeoutError:
            raise late from None

    async def _body(self, headers: Mapping[bytes, bytes], receive: Receive) -> bytes:
        """Return the whole body, unpacked. Raises ServiceError as soon as it has more than may be."""
        most = self._settings.body
        said = headers.get(b"content-length", b"0")
        if said.isdigit() and int(said[:20]) > most:
            raise _too_large(most)
        parts, length = [], 0
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise _GoneError
            part = message.get("body", b"")
            length += len(part)
            if length > most:
                raise _too_large(most)
            parts.append(part)
            more = message.get("more_body", False)
        return _unpacked(b"".join(parts), headers.get(b"content-encoding", b"identity").lower(), most)


class _GoneError(Exception):
    """Whoever asked has gone before all was sent."""


def _refusal(error: ServiceError) -> Answer:
    answer = as_json(Problem(str(error)), error.status)
    answer.headers = error.headers
    return answer


def _too_large(most: int) -> ServiceError:
    return ServiceError(413, f"a request has at most {most} bytes")


def _unpacked(body: bytes, encoding: bytes, most: int) -> bytes:
    """Return `body` without its compression. Raises ServiceError, for more than `most` bytes before they are there."""
    if encoding == b"identity":
        return body
    if encoding not in (b"gzip", b"deflate"):
        raise ServiceError(415, "a body may be compressed by gzip or deflate", {"accept-encoding": "gzip, deflate"})
    unpacker = zlib.decompressobj(32 + zlib.MAX_WBITS)  # either header
    try:
        found = unpacker.decompress(body, most + 1)
    except zlib.error:
        raise ServiceError(400, "the body is not compressed as it says") from None
    if len(found) > most:
        raise _too_large(most)
    if not unpacker.eof:
        raise ServiceError(400, "the body is not compressed as it says")
    return found


async def _send(answer: Answer, send: Send, head: bool) -> None:
    headers = [(b"content-type", answer.media_type.encode())]
    if isinstance(answer.body, bytes):
        headers.append((b"content-length", str(len(answer.body)).encode()))
    headers += [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    if isinstance(answer.body, bytes):
        await send({"type": "http.response.body", "body": b"" if head else answer.body})
        return
    async for part in answer.body:
        await send({"type": "http.response.body", "body": part, "more_body": True})
    await send({"type": "http.response.body", "body": b""})
