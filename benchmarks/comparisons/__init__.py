"""What `python -m benchmarks` compares: a module a subject, whose `tables` measures it and returns its tables.

Times are processor time of one thread, which a busy machine stretches less than the clock on the wall.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from time import process_time

import numpy as np

from benchmarks.measure import Clock, Timing, timings
from benchmarks.tables import OURS

Calls = dict[str, Callable[[], object]]
SUBJECTS = ("limits", "start", "picture", "one_digit", "many_digits", "gradient", "training", "cuda", "size")
"""The modules in the order of the report."""


@dataclass(frozen=True)
class Setting:
    """How thoroughly is measured: `rounds` calls of each kind, but for one so slow that they would take more than
    `most` seconds; `compiled`: whether torch.compile takes part, which takes long to begin with."""

    rounds: int = 200
    most: float = 4.0
    compiled: bool = True

    def measure(self, calls: Calls, clocks: Mapping[str, Clock] | None = None) -> dict[str, Timing]:
        """Return the time of each call, all by turns."""
        return timings(calls, self.rounds, clock=process_time, clocks=clocks, most=self.most)


QUICK = Setting(rounds=20, most=0.5, compiled=False)
Subject = Callable[[Setting], Iterator[object]]


def check(calls: Mapping[str, Callable[[], object]], tolerance: float = 1e-5) -> None:
    """Raise ValueError if a call gives other numbers than OURS: what is compared has to compute the same."""
    ours = np.asarray(calls[OURS]())
    for name, call in calls.items():
        apart = float(np.abs(np.asarray(call()).reshape(ours.shape) - ours).max())
        if not apart <= tolerance * max(1.0, float(np.abs(ours).max())):
            raise ValueError(f"{name} differs from {OURS} by {apart:.2e}")


def ratio(found: Mapping[str, Timing], peer: str) -> float:
    """Return how many times as long OURS takes as a peer."""
    return found[OURS].seconds / found[peer].seconds
