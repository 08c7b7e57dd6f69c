"""python -m export.grids: how clean each country's electricity is, as glassbox/data/grids.csv.

The figures are from the table in codecarbon (MIT), which took them from Our World in Data (CC BY 4.0,
https://ourworldindata.org/electricity-mix), as are the English names. Names in other languages are translations of
ISO 3166-1 by Debian's iso-codes (LGPL-2.1-or-later, https://salsa.debian.org/iso-codes-team/iso-codes), taken from
pycountry. Both packages are in export/requirements.txt.
"""

import argparse
import csv
import gettext
import importlib.metadata
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from glassbox.paths import DATA, LOCALE

OUT = DATA / "grids.csv"
MIX = "codecarbon/data/private_infra/global_energy_mix.json"
CODES = "pycountry/databases/iso3166-1.json"
TRANSLATIONS = "pycountry/locales/{locale}/LC_MESSAGES/iso3166-1.mo"
LOCALES = {"zh": "zh_CN"}
"""Our languages whose translations have a longer name."""
HEAD = """\
# Electricity by country (ISO 3166-1 alpha-3): grams of CO2 equivalent a kWh and TWh in a year; empty: not known.
# Figures and English names: Our World in Data, CC BY 4.0, https://ourworldindata.org/electricity-mix,
# in the table of codecarbon {codecarbon} (MIT, https://github.com/mlco2/codecarbon).
# Other names: Debian iso-codes, LGPL-2.1-or-later, https://salsa.debian.org/iso-codes-team/iso-codes,
# in pycountry {pycountry}. Written by export/grids.py.
"""


def main() -> None:
    argparse.ArgumentParser(prog="python -m export.grids", description=__doc__).parse_args()
    mix = json.loads(installed("codecarbon", MIX).read_text(encoding="utf-8"))
    languages = sorted(folder.name for folder in LOCALE.iterdir() if folder.name != "en")
    rows = table(mix, {language: translations(language) for language in languages})
    versions = {package: importlib.metadata.version(package) for package in ("codecarbon", "pycountry")}
    with open(OUT, "w", encoding="utf-8", newline="") as file:
        file.write(HEAD.format(**versions))
        writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    print(f"{OUT}: {len(rows)} countries")


def table(mix: Mapping[str, Mapping[str, Any]], names: Mapping[str, Mapping[str, str]]) -> list[dict[str, Any]]:
    """Return the rows of the file by code, from codecarbon's table and the names by language and code."""
    return [
        {
            "code": code,
            "year": row["year"],
            "intensity": row["carbon_intensity"] or "",  # 0.0 stands for a figure that is missing
            "low_carbon_twh": round(row["low_carbon_TWh"], 2),
            "total_twh": round(row["total_TWh"], 2),
            "en": row["country_name"],
        }
        | {language: by_code[code] for language, by_code in names.items()}
        for code, row in sorted(mix.items())
    ]


def translations(language: str) -> dict[str, str]:
    """Return the countries' names in `language` by their codes."""
    path = TRANSLATIONS.format(locale=LOCALES.get(language, language))
    with open(installed("pycountry", path), "rb") as file:
        translated = gettext.GNUTranslations(file).gettext
    countries = json.loads(installed("pycountry", CODES).read_text(encoding="utf-8"))["3166-1"]
    return {one["alpha_3"]: translated(one.get("common_name", one["name"])) for one in countries}


def installed(package: str, path: str) -> Path:
    """Return the path of a file of an installed package, without importing it."""
    return Path(str(importlib.metadata.distribution(package).locate_file(path)))


if __name__ == "__main__":
    main()
