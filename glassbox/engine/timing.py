"""How long a run takes: the median of a few, as the first one after a pause can take a hundred times as long."""

from collections.abc import Callable
from typing import Any, NamedTuple

from numpy.typing import NDArray

from glassbox.engine.session import Run

FEWEST = 3
"""Runs that are made however long they take: a single slow one among them does not move the median."""
LIMIT = 0.02
"""Seconds after which no further run is begun."""


class TimedRun(NamedTuple):
    """`outputs` of a run by name, the median of the `seconds` inside ONNX Runtime over `runs` runs, and `provider`."""

    outputs: dict[str, NDArray[Any]]
    seconds: float
    runs: int
    provider: str


def timed(run: Callable[[], Run], runs: int) -> TimedRun:
    """Return the first of up to `runs` runs of the same work, with the median of the seconds that each took."""
    first = run()
    seconds = [first.seconds]
    while len(seconds) < runs and (len(seconds) < FEWEST or sum(seconds) < LIMIT):
        seconds.append(run().seconds)
    seconds.sort()
    middle = (seconds[(len(seconds) - 1) // 2] + seconds[len(seconds) // 2]) / 2
    return TimedRun(first.outputs, middle, len(seconds), first.provider)
