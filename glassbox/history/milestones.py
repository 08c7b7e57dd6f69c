"""What grew while models became a service: computing power, data, models and cost over time, and how fast.

The facts are rows of glassbox/data/milestones.csv and accelerators.csv, chosen by a stated rule from Epoch AI's tables
(CC BY, https://epoch.ai/data) by export/studies/era.py, which also fits all of Epoch's rows: studies/era.json.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassbox import records
from glassbox.paths import DATA, STUDIES
from glassbox.records import require
from glassbox.zoo.digit_models import Card

MILESTONES = DATA / "milestones.csv"
ACCELERATORS = DATA / "accelerators.csv"
STUDY = STUDIES / "era.json"

MEASURES = ("compute", "parameters", "examples", "cost")
"""What a milestone may have a number for."""
DEEP = 2010.0
"""The year from which training compute grew faster: Sevilla et al. 2022, https://arxiv.org/abs/2202.05924"""
DOMAINS = ("language", "multimodal", "vision", "speech", "games", "science", "robotics", "other")
RULES = ("frontier", "historic", "china")
"""Why a model is among the milestones; the first that holds."""

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Milestone:
    """One model. `compute`: FLOP of its training; `examples`: words, pictures or moves in its training data;
    `cost`: of the training's computing, in US dollars of 2023; `chosen`: one of RULES."""

    name: str
    organisation: str
    china: bool
    date: date
    domain: str
    parameters: float | None
    compute: float | None
    examples: float | None
    cost: float | None
    chosen: str
    source: str

    def __post_init__(self) -> None:
        require(self.domain in DOMAINS, f"{self.name}: domain is {self.domain!r}")
        require(self.chosen in RULES, f"{self.name}: chosen is {self.chosen!r}")


@dataclass(frozen=True)
class Accelerator:
    """One chip. `flops`: the most 16-bit (else 32-bit) floating-point operations a second, dense; `watts`: its thermal
    design power; `price`: at release, `rent`: an hour in 2026, both in US dollars."""

    name: str
    maker: str
    date: date
    flops: float
    watts: float | None
    price: float | None
    price_source: str
    rent: float | None
    rent_source: str
    source: str

    @property
    def per_watt(self) -> float | None:
        """FLOP/s per watt."""
        return self.flops / self.watts if self.watts else None

    @property
    def per_dollar(self) -> float | None:
        """FLOP/s per US dollar of its price at release."""
        return self.flops / self.price if self.price else None


@dataclass(frozen=True)
class Growth:
    """log10(value) = intercept + slope (year - middle), fitted to `count` points by least squares.

    `error`: the slope's standard error; `spread`: the residuals' standard deviation; `width`: the sum of squared
    distances from `middle`; `quantile`: of Student's t for 95 % of `count` - 2 degrees of freedom.
    """

    count: int
    middle: float
    slope: float
    intercept: float
    error: float
    spread: float
    width: float
    quantile: float

    @property
    def factor(self) -> float:
        """How many times as much after a year."""
        return float(10**self.slope)

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of `factor`."""
        half = self.quantile * self.error
        return float(10 ** (self.slope - half)), float(10 ** (self.slope + half))

    @property
    def doubling(self) -> float:
        """Months to twice as much; infinite where nothing grows."""
        return 12 * float(np.log10(2)) / self.slope if self.slope > 0 else float("inf")

    @property
    def doubling_interval(self) -> tuple[float, float]:
        """The 95 % interval of `doubling`, the shorter time first; its end is infinite if standstill is within it."""
        low, high = (float(np.log10(factor)) for factor in self.interval)
        return tuple(12 * float(np.log10(2)) / s if s > 0 else float("inf") for s in (high, low))  # type: ignore[return-value]

    def at(self, years: Numbers) -> tuple[Numbers, Numbers, Numbers]:
        """The fitted values at `years`, and the ends of the 95 % interval of the mean there."""
        line = self.intercept + self.slope * (years - self.middle)
        half = self.quantile * self.spread * np.sqrt(1 / self.count + (years - self.middle) ** 2 / self.width)
        low, middle, high = (np.power(10.0, exponent) for exponent in (line - half, line, line + half))
        return middle, low, high


@dataclass(frozen=True)
class Rate:
    """A growth as the study records it, of all of Epoch's rows: times a year, its 95 % interval, from how many rows."""

    factor: float
    low: float
    high: float
    count: int


@dataclass(frozen=True)
class Share:
    """Of `count` models the share of those that have something."""

    share: float
    count: int


