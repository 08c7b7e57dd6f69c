"""Load on an HTTP server: one request over and over on some connections, each as soon as the last is answered."""

import asyncio
from dataclasses import dataclass, field
from statistics import quantiles
from time import perf_counter
from typing import Any

WARMING = 0.5
"""Seconds that are not counted."""


@dataclass
class Load:
    """What came of it: the `seconds` that each request took, over `over` seconds; `problem`: an answer that is none."""

    over: float
    seconds: list[float] = field(default_factory=list)
    problem: bytes = b""

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.seconds) / self.over

    def percentile(self, percent: int) -> float:
        """Milliseconds in which `percent` of the requests are answered."""
        return 1e3 * quantiles(self.seconds, n=100)[percent - 1]


class _Connection(asyncio.Protocol):
    """Sends `request` and waits for the whole answer, again and again."""

    def __init__(self, request: bytes, load: Load) -> None:
        self._request, self._load, self._read = request, load, b""

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._send()

    def _send(self) -> None:
        self._begun = perf_counter()
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._read += data
        head, end, body = self._read.partition(b"\r\n\r\n")
        if not end:
            return
        lower = head.lower()
        length = int(lower.partition(b"content-length:")[2].partition(b"\r\n")[0])
        if len(body) < length:
            return
        if b" 200 " not in head[:20]:
            self._load.problem = self._read[:500]
            self._transport.abort()
            return
        self._read = b""
        self._load.seconds.append(perf_counter() - self._begun)
        self._send()

    def connection_lost(self, error: Exception | None) -> None:
        self._read = b""


def run(port: int, request: bytes, clients: int, seconds: float) -> Load:
    """Return what comes of so many clients for so many seconds."""

    async def measured() -> Load:
        loop, load = asyncio.get_running_loop(), Load(seconds)
        opened = [
            await loop.create_connection(lambda: _Connection(request, load), "127.0.0.1", port) for _ in range(clients)
        ]
        await asyncio.sleep(WARMING)
        load.seconds.clear()
        begun = perf_counter()
        await asyncio.sleep(seconds)
        load.over = perf_counter() - begun
        load.seconds = load.seconds[:]  # what comes from here on counts for nothing
        for transport, _ in opened:
            transport.abort()
        if load.problem:
            raise RuntimeError(f"the server refuses: {load.problem!r}")
        return load

    return asyncio.run(measured())


def post(path: str, body: bytes, **headers: str) -> bytes:
    """Return an HTTP request; headers by their names with underscores."""
    lines = {"host": "localhost", "content-length": str(len(body))} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"POST {path} HTTP/1.1\r\n{head}\r\n".encode() + body
