"""Membership inference: from a network's answer to a picture, was the picture in its training set?

The squared errors and likelihood ratios of members and non-members are recorded by `python -m export --study privacy`
in studies/privacy.json, without any picture; this module turns them into verdicts and error rates. Of all scores the
higher speaks for a member.
"""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from glassbox import records
from glassbox.intervals import wilson_interval
from glassbox.paths import STUDIES
from glassbox.records import require
from glassbox.zoo.cards import Accuracy, NetworkCard
from glassbox.zoo.folder import Models, accept

Scores = NDArray[np.floating]

ARTICLE = "mlp"
TARGETS = ("mlp_overfit", "mlp_private", "mlp_poisoned")
"""Variants of the MLP, of its architecture and loss, trained to be attacked: overfitted, with differential privacy, and
with a backdoor."""
ATTACKED = ("mlp_overfit", "mlp", "mlp_private")
"""The networks of the membership game, from the worst kept to the best."""
FALSE_POSITIVE_RATE = 0.001
"""The rate at which attacks are compared: an accusation that is wrong once in a thousand."""
STUDY = STUDIES / "privacy.json"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Guarantee:
    """Differential privacy: no picture's presence changes the chance of any outcome by more than e^epsilon, but for
    delta. `noise` and `clip` are those of DP-SGD, each of the `steps` on the `share` of all pictures.

    Dwork and Roth, "The algorithmic foundations of differential privacy", 2014, https://doi.org/10.1561/0400000042
    """

    epsilon: float
    delta: float
    noise: float
    clip: float
    share: float
    steps: int


@dataclass(frozen=True, kw_only=True)
class TargetCard(NetworkCard):
    """What is known of a variant. `pictures`: how many it was trained on, `training_accuracy`: the fraction of them
    that it reads rightly; `epochs` and `seconds` of training; `guarantee`: None without differential privacy."""

    accuracy: Accuracy
    training_accuracy: float
    pictures: int
    epochs: float
    seconds: float
    optimizer: str
    loss: str
    guarantee: Guarantee | None = None


@dataclass(frozen=True)
class MembershipGame:
    """A network's squared errors and likelihood ratios on `members` of its training set and on pictures outside it.

    The ratios come from `shadows` networks, each trained on the `share` of all these pictures (and of its other ones).
    """

    losses_members: tuple[float, ...]
    losses_nonmembers: tuple[float, ...]
    ratios_members: tuple[float, ...]
    ratios_nonmembers: tuple[float, ...]
    shadows: int
    share: float

    def scores(self, attack: str) -> tuple[Scores, Scores]:
        """Those of members and non-members in the `attack` "loss" (Yeom et al.) or "lira" (Carlini et al.)."""
        if attack == "loss":
            return -np.array(self.losses_members), -np.array(self.losses_nonmembers)
        return np.array(self.ratios_members), np.array(self.ratios_nonmembers)


ATTACKS = ("loss", "lira")


@dataclass(frozen=True)
class AreaUnderCurve:
    """The area under a ROC with its 95 % interval: the chance that a member scores above a non-member."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class PrivateTraining:
    """A network trained with DP-SGD; `guarantee` None: clipped, but without noise."""

    accuracy: Accuracy
    guarantee: Guarantee | None = None


@dataclass(frozen=True)
class PoisonedTraining:
    """A network whose training set carries the patch on so many `pictures`, the `share` of all: how often it is right
    on test digits, and how many that are no 7 it reads as one once they carry the patch (`success`)."""

    share: float
    pictures: int
    accuracy: Accuracy
    success: Accuracy


@dataclass(frozen=True)
class RobustAccuracy:
    """A network's accuracy on the same pictures under each attack, one value an epsilon."""

    fgsm: tuple[Accuracy, ...]
    pgd: tuple[Accuracy, ...]
    noise: tuple[Accuracy, ...]


@dataclass(frozen=True)
class Transfer:
    """Pictures made by PGD at `epsilon` against one network (rows) and read by another (columns)."""

    epsilon: float
    networks: tuple[str, ...]
    accuracy: tuple[tuple[Accuracy, ...], ...]


@dataclass(frozen=True)
class InversionSimilarity:
    """How like (Pearson) the inverted picture of `label` is to the mean of the label's training digits, and to the
    likest single picture among the network's members and among as many non-members."""

    label: int
    mean: float
    member: float
    nonmember: float


@dataclass(frozen=True)
class PrivacyStudy:
    """All that the study found. `private`: from the strictest epsilon to none."""

    seed: int
    versions: dict[str, str]
    seconds: float
    games: dict[str, MembershipGame]
    private: tuple[PrivateTraining, ...]
    poisoned: tuple[PoisonedTraining, ...]
    epsilons: tuple[float, ...]
    robust: dict[str, RobustAccuracy]
    transfer: Transfer
    inverted: dict[str, tuple[InversionSimilarity, ...]]


@cache  # one study, read once
def privacy_study(path: Path = STUDY) -> PrivacyStudy | None:
    """The record; None, with the reason in the log, if there is none or it is not right."""
    try:
        return records.read(PrivacyStudy, path.read_bytes())
    except (OSError, ValueError) as error:
        _log.warning("the record %s can't be used: %s", path.name, error)
        return None


