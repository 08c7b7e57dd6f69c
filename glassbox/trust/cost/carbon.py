"""From energy to carbon: grams of CO2 a kilowatt-hour by country, published figures of other models, the world's map.

The tables are in glassbox/data: grids.csv is written by export/grids.py, world.json by export/world.py.
"""

from dataclasses import dataclass
from functools import cache
from typing import Annotated, TypedDict

from msgspec import Meta

from glassbox import data, records
from glassbox.paths import DATA
from glassbox.records import Amount, PositiveAmount

JOULES_PER_KWH = 3.6e6
EPA = "https://www.epa.gov/energy/greenhouse-gas-equivalencies-calculator-calculations-and-references"
PHONE_CHARGE = 12 * 3600.0
"""Joules to charge a phone: 0.012 kWh by EPA."""
WORLD_AVERAGE = 475.0
"""Grams of CO2 equivalent a kWh, over all the world's grids in 2018, as codecarbon has it from the IEA:
https://www.iea.org/reports/global-energy-co2-status-report-2019/emissions"""


@dataclass(frozen=True)
class Grid:
    """A country's electricity: `code` by ISO 3166-1 alpha-3; `intensity` in grams of CO2 equivalent a kWh, None where
    the table has no figure; `year` of the figure; `low_carbon`: the share of it from renewable and nuclear power."""

    code: str
    year: int
    intensity: float | None
    low_carbon: float | None


@dataclass(frozen=True)
class Published:
    """Someone else's figure; `kind`: "training" or "answer"; `derived`, where the source gives what it was worked out
    from; `key` names its string in locale/."""

    key: str
    kind: str
    year: int
    joules: float
    derived: str
    source: str


@cache
def grids() -> dict[str, Grid]:
    """Return the countries of grids.csv by their codes, in the order of the codes."""
    return {row.code: _grid(row) for row in data.records(DATA / "grids.csv", _GridRow)}


@dataclass(frozen=True)
class _GridRow:
    code: str
    en: str
    year: int
    low_carbon_twh: Amount
    total_twh: Amount
    intensity: Amount | None = None


def _grid(row: _GridRow) -> Grid:
    share = row.low_carbon_twh / row.total_twh if row.total_twh > 0 else None
    return Grid(code=row.code, year=row.year, intensity=row.intensity, low_carbon=share)


@cache
def country_names(language: str) -> dict[str, str]:
    """Return the countries' names by code: in `language` where grids.csv has a column for it, else in English."""
    grids()  # which holds the table to what it should be
    return {row["code"]: row.get(language, row["en"]) for row in data.table(DATA / "grids.csv")}


@cache
def published() -> tuple[Published, ...]:
    """Return the figures of published_energy.csv, the smallest first."""
    figures = [
        Published(row.key, row.kind, row.year, 3600 * row.watt_hours, row.derived, row.source)
        for row in data.records(DATA / "published_energy.csv", _PublishedRow)
    ]
    return tuple(sorted(figures, key=lambda one: one.joules))


@dataclass(frozen=True)
class _PublishedRow:
    key: str
    kind: str
    year: int
    watt_hours: PositiveAmount
    source: str
    derived: str = ""


_Place = tuple[Annotated[float, Meta(ge=-180, le=180)], Annotated[float, Meta(ge=-90, le=90)]]


class Outlines(TypedDict):
    """The world's map: rings of longitude and latitude by a country's code, and places of those that are too small."""

    source: str
    outlines: dict[str, list[Annotated[list[_Place], Meta(min_length=3)]]]
    dots: dict[str, _Place]


@cache
def outlines() -> Outlines:
    """Return world.json. Raises DamagedFileError where it is missing or not one."""
    return records.load(Outlines, DATA / "world.json")


def grams(joules: float, intensity: float) -> float:
    """Return the grams of CO2 equivalent of `joules` from a grid of `intensity` grams a kWh."""
    return joules / JOULES_PER_KWH * intensity