@dataclass(frozen=True)
class GrowthStudy:
    """What studies/era.json holds: the same fits as on the page, made on all rows of both tables, `until` a day.

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
def milestones() -> tuple[Milestone, ...]:
    """The rows of milestones.csv, the oldest first. Raises ValueError naming the row that is not right."""
    return tuple(_rows(Milestone, MILESTONES))


@cache
def accelerators() -> tuple[Accelerator, ...]:
    """The rows of accelerators.csv, the oldest first. Raises ValueError naming the row that is not right."""
    return tuple(_rows(Accelerator, ACCELERATORS))


@cache
def growth_study() -> GrowthStudy:
    """studies/era.json. Raises ValueError naming the first field that is missing or wrong."""
    return records.read(GrowthStudy, STUDY.read_bytes())


def year(day: date) -> float:
    """A day as a number of years: 1 July 2020 is 2020.5."""
    first, next_first = date(day.year, 1, 1), date(day.year + 1, 1, 1)
    return day.year + (day - first) / (next_first - first)


def growth(years: Sequence[float], values: Sequence[float]) -> Growth:
    """Fit log10 of `values` (all above 0) to a line in `years` by ordinary least squares.

    The interval takes the points as independent of each other, so that it is rather too narrow for models that were
    built on one another. Draper and Smith, "Applied Regression Analysis", 1998, chapter 1. Raises ValueError for fewer
    than three points, for a value that is not above 0, and when all points are of one time.
    """
    x, y = np.asarray(years, float), np.asarray(values, float)
    require(len(x) == len(y) >= 3, f"a line with its interval needs 3 points or more, here are {len(x)}")
    require(bool((y > 0).all()), "only what is above 0 has a logarithm")
    middle, logs = float(x.mean()), np.log10(y)
    width = float(((x - middle) ** 2).sum())
    require(width > 0, "all points are of one time")
    slope = float(((x - middle) * logs).sum() / width)
    intercept = float(logs.mean())
    residuals = logs - intercept - slope * (x - middle)
    spread = float(np.sqrt((residuals**2).sum() / (len(x) - 2)))
    error = spread / width**0.5
    return Growth(len(x), middle, slope, intercept, error, spread, width, student_t(len(x) - 2))


def student_t(freedom: int, share: float = 0.95) -> float:
    """How far Student's t with `freedom` >= 1 degrees of freedom lies from 0 in `share` of all cases, at most.

    With t = sqrt(n) tan(a) its density becomes cos(a)^(n - 1), which is summed here on a fine grid.
    """
    require(freedom >= 1, "Student's t needs one degree of freedom or more")
    angles = np.linspace(0, np.pi / 2, 100_001)
    density = np.cos(angles) ** (freedom - 1)
    below = np.concatenate([[0.0], np.cumsum((density[1:] + density[:-1]) / 2)])
    return float(np.sqrt(freedom) * np.tan(np.interp(share, below / below[-1], angles)))


@lru_cache(maxsize=32)
def milestone_growth(measure: str, since: float = DEEP, until: float = 10_000.0) -> tuple[list[Milestone], Growth]:
    """The milestones of `since` <= year < `until` with a number for `measure` (of MEASURES), and how fast it grew."""
    rows = [row for row in milestones() if getattr(row, measure) and since <= year(row.date) < until]
    return rows, growth([year(row.date) for row in rows], [getattr(row, measure) for row in rows])


@lru_cache(maxsize=4)
def accelerator_growth(measure: str) -> tuple[list[Accelerator], Growth]:
    """The accelerators with a number for `measure`, "per_watt" or "per_dollar", and how fast it grew."""
    rows = [row for row in accelerators() if getattr(row, measure)]
    return rows, growth([year(row.date) for row in rows], [getattr(row, measure) for row in rows])


def training_compute(card: Card) -> float:
    """An estimate, in FLOP, of what training a shipped model took: three times the forward pass (the backward pass
    costs two) for every training picture and epoch. OpenAI, "AI and compute", 2018, https://openai.com/index/ai-and-compute/

    Kaplan et al. 2020 (https://arxiv.org/abs/2001.08361) count the same way: 6 FLOP a parameter and token. Left out:
    that an epoch draws some more pictures than the card's count of digits, and what preparing them takes.
    """
    return 3.0 * card.flops * card.dataset.train * card.training.epochs


def nearest_milestone(compute: float) -> Milestone:
    """The milestone whose training compute is `compute`'s nearest neighbour by ratio."""
    known = [row for row in milestones() if row.compute]
    return min(known, key=lambda row: abs(np.log(float(row.compute or 1) / compute)))


def _rows(kind: Any, path: Path) -> list[Any]:
    rows = []
    with open(path, encoding="utf-8", newline="") as file:
        lines = (line for line in file if not line.startswith("#"))
        for number, row in enumerate(csv.DictReader(lines), 1):
            try:
                rows.append(kind(**{field.name: _value(field.name, row[field.name]) for field in fields(kind)}))
            except (KeyError, ValueError) as error:
                raise ValueError(f"{path.name}, row {number}: {error}") from error
    return sorted(rows, key=lambda row: (row.date, row.name))


_TEXTS = {"name", "organisation", "domain", "chosen", "source", "maker", "price_source", "rent_source"}


def _value(name: str, text: str) -> Any:
    if name in _TEXTS:
        return text
    if name == "date":
        return date.fromisoformat(text)
    if name == "china":
        return text == "yes"
    number = float(text) if text else None
    require(number is None or number > 0, f"{name} is {text}")
    require(number is not None or name != "flops", "flops is empty")
    return number
