"""From energy to carbon: grams of CO2 a kilowatt-hour by country, published figures of other models, the world's map.

The tables are in glassbox/data: grids.csv is written by export/grids.py, world.json by export/world.py.
"""

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from glassbox import data
from glassbox.paths import DATA

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
    return {row["code"]: _grid(row) for row in data.table(DATA / "grids.csv")}


def _grid(row: dict[str, str]) -> Grid:
    low_carbon, total = float(row["low_carbon_twh"]), float(row["total_twh"])
    return Grid(
        code=row["code"],
        year=int(row["year"]),
        intensity=float(row["intensity"]) if row["intensity"] else None,
        low_carbon=low_carbon / total if total > 0 else None,
    )


@cache
def country_names(language: str) -> dict[str, str]:
    """Return the countries' names by code: in `language` where grids.csv has a column for it, else in English."""
    return {row["code"]: row.get(language, row["en"]) for row in data.table(DATA / "grids.csv")}


@cache
def published() -> tuple[Published, ...]:
    """Return the figures of published_energy.csv, the smallest first."""
    figures = [
        Published(
            key=row["key"],
            kind=row["kind"],
            year=int(row["year"]),
            joules=3600 * float(row["watt_hours"]),
            derived=row["derived"],
            source=row["source"],
        )
        for row in data.table(DATA / "published_energy.csv")
    ]
    return tuple(sorted(figures, key=lambda one: one.joules))


@cache
def outlines() -> dict[str, Any]:
    """Return world.json: "source", "outlines" (rings of longitude and latitude by code) and "dots" (places by code)."""
    kept: dict[str, Any] = json.loads((DATA / "world.json").read_text(encoding="utf-8"))
    return kept


def grams(joules: float, intensity: float) -> float:
    """Return the grams of CO2 equivalent of `joules` from a grid of `intensity` grams a kWh."""
    return joules / JOULES_PER_KWH * intensity
