"""Measuring that a busy machine does not spoil: what is compared runs by turns, and the median counts."""

import os
import random
from collections.abc import Callable, Mapping, Set
from contextlib import suppress
from dataclasses import dataclass
from math import inf
from pathlib import Path
from statistics import median
from time import clock_gettime, perf_counter

Clock = Callable[[], float]
FEWEST = 20
"""Calls that are timed of what is too slow for all rounds."""
QUICK, REPEATS = 3e-4, 20
"""A call of fewer seconds is made so often at a time, so that the clock does not count."""
WARMED = 0.02
"""Before a call of fewer seconds is timed it is made once: no runtime pays for what others left in the cache."""


@dataclass(frozen=True)
class Timing:
    """The median `seconds` of a call, and of how many."""

    seconds: float
    calls: int


def by_turns(calls: Mapping[str, Callable[[], object]], rounds: int, repeats: int = 1) -> dict[str, float]:
    """The median seconds of each call over `rounds`, in each of which all run `repeats` times, in a fresh order."""
    for call in calls.values():
        call()
    times = _turns(calls, rounds, dict.fromkeys(calls, repeats), {}, {}, perf_counter)
    return {name: median(values) for name, values in times.items()}


def timings(
    calls: Mapping[str, Callable[[], object]],
    rounds: int,
    *,
    clock: Clock,
    clocks: Mapping[str, Clock] | None = None,
    most: float = inf,
) -> dict[str, Timing]:
    """Return the median seconds of each call over `rounds`, in each of which all run, in a fresh order.

    `clock` measures; `clocks`: another one for some of the calls, by name. A call that is QUICK runs REPEATS times a
    round. One that would take more than `most` seconds in all takes part in every nth round only, in FEWEST at least.
    """
    clocks = clocks or {}
    once = {name: _tried(call, clocks.get(name, clock)) for name, call in calls.items()}
    repeats = {name: REPEATS if seconds < QUICK else 1 for name, seconds in once.items()}
    wanted = {name: max(FEWEST, int(min(rounds, most / max(seconds, 1e-7)))) for name, seconds in once.items()}
    every = {name: max(1, rounds // count) for name, count in wanted.items()}
    warmed = {name for name, seconds in once.items() if seconds < WARMED}
    times = _turns(calls, rounds, repeats, every, clocks, clock, warmed)
    return {name: Timing(median(values), len(values) * repeats[name]) for name, values in times.items()}


def processor_clock(process: int) -> Clock:
    """Return a clock of the processor time of another process (its id), that of all its threads. Linux only."""
    number = (~process << 3) | 2  # what clock_getcpuclockid gives
    return lambda: clock_gettime(number)


def _tried(call: Callable[[], object], clock: Clock) -> float:
    """Return how long a call takes once it has been made before: the least of some, or of one that is slow."""
    call()
    seconds = inf
    for _ in range(10):
        start = clock()
        call()
        seconds = min(seconds, clock() - start)
        if seconds > QUICK:
            break
    return seconds


def _turns(
    calls: Mapping[str, Callable[[], object]],
    rounds: int,
    repeats: Mapping[str, int],
    every: Mapping[str, int],
    clocks: Mapping[str, Clock],
    clock: Clock,
    warmed: Set[str] = frozenset(),
) -> dict[str, list[float]]:
    """Return the seconds of one call in each of the rounds that it takes part in: every nth."""
    shuffled = random.Random(0)
    times: dict[str, list[float]] = {name: [] for name in calls}
    for turn in range(rounds):
        for name in shuffled.sample(list(calls), len(calls)):
            if turn % every.get(name, 1):
                continue
            call, now, count = calls[name], clocks.get(name, clock), range(repeats[name])
            if name in warmed:
                call()
            start = now()
            for _ in count:
                call()
            times[name].append((now() - start) / len(count))
    return times


def resident_megabytes(process: int | str = "self") -> float:
    """The memory that a process (its id) holds now, in MB of a million bytes. Linux only: read from /proc."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise OSError(f"process {process} has no resident memory")


def processor_seconds(process: int) -> float:
    """The time that all threads of a process (its id) have run so far, its children's not counted. Linux only."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def descendants(process: int) -> list[int]:
    """Return the ids of the processes that a process (its id) has started, and of those that they have. Linux only."""
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended meanwhile
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
    found = [process]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found[1:]


def report(what: str, value: float, unit: str, limit: float) -> None:
    """One line: the figure, its limit, and whether it is within."""
    mark = "" if value <= limit else "   ABOVE"
    print(f"{what:<58} {value:9.3g} {unit:<3} (limit {limit:g}){mark}")
