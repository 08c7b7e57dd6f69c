"""Membership inference: from a network's answer to a picture, was the picture in its training set?

The scores of members and non-members come from the record in `study`; this module turns them into curves, error rates
and verdicts. Of all scores the higher speaks for a member.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from glassbox.intervals import NORMAL_QUANTILE, wilson_interval
from glassbox.ranks import mid_ranks
from glassbox.records import require
from glassbox.trust.attacks.study import Guarantee, MembershipGame, Scores
from glassbox.zoo.cards import Accuracy

ATTACKS = ("loss", "lira")
FALSE_POSITIVE_RATE = 0.001
"""The rate at which attacks are compared: one non-member in a thousand is called a member."""


@dataclass(frozen=True)
class AreaUnderCurve:
    """The area under a ROC with its 95 % interval: the chance that a member scores above a non-member."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class RocCurve:
    """A ROC: at each threshold the shares of non-members and of members that are called members, both from 0 to 1."""

    false_positive_rate: NDArray[np.float64]
    true_positive_rate: NDArray[np.float64]


def roc(members: Scores, nonmembers: Scores) -> RocCurve:
    """Return the ROC of scores (n,) and (m,), a point for each value that occurs. Fawcett, 2006, algorithm 1."""
    thresholds = np.unique(np.concatenate([members, nonmembers]))[::-1]
    true, false = (1 - np.searchsorted(np.sort(side), thresholds) / len(side) for side in (members, nonmembers))
    return RocCurve(np.concatenate([[0.0], false]), np.concatenate([[0.0], true]))


def area(members: Scores, nonmembers: Scores) -> AreaUnderCurve:
    """Return the area under the ROC, ties counted half, and its interval by the variance of DeLong et al., 1988.

    https://doi.org/10.2307/2531595; the mid-ranks of Sun and Xu, 2014, do it in n log n.
    """
    n, m = len(members), len(nonmembers)
    both = mid_ranks(np.concatenate([members, nonmembers]))
    above = (both[:n] - mid_ranks(members)) / m  # for each member: the share of non-members below it
    below = 1 - (both[n:] - mid_ranks(nonmembers)) / n
    value = float(above.mean())
    half = 1.0
    if min(n, m) > 1:
        half = NORMAL_QUANTILE * math.sqrt(above.var(ddof=1) / n + below.var(ddof=1) / m)
    return AreaUnderCurve(value, max(0.0, value - half), min(1.0, value + half))


def true_positive_rate(members: Scores, nonmembers: Scores, rate: float = FALSE_POSITIVE_RATE) -> Accuracy:
    """Return the share of members above the lowest threshold that at most `rate` of the non-members reach.

    Its interval is that of the members' number at this threshold; the threshold itself, set by few non-members, adds to
    it. Carlini et al., 2022, https://arxiv.org/abs/2112.03570, say why a low rate is what counts.
    """
    allowed = int(rate * len(nonmembers) + 1e-9)
    line = np.sort(nonmembers)[::-1][allowed] if allowed < len(nonmembers) else -np.inf
    return proportion(int((members > line).sum()), len(members))


def proportion(correct: int, count: int) -> Accuracy:
    """Return the share of `correct` among `count` with its 95 % interval."""
    low, high = wilson_interval(correct, count)
    return Accuracy(value=correct / count, low=low, high=high, correct=correct, count=count)


@dataclass(frozen=True)
class AttackResult:
    """What an attack achieves: the area under its ROC, and the members it finds at FALSE_POSITIVE_RATE."""

    area: AreaUnderCurve
    found: Accuracy


@lru_cache(maxsize=16)  # for each game and attack of the record
def result(game: MembershipGame, attack: str) -> AttackResult:
    """Return what `attack`, of ATTACKS, achieves in `game`."""
    scores = game.scores(attack)
    return AttackResult(area(*scores), true_positive_rate(*scores))


def privacy_bound(guarantee: Guarantee, rate: Scores) -> NDArray[np.float64]:
    """Return the highest true-positive rate that any attack can have at each false-positive `rate`.

    min(e^epsilon f + delta, 1 - e^-epsilon (1 - delta - f)): Kairouz, Oh and Viswanath, 2015, theorem 2.1,
    https://arxiv.org/abs/1311.0776
    """
    grow, delta = math.exp(guarantee.epsilon), guarantee.delta
    return np.asarray(np.clip(np.minimum(grow * rate + delta, 1 - (1 - delta - rate) / grow), 0, 1))


def likelihood_ratios(losses: Scores, shadows: Scores, inside: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the scores (n,) of the likelihood-ratio attack, LiRA: how much better -ln(loss) fits networks that were
    trained on the picture.

    losses: (n,) of the network under attack; shadows: (k, n) of the shadow networks; inside: (k, n), whether the
    picture was among the shadow's training pictures. A normal distribution with the picture's own mean is fitted to
    either side; with few shadows its variance is that of all pictures together. Carlini et al., 2022, section V,
    https://arxiv.org/abs/2112.03570. Raises ValueError for a picture that no shadow was trained on, or all were.
    """
    require(
        bool((inside.any(0) & ~inside.all(0)).all()),
        "each picture needs shadows trained on it and others",
    )
    observed, seen = -np.log(np.asarray(losses, np.float64)), -np.log(np.asarray(shadows, np.float64))
    fits = []
    for side in (inside, ~inside):
        counts = side.sum(0)
        means = np.where(side, seen, 0).sum(0) / counts
        variance = np.where(side, np.square(seen - means), 0).sum() / max(1, (counts - 1).sum())
        require(variance > 0, "with one shadow on a side there is nothing to fit a distribution to")
        fits.append(-np.square(observed - means) / (2 * variance) - 0.5 * math.log(variance))
    return np.asarray(fits[0] - fits[1])


@dataclass(frozen=True)
class MembershipVerdict:
    """The loss attack on one picture. `members`, `nonmembers`: the share of either with a larger loss. `verdict`:
    "member" if at most FALSE_POSITIVE_RATE of the non-members have a loss as small, "nonmember" if no more of the
    members have one as large, else "open"."""

    loss: float
    members: float
    nonmembers: float
    verdict: str


def judge(game: MembershipGame, loss: float) -> MembershipVerdict:
    """Return the loss attack's verdict on a picture with the squared error `loss`, by the recorded losses."""
    members, nonmembers = np.array(game.losses_members), np.array(game.losses_nonmembers)
    if (nonmembers <= loss).mean() <= FALSE_POSITIVE_RATE:
        verdict = "member"
    elif (members >= loss).mean() <= FALSE_POSITIVE_RATE:
        verdict = "nonmember"
    else:
        verdict = "open"
    return MembershipVerdict(
        loss=loss,
        members=float((members > loss).mean()),
        nonmembers=float((nonmembers > loss).mean()),
        verdict=verdict,
    )
