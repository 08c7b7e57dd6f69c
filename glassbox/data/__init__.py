"""The tables of facts in this folder, each with its source and licence in its first lines (`# ...`) or columns."""

import csv

from glassbox.paths import DATA


def table(name: str) -> list[dict[str, str]]:
    """Return the rows of a CSV file of this folder, without the lines that begin with `#`."""
    with open(DATA / name, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))
