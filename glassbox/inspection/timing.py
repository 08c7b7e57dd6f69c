"""How long runs take when they are warm: the first one also pays for memory and for what is set up once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Any

from numpy.typing import NDArray

from glassbox.engine.session import Session

MOST_RUNS = 15
SECONDS, COLD = 0.5, 3
"""What further runs may take together; and by how much the first may exceed that for there to be any."""

Runnable = tuple[Session, Mapping[str, NDArray[Any]]]


@dataclass(frozen=True)
class Timed:
    """The median seconds of each, and of how many warm runs; 0: of the first, cold run alone."""

    seconds: list[float]
    runs: int


def warm_seconds(each: Sequence[Runnable], first: Sequence[float], limit: float = SECONDS) -> Timed:
    """Return how long each of some runs takes, of which the `first`, cold ones took so many seconds.

    They take turns, so that what slows the machine down for a moment slows all of them, until `limit` is over; where
    the first runs took COLD times as long, they count.
    """
    if sum(first) > COLD * limit:
        return Timed(list(first), 0)
    started, seconds = perf_counter(), list[list[float]]()
    while len(seconds) < MOST_RUNS and (not seconds or perf_counter() - started < limit):
        seconds.append([session.run(fed).seconds for session, fed in each])
    return Timed([median(column) for column in zip(*seconds, strict=True)], len(seconds))
