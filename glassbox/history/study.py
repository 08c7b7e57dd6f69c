"""What `python -m export --study growth` found in all rows of Epoch AI's tables, kept in studies/growth.json."""

from dataclasses import dataclass
from functools import cache

from glassbox import records
from glassbox.paths import STUDIES
from glassbox.records import Fraction, Positive, PositiveAmount, require

STUDY = STUDIES / "growth.json"


@dataclass(frozen=True)
class Rate:
    """A growth over `count` rows: the `factor` a year within its 95 % interval from `low` to `high`."""

    factor: PositiveAmount
    low: PositiveAmount
    high: PositiveAmount
    count: Positive

    def __post_init__(self) -> None:
        require(self.low <= self.factor <= self.high, "a factor is not within its interval")


@dataclass(frozen=True)
class Share:
    """The share of `count` models that have a property."""

    share: Fraction
    count: Positive


@dataclass(frozen=True)
class GrowthStudy:
    """The fits of the page on the four factors, made on all rows of both tables, `until` a day.

    `known_before`: those of the models of 2018 to 2022 whose training compute is published or could be estimated;
    `known_since`: the same of the models since 2024; `language_since`: those of them made for language, or for language
    and pictures; `confident`: the estimates of training compute that Epoch marks as "Confident".
    """

    models: Positive
    accelerators: Positive
    until: str
    known_before: Share
    known_since: Share
    language_since: Share
    confident: Share
    before: Rate
    compute: Rate
    parameters: Rate
    examples: Rate
    cost: Rate
    per_watt: Rate
    per_dollar: Rate


@cache
def growth_study() -> GrowthStudy | None:
    """Return the record; None, with the reason in the log, if there is none or it is not right."""
    return records.load_or_none(GrowthStudy, STUDY)
