"""What every address of the service does with a request before and after it is answered.

Pure ASGI: at a tenth of a millisecond a run, a framework's request and response objects would cost more than the model.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter, time
from typing import TYPE_CHECKING

import msgspec
from starlette.datastructures import QueryParams
from starlette.types import Receive, Scope, Send

from glassbox.serving import keys, origins, rates
from glassbox.serving.bodies import Body, GoneError
from glassbox.serving.protocol import Problem, ServiceError
from glassbox.serving.rates import Rates
from glassbox.serving.settings import Settings

if TYPE_CHECKING:
    from glassbox.serving.metrics import Metrics

_log = logging.getLogger(__name__)
_requests = logging.getLogger(f"{__name__}.requests")
_requests.setLevel(logging.INFO)
_NO_SNIFFING = (b"x-content-type-options", b"nosniff")
_encoder = msgspec.json.Encoder()


@dataclass
class Request:
    """A request, read: the parameters of its `path`, its `headers` by their lower-case names, `query` and `body`."""

    path: Mapping[str, str]
    headers: Mapping[bytes, bytes]
    query: bytes
    body: bytes = b""

    def header(self, name: str) -> str:
        """Return a header; "" if it was not sent."""
        return self.headers.get(name.encode(), b"").decode("latin-1")

    def parameter(self, name: str) -> str:
        """Return a parameter of the query; "" if it was not sent."""
        return QueryParams(self.query).get(name, "")


@dataclass
class Answer:
    """An answer: its `body`, whole or piece by piece as it is made."""

    body: bytes | AsyncGenerator[bytes, None] = b""
    status: int = 200
    media_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


def as_json(record: object, status: int = 200) -> Answer:
    """Return the answer that is `record` as JSON."""
    return Answer(_encoder.encode(record), status)


Handler = Callable[[Request], Awaitable[Answer]]


class Door:
    """Who may ask, how often, and what is counted and logged of it: the same for all addresses of a service."""

    def __init__(self, settings: Settings) -> None:
        """Raises ValueError for a file of keys that can't be used."""
        self.settings = settings
        self.digests = keys.load(Path(settings.keys)) if settings.keys else ()
        self.metrics: Metrics | None = None
        self._rates = Rates(settings.rate) if settings.rate else None
        if settings.metrics:
            from glassbox.serving import metrics  # it loads a package that is only needed here

            self.metrics = metrics.Metrics(settings)
        if settings.log and not _requests.hasHandlers():
            _requests.addHandler(logging.StreamHandler())

    def allowed(self, headers: Mapping[bytes, bytes]) -> dict[str, str]:
        """Return the headers that let a page of another site read the answer. Raises ServiceError for one that may not
        ask."""
        if b"origin" not in headers:
            return {}
        origin, host = headers[b"origin"].decode("latin-1"), headers.get(b"host", b"").decode("latin-1")
        if origins.own(origin, host, self.settings.hosts):
            return {}
        if origin not in self.settings.origins:
            raise ServiceError(403, "pages of this site may not ask here: see GLASSBOX_SERVICE_ORIGINS")
        return {"access-control-allow-origin": origin, "access-control-expose-headers": "*", "vary": "Origin"}

    async def enter(self, scope: Scope, headers: Mapping[bytes, bytes]) -> None:
        """Count the request. Raises ServiceError for a wrong key, or too many requests."""
        holder = keys.holder(keys.of(headers), self.digests) if self.digests else None
        if self.digests and holder is None:
            raise ServiceError(401, "a key is asked for: Authorization: Bearer KEY", {"www-authenticate": "Bearer"})
        if self._rates:
            await self._rates.take(holder or rates.client((scope.get("client") or ("",))[0]))

    def tell(self, route: str, status: int, seconds: float, size: int) -> None:
        """Log and count an answer to a request of `size` bytes."""
        if self.metrics:
            self.metrics.request(route, status, seconds)
        if self.settings.log:
            line = {"time": time(), "route": route, "status": status, "seconds": round(seconds, 6), "bytes": size}
            _requests.info("%s", _encoder.encode(line).decode())


class Endpoint:
    """ASGI application for one address, the `route`: `handler` answers the requests with one of `methods`. One that is
    `open` asks for no key and counts for no rate."""

    def __init__(self, route: str, handler: Handler, door: Door, methods: tuple[str, ...], *, open: bool) -> None:
        self._route, self._handler, self._door, self._methods, self._open = route, handler, door, methods, open

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun, allowed = perf_counter(), dict[str, str]()
        request = Request(scope["path_params"], dict(scope["headers"]), scope["query_string"])
        body = Body(request.headers, receive, self._door.settings.body)
        try:
            allowed = self._door.allowed(request.headers)
            answer = await self._answer(scope, request, body)
        except ServiceError as error:
            answer = _refusal(error.again())
        except GoneError:
            return
        except Exception as error:
            # Neither the message nor the frames, in which there may be what was sent.
            _log.error("a request failed: %s in %s", error.__class__.__name__, self._route)
            answer = _refusal(ServiceError(500, "this failed for a reason that is not the request's"))
        if body.left:
            await body.discard()
        if body.left:
            answer.headers["connection"] = "close"
        answer.headers |= allowed
        await _send(answer, receive, send, head=scope["method"] == "HEAD", seconds=self._door.settings.seconds)
        self._door.tell(self._route, answer.status, perf_counter() - begun, len(request.body))

    async def _answer(self, scope: Scope, request: Request, body: Body) -> Answer:
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        if method == "OPTIONS":
            asked = {"allow-methods": ", ".join(self._methods), "allow-headers": "*, Authorization", "max-age": "600"}
            return Answer(b"", 204, headers={f"access-control-{name}": value for name, value in asked.items()})
        if method not in self._methods:
            allowed = ", ".join(self._methods)
            raise ServiceError(405, f"this address takes {allowed}", {"allow": allowed})
        if not self._open:
            await self._door.enter(scope, request.headers)
        read = False
        try:
            async with asyncio.timeout(self._door.settings.seconds):
                if method == "POST":
                    request.body = await body.read()
                read = True
                return await self._handler(request)
        except TimeoutError:
            late = (503, "the answer took too long") if read else (408, "the body came too slowly")
            raise ServiceError(*late) from None


def _refusal(error: ServiceError) -> Answer:
    answer = as_json(Problem(str(error)), error.status)
    answer.headers = error.headers
    return answer


async def _send(answer: Answer, receive: Receive, send: Send, *, head: bool, seconds: float) -> None:
    """Send an answer; one that is made piece by piece for so many seconds at most, and as long as someone listens."""
    headers = [(b"content-type", answer.media_type.encode()), _NO_SNIFFING]
    if isinstance(answer.body, bytes):
        headers.append((b"content-length", str(len(answer.body)).encode()))
    headers += [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    if isinstance(answer.body, bytes):
        await send({"type": "http.response.body", "body": b"" if head else answer.body})
        return
    gone = asyncio.ensure_future(_disconnected(receive))
    try:
        async with asyncio.timeout(seconds):
            async for part in answer.body:
                if gone.done():
                    return
                await send({"type": "http.response.body", "body": part, "more_body": True})
    except TimeoutError:
        pass
    finally:
        gone.cancel()
        await answer.body.aclose()
    await send({"type": "http.response.body", "body": b""})


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
