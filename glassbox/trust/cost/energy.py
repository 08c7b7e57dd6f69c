"""Time and energy of a piece of work on this machine, with the noise of the measurement.

The energy is measured where the processor has a counter that may be read (RAPL, in Linux' powercap tree), else
estimated from processor time and a stated power. Either way the work is repeated in blocks until the result exceeds
its noise.

https://docs.kernel.org/power/powercap/powercap.html
"""

import math
import random
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from statistics import median
from time import perf_counter, thread_time

import numpy as np

POWERCAP = Path("/sys/class/powercap")
WATTS_PER_THREAD = 4.0
"""Power of one busy hardware thread where nothing can be measured: what codecarbon assumes of an unknown processor.
https://github.com/mlco2/codecarbon/blob/master/codecarbon/core/cpu.py (DEFAULT_POWER_PER_CORE)
A laptop's thread draws less, a desktop's up to four times as much."""

CLEAR = 0.1
"""A result exceeds its noise when the 95 % interval of its median is within this share of it, either way."""
FEWEST, MOST = 12, 400
"""Blocks."""
BLOCK = 0.001
"""Seconds that a block of processor time lasts at least: a thousand ticks and more of the clocks in use."""
COUNTER_BLOCK = 0.01
"""Seconds that a block lasts under RAPL, whose counters tick about once a millisecond."""


@dataclass(frozen=True)
class Zone:
    """One processor package: its counter of microjoules, which starts again at 0 after `limit`."""

    name: str
    path: Path
    limit: int

    def read(self) -> int:
        """Return the counter's microjoules. Raises OSError where it may not be read."""
        return int((self.path / "energy_uj").read_text())

    def between(self, before: int, after: int) -> int:
        """Return the microjoules from one reading to the next, between which the counter started again at most once."""
        return after - before if after >= before else after - before + self.limit + 1


@dataclass(frozen=True)
class EnergyCounter:
    """The processor's energy counter. `reason`, when it has no zones: "absent" (no such counter: another system, or a
    virtual machine) or "unreadable" (there is one, but only the administrator may read it, since CVE-2020-8694)."""

    zones: tuple[Zone, ...]
    reason: str | None = None

    def read(self) -> tuple[int, ...]:
        """Return the microjoules of each zone."""
        return tuple(zone.read() for zone in self.zones)

    def joules(self, before: tuple[int, ...], after: tuple[int, ...]) -> float:
        """Return the joules of all zones from one reading to the next."""
        return sum(zone.between(*two) for zone, *two in zip(self.zones, before, after, strict=True)) / 1e6


def counter(root: Path = POWERCAP) -> EnergyCounter:
    """Return the machine's counter, which says why if there is none."""
    # intel-rapl:0 is a package (AMD's too); intel-rapl:0:0 is a part of it and would be counted twice.
    found = [path for path in sorted(root.glob("intel-rapl:*")) if path.name.count(":") == 1]
    zones = []
    for path in found:
        try:
            name = (path / "name").read_text().strip()
            zone = Zone(name, path, int((path / "max_energy_range_uj").read_text()))
            zone.read()
        except (OSError, ValueError):
            continue
        if name.startswith("package"):
            zones.append(zone)
    return EnergyCounter(tuple(zones), None if zones else "unreadable" if found else "absent")


@dataclass(frozen=True)
class MedianEstimate:
    """A median within its 95 % interval from `low` to `high`, over `blocks` blocks."""

    value: float
    low: float
    high: float
    blocks: int

    @property
    def clear(self) -> bool:
        """Whether the median exceeds its noise."""
        return self.value > 0 and self.high - self.value <= CLEAR * self.value >= self.value - self.low

    def times(self, factor: float) -> "MedianEstimate":
        """Return the estimate of `factor` times the quantity."""
        return replace(self, value=self.value * factor, low=self.low * factor, high=self.high * factor)


@dataclass(frozen=True)
class Cost:
    """The cost of one run of a piece of work. `seconds` by the clock, `cpu_seconds` of the processor, `joules`;
    `measured` tells whether the joules come from a counter or from cpu_seconds and WATTS_PER_THREAD."""

    seconds: MedianEstimate
    cpu_seconds: MedianEstimate
    joules: MedianEstimate
    measured: bool


