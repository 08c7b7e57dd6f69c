"""What callers notice when a replica is killed: `python -m benchmarks.replicas`, with deploy/ray/requirements.txt.

Two replicas of the service run on Ray Serve. Callers ask all the time through the client of a remote engine, which
asks again where a connection breaks off or the server is busy. One replica is killed, and Ray Serve starts another.
"""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassbox.engine.circuit_breaker import CircuitBreaker
from glassbox.engine.engine_error import EngineError
from glassbox.engine.remote_server import Server, Settings

REPOSITORY = Path(__file__).parent.parent
CALLERS = 4
TRIES, PAUSE = 3, 0.1
"""How often a caller asks at most, and the seconds between."""
SECONDS = 5.0
"""Of each of the three parts: before a replica is killed, from then on, and once there are two again."""


_ENVIRONMENT = {"GLASSBOX_SERVICE_RATE": "0", "OMP_NUM_THREADS": "1"}


@dataclass(frozen=True)
class Part:
    """What the callers got in a part of the time: the seconds that their requests took, and how many were `lost`."""

    name: str
    seconds: list[float]
    lost: int

    def line(self) -> str:
        """Return the part in a line of text."""
        if not self.seconds:
            return f"{self.name:<28}{0:>7}{self.lost:>6}"
        p50, p95, p99 = 1000 * np.percentile(self.seconds, (50, 95, 99))
        return f"{self.name:<28}{len(self.seconds):>7}{self.lost:>6}{p50:>9.1f}{p95:>9.1f}{p99:>9.1f}"


@contextmanager
def ray_service(replicas: int) -> Iterator[tuple[str, int]]:
    """Run the service on Ray Serve: its address, and the process id of what started it."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "glassbox.serving.ray_serve", "--port", str(port)]
    environment = {**os.environ, **_ENVIRONMENT}
    with subprocess.Popen(
        [*command, "--replicas", str(replicas), str(replicas)], cwd=REPOSITORY, env=environment
    ) as process:
        try:
            server = Server(Settings(f"http://127.0.0.1:{port}"))
            while not server.health().ready:
                if process.poll() is not None:
                    raise RuntimeError(f"Ray Serve ended with the status {process.returncode}")
                time.sleep(0.5)
            yield server.settings.address, process.pid
        finally:
            process.send_signal(signal.SIGTERM)


def replicas_of(starter: int) -> list[int]:
    """Return the process ids of the replicas that descend from the process `starter` (Linux)."""
    parents, names = {}, {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                names[int(folder.name)] = (folder / "cmdline").read_bytes()
            except OSError:
                continue  # it has ended meanwhile
    found = []
    for process, name in names.items():
        above = process
        while above in parents and above != starter:
            above = parents[above]
        if above == starter and name.startswith(b"ray::ServeReplica:glassbox"):
            found.append(process)
    return sorted(found)


def _check(found: Mapping[str, NDArray[Any]]) -> None:
    """Raise ValueError for an answer that can't be right."""
    if found["probabilities"].shape != (1, 10):
        raise ValueError("the answer has another shape")


class Callers:
    """Threads that ask `model` at `address` all the time, in parts; `server` counts their further tries."""

    def __init__(self, address: str, model: str = "cnn") -> None:
        never = CircuitBreaker(failures=sys.maxsize)  # with one, nobody would be asked for five seconds
        self.server = Server(Settings(address, seconds=20.0), never)
        self._model, self._feeds = model, {"picture": np.zeros((1, 1, 28, 28), np.float32)}
        self._seconds: list[float] = []
        self._lost = 0
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._ask) for _ in range(CALLERS)]
        for thread in self._threads:
            thread.start()

    def _ask(self) -> None:
        while not self._ended.is_set():
            begun = time.perf_counter()
            if self._answered():
                self._seconds.append(time.perf_counter() - begun)
            else:
                self._lost += 1

    def _answered(self) -> bool:
        """Ask until there is an answer, TRIES times at most: asking twice changes nothing, so a caller may ask again
        where Ray's proxy says of a request that its replica has ended (500)."""
        for _ in range(TRIES):
            try:
                self.server.infer(self._model, self._feeds, ["probabilities"], check=_check)
                return True
            except EngineError:
                time.sleep(PAUSE)
        return False

    def part(self, name: str, seconds: float) -> Part:
        """Return what the callers got in the next `seconds`."""
        self._seconds, self._lost = [], 0
        time.sleep(seconds)
        return Part(name, self._seconds, self._lost)

    def end(self) -> None:
        """Ask no more."""
        self._ended.set()
        for thread in self._threads:
            thread.join()


def kill_one(address: str, starter: int, seconds: float = SECONDS) -> tuple[list[Part], int]:
    """Return what callers got before one of the replicas was killed, from then on, and once it was replaced; and how
    many further tries they made."""
    callers, before = Callers(address), replicas_of(starter)
    try:
        parts = [callers.part(f"{len(before)} replicas", seconds)]
        os.kill(before[0], signal.SIGKILL)
        parts.append(callers.part("one killed", seconds))
        while len(replicas_of(starter)) < len(before):
            time.sleep(0.5)
        parts.append(callers.part("replaced", seconds))
    finally:
        callers.end()
    return parts, callers.server.health().failures


def main() -> None:
    with ray_service(replicas=2) as (address, starter):
        parts, tries = kill_one(address, starter)
    print(f"{'':<28}{'asked':>7}{'lost':>6}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}")
    print("\n".join(part.line() for part in parts))
    print(f"tried again: {tries} times")


if __name__ == "__main__":
    main()
