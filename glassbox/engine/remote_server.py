"""A server that speaks the Open Inference Protocol, version 2, such as Triton, KServe or MLServer.

A run changes nothing on the server, so it may be asked for again: that is done, after a moment, where no connection was
had, where it broke off, and where the server is too busy. Not after a time-out, for the server may still be at work.
"""

import logging
import random
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic, perf_counter, sleep
from typing import Any, TypeVar

import msgspec
import numpy as np
import urllib3
from numpy.typing import NDArray
from urllib3 import exceptions
from urllib3.util import Timeout, parse_url

from glassbox.engine import inference_protocol as protocol
from glassbox.engine.circuit_breaker import CircuitBreaker
from glassbox.engine.engine_error import EngineError
from glassbox.engine.engine_health import EngineHealth, Latency
from glassbox.engine.inference_protocol import ModelMetadata, ServerMetadata
from glassbox.input_error import Reason

_log = logging.getLogger(__name__)

TRIES = 3
CONNECTIONS = 16
"""Kept at most; whoever comes when all are in use waits for one."""
MAX_BYTES = 64_000_000
"""Of an answer."""
TIMED = 512
"""The runs, the last ones, whose times are kept."""
_CONNECT = 1.0  # seconds
_BACKOFF = 0.05  # seconds before the second try, twice as many before each further one
_CODES = {401: "key", 403: "key", 404: "no_model", **dict.fromkeys((429, 502, 503, 504), "busy")}
_SAID = {"busy": "is too busy", "refused": "refused what it was asked", "failed": "failed"}
_SAID |= {"key": "wants another API key, GLASSBOX_ENGINE_KEY", "no_model": "does not have this model"}
_PART = 65_536
_Record = TypeVar("_Record", bound=msgspec.Struct)
_Read = TypeVar("_Read")
Tensors = Mapping[str, NDArray[Any]]


class _TryAgainError(EngineError):
    """One that another try may not meet."""


@dataclass(frozen=True)
class Settings:
    """Where the server is, the API `key` it asks for ("": none), the `seconds` that a run may take with all its tries,
    and whether the embedded engine answers where it fails."""

    address: str
    key: str = field(default="", repr=False)
    seconds: float = 5.0
    fallback: bool = False

    def __post_init__(self) -> None:
        try:
            url = parse_url(self.address)
        except exceptions.LocationParseError as error:
            raise ValueError(f"{self.address!r} is no address") from error
        if url.scheme not in ("http", "https") or not url.host or url.query or url.fragment or url.auth:
            raise ValueError("the address of an engine is http://HOST:PORT or https://HOST:PORT, without a password")
        if not (self.key.isascii() and self.key.isprintable()):
            raise ValueError("an API key has letters, digits and signs of ASCII alone")
        if not 0 < self.seconds <= 600:
            raise ValueError("the seconds that a run may take are above 0 and at most 600")


