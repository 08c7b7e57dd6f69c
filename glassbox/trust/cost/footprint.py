"""The time and energy of the networks and their compressed versions on this machine, and what they add up to."""

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
"""Seconds that measuring all versions may take where the energy is estimated."""
COUNTER_LIMIT = 2.5
"""The same where it is measured: a counter needs longer blocks."""


@dataclass(frozen=True)
class MeasuredVersion:
    """A network or a compressed version of it, and the cost of one prediction on this CPU."""

    version: Version
    cost: Cost


def measure(versions: Sequence[Version], digit: NDArray[np.uint8], using: EnergyCounter) -> dict[str, MeasuredVersion]:
    """Run all of `versions` in turn on `digit`, uint8 (28, 28), until the results exceed their noise or time is up.

    Only the time inside the engine counts: a prediction is one `Session.run`.
    """
    picture = rescaled(digit)
    works = {version.name: _prediction(Session(version.model), picture) for version in versions}
    costs = energy.measure(works, COUNTER_LIMIT if using.zones else LIMIT, using)
    return {version.name: MeasuredVersion(version, costs[version.name]) for version in versions}


def _prediction(session: Session, picture: NDArray[np.float32]) -> Callable[[], object]:
    feeds = feed(session, picture)
    return lambda: session.run(feeds)


def total(estimates: Sequence[MedianEstimate]) -> MedianEstimate:
    """Return the sum of several estimates, its interval as wide as can be."""
    return MedianEstimate(
        value=sum(one.value for one in estimates),
        low=sum(one.low for one in estimates),
        high=sum(one.high for one in estimates),
        blocks=min(one.blocks for one in estimates),
    )


def training_joules(training: Training) -> float:
    """Return the joules of a training: an estimate from its recorded processor time, and what the counter of the GPU
    said, if one computed it."""
    measured = training.accelerator.joules if training.accelerator else 0.0
    return measured + training.cpu_seconds * WATTS_PER_THREAD


def break_even(training: Training, cost: Cost) -> float:
    """Return the number of predictions that cost as much as the training did.

    Where both are estimated, the watts cancel: it is the ratio of two processor times.
    """
    return training_joules(training) / cost.joules.value


def pareto_front(found: Mapping[str, MeasuredVersion], price: Mapping[str, float]) -> list[str]:
    """Return the names of the Pareto front, the cheapest first: of each of these no other is at most as dear, by its
    `price`, and right at least as often."""
    best, front = -1.0, []
    for name in sorted(found, key=lambda name: (price[name], -found[name].version.accuracy.value)):
        if found[name].version.accuracy.value > best:
            best = found[name].version.accuracy.value
            front.append(name)
    return front
