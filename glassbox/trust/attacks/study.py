"""What `python -m export --study privacy` found of the networks trained to be attacked: studies/privacy.json.

It holds the squared errors and likelihood ratios of members and non-members, and no picture.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from glassbox import records
from glassbox.paths import STUDIES
from glassbox.records import Amount, Fraction, Positive, PositiveAmount
from glassbox.zoo.cards import Accuracy, NetworkCard
from glassbox.zoo.folder import Models, accept

Scores = NDArray[np.floating]

ARTICLE = "mlp"
TARGETS = ("mlp_overfit", "mlp_private", "mlp_poisoned")
"""Variants of the MLP, of its architecture and loss, trained to be attacked: overfitted, with differential privacy, and
with a backdoor."""
ATTACKED = ("mlp_overfit", "mlp", "mlp_private")
"""The networks of the membership game, from the one that gives most away."""
STUDY = STUDIES / "privacy.json"


@dataclass(frozen=True)
class Guarantee:
    """Differential privacy: no picture's presence changes the chance of any outcome by more than e^epsilon, but for
    delta. `noise` and `clip` are those of DP-SGD, each of the `steps` on the `share` of all pictures.

    Dwork and Roth, "The algorithmic foundations of differential privacy", 2014, https://doi.org/10.1561/0400000042
    """

    epsilon: PositiveAmount
    delta: Fraction
    noise: PositiveAmount
    clip: PositiveAmount
    share: Fraction
    steps: Positive


@dataclass(frozen=True, kw_only=True)
class TargetCard(NetworkCard):
    """What is known of a variant. `pictures`: how many it was trained on, `training_accuracy`: the fraction of them
    that it reads rightly; `epochs` and `seconds` of training; `guarantee`: None without differential privacy."""

    accuracy: Accuracy
    training_accuracy: Fraction
    pictures: Positive
    epochs: PositiveAmount
    seconds: Amount
    optimizer: str
    loss: str
    guarantee: Guarantee | None = None


@dataclass(frozen=True, eq=False)  # told apart by identity: there are thousands of numbers to compare
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
        """Return the scores of members and of non-members in the `attack` "loss" (Yeom et al. 2018) or "lira" (Carlini
        et al. 2022)."""
        if attack == "loss":
            return -np.array(self.losses_members), -np.array(self.losses_nonmembers)
        return np.array(self.ratios_members), np.array(self.ratios_nonmembers)


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
class InversionSimilarity:
    """Pearson's correlation of the inverted picture of `label` with the `mean` of the label's training digits, and the
    largest with a single picture among the network's members and among as many non-members."""

    label: int
    mean: float
    member: float
    nonmember: float


@dataclass(frozen=True)
class PrivacyStudy:
    """Everything in the record, most of it by network. `private`: from the smallest epsilon to none."""

    seed: int
    versions: dict[str, str]
    seconds: float
    games: dict[str, MembershipGame]
    private: tuple[PrivateTraining, ...]
    poisoned: tuple[PoisonedTraining, ...]
    inverted: dict[str, tuple[InversionSimilarity, ...]]


@cache  # one study, read once
def privacy_study(path: Path = STUDY) -> PrivacyStudy | None:
    """Return the record; None, with the reason in the log, if there is none or it is not right."""
    return records.load_or_none(PrivacyStudy, path)


def target_models(folder: Path | None = None) -> Models[TargetCard]:
    """Read the variants of the MLP under `folder` (default: models/), 400 kB each."""
    found: Models[TargetCard] = accept({"attacked": TargetCard}, folder)
    missing = {name: "missing" for name in TARGETS if name not in found.cards}
    return replace(found, refused=missing | found.refused)
