"""What visitors notice while others mean harm: `python -m benchmarks.hostile_visitors [--short] [KIND ...]`.

Some visitors wander over a dashboard all the time. By turns they are alone, or others upload pictures, models or
tables, open links, send messages or bodies that mean harm, each kind by itself. Printed are the visitors' times with
each kind, the ratio of their p95 to that when they are alone, and the load; for comparison also with as many further
visitors who mean no harm. Some five minutes; `--short`: half of them.
"""

import argparse
import asyncio
import os
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count, cycle, product
from statistics import quantiles
from urllib.parse import urlsplit

from benchmarks.dashboard import dashboard
from benchmarks.load import LOOKS, addressed, pages, spread
from benchmarks.visitor import Visitor
from glassbox.ui.frame.places import PLACES, address
from tests.hostile import model_files, pictures, tables
from tests.hostile.addresses import forged
from tests.hostile.attacker import Attacker, forgeries
from tests.hostile.guest import Guest

MEGABYTES = 9
"""Of what is uploaded here, at most."""
THINKING = (0.3, 1.2)
"""Seconds between two looks, and between two things that one stranger does."""
BETWEEN = 2.0
"""Seconds that a kind has to end in before the next, of which no time counts."""
ALONE = "alone"
SLOW, LONG = 20, 30 << 20
"""Bodies that come a byte at a time, at once; bytes of one that is longer than any may be."""


@dataclass
class Scene:
    """What goes on: `kind` of strangers, "" where no time counts; what was `done` by them; the visitors' `times`."""

    url: str
    kind: str = ""
    over: bool = False
    times: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    done: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    async def stranger(self, number: int) -> None:
        """Do what strangers of this kind do until it is cancelled."""
        chance = random.Random(number)
        while True:
            with suppress(OSError, TimeoutError):
                await KINDS[self.kind](self, chance)
            await self.pause(chance)

    async def pause(self, chance: random.Random) -> None:
        """Count what was done, and think."""
        self.done[self.kind] += 1
        await asyncio.sleep(chance.uniform(*THINKING))

    async def wander(self, number: int) -> None:
        """Look at one page after another until all is over."""
        chance = random.Random(number)
        while not self.over:
            page = chance.choice(pages())
            try:
                async with Visitor(self.url, page, addressed(page, chance)) as visitor:
                    for _ in range(LOOKS):
                        before = self.kind
                        seconds = await visitor.run()
                        self.times[self.kind if before == ALONE else before].append(seconds)
                        await asyncio.sleep(chance.uniform(*THINKING))
                    self.failures += [f"{page}: {one}" for one in (*visitor.exceptions(), *visitor.refusals())]
            except (OSError, TimeoutError) as error:
                self.failures.append(f"{page}: {error!r}")

    async def act(self, kind: str, strangers: int, seconds: float) -> None:
        """Let strangers of a kind be there for so long, none of ALONE."""
        self.kind = kind
        tasks = [asyncio.create_task(self.stranger(number)) for number in range(0 if kind == ALONE else strangers)]
        await asyncio.sleep(seconds)
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        self.failures += [f"{kind}: {error!r}" for error in ended if isinstance(error, Exception)]
        self.kind = ""
        await asyncio.sleep(BETWEEN)


async def _ordinary(scene: Scene, chance: random.Random) -> None:
    page = chance.choice(pages())
    async with Visitor(scene.url, page, addressed(page, chance)) as visitor:
        for _ in range(LOOKS):
            await visitor.run()
            await scene.pause(chance)


async def _pictures(scene: Scene, chance: random.Random) -> None:
    async with Guest(scene.url, "", "lang=en") as guest:
        await guest.run()
        way = guest.find("button_group", "way")
        await guest.use("button_group", "way", string_array_value=[way.options[1]])
        await _upload_all(scene, chance, guest, "x.png", "pictures", [make for make, _ in pictures.MADE.values()])


async def _models(scene: Scene, chance: random.Random) -> None:
    async with Guest(scene.url, "own_model", "lang=en") as guest:
        await guest.run()
        await guest.settle()
        await _upload_all(scene, chance, guest, "x.onnx", "own_model", [make for make, _ in model_files.MADE.values()])


async def _tables(scene: Scene, chance: random.Random) -> None:
    async with Guest(scene.url, "text", "lang=en&view=table") as guest:
        await guest.run()
        await guest.settle()
        await _upload_all(
            scene, chance, guest, "x.csv", "texts", [lambda one=one: one for one in tables.FILES.values()]
        )


