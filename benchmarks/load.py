"""Visitors who wander, without browsers: `python -m benchmarks.load [--visitors 20] [--seconds 60]`.

Each opens a page with a digit, in a language, looks at it a few times and goes on to another. Prints runs a second,
their time by page, and the server's memory from the first screen to a minute after. Linux only.

A school's morning: `--visitors 40 --thinking 0.4 0.6 --slow 60 --acts --seconds 600`: 40 who are busy, 60 who read, and
pictures uploaded, networks trained and texts written among the rest.
"""

import argparse
import asyncio
import random
import sys
from collections import defaultdict
from contextlib import nullcontext
from dataclasses import dataclass, field
from statistics import quantiles
from time import perf_counter

from benchmarks.acts import ACTS
from benchmarks.dashboard import dashboard
from benchmarks.measure import processor_seconds, resident_megabytes
from benchmarks.visitor import Visitor
from glassbox.digits import links, strokes
from glassbox.ui.base import i18n
from glassbox.ui.frame import places

LOOKS = 3
"""Runs of a page before the visitor goes on."""
SLOW = (10.0, 30.0)
"""Seconds between two looks of a visitor who reads the page."""
TEXTS = ("这部电影很好看", "wake me up at nine", "a dull film", "附近有什么好吃的")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    parser.add_argument("--visitors", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--thinking", type=float, nargs=2, default=(0.3, 1.2), help="seconds between two looks")
    parser.add_argument("--slow", type=int, default=0, help="visitors beyond these, who think for 10 to 30 seconds")
    parser.add_argument("--acts", action="store_true", help="upload, train and write on the pages for it too")
    parser.add_argument("--after", type=float, default=60.0, help="seconds to wait once all have left")
    parser.add_argument("--url", help="a running dashboard; without it, one is started")
    options = parser.parse_args()
    with nullcontext((options.url, None)) if options.url else dashboard() as (url, server):
        failures = asyncio.run(wander(url, options, server))
    sys.exit(1 if failures else 0)


@dataclass
class Visits:
    """Where visitors wander, how long they look, and what was seen: seconds of each run by page, and what failed."""

    url: str
    acts: bool
    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    failures: list[str] = field(default_factory=list)

    async def visit(self, page: str, chance: random.Random, thinking: tuple[float, float]) -> None:
        """Open a page and look at it LOOKS times, with a random digit, text and language, thinking so many seconds
        before each further one; then do what is done there, where `acts` asks for it."""
        try:
            async with Visitor(self.url, page, addressed(page, chance)) as visitor:
                for look in range(LOOKS):
                    if look:
                        await asyncio.sleep(chance.uniform(*thinking))
                    self.times[page].append(await visitor.run())
                if self.acts and (act := ACTS.get(page)):
                    self.times[act.__name__].append(await act(visitor, chance))
                self.failures += [f"{page}: {message}" for message in (*visitor.exceptions(), *visitor.refusals())]
        except (OSError, TimeoutError) as error:
            self.failures.append(f"{page}: {error!r}")


async def wander(url: str, options: argparse.Namespace, pid: int | None) -> list[str]:
    """Let all visitors wander until the time is over, and print what was measured. Returns what went wrong."""
    first, visits = Visits(url, options.acts), Visits(url, options.acts)
    everybody = options.visitors + options.slow
    memory: dict[str, float] = {}

    def weigh(when: str) -> None:
        if pid:
            memory[when] = max(resident_megabytes(pid), memory.get(when, 0))

    weigh("at the start")
    for page in pages():  # in turn, so that each loads what it needs once
        await first.visit(page, random.Random(0), options.thinking)
        weigh("first screen" if not page else "all pages once")
    ran = processor_seconds(pid) if pid else 0.0
    start = perf_counter()
    end = start + options.seconds

    async def watch() -> None:
        while (now := perf_counter()) < end:
            quarter = 1 + int(4 * (now - start) / options.seconds)
            weigh(f"{everybody} visitors, quarter {quarter}, at most")
            await asyncio.sleep(1)

    async def one(number: int) -> None:
        chance = random.Random(number)
        thinking = options.thinking if number < options.visitors else SLOW
        while perf_counter() < end:
            await visits.visit(chance.choice(pages()), chance, thinking)

    await asyncio.gather(watch(), *(one(number) for number in range(everybody)))
    runs = [seconds for of_page in visits.times.values() for seconds in of_page]
    failures = first.failures + visits.failures
    print(f"{len(runs) / options.seconds:.1f} runs a second, {spread(runs)}, {len(failures)} failures")
    if pid:
        print(f"{1000 * (processor_seconds(pid) - ran) / len(runs):.0f} ms of the server's processor time a run")
    for page, of_page in sorted(visits.times.items(), key=lambda item: -max(item[1])):
        print(f"  {page or 'read':<16}{spread(of_page)}")
    for failure in failures[:5]:
        print("  ", failure)
    if pid:
        await asyncio.sleep(options.after)
        weigh(f"{options.after:.0f} s after they left")
        for when, megabytes in memory.items():
            print(f"  {when:<32}{megabytes:5.0f} MB", flush=True)
    return failures


def pages() -> list[str]:
    """Return the addresses of all pages."""
    return [places.address(place) for place in places.PLACES.values()]


def addressed(page: str, chance: random.Random) -> str:
    """Return a link's query: a language, a digit unlike any other visitor's and, where one is read, a text."""
    sample = chance.choice(strokes.SAMPLES)
    digit = strokes.draw(sample.strokes, 28, chance.uniform(2.0, 3.5))
    query = f"lang={chance.choice(list(i18n.LANGUAGES))}&d={links.to_link(digit)}"
    return f"{query}&text={chance.choice(TEXTS)}" if page == "text" else query


def spread(seconds: list[float]) -> str:
    """Return the median and the slow end of some times, in words."""
    if len(seconds) < 2:
        return f"n = {len(seconds)}"
    cuts = quantiles(seconds, n=100, method="inclusive")
    named = ", ".join(f"p{percent} {1000 * cuts[percent - 1]:.0f} ms" for percent in (50, 95, 99))
    return f"{named} (n = {len(seconds)})"


if __name__ == "__main__":
    main()
