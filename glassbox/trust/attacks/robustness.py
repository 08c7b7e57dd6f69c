"""What `python -m export --study robustness` found: how many digits each network still reads under attack.

It lies in studies/robustness.json. Every attack is measured by itself at every size; what a network still reads under
the worst of them can't grow with the size, as each smaller change is also a larger one, and a record where it does is
refused: it would measure the attack and not the network.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from glassbox import records
from glassbox.paths import STUDIES
from glassbox.records import Fraction, Positive, PositiveAmount, require
from glassbox.zoo.cards import Accuracy

STUDY = STUDIES / "robustness.json"


@dataclass(frozen=True)
class RobustAccuracy:
    """A network's accuracy on the same pictures under each attack, one value a size.

    `square`: the attack without gradients. `worst`: on the pictures that fall neither to `pgd` nor to `square`.
    `sha256` and `temperature` are those of the network that was attacked.
    """

    sha256: str
    temperature: PositiveAmount
    noise: tuple[Accuracy, ...]
    fgsm: tuple[Accuracy, ...]
    pgd: tuple[Accuracy, ...]
    square: tuple[Accuracy, ...]
    worst: tuple[Accuracy, ...]

    def __post_init__(self) -> None:
        lengths = {len(rows) for rows in (self.noise, self.fgsm, self.pgd, self.square, self.worst)}
        require(len(lengths) == 1, "the attacks are not recorded at the same sizes")
        for worst, pgd, square in zip(self.worst, self.pgd, self.square, strict=True):
            require(worst.correct <= min(pgd.correct, square.correct), "worst is above one of its attacks")
        for smaller, larger in pairwise(self.worst):
            require(larger.correct <= smaller.correct, "worst rises with the size of the change")


@dataclass(frozen=True)
class Transfer:
    """Pictures made by PGD at `epsilon` against one network (rows) and read by another (columns)."""

    epsilon: Fraction
    networks: tuple[str, ...]
    accuracy: tuple[tuple[Accuracy, ...], ...]


@dataclass(frozen=True)
class RobustnessStudy:
    """The whole record. `pictures`: how many test digits, `epsilons`: the sizes of change, `steps` and `starts` of PGD,
    `queries` of the Square attack."""

    seed: int
    versions: dict[str, str]
    pictures: Positive
    epsilons: tuple[Fraction, ...]
    steps: Positive
    starts: Positive
    queries: Positive
    networks: dict[str, RobustAccuracy]
    transfer: Transfer

    def __post_init__(self) -> None:
        require(list(self.epsilons) == sorted(self.epsilons), "epsilons are not in order")
        for one in self.networks.values():
            require(len(one.worst) == len(self.epsilons), "a network is not recorded at every size")


@cache  # one study, read once
def robustness_study(path: Path = STUDY) -> RobustnessStudy | None:
    """Return the record; None, with the reason in the log, if there is none or it is not right."""
    return records.load_or_none(RobustnessStudy, path)
