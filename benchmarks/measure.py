"""Measuring that a busy machine does not spoil: what is compared runs by turns, and the median counts."""

import os
import random
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from time import perf_counter


def by_turns(calls: Mapping[str, Callable[[], object]], rounds: int, repeats: int = 1) -> dict[str, float]:
    """The median seconds of each call over `rounds`, in each of which all run `repeats` times, in a fresh order."""
    shuffled = random.Random(0)
    times: dict[str, list[float]] = {name: [] for name in calls}
    for call in calls.values():
        call()
    for _ in range(rounds):
        for name in shuffled.sample(list(calls), len(calls)):
            start = perf_counter()
            for _ in range(repeats):
                calls[name]()
            times[name].append((perf_counter() - start) / repeats)
    return {name: median(values) for name, values in times.items()}


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


def report(what: str, value: float, unit: str, limit: float) -> None:
    """One line: the figure, its limit, and whether it is within."""
    mark = "" if value <= limit else "   ABOVE"
    print(f"{what:<58} {value:9.3g} {unit:<3} (limit {limit:g}){mark}")
