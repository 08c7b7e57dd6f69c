"""What `python -m export --study growth` found in all rows of Epoch AI's tables, kept in studies/growth.json."""

from dataclasses import dataclass
from functools import cache

from glassbox import records
from glassbox.paths import STUDIES

STUDY = STUDIES / "growth.json"


@dataclass(frozen=True)
class Rate:
    """A growth over `count` rows: the `factor` a year within its 95 % interval from `low` to `high`."""

    factor: float
    low: float
    high: float
    count: int


@dataclass(frozen=True)
class Share:
    """The share of `count` models that have a property."""

    share: float
    count: int


@dataclass(frozen=True)
class GrowthStudy:
    """The fits of the page on the four factors, made on all rows of both tables, `until` a day.

    `known_before`: those of the models of 2018 to 2022 whose training compute is published or could be estimated;
    `known_since`: the same of the models since 2024; `language_since`: those of them made for language, or for language
    and pictures; `confident`: the estimates of training compute that Epoch marks as "Confident".
    """

    models: int
    accelerators: int
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
def growth_study() -> GrowthStudy:
    """Return studies/growth.json. Raises ValueError naming the first field that is missing or wrong."""
    return records.read(GrowthStudy, STUDY.read_bytes())
