"""Several processes behind one address: connections are accepted here, and each is handed over to one of them.

A browser's session is in the memory of one process, which a cookie names. The beginning of each connection is looked
at, not read; the process that gets the connection reads it as if it had accepted it itself. Nothing is copied.
"""

import asyncio
import os
import re
import secrets
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from signal import SIGINT, SIGTERM
from time import monotonic
from zlib import crc32

from glassbox.engine.container import WORKERS

CHANNEL = "GLASSBOX_WORKER_CHANNEL"
"""Environment variable of a process: the descriptor of the socket on which its connections arrive."""
WORKER = "GLASSBOX_WORKER"
"""Environment variable of a process: its number among those that serve the address."""
LINES = "GLASSBOX_LINES"
"""Environment variable of a process: the folder in which all of them wait for turns (glassbox/ui/server/lines.py)."""
COOKIE = "glassbox_worker"
"""The cookie that leads a browser to the process that holds its session: the process's number."""
HEAD = 16_384
"""Bytes within which the head of a connection's first request has to end; else it goes to any process."""
SECONDS = 5.0
"""How long a connection may take to send that head. One that is opened ahead of need goes to any process then."""
LOOK_SECONDS = 0.01
"""How often the head of a request that arrives in pieces is looked at."""
WAITING = 1024
"""Connections that are looked at at a time; others wait in the system's queue."""
PATIENCE = 20.0
"""Seconds that processes have to end, from the signal."""
RESTART_SECONDS = 1.0
"""The least time between two starts of a process that ends."""
SERVICE = ("/v1/", "/v2", "/metrics")
"""Where programs ask, which keep no cookies: an address's requests go to one process, where they are counted."""

_COOKIE = re.compile(rf"^cookie:(?:.*[; ])?{COOKIE}=(\d{{1,3}})\s*(?:;|\r?$)".encode(), re.IGNORECASE | re.MULTILINE)
_END = re.compile(rb"\r?\n\r?\n")


@dataclass
class Worker:
    """A process, the socket on which it gets its connections, and when it was started."""

    process: subprocess.Popen[bytes]
    channel: socket.socket
    started: float = field(default_factory=monotonic)


class Workers:
    """As many processes as `count`, each started by `start` with its number and its end of a socket pair, which takes
    the place of one that has ended."""

    def __init__(self, count: int, start: Callable[[int, socket.socket], subprocess.Popen[bytes]]) -> None:
        self._start = start
        self._next = 0
        self.workers = [self._started(number) for number in range(count)]

    def _started(self, number: int) -> Worker:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        with theirs:
            process = self._start(number, theirs)
        ours.setblocking(False)
        return Worker(process, ours)

    def choose(self, head: bytes, address: str) -> int:
        """Return the number of the process for a connection that begins with `head` and comes from `address`."""
        asked = _COOKIE.search(head)
        if asked and int(asked[1]) < len(self.workers):
            return int(asked[1])
        path = head.split(b" ", 2)[1:2]
        if path and path[0].decode("latin-1").startswith(SERVICE):
            return crc32(address.encode()) % len(self.workers)
        self._next = (self._next + 1) % len(self.workers)
        return self._next

    def hand_over(self, connection: socket.socket, number: int) -> bool:
        """Give `connection` to a process. Return False if its queue is full or it has just ended."""
        try:
            socket.send_fds(self.workers[number].channel, [b"\0"], [connection.fileno()])
        except OSError:
            return False
        return True

    def replace_ended(self) -> None:
        """Start a process anew in the place of each that has ended, at most once in RESTART_SECONDS."""
        for number, worker in enumerate(self.workers):
            if worker.process.poll() is not None and monotonic() - worker.started >= RESTART_SECONDS:
                worker.channel.close()
                self.workers[number] = self._started(number)

    def end(self) -> None:
        """End all processes, by force where they take longer than PATIENCE."""
        for worker in self.workers:
            worker.channel.close()
            worker.process.terminate()
        end = monotonic() + PATIENCE
        for worker in self.workers:
            try:
                worker.process.wait(max(0.1, end - monotonic()))
            except subprocess.TimeoutExpired:
                worker.process.kill()
                worker.process.wait()


