"""The record of `python -m export --study explanations`: how faithful explanations are, who fails where, and on what.

It lies in studies/explanations.json. Each estimate carries its 95 % interval and the number of pictures behind it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from glassbox import records
from glassbox.explain.attribution.baseline_pictures import BASELINE_PICTURES
from glassbox.explain.attribution.registry import BASELINES, METHODS
from glassbox.paths import STUDIES
from glassbox.records import Natural, Positive, require
from glassbox.trust.slices import MEASURES
from glassbox.zoo.cards import Accuracy
from glassbox.zoo.digit_models import Zoo

RECORD = STUDIES / "explanations.json"


@dataclass(frozen=True)
class Estimate:
    """A mean (or, for completeness, a median) over `count` pictures within its 95 % interval, bootstrapped over them.

    Efron & Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13 (percentile intervals)
    """

    value: float
    low: float
    high: float
    count: Positive


@dataclass(frozen=True)
class Faithfulness:
    """A map's score, insertion less deletion, -1 to 1, with the ends between which 80 % of the pictures lie by
    themselves, and the two areas."""

    score: Estimate
    spread: tuple[float, float]
    deletion: Estimate
    insertion: Estimate


@dataclass(frozen=True)
class RandomisationTest:
    """Rank correlation with the true map after each layer of `NetworkExplanations.shuffled`, over all pixels (`whole`)
    and over those with `ink` alone: empty paper, zero in both maps, makes them alike whatever the network knows.

    Pictures on which one of the two maps is constant can't be compared and are left out; None: there is no other.
    """

    whole: tuple[Estimate | None, ...]
    ink: tuple[Estimate | None, ...]


@dataclass(frozen=True)
class MethodScores(Faithfulness):
    """A method on one network.

    `over_edges`, `over_random`: its score less that of the baseline on the same picture. `better`: the share of
    pictures on which `registry.verdict` is "better". `sensitivity`: the map's largest change. `missed`: the share of
    the difference in score that the map's sum misses (median), of methods that have `sums_to`.

    `blank`: pictures on which the map is constant. It names no pixel there, so they are in none of the estimates, each
    of which says how many pictures it is of; None where no picture of a costly test is left.
    """

    over_edges: Estimate
    over_random: Estimate
    better: Estimate
    blank: Natural
    sensitivity: Estimate | None
    randomised: RandomisationTest
    missed: Estimate | None = None

    @property
    def verdict(self) -> str:
        """As `registry.verdict`, over all pictures: "better", "edges" or "chance", where the interval excludes 0."""
        if self.over_random.low <= 0:
            return "chance"
        return "better" if self.over_edges.low > 0 else "edges"


@dataclass(frozen=True)
class IntegrationSteps:
    """Integrated gradients with so many steps miss this share of the difference in score (median)."""

    steps: int
    missed: Estimate


@dataclass(frozen=True)
class MapAgreement:
    """Rank correlations of the absolute maps: rows and columns are `NetworkExplanations.maps`.

    `whole`: over all 784 pixels. `ink`: over the pixels with ink alone, where the empty paper's common zero is no help.
    None where one of the two maps is constant on every picture.
    """

    whole: tuple[tuple[Estimate | None, ...], ...]
    ink: tuple[tuple[Estimate | None, ...], ...]


@dataclass(frozen=True)
class NetworkExplanations:
    """The measurements of one network, each picture explained for the label that the network reads in it.

    `temperature`: what its scores were divided by, for the probabilities on the curves of deletion and insertion.
    `methods`: those measured, `inapplicable`: those that need what the network has not, `all_blank`: those whose map is
    constant on every picture. A method in none has been added since the study. `maps`: the methods that apply and the
    baselines, in the order of `agreement`.
    """

    sha256: str
    temperature: float
    methods: dict[str, MethodScores]
    inapplicable: tuple[str, ...]
    all_blank: tuple[str, ...]
    baselines: dict[str, Faithfulness]
    shuffled: tuple[str, ...]
    steps: tuple[IntegrationSteps, ...]
    maps: tuple[str, ...]
    agreement: MapAgreement

    @property
    def pictures(self) -> int:
        """The number of pictures explained."""
        return self.baselines["edges"].score.count

    @property
    def close(self) -> int:
        """The number of pictures in the costly tests: sensitivity, shuffling, steps."""
        return self.steps[0].missed.count

    def __post_init__(self) -> None:
        for matrix in (self.agreement.whole, self.agreement.ink):
            square = len(matrix) == len(self.maps) and all(len(row) == len(self.maps) for row in matrix)
            require(square, "agreement is not one row and one column a map")
        require({*self.methods, *self.baselines} <= set(self.maps), "maps lacks methods or baselines")
        require(set(BASELINES) <= set(self.baselines), "a network lacks baselines")
        layers = {len(part) for one in self.methods.values() for part in (one.randomised.whole, one.randomised.ink)}
        require(layers == {len(self.shuffled)}, "randomised is not one estimate a layer")
        pictures = {one.score.count + one.blank for one in self.methods.values()}
        require(pictures == {self.pictures}, "a method is not scored on every picture where it is not blank")


@dataclass(frozen=True)
class Disagreement:
    """Test digits read by all networks. `right_where_wrong`: read rightly by the row's network and not the column's.

    `differ`: read as different digits. Rows and columns are `networks`; `all_right`, `all_wrong`, `unanimous` (the same
    digit by all, right or not) count digits.
    """

    networks: tuple[str, ...]
    count: int
    right_where_wrong: tuple[tuple[int, ...], ...]
    differ: tuple[tuple[int, ...], ...]
    all_right: int
    all_wrong: int
    unanimous: int

    def __post_init__(self) -> None:
        for matrix in (self.right_where_wrong, self.differ):
            square = len(matrix) == len(self.networks) and all(len(row) == len(self.networks) for row in matrix)
            require(square, "disagreement is not one row and one column a network")


@dataclass(frozen=True)
class Mistake:
    """Digits `true` read as `read`: how many, their mean confidence, and how many with at least Mistakes.sure."""

    true: int
    read: int
    count: int
    confidence: float
    sure: int


@dataclass(frozen=True)
class Mistakes:
    """A network's mistakes by confusion cell; `sure_count`: digits, right and wrong, read with at least `sure`."""

    sure: float
    sure_count: int
    cells: tuple[Mistake, ...]


