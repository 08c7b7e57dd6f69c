"""HTTP connections that are held to a pace and a number: idle ones, and those that never finish to ask, end.

uvicorn closes a connection that is idle after an answer, and waits without end for the first request, or for the rest
of a request's head. This relies on private parts of it; tests/serving/test_alone.py says when they change.
"""

import asyncio
import socket
from collections import OrderedDict
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

SECONDS = 20
"""In which a connection is to bring a whole head, twice at most."""
MOST = 1_000
"""Connections, where as many files may be open. One more ends the oldest that asks nothing."""
SPARE = 100
"""Files that are open beside the connections."""


class Listening:
    """A listening socket that several processes share, each of which takes one connection in a turn of its event loop.

    asyncio takes all that wait: whoever woke up first would serve them, and the other processes nobody."""

    def __init__(self, shared: socket.socket) -> None:
        self._shared, self._taken = shared, False

    def __reduce__(self) -> tuple[type["Listening"], tuple[socket.socket]]:
        return Listening, (self._shared,)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._shared, name)

    def accept(self) -> tuple[socket.socket, Any]:
        """Return a connection, and the next time say that none waits, which ends asyncio's turn."""
        self._taken = not self._taken
        if not self._taken:
            raise BlockingIOError
        return self._shared.accept()


class _Joined:
    """A transport that sends at once what is written in one turn of the event loop: an answer's head and its body would
    else be two packets, for each of which a client is woken."""

    def __init__(self, transport: Any) -> None:
        self._transport, self._parts = transport, list[bytes]()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send `data` with what else is written in this turn."""
        if not self._parts:
            asyncio.get_running_loop().call_soon(self._flush)
        self._parts.append(data)

    def close(self) -> None:
        """Close it behind what was written."""
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        if self._parts:
            parts, self._parts = self._parts, []
            self._transport.write(b"".join(parts))


class Connection(HttpToolsProtocol):
    """One connection. `most`: how many there may be."""

    most: ClassVar[int] = MOST
    _open: ClassVar["OrderedDict[Connection, None]"] = OrderedDict()  # at most MOST that ask nothing, and those that do

    def connection_made(self, transport: Any) -> None:
        """Take it in, and end the oldest that asks nothing where there are too many."""
        joined: Any = _Joined(transport)
        super().connection_made(joined)
        self._open[self] = None
        self._answered: object = None
        self._check = asyncio.get_running_loop().call_later(SECONDS, self._look)
        if len(self._open) > self.most:
            oldest = next((one for one in self._open if one.waits and one is not self), self)
            oldest.transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        """Let it go."""
        self._open.pop(self, None)
        self._check.cancel()
        super().connection_lost(error)

    @property
    def waits(self) -> bool:
        """Whether no request is being answered."""
        return self.cycle is None or self.cycle.response_complete

    def _look(self) -> None:
        """End the connection if it has brought no whole head since the last look."""
        if self.waits and self.cycle is self._answered:
            self.transport.close()
        else:
            self._answered = self.cycle
            self._check = asyncio.get_running_loop().call_later(SECONDS, self._look)
