"""A dashboard of its own for a benchmark, started as a user would."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter, sleep
from urllib.error import URLError
from urllib.request import urlopen

REPOSITORY = Path(__file__).parent.parent
PATIENCE = 60.0
"""Seconds after which a server or page that has not answered is given up."""


@contextmanager
def dashboard() -> Iterator[tuple[str, int]]:
    """Give the address and the process of a dashboard that answers; it ends with the block.

    Raises RuntimeError if it does not start."""
    port = free_port()
    url = f"http://localhost:{port}"
    arguments = ["-m", "streamlit", "run", "dashboard.py", "--server.port", str(port), "--server.headless", "true"]
    server = subprocess.Popen([sys.executable, *arguments], cwd=REPOSITORY, stdout=subprocess.DEVNULL)
    try:
        wait_until_healthy(server, url)
        yield url, server.pid
    finally:
        server.terminate()
        server.wait(10)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until_healthy(server: subprocess.Popen[bytes], url: str) -> None:
    end = perf_counter() + PATIENCE
    while perf_counter() < end and server.poll() is None:
        try:
            with urlopen(f"{url}/_stcore/health", timeout=1):
                return
        except (URLError, OSError):
            sleep(0.02)
    raise RuntimeError("the server did not start")