async def _upload_all(
    scene: Scene, chance: random.Random, guest: Guest, name: str, key: str, makers: list[Callable[[], bytes]]
) -> None:
    """Upload one file after another, without end, in an order of this visitor's own."""
    for make in cycle(chance.sample(makers, len(makers))):
        data = await asyncio.to_thread(make)
        if len(data) < MEGABYTES << 20:
            await guest.upload(name, data, key)
            await scene.pause(chance)


async def _links(scene: Scene, chance: random.Random) -> None:
    page = chance.choice(list(PLACES))
    async with Visitor(scene.url, address(PLACES[page])) as visitor:
        for query in forged(page, LOOKS, chance.randrange(1 << 30)):
            visitor.query = query
            await visitor.run()
            await scene.pause(chance)


async def _messages(scene: Scene, chance: random.Random) -> None:
    async with Attacker(scene.url, address(chance.choice(list(PLACES.values()))), "lang=en") as attacker:
        await attacker.open()
        for _ in range(LOOKS):
            await attacker.forge([chance.choice(forgeries(widget)) for widget in attacker.widgets.values()])
            await scene.pause(chance)


async def _bodies(scene: Scene, chance: random.Random) -> None:
    host, port = urlsplit(scene.url).hostname, urlsplit(scene.url).port
    head = f"PUT /_stcore/upload_file/a/b HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Length: {LONG}\r\n\r\n".encode()
    writers = []
    try:
        for _ in range(SLOW):
            _, writer = await asyncio.open_connection(host, port)
            writers.append(writer)
            writer.write(head)
        for number in count():
            for writer in writers:
                with suppress(OSError):
                    writer.write(b"x" if number % LOOKS else bytes(1 << 20))
                    await writer.drain()
            await scene.pause(chance)
    finally:
        for writer in writers:
            writer.close()


KINDS: Mapping[str, Callable[[Scene, random.Random], Awaitable[None]]] = {
    "ordinary": _ordinary,
    "pictures": _pictures,
    "models": _models,
    "tables": _tables,
    "links": _links,
    "messages": _messages,
    "bodies": _bodies,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hostile_visitors", description=__doc__)
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=f"of {', '.join(KINDS)}; default: each")
    parser.add_argument("--visitors", type=int, default=5)
    parser.add_argument("--strangers", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=8.0, help="of one turn")
    parser.add_argument("--rounds", type=int, default=2, help="in which each kind has a turn")
    parser.add_argument("--short", action="store_true", help="one round")
    options = parser.parse_args()
    if unknown := set(options.kinds) - set(KINDS):
        parser.error(f"no such kind: {', '.join(unknown)}")
    with dashboard() as (url, _):
        sys.exit(asyncio.run(measure(url, options)))


async def measure(url: str, options: argparse.Namespace) -> int:
    """Print what visitors got alone and with each kind of strangers; return 1 if something failed for them."""
    scene, kinds = Scene(url), options.kinds or list(KINDS)
    for page, number in product(pages(), range(4)):  # so that each has loaded what it needs, in either language
        async with Visitor(url, page, addressed(page, random.Random(number))) as visitor:
            await visitor.run()
    for kind in kinds:  # for what it needs, too, is loaded but once
        await scene.act(kind, options.strangers, options.seconds)
    scene.done.clear()
    wanderers = [asyncio.create_task(scene.wander(number)) for number in range(options.visitors)]
    for _ in range(1 if options.short else options.rounds):
        for kind in kinds:
            await scene.act(ALONE, 0, options.seconds)
            await scene.act(kind, options.strangers, options.seconds)
    scene.over = True
    await asyncio.gather(*wanderers)
    alone = _p95(scene.times[ALONE])
    for kind in (ALONE, *kinds):
        times, told = scene.times[kind], f"{kind:9} {spread(scene.times[kind])}"
        done = f"; {scene.done[kind]:4} done; p95 {_p95(times) / alone:.2f} times as long" if kind != ALONE else ""
        print(f"{told}{done}", flush=True)
    print(f"load {os.getloadavg()[0]:.0f}; {len(scene.failures)} failures", *scene.failures[:5], sep="\n")
    return int(bool(scene.failures))


def _p95(times: list[float]) -> float:
    return quantiles(times, n=20, method="inclusive")[-1] if len(times) > 1 else float("nan")


if __name__ == "__main__":
    main()