async def distribute(listening: socket.socket, workers: Workers) -> None:
    """Accept connections on `listening` and hand them over, until the process is told to end."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (SIGINT, SIGTERM):
        loop.add_signal_handler(number, stop.set)
    listening.setblocking(False)
    tasks = {asyncio.create_task(_accept(listening, workers)), asyncio.create_task(_watch(workers))}
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait({*tasks, stopped}, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _watch(workers: Workers) -> None:
    while True:
        await asyncio.sleep(RESTART_SECONDS / 2)
        workers.replace_ended()


async def _accept(listening: socket.socket, workers: Workers) -> None:
    loop, places = asyncio.get_running_loop(), asyncio.Semaphore(WAITING)
    looking: set[asyncio.Task[None]] = set()  # at most WAITING
    while True:
        await places.acquire()
        try:
            connection, address = await loop.sock_accept(listening)
        except OSError:  # no descriptor is free, or the visitor has left already
            places.release()
            await asyncio.sleep(LOOK_SECONDS)
            continue
        task = asyncio.create_task(_look(connection, address[0], workers))
        looking.add(task)
        task.add_done_callback(looking.discard)
        task.add_done_callback(lambda _: places.release())


async def _look(connection: socket.socket, address: str, workers: Workers) -> None:
    with connection:
        head = await head_of(connection)
        for _ in range(len(workers.workers)):
            if head is None or workers.hand_over(connection, workers.choose(head, address)):
                return
            head = b""  # any other process will do
            await asyncio.sleep(LOOK_SECONDS)


async def head_of(connection: socket.socket) -> bytes | None:
    """Return the head of the first request on `connection` without reading it, as far as it has come after SECONDS;
    None if the connection was closed."""
    end = monotonic() + SECONDS
    head = b""
    while monotonic() < end:
        try:
            head = connection.recv(HEAD, socket.MSG_PEEK)
        except BlockingIOError:
            head = b""
        except OSError:
            return None
        else:
            if not head:
                return None
        if _END.search(head) or len(head) == HEAD:
            return head
        await asyncio.sleep(LOOK_SECONDS)
    return head


@contextmanager
def _folder() -> Iterator[str]:
    """Give the path of a folder that is gone afterwards; "" where there is no room for one."""
    try:
        made = tempfile.TemporaryDirectory(prefix="glassbox-", ignore_cleanup_errors=True)
    except OSError as error:
        print(f"Long jobs take turns in each process by itself: {error}", file=sys.stderr, flush=True)
        yield ""
        return
    import fcntl  # there is none on Windows, where only the names of this module are used

    with made as path:
        handle = os.open(path, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_SH)  # what tidies up old temporary files passes by
            yield path
        finally:
            os.close(handle)


def run(count: int, address: str, port: int, command: Sequence[str]) -> int:
    """Serve with `count` processes of `command` until this one is interrupted, and return the exit status.

    `address`: where to listen, "" for everywhere. Raises OSError if the port is taken.
    """
    if not address and socket.has_dualstack_ipv6():
        listening = socket.create_server(("::", port), family=socket.AF_INET6, backlog=WAITING, dualstack_ipv6=True)
    else:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        listening = socket.create_server((address, port), family=family, backlog=WAITING)
    with listening, _folder() as lines:
        secret = secrets.token_hex()  # by which one process knows the cookies of another

        def start(number: int, channel: socket.socket) -> subprocess.Popen[bytes]:
            environment = {
                **os.environ,
                CHANNEL: str(channel.fileno()),
                WORKER: str(number),
                WORKERS: str(count),
                LINES: lines,
                "STREAMLIT_SERVER_COOKIE_SECRET": secret,
            }
            return subprocess.Popen(
                [sys.executable, *command], env=environment, pass_fds=[channel.fileno()], stdout=subprocess.DEVNULL
            )

        workers = Workers(count, start)
        try:
            print(
                f"The dashboard is served by {count} processes at http://localhost:{port}", file=sys.stderr, flush=True
            )
            asyncio.run(distribute(listening, workers))
        finally:
            workers.end()
    return 0
