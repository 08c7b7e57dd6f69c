"""Processor time and memory of each page at the server: `python -m benchmarks.pages [--rounds 3] [PAGE ...]`.

One visitor at a time opens each page with a digit of their own and looks at it again. Prints, by page, the milliseconds
of the server's processor for opening it (the connection and what is computed of a digit that nobody brought before),
for each later look, and how the server's memory grew at the first visit to the page. Linux only.
"""

import argparse
import asyncio
import random
from statistics import mean, median
from time import clock_gettime

from benchmarks.dashboard import dashboard
from benchmarks.load import addressed, pages
from benchmarks.measure import resident_megabytes
from benchmarks.visitor import Visitor

LOOKS = 2
"""Later looks at a page before the visitor goes."""
PAUSE = 0.15
"""Seconds for what the server does once a run has ended."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pages", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="visitors of each page after the first")
    parser.add_argument("pages", nargs="*", help="addresses; all without them, the first screen is read")
    options = parser.parse_args()
    with dashboard() as (url, server):
        chosen = ["" if page == "read" else page for page in options.pages] or pages()
        asyncio.run(measure(url, server, chosen, options.rounds))


async def measure(url: str, server: int, chosen: list[str], rounds: int) -> None:
    """Visit the `chosen` pages in turn, once and then `rounds` times, and print what they took."""
    chance = random.Random(0)
    opened, later, averages = [], [], []
    print(f"{'':<16}{'first of all':>13}{'opened':>8}{'later':>8} ms{'memory':>10} MB", flush=True)
    for page in chosen:
        before = resident_megabytes(server)
        first, _ = await taken(url, server, page, chance)
        grown = resident_megabytes(server) - before
        looks = [await taken(url, server, page, chance) for _ in range(rounds)]
        opened.append(median(first for first, _ in looks))
        later.append(median(one for _, more in looks for one in more))
        averages.append((opened[-1] + LOOKS * later[-1]) / (1 + LOOKS))
        print(f"{page or 'read':<16}{first:13.0f}{opened[-1]:8.0f}{later[-1]:8.0f}   {grown:10.1f}", flush=True)
    print(f"{'mean':<16}{'':13}{mean(opened):8.0f}{mean(later):8.0f}   {resident_megabytes(server):10.0f} in all")
    print(f"{mean(averages):.1f} ms a run")


async def taken(url: str, server: int, page: str, chance: random.Random) -> tuple[float, list[float]]:
    """Return the milliseconds of the server's processor for opening `page` with a new digit, and for later looks."""
    milliseconds = []
    last = processor_milliseconds(server)
    async with Visitor(url, page, addressed(page, chance)) as visitor:
        for _ in range(1 + LOOKS):
            await visitor.run()
            await asyncio.sleep(PAUSE)
            now = processor_milliseconds(server)
            milliseconds.append(now - last)
            last = now
    await asyncio.sleep(PAUSE)
    return milliseconds[0], milliseconds[1:]


def processor_milliseconds(process: int) -> float:
    """Return the time that all threads of a process (its id) have run so far. Linux only: by its clock's number."""
    return 1000 * clock_gettime(~process << 3 | 2)


if __name__ == "__main__":
    main()
