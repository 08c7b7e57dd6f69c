"""What visitors notice while others upload hostile files: `python -m benchmarks.hostile_visitors [--seconds 60]`.

Some visitors wander over a dashboard, first by themselves, then while others upload pictures and models that
mean harm, one after another. Printed are the visitors' times of both, the ratio of their p95, and the machine's load.
"""

import argparse
import asyncio
import os
import random
import sys
from contextlib import suppress
from itertools import cycle
from statistics import quantiles
from time import perf_counter

from benchmarks.dashboard import dashboard
from benchmarks.load import Visits, pages, spread
from tests.hostile import model_files, pictures
from tests.hostile.guest import Guest

MEGABYTES = 9
"""Of what is uploaded here, at most."""
THINKING = (0.3, 1.2)
"""Seconds between two looks."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hostile_visitors", description=__doc__)
    parser.add_argument("--visitors", type=int, default=5)
    parser.add_argument("--strangers", type=int, default=2, help="of each kind: pictures, models")
    parser.add_argument("--seconds", type=float, default=60.0)
    options = parser.parse_args()
    with dashboard() as (url, _):
        sys.exit(asyncio.run(measure(url, options)))


async def measure(url: str, options: argparse.Namespace) -> int:
    """Print what visitors got without and with strangers; return 1 if something failed for them."""
    warm = Visits(url, acts=False)
    for page in pages():
        await warm.visit(page, random.Random(0), THINKING)
    slow, failures = [], list(warm.failures)
    for strangers in (0, options.strangers):
        visits, uploads = Visits(url, acts=False), [0]
        tasks = [asyncio.create_task(one(url, uploads)) for one in (_pictures, _models) for _ in range(strangers)]
        await asyncio.gather(*(_wander(visits, number, options.seconds) for number in range(options.visitors)))
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        runs = [seconds for of_page in visits.times.values() for seconds in of_page]
        slow.append(quantiles(runs, n=20, method="inclusive")[-1])
        failures += visits.failures
        load = os.getloadavg()[0]
        print(f"{2 * strangers} strangers, {uploads[0]} uploads: {spread(runs)}; load {load:.0f}", flush=True)
    print(f"p95 {slow[1] / slow[0]:.2f} times as long; {len(failures)} failures", *failures[:5], sep="\n")
    return int(bool(failures))


async def _wander(visits: Visits, number: int, seconds: float) -> None:
    chance, end = random.Random(number), perf_counter() + seconds
    while perf_counter() < end:
        await visits.visit(chance.choice(pages()), chance, THINKING)


async def _pictures(url: str, uploads: list[int]) -> None:
    async with Guest(url, "", "lang=en") as guest:
        await guest.run()
        way = guest.find("button_group", "way")
        await guest.use("button_group", "way", string_array_value=[way.options[1]])
        for make, _ in cycle(pictures.MADE.values()):
            await _upload(guest, await asyncio.to_thread(make), "x.png", "pictures", uploads)


async def _models(url: str, uploads: list[int]) -> None:
    async with Guest(url, "own_model", "lang=en") as guest:
        await guest.run()
        await guest.settle()
        for make, _ in cycle(model_files.MADE.values()):
            await _upload(guest, await asyncio.to_thread(make), "x.onnx", "own_model", uploads)


async def _upload(guest: Guest, data: bytes, name: str, key: str, uploads: list[int]) -> None:
    if len(data) < MEGABYTES << 20:
        with suppress(OSError, TimeoutError):
            await guest.upload(name, data, key)
            uploads[0] += 1


if __name__ == "__main__":
    main()