def target_models(folder: Path | None = None) -> Models[TargetCard]:
    """Read the variants of the MLP under `folder` (default: models/), 400 kB each."""
    found: Models[TargetCard] = accept({"attacked": TargetCard}, folder)
    missing = {name: "missing" for name in TARGETS if name not in found.cards}
    return replace(found, refused=missing | found.refused)


@dataclass(frozen=True)
class RocCurve:
    """A ROC: at each threshold the shares of non-members and of members that are called members, both from 0 to 1."""

    false_positive_rate: NDArray[np.float64]
    true_positive_rate: NDArray[np.float64]


def roc(members: Scores, nonmembers: Scores) -> RocCurve:
    """The ROC of scores (n,) and (m,), a point for each value that occurs. Fawcett, 2006, algorithm 1."""
    thresholds = np.unique(np.concatenate([members, nonmembers]))[::-1]
    true, false = (1 - np.searchsorted(np.sort(side), thresholds) / len(side) for side in (members, nonmembers))
    return RocCurve(np.concatenate([[0.0], false]), np.concatenate([[0.0], true]))


def area(members: Scores, nonmembers: Scores) -> AreaUnderCurve:
    """Return the area under the ROC, ties counted half, and its interval by the variance of DeLong et al., 1988.

    https://doi.org/10.2307/2531595; the mid-ranks of Sun and Xu, 2014, do it in n log n.
    """
    from scipy import stats  # half a second, which only this needs

    n, m = len(members), len(nonmembers)
    both = stats.rankdata(np.concatenate([members, nonmembers]))
    above = (both[:n] - stats.rankdata(members)) / m  # for each member: the share of non-members below it
    below = 1 - (both[n:] - stats.rankdata(nonmembers)) / n
    value = float(above.mean())
    half = 1.0
    if min(n, m) > 1:
        half = float(stats.norm.ppf(0.975)) * math.sqrt(above.var(ddof=1) / n + below.var(ddof=1) / m)
    return AreaUnderCurve(value, max(0.0, value - half), min(1.0, value + half))


def true_positive_rate(members: Scores, nonmembers: Scores, rate: float = FALSE_POSITIVE_RATE) -> Accuracy:
    """The share of members above the lowest threshold that at most `rate` of the non-members reach; Wilson's interval.

    The interval is that of the members' number at this threshold; the threshold itself, set by few non-members, adds to
    it. Carlini et al., 2022, https://arxiv.org/abs/2112.03570, say why a low rate is what counts.
    """
    allowed = int(rate * len(nonmembers) + 1e-9)
    line = np.sort(nonmembers)[::-1][allowed] if allowed < len(nonmembers) else -np.inf
    return proportion(int((members > line).sum()), len(members))


def proportion(correct: int, count: int) -> Accuracy:
    """Return the share of `correct` among `count` with its 95 % interval."""
    low, high = wilson_interval(correct, count)
    return Accuracy(value=correct / count, low=low, high=high, correct=correct, count=count)


def privacy_bound(guarantee: Guarantee, rate: Scores) -> NDArray[np.float64]:
    """The most members that any attack can catch at each false-positive `rate`, whatever it knows.

    min(e^epsilon f + delta, 1 - e^-epsilon (1 - delta - f)): Kairouz, Oh and Viswanath, 2015, theorem 2.1,
    https://arxiv.org/abs/1311.0776
    """
    grow, delta = math.exp(guarantee.epsilon), guarantee.delta
    return np.asarray(np.clip(np.minimum(grow * rate + delta, 1 - (1 - delta - rate) / grow), 0, 1))


def likelihood_ratios(losses: Scores, shadows: Scores, inside: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The likelihood-ratio attack, LiRA: how much better -ln(loss) fits networks that knew the picture.

    losses: (n,) of the network under attack; shadows: (k, n) of the shadow networks, inside: (k, n), whether the
    picture was among the shadow's training pictures. A normal distribution with the picture's own mean is fitted to
    either side; with few shadows its variance is that of all pictures together. Carlini et al., 2022, section V,
    https://arxiv.org/abs/2112.03570. Raises ValueError for a picture that no shadow knew, or all did.
    """
    require(bool((inside.any(0) & ~inside.all(0)).all()), "a picture needs shadows that knew it and some that did not")
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
    """What the loss attack makes of one picture. `members`, `nonmembers`: the share of either on which the network does
    worse than on it. `verdict`: "member" if hardly a non-member does as well, "nonmember" if hardly a member does as
    badly (FALSE_POSITIVES of them at most), else "open"."""

    loss: float
    members: float
    nonmembers: float
    verdict: str


def judge(game: MembershipGame, loss: float) -> MembershipVerdict:
    """Judge a picture with the squared error `loss` by the recorded members and non-members."""
    sides = [np.array(game.losses_members), np.array(game.losses_nonmembers)]
    members, nonmembers = (float((side > loss).mean()) for side in sides)
    as_well = float((sides[1] <= loss).mean())
    as_badly = float((sides[0] >= loss).mean())
    verdict = "member" if as_well <= FALSE_POSITIVE_RATE else "nonmember" if as_badly <= FALSE_POSITIVE_RATE else "open"
    return MembershipVerdict(loss, members, nonmembers, verdict)