class Server:
    """A server of the protocol: pooled connections, time-outs, tries, a circuit breaker. Threads share it."""

    def __init__(
        self, settings: Settings, breaker: CircuitBreaker | None = None, wait: Callable[[float], object] = sleep
    ) -> None:
        self.settings = settings
        self.breaker = breaker or CircuitBreaker()
        self.generation = 0
        """How often it came back after a failure: what was known of it before may no longer hold."""
        self._wait = wait
        self._pool = urllib3.connection_from_url(settings.address, maxsize=CONNECTIONS, block=True, retries=False)
        self._path = (parse_url(settings.address).path or "").rstrip("/")
        self._headers = {"Authorization": f"Bearer {settings.key}"} if settings.key else {}
        self._counting = threading.Lock()
        self._runs = self._failures = 0
        self.instead = 0
        """The runs that the embedded engine answered, the last of them because of `failure`."""
        self.failure: Reason | None = None
        self._last: Reason | None = None  # why a try failed
        self._replaced = False
        self._seconds: deque[float] = deque(maxlen=TIMED)
        self._metadata: tuple[int, ServerMetadata] | None = None

    @property
    def metadata(self) -> ServerMetadata:
        """What the server says of itself, asked once in each generation. Raises EngineError."""
        generation = self.generation
        if self._metadata is None or self._metadata[0] != generation:
            self._metadata = generation, self._record("v2", ServerMetadata)
        return self._metadata[1]

    def model(self, name: str) -> ModelMetadata:
        """Return what the server says of its model `name`. Raises EngineError."""
        return self._record(f"v2/models/{name}", ModelMetadata)

    def infer(
        self, model: str, feeds: Tensors, outputs: Sequence[str], check: Callable[[Tensors], None]
    ) -> dict[str, NDArray[Any]]:
        """Return the tensors that `model` answers to `feeds`, by name; `check` raises ValueError for those that can't
        be right. Raises EngineError."""

        def read(content: bytes, header_length: str | None) -> dict[str, NDArray[Any]]:
            found = protocol.answer(content, header_length)
            check(found)
            return found

        body, headers = protocol.request(feeds, outputs, binary=protocol.BINARY in self.metadata.extensions)
        start = perf_counter()
        found = self._call("POST", f"v2/models/{model}/infer", read, body, headers)
        with self._counting:
            self._runs += 1
            self._replaced = False
            self._seconds.append(perf_counter() - start)
        return found

    def answered_instead(self, cause: Reason, said: str) -> None:
        """Count a run that the embedded engine answered because of `cause`, and log what was `said` of the first since
        the server's last answer."""
        with self._counting:
            self.instead += 1
            self.failure = cause
            first, self._replaced = not self._replaced, True
        if first:
            _log.warning("the embedded engine answers instead: %s", said)

    def health(self) -> EngineHealth:
        """Ask the server once whether it is ready, whatever the circuit breaker says, and return how it is doing."""
        problem = None
        try:
            self._once("GET", "v2/health/ready", b"", {}, monotonic() + min(2 * _CONNECT, self.settings.seconds))
        except EngineError as error:
            problem = error.reason
        told = self._metadata[1] if self._metadata else None
        with self._counting:
            seconds, runs, failures = [*self._seconds], self._runs, self._failures
        return EngineHealth(
            address=self.settings.address,
            ready=problem is None,
            problem=problem,
            server=f"{told.name} {told.version}".strip() if told else "",
            binary=told is not None and protocol.BINARY in told.extensions,
            breaker=self.breaker.state,
            runs=runs,
            failures=failures,
            instead=self.instead,
            latency=Latency(len(seconds), *map(float, np.percentile(seconds, (50, 95, 99)))) if seconds else None,
        )

    @property
    def _called(self) -> str:
        return f"The engine at {self.settings.address}"

    def _record(self, path: str, kind: type[_Record]) -> _Record:
        return self._call("GET", path, lambda content, _: msgspec.json.decode(content, type=kind))

    def _call(
        self,
        method: str,
        path: str,
        read: Callable[[bytes, str | None], _Read],
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> _Read:
        """Return what `read` makes of the body that `path` answers and its header HEADER_LENGTH, after as many tries as
        it takes; `read` raises ValueError for what is no such answer."""
        deadline = monotonic() + self.settings.seconds
        for tried in range(1, TRIES + 1):
            if not self.breaker.passes():
                sentence = f"{self._called} failed several times and is left alone for a while."
                if last := self._last:
                    raise EngineError("paused", f"{sentence} {last}", because=last)
                raise EngineError("paused", sentence)
            try:
                found = read(*self._once(method, path, body, headers or {}, deadline))
            except _TryAgainError as error:
                pause = _BACKOFF * 2 ** (tried - 1) * random.uniform(0.5, 1.5)
                self._failed(error.reason)
                if tried == TRIES or self.breaker.state != "closed" or monotonic() + pause >= deadline:
                    raise EngineError(error.reason.code, str(error), **error.reason.details) from error
                self._wait(pause)
            except (ValueError, RecursionError) as error:
                sentence = f"{self._called} sent an answer that can't be used: {error}."
                wrong = EngineError("wrong_answer", sentence, what=str(error))
                self._failed(wrong.reason)
                raise wrong from error
            except EngineError as error:
                if error.reason.code in ("too_slow", "failed", "wrong_answer", "wrong_numbers"):
                    self._failed(error.reason)
                else:
                    self._succeeded()  # it answers: what was asked is what is wrong
                raise
            else:
                self._succeeded()
                return found
        raise AssertionError("the last try returns or raises")

    def _once(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str], deadline: float
    ) -> tuple[bytes, str | None]:
        left = max(deadline - monotonic(), 0.001)
        try:
            response = self._pool.urlopen(
                method,
                f"{self._path}/{path}",
                body or None,
                {**self._headers, **headers},
                retries=False,
                redirect=False,
                timeout=Timeout(connect=min(_CONNECT, left), read=left),
                pool_timeout=left,  # type: ignore[arg-type]  # it goes to queue.get, which takes fractions too
                preload_content=False,
                decode_content=False,
            )
            content = self._content(response, deadline)
        except (exceptions.NewConnectionError, exceptions.ConnectTimeoutError) as error:
            raise _TryAgainError("unreachable", f"{self._called} can't be reached.") from error
        except (exceptions.TimeoutError, exceptions.EmptyPoolError) as error:
            raise self._too_slow() from error
        except exceptions.HTTPError as error:
            raise _TryAgainError("unreachable", f"{self._called} broke the connection off.") from error
        self._check_status(response.status)
        return content, response.headers.get(protocol.HEADER_LENGTH)

    def _content(self, response: urllib3.BaseHTTPResponse, deadline: float) -> bytes:
        """Return the body of a response. Raises EngineError for one that is too long or comes too slowly."""
        parts, size = [], 0
        try:
            while part := response.read1(_PART):
                parts.append(part)
                size += len(part)
                if size > MAX_BYTES:
                    raise EngineError("wrong_answer", f"{self._called} sent too long an answer.", what="too long")
                if monotonic() > deadline:
                    raise self._too_slow()
        except BaseException:
            response.close()  # whatever else comes on this connection belongs to nobody
            raise
        response.release_conn()
        return b"".join(parts)

    def _check_status(self, status: int) -> None:
        if status != 200:
            code = _CODES.get(status) or ("failed" if status >= 500 else "refused")
            kind = _TryAgainError if code == "busy" else EngineError
            raise kind(code, f"{self._called} {_SAID[code]} (HTTP {status}).", status=status)

    def _too_slow(self) -> EngineError:
        seconds = self.settings.seconds
        return EngineError("too_slow", f"{self._called} did not answer within {seconds:g} s.", seconds=seconds)

    def _succeeded(self) -> None:
        if self.breaker.succeeded():
            with self._counting:
                self.generation += 1

    def _failed(self, why: Reason) -> None:
        self.breaker.failed()
        with self._counting:
            self._failures += 1
            self._last = why
