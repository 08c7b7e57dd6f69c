"""Forged links, opened on a running dashboard as browsers do, page after page."""

import asyncio
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

from websockets.exceptions import WebSocketException

from benchmarks.dashboard import REPOSITORY, free_port, wait_until_healthy
from benchmarks.measure import processor_seconds
from benchmarks.visitor import Visitor
from glassbox.ui.frame.places import PLACES, address
from tests.hostile.addresses import forged

A_VISIT = 25
"""Links that one visitor opens, one after another, on one page."""
PATIENCE = 600.0
"""Seconds after which a page counts as hung: links are opened on machines that are busy with other things."""
AT_ONCE = 3
"""Visitors, so that the server has something to do while one of them reads."""
TOLD = 20
"""Visits after which it is said how far it is."""


@dataclass
class _Seen:
    """What became of the links so far."""

    begun: float = field(default_factory=perf_counter)
    opened: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0

    def fail(self, what: str) -> None:
        """Count a failure, and tell it at once."""
        self.failed[what] += 1
        print(what, file=sys.stderr, flush=True)


def fuzz(count: int, seed: int) -> int:
    """Print what became of `count` links and return the exit status."""
    port = free_port()
    url = f"http://localhost:{port}"
    command = [sys.executable, "-m", "streamlit", "run", "dashboard.py", "--client.showErrorDetails=full"]
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        with log.open("wb") as out:
            server = subprocess.Popen(
                [*command, "--server.port", str(port)], cwd=REPOSITORY, stdout=out, stderr=subprocess.STDOUT
            )
            try:
                wait_until_healthy(server, url)
                seen = asyncio.run(_open(url, count, seed))
                died = server.poll() is not None
                worked = 0.0 if died else processor_seconds(server.pid)
            finally:
                server.terminate()
                server.wait(10)
        traces = log.read_text(encoding="utf-8", errors="replace").count("Traceback")
    for what, times in seen.failed.most_common(20):
        print(f"{times:6}  {what}")
    print(
        f"{seen.opened} links; {int(died)} deaths, {seen.failed.total()} failures, {traces} traces in the log; "
        f"the slowest page {seen.slowest:.1f} s; {1000 * worked / max(seen.opened, 1):.0f} ms of the server a link"
    )
    return int(died or bool(seen.failed) or bool(traces) or seen.opened < count)


async def _open(url: str, count: int, seed: int) -> _Seen:
    """Open `count` links, on each page in turn."""
    seen, places = _Seen(), asyncio.Semaphore(AT_ONCE)
    await asyncio.gather(
        *(
            _visit(url, turn, seed, min(A_VISIT, count - start), seen, places)
            for turn, start in enumerate(range(0, count, A_VISIT))
        )
    )
    return seen


async def _visit(url: str, turn: int, seed: int, links: int, seen: _Seen, places: asyncio.Semaphore) -> None:
    """Open `links` links of one page."""
    page, query = list(PLACES)[turn % len(PLACES)], ""
    async with places:
        try:
            async with Visitor(url, address(PLACES[page])) as visitor:
                visitor.patience = PATIENCE
                for query in forged(page, links, seed + turn):
                    visitor.query = query
                    seen.slowest = max(seen.slowest, await visitor.run())
                    seen.opened += 1
                    for one in visitor.exceptions():
                        seen.fail(f"{page}: {one[:200]} ({query[:300]})")
        except (OSError, TimeoutError, WebSocketException) as error:
            seen.fail(f"{page}: {error!r} ({query[:300]})")
    if not turn % TOLD:
        seconds = perf_counter() - seen.begun
        print(f"{seen.opened} links, {seconds:.0f} s, {seen.failed.total()} failures", file=sys.stderr, flush=True)
