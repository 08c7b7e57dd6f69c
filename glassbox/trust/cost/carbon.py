"""From energy to carbon: how much CO2 a kilowatt-hour stands for on each country's grid, and what others published.

The grids come from the table that the codecarbon package carries (Our World in Data, CC BY 4.0), country names from
pycountry's. Neither package is imported: only their files are read.
"""

import csv
import gettext
import importlib.metadata
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from glassbox.paths import DATA

JOULES_PER_KWH = 3.6e6
EPA = "https://www.epa.gov/energy/greenhouse-gas-equivalencies-calculator-calculations-and-references"
PHONE_CHARGE = 12 * 3600.0
"""Joules to charge a phone: 0.012 kWh by EPA."""
_MIX = ("codecarbon", "codecarbon/data/private_infra/global_energy_mix.json")
_SOURCES = ("codecarbon", "codecarbon/data/private_infra/carbon_intensity_per_source.json")
_CODES = ("pycountry", "pycountry/databases/iso3166-1.json")
_NAMES = ("pycountry", "pycountry/locales/{language}/LC_MESSAGES/iso3166-1.mo")


@dataclass(frozen=True)
class Grid:
    """A country's electricity: `code` by ISO 3166-1 alpha-3; `intensity` in grams of CO2 equivalent a kWh, None where
    the table has no figure; `year` of the figure; `low_carbon`: the share of it from renewable and nuclear power."""

    code: str
    name: str
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
    """All countries of codecarbon's table by their codes. Raises OSError if the package lacks it."""
    table: dict[str, dict[str, Any]] = json.loads(_text(*_MIX))
    return {code: _grid(code, row) for code, row in sorted(table.items())}


def _grid(code: str, row: dict[str, Any]) -> Grid:
    total, intensity = float(row["total_TWh"]), float(row["carbon_intensity"])
    return Grid(
        code,
        str(row["country_name"]),
        int(row["year"]),
        intensity if intensity > 0 else None,  # 0.0 stands for a figure that is missing
        float(row["low_carbon_TWh"]) / total if total > 0 else None,
    )


@cache
def world_average() -> tuple[float, str]:
    """Grams of CO2 equivalent a kWh, over all the world's grids, and where the figure is from."""
    table = json.loads(_text(*_SOURCES))
    return float(table["world_average"]), str(table["world_average_source"])


@cache
def chinese_names() -> dict[str, str]:
    """Chinese names by code."""
    package, path = _NAMES
    with open(_path(package, path.format(language="zh_CN")), "rb") as file:
        translated = gettext.GNUTranslations(file).gettext
    return {
        row["alpha_3"]: translated(row.get("common_name", row["name"])) for row in json.loads(_text(*_CODES))["3166-1"]
    }


@cache
def published() -> tuple[Published, ...]:
    """The figures of glassbox/data/published_energy.csv, smallest first."""
    with open(DATA / "published_energy.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    figures = [
        Published(
            row["key"], row["kind"], int(row["year"]), 3600 * float(row["watt_hours"]), row["derived"], row["source"]
        )
        for row in rows
    ]
    return tuple(sorted(figures, key=lambda one: one.joules))


@cache
def outlines() -> dict[str, Any]:
    """What export/world.py wrote: "source", "outlines" (rings of longitude and latitude by code), "dots"."""
    kept: dict[str, Any] = json.loads((DATA / "world.json").read_text(encoding="utf-8"))
    return kept


def grams(joules: float, intensity: float) -> float:
    """Grams of CO2 equivalent of `joules` from a grid of `intensity` grams a kWh."""
    return joules / JOULES_PER_KWH * intensity


def _text(package: str, path: str) -> str:
    return _path(package, path).read_text(encoding="utf-8")


def _path(package: str, path: str) -> Path:
    return Path(str(importlib.metadata.distribution(package).locate_file(path)))
