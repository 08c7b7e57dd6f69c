"""Milestones of machine learning and its accelerators: computing power, data, parameters and cost over time.

The facts are rows of glassbox/data/milestones.csv and accelerators.csv, chosen by a stated rule from Epoch AI's tables
(CC BY, https://epoch.ai/data) by export/studies/growth.py.
"""

import math
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from typing import Annotated

from msgspec import Meta

from glassbox import data
from glassbox.history.growth import Growth, decimal_year, fit_growth
from glassbox.paths import DATA
from glassbox.records import require
from glassbox.zoo.digit_models import Card

MILESTONES = DATA / "milestones.csv"
ACCELERATORS = DATA / "accelerators.csv"
Positive = Annotated[float, Meta(gt=0)]

MEASURES = ("compute", "parameters", "examples", "cost")
"""What a milestone may have a number for."""
DEEP = 2010.0
"""The year from which training compute grew faster: Sevilla et al. 2022, https://arxiv.org/abs/2202.05924"""
DOMAINS = ("language", "multimodal", "vision", "speech", "games", "science", "robotics", "other")
RULES = ("frontier", "historic", "china")
"""Why a model is among the milestones; the first that holds."""


@dataclass(frozen=True)
class Milestone:
    """One model. `compute`: FLOP of its training; `examples`: words, pictures or moves in its training data;
    `cost`: of the training's computing, in US dollars of 2023; `chosen`: one of RULES."""

    name: str
    china: bool
    date: date
    domain: str
    chosen: str
    source: str
    organisation: str = ""
    parameters: Positive | None = None
    compute: Positive | None = None
    examples: Positive | None = None
    cost: Positive | None = None

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
    flops: Positive
    source: str
    watts: Positive | None = None
    price: Positive | None = None
    price_source: str = ""
    rent: Positive | None = None
    rent_source: str = ""

    @property
    def per_watt(self) -> float | None:
        """FLOP/s per watt."""
        return self.flops / self.watts if self.watts else None

    @property
    def per_dollar(self) -> float | None:
        """FLOP/s per US dollar of its price at release."""
        return self.flops / self.price if self.price else None


@cache
def milestones() -> tuple[Milestone, ...]:
    """Return the rows of milestones.csv, the oldest first. Raises ValueError naming the row that is not right."""
    return tuple(sorted(data.records(MILESTONES, Milestone), key=lambda row: (row.date, row.name)))


@cache
def accelerators() -> tuple[Accelerator, ...]:
    """Return the rows of accelerators.csv, the oldest first. Raises ValueError naming the row that is not right."""
    return tuple(sorted(data.records(ACCELERATORS, Accelerator), key=lambda row: (row.date, row.name)))


@lru_cache(maxsize=32)
def milestone_growth(measure: str, since: float = DEEP, until: float = 10_000.0) -> tuple[list[Milestone], Growth]:
    """Return the milestones of `since` <= year < `until` with a number for `measure` (of MEASURES), and its growth."""
    rows = [row for row in milestones() if getattr(row, measure) and since <= decimal_year(row.date) < until]
    return rows, fit_growth([decimal_year(row.date) for row in rows], [getattr(row, measure) for row in rows])


@lru_cache(maxsize=4)
def accelerator_growth(measure: str) -> tuple[list[Accelerator], Growth]:
    """Return the accelerators with a number for `measure`, "per_watt" or "per_dollar", and its growth."""
    rows = [row for row in accelerators() if getattr(row, measure)]
    return rows, fit_growth([decimal_year(row.date) for row in rows], [getattr(row, measure) for row in rows])


def training_compute(card: Card) -> float:
    """Return an estimate, in FLOP, of what training a shipped model took: three times the forward pass (the backward
    pass costs two) for every training picture and epoch.

    OpenAI, "AI and compute", 2018, https://openai.com/index/ai-and-compute/; Kaplan et al. 2020
    (https://arxiv.org/abs/2001.08361) count the same way: 6 FLOP a parameter and token. Left out: that an epoch draws
    some more pictures than the card's count of digits, and what preparing them takes.
    """
    return 3.0 * card.flops * card.dataset.train * card.training.epochs


def nearest_milestone(compute: float) -> Milestone:
    """Return the milestone whose training compute differs from `compute` by the smallest factor."""
    known = [row for row in milestones() if row.compute]
    return min(known, key=lambda row: abs(math.log((row.compute or 1) / compute)))
