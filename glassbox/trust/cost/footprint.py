"""What the networks and their twins cost on this machine, and what that adds up to."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glassbox.digits.tensors import feed, rescaled
from glassbox.engine.session import Session
from glassbox.trust.cost import energy
from glassbox.trust.cost.compression import Version
from glassbox.trust.cost.energy import WATTS_PER_THREAD, Cost, EnergyCounter, MedianEstimate
from glassbox.zoo.cards import Training

LIMIT = 0.6
"""Seconds that measuring all twins may take where the energy is estimated."""
COUNTER_LIMIT = 2.5
"""The same where it is measured: a counter needs longer blocks."""


@dataclass(frozen=True)
class MeasuredVersion:
    """A network or twin and what one prediction of it costs here, on the CPU."""

    version: Version
    cost: Cost


def measure(twins: Sequence[Version], digit: NDArray[np.uint8], using: EnergyCounter) -> dict[str, MeasuredVersion]:
    """Run all of `twins` by turns on `digit`, uint8 (28, 28), until the readings exceed their noise or time is up.

    Only the time inside the engine counts: a prediction is one `Session.run`.
    """
    picture = rescaled(digit)
    works = {twin.name: _prediction(Session(twin.model), picture) for twin in twins}
    costs = energy.measure(works, COUNTER_LIMIT if using.zones else LIMIT, using)
    return {twin.name: MeasuredVersion(twin, costs[twin.name]) for twin in twins}


def _prediction(session: Session, picture: NDArray[np.float32]) -> Callable[[], object]:
    feeds = feed(session, picture)
    return lambda: session.run(feeds)


def total(readings: Sequence[MedianEstimate]) -> MedianEstimate:
    """Several readings added up, their intervals at their widest."""
    return MedianEstimate(
        sum(one.value for one in readings),
        sum(one.low for one in readings),
        sum(one.high for one in readings),
        min(one.blocks for one in readings),
    )


def training_joules(training: Training) -> float:
    """Estimated joules of a training, from its recorded processor time."""
    return training.cpu_seconds * WATTS_PER_THREAD


def break_even(training: Training, cost: Cost) -> float:
    """After how many predictions they have cost as much as the training did.

    Where both are estimated, the watts cancel: it is the ratio of two processor times.
    """
    return training_joules(training) / cost.joules.value


def pareto_front(found: Mapping[str, MeasuredVersion], price: Mapping[str, float]) -> list[str]:
    """The twins that no other beats in `price` (by name) without being right less often: the Pareto front, cheapest
    first."""
    best, front = -1.0, []
    for name in sorted(found, key=lambda name: (price[name], -found[name].version.accuracy.value)):
        if found[name].version.accuracy.value > best:
            best = found[name].version.accuracy.value
            front.append(name)
    return front
