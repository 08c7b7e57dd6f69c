"""What callers notice when a replica is killed: `python -m benchmarks.replicas`, with deploy/ray/requirements.txt.

Two replicas of the service run on Ray Serve. Callers ask all the time through the client of a remote engine, which
asks again where a connection breaks off or the server is busy. One replica is killed, and Ray Serve starts another.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from glassbox.engine.remote_server import Server, Settings
from glassbox.serving import drill
from glassbox.serving.drill import Callers, Part

REPOSITORY = Path(__file__).parent.parent
SECONDS = 5.0
"""Of each of the three parts: before a replica is killed, from then on, and once there are two again."""
_ENVIRONMENT = {"GLASSBOX_SERVICE_RATE": "0", "OMP_NUM_THREADS": "1"}


def line(name: str, part: Part) -> str:
    """Return a part in a line of text."""
    p50, p95, p99 = (1000 * part.percentile(percent) for percent in (50, 95, 99))
    return f"{name:<28}{len(part.seconds):>7}{part.lost:>6}{p50:>9.1f}{p95:>9.1f}{p99:>9.1f}"


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


def kill_one(address: str, starter: int, seconds: float = SECONDS) -> tuple[list[Part], int]:
    """Return what callers got before one of the replicas was killed, from then on, and once it was replaced; and how
    many further tries they made."""
    before = replicas_of(starter)
    callers = Callers(Settings(address, seconds=20.0), "cnn", ("picture", "probabilities"), (1, 1, 28, 28))

    def replaced() -> None:
        while len(replicas_of(starter)) < len(before):
            time.sleep(0.5)

    parts = drill.run(callers, lambda: os.kill(before[0], signal.SIGKILL), seconds, replaced)
    return parts, callers.server.health().failures


def main() -> None:
    with ray_service(replicas=2) as (address, starter):
        parts, tries = kill_one(address, starter)
    print(f"{'':<28}{'asked':>7}{'lost':>6}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}")
    for name, part in zip(("2 replicas", "one killed", "replaced"), parts, strict=True):
        print(line(name, part))
    print(f"tried again: {tries} times")


if __name__ == "__main__":
    main()