def median_estimate(values: Iterable[float]) -> MedianEstimate:
    """Return the median of `values` (one at least) and its 95 % interval by order statistics, whatever the distribution
    (Conover, Practical Nonparametric Statistics, 3.2); of fewer than six values, all of them."""
    ordered = sorted(values)
    skipped = max(_rank(len(ordered)) - 1, 0)
    low, high = ordered[skipped], ordered[-1 - skipped]
    return MedianEstimate(value=median(ordered), low=low, high=high, blocks=len(ordered))


@lru_cache(maxsize=MOST + 1)
def _rank(count: int) -> int:
    """Return the largest k such that the true median lies between the k-th smallest and the k-th largest of `count`
    values in 95 of 100 cases, 0 if there is none: how many are below it is distributed as heads of a fair coin."""
    from scipy import special  # not scipy.stats, whose half a second would fall into what is measured

    at_most = special.bdtr(np.arange(count), count, 0.5)
    return int(np.searchsorted(at_most, 0.025, side="right"))


def measure(works: Mapping[str, Callable[[], object]], limit: float, using: EnergyCounter) -> dict[str, Cost]:
    """Return the cost of one run of each of `works` by name, all measured in turn for at most about `limit` seconds.

    In each round every work that is still noisy runs for one block, in a fresh order, so that what else the machine
    does falls on all alike. A work is done when its result is clear (see CLEAR) after FEWEST blocks.
    """
    shuffled = random.Random(0)
    block = COUNTER_BLOCK if using.zones else BLOCK
    repeats = {name: _repeats(work, block) for name, work in works.items()}
    blocks: dict[str, list[tuple[float, float, float]]] = {name: [] for name in works}
    idle = _idle_watts(using)
    start, waiting = perf_counter(), list(works)
    while waiting:
        for name in shuffled.sample(waiting, len(waiting)):
            blocks[name].append(_block(works[name], repeats[name], using, idle))
        late = perf_counter() - start > limit
        waiting = [] if late else [name for name in waiting if not _done(blocks[name], bool(using.zones))]
    return {name: _cost(taken, bool(using.zones)) for name, taken in blocks.items()}


def _repeats(work: Callable[[], object], block: float) -> int:
    """Return how many runs fill a block."""
    work()
    start = perf_counter()
    work()
    return max(1, math.ceil(block / max(perf_counter() - start, 1e-7)))


def _block(work: Callable[[], object], repeats: int, using: EnergyCounter, idle: float) -> tuple[float, float, float]:
    """Return the seconds, processor seconds and joules of one run, without what the idle machine draws."""
    energy, cpu, wall = using.read(), thread_time(), perf_counter()
    for _ in range(repeats):
        work()
    seconds, cpu_seconds = perf_counter() - wall, thread_time() - cpu
    measured = using.joules(energy, using.read()) - idle * seconds
    joules = measured if using.zones else cpu_seconds * WATTS_PER_THREAD
    return seconds / repeats, cpu_seconds / repeats, joules / repeats


def _idle_watts(using: EnergyCounter) -> float:
    """Return the watts that the idle machine draws."""
    if not using.zones:
        return 0.0
    watts = []
    for _ in range(5):
        energy, wall = using.read(), perf_counter()
        time.sleep(COUNTER_BLOCK)
        watts.append(using.joules(energy, using.read()) / (perf_counter() - wall))
    return median(watts)


def _done(taken: list[tuple[float, float, float]], measured: bool) -> bool:
    if len(taken) < FEWEST:
        return False
    return len(taken) >= MOST or median_estimate(block[2 if measured else 1] for block in taken).clear


def _cost(taken: list[tuple[float, float, float]], measured: bool) -> Cost:
    """Return the medians over all blocks; where the counter never rose above the idle power, the joules are
    estimated."""
    seconds, cpu, joules = (median_estimate(block[i] for block in taken) for i in range(3))
    if measured and joules.low <= 0:
        return Cost(seconds, cpu, cpu.times(WATTS_PER_THREAD), measured=False)
    return Cost(seconds, cpu, joules, measured)
