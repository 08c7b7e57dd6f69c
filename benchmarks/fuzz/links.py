"""Forged links, opened on a running dashboard as browsers do, page after page."""

import asyncio
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from time import perf_counter

from benchmarks.dashboard import REPOSITORY, free_port, wait_until_healthy
from benchmarks.load import pages
from benchmarks.visitor import Visitor
from tests.hostile.addresses import forged

A_VISIT = 25
"""Links that one visitor opens, one after another, on one page."""


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
                failed, slowest = asyncio.run(_open(url, list(forged(count, seed))))
                died = server.poll() is not None
            finally:
                server.terminate()
                server.wait(10)
        traces = log.read_text(encoding="utf-8", errors="replace").count("Traceback")
    for what, times in failed.most_common(20):
        print(f"{times:6}  {what}")
    print(
        f"{count} links; {int(died)} deaths, {failed.total()} failures, {traces} traces in the log; the slowest page",
        end=" ",
    )
    print(f"{slowest:.1f} s")
    return int(died or bool(failed) or bool(traces))


async def _open(url: str, queries: list[str]) -> tuple[Counter[str], float]:
    """Open all `queries`. Returns what failed, and the seconds of the slowest."""
    failed, slowest = Counter[str](), 0.0
    for turn, start in enumerate(range(0, len(queries), A_VISIT)):
        page = pages()[turn % len(pages())]
        try:
            async with Visitor(url, page) as visitor:
                for query in queries[start : start + A_VISIT]:
                    visitor.query = query
                    slowest = max(slowest, await visitor.run())
                    failed.update(f"{page}: {one[:200]} ({query[:300]})" for one in visitor.exceptions())
        except (OSError, TimeoutError) as error:
            failed[f"{page}: {error!r} ({query[:300]})"] += 1
        if not turn % 40:
            print(f"{start} links after {perf_counter():.0f} s, {failed.total()} failures", file=sys.stderr, flush=True)
    return failed, slowest