@dataclass(frozen=True)
class Slice:
    """Test digits whose measure lies from `low` to `high`; `labels`: how many of each label there are among them."""

    low: float
    high: float
    middle: float
    count: int
    labels: tuple[int, ...]
    accuracy: dict[str, Accuracy]


@dataclass(frozen=True)
class Slices:
    """One measure of `slices`: its quantiles over the test digits at equal steps from 0 to 1, and its slices."""

    quantiles: tuple[float, ...]
    slices: tuple[Slice, ...]

    @property
    def limits(self) -> tuple[float, ...]:
        """The edges of the slices, one more than there are slices."""
        return (*(one.low for one in self.slices), self.slices[-1].high)

    def __post_init__(self) -> None:
        require(bool(self.slices) and len(self.quantiles) > 1, "a measure has no slices")


@dataclass(frozen=True)
class ExplanationStudy:
    """The whole record, most of it by network. `baseline`: what pixels were erased to, a name of BASELINE_PICTURES."""

    seed: int
    pictures: int
    baseline: str
    networks: dict[str, NetworkExplanations]
    disagreement: Disagreement
    mistakes: dict[str, Mistakes]
    slices: dict[str, Slices]

    def __post_init__(self) -> None:
        require(self.baseline in BASELINE_PICTURES, f"baseline is {self.baseline!r}")
        names = set(self.networks)
        require(set(MEASURES) <= set(self.slices), "slices lacks measures")
        accuracies = [one.accuracy for measure in self.slices.values() for one in measure.slices]
        for part in (self.disagreement.networks, self.mistakes, *accuracies):
            require(names <= set(part), "disagreement, mistakes or slices lack networks")


def load(path: Path = RECORD) -> ExplanationStudy:
    """Read the record. Raises DamagedFileError, a ValueError, if it is missing or not such a record."""
    return records.load(ExplanationStudy, path)


def load_or_none(path: Path = RECORD) -> ExplanationStudy | None:
    """Return the record, or None, with a warning in the log, where `load` raises."""
    return records.load_or_none(ExplanationStudy, path)


def of_zoo(record: ExplanationStudy, zoo: Zoo) -> Mapping[str, NetworkExplanations]:
    """Return the networks of the record that are those of the zoo, with the methods that Glassbox still has.

    A network trained or calibrated since has to be measured anew.
    """
    return {
        name: replace(measured, methods={one: measured.methods[one] for one in METHODS if one in measured.methods})
        for name, measured in record.networks.items()
        if name in zoo.cards
        and zoo.cards[name].sha256 == measured.sha256
        and zoo.cards[name].calibration.temperature == measured.temperature
    }
