"""The service in a process of its own, as `glassbox serve --no-dashboard` starts it."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from glassbox.paths import ROOT

PATIENCE = 60


class Server:
    """One that runs: `port`, `process`, and what it has written, `log`."""

    def __init__(self, folder: Path, *options: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self._file = folder / "log.txt"
        with self._file.open("w") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "glassbox", "serve", "--no-dashboard", "--port", str(self.port), *options],
                cwd=ROOT,
                stdout=file,
                stderr=file,
            )
        begun = time.monotonic()
        while self.status("/v2/health/ready") != 200:
            assert self.process.poll() is None and time.monotonic() < begun + PATIENCE, self.log
            time.sleep(0.1)

    @property
    def log(self) -> str:
        return self._file.read_text()

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)

    def status(self, path: str) -> int | None:
        """The status of an answer to GET; None if nobody answers."""
        with suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
            connection.request("GET", path)
            return connection.getresponse().status
        return None

    def memory(self) -> int:
        """Bytes that the process holds (Linux)."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")


@contextmanager
def running(folder: Path, *options: str) -> Iterator[Server]:
    server = Server(folder, *options)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.process.send_signal(signal.SIGTERM)
            try:
                server.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                server.process.kill()
                raise
