"""The milestones and accelerators of the page on the four factors, chosen by rule from Epoch AI's tables.

`python -m export --study growth --epoch DIR`, where DIR holds epoch_notable_ai_models.csv and epoch_ml_hardware.csv,
the "Notable AI models" and "Machine learning hardware" downloads of https://epoch.ai/data (CC BY). Writes
glassbox/data/{milestones,accelerators}.csv and studies/growth.json.

A model with a date, a source and a known training compute is a milestone if, the first that holds,
- frontier: at most two models until its day took more compute to train;
- historic: Epoch lists it for its historical significance, and CITED papers or more cite it;
- china: it is among the A_YEAR models of its year that took most compute, of organisations in China.
Among those of one name and compute the oldest is kept. Nothing is left out for its place on a chart.

An accelerator with a date, a speed and a thermal design power is kept if it is
- the fastest of its year by one of MAKERS, or
- the fastest of its year, of all makers, of which a price is known, or
- one of those that specialised providers rent most (RENTS, with what an hour costs).
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from glassbox.history import milestones as history
from glassbox.history import study
from glassbox.history.growth import decimal_year, fit_growth

if TYPE_CHECKING:
    from export.run import Run

CITED = 1_500
A_YEAR = 2
MOST_MILESTONES, MOST_ACCELERATORS = 120, 40
MAKERS = ("NVIDIA", "Google", "AMD", "Huawei")
CREDIT = "# Facts from Epoch AI's {}, CC BY, https://epoch.ai/data, up to {}; chosen by export/studies/growth.py{}.\n"
RENTS = {
    "NVIDIA A100 SXM4 80 GB": 1.30,
    "NVIDIA H100 SXM5 80GB": 3.00,
    "NVIDIA H200 SXM": 4.00,
}
"""US dollars an hour: the middle of what specialised providers asked on demand in May 2026."""
RENT_SOURCE = "https://www.mercatus-ai.com/blog/cloud-gpu-pricing"
_DOMAINS = (
    ("multimodal", {"Multimodal"}),
    ("language", {"Language"}),
    ("vision", {"Vision", "Image generation", "Video", "3D modeling"}),
    ("speech", {"Speech", "Audio"}),
    ("games", {"Games"}),
    ("science", {"Biology", "Medicine", "Earth science", "Materials science", "Mathematics", "Physics", "Astronomy"}),
    ("robotics", {"Robotics", "Driving"}),
)

Row = dict[str, str]


def main(run: Run) -> None:
    """Choose the rows, fit all of them, and write the three files."""
    if run.epoch is None:
        raise SystemExit(
            "which tables? give --epoch DIR, a folder with the two files named in export/studies/growth.py"
        )
    models = read(run.epoch / "epoch_notable_ai_models.csv", "Publication date")
    chips = read(run.epoch / "epoch_ml_hardware.csv", "Release date")
    until = max(row["Publication date"] for row in models)
    chosen, kept = milestones(models), accelerators(chips)
    if len(chosen) > MOST_MILESTONES or len(kept) > MOST_ACCELERATORS:
        raise SystemExit(f"the rule gives {len(chosen)} milestones and {len(kept)} accelerators: too many for the page")
    write(history.MILESTONES, CREDIT.format("notable AI models", until, ""), chosen)
    write(history.ACCELERATORS, CREDIT.format("machine learning hardware", until, "; rents from elsewhere"), kept)
    made = fits(models, chips) | {"until": until}
    study.STUDY.parent.mkdir(exist_ok=True)
    run.write_card(study.STUDY, made)
    print(f"{len(chosen)} milestones of {len(models)}, {len(kept)} accelerators of {len(chips)}", flush=True)


def read(path: Path, dated: str) -> list[Row]:
    """The rows that have a date, the oldest first, without the stray line breaks of the download."""
    with open(path, encoding="utf-8", newline="") as file:
        rows = [{key: value.strip() for key, value in row.items()} for row in csv.DictReader(file)]
    return sorted((row for row in rows if row[dated]), key=lambda row: row[dated])


def milestones(models: Sequence[Row]) -> list[dict[str, str]]:
    """The rows of milestones.csv by the rule above; `models` are sorted by date."""
    known = [row for row in models if number(row, "Training compute (FLOP)") and _first_link(row["Link"])]
    oldest = {(row["Model"].split(" (")[0], row["Training compute (FLOP)"]): row for row in reversed(known)}
    known = sorted(oldest.values(), key=lambda row: row["Publication date"])
    reasons = {id(row): "china" for row in _largest_of_china(known)}
    reasons |= {id(row): "historic" for row in known if _historic(row)}
    reasons |= {id(row): "frontier" for row in frontier(known)}
    return [
        {
            "name": row["Model"],
            "organisation": "; ".join(dict.fromkeys(part.strip() for part in row["Organization"].split(",") if part)),
            "china": str("China" in row["Country (of organization)"]).lower(),
            "date": row["Publication date"],
            "domain": domain(row["Domain"]),
            "parameters": _short(number(row, "Parameters")),
            "compute": _short(number(row, "Training compute (FLOP)")),
            "examples": _short(number(row, "Training dataset size (total)")),
            "cost": _short(number(row, "Training compute cost (2023 USD)")),
            "chosen": reasons[id(row)],
            "source": _first_link(row["Link"]),
        }
        for row in known
        if id(row) in reasons
    ]


def frontier(known: Iterable[Row], more: int = 2) -> list[Row]:
    """Those than which at most `more` of the models until their day took more compute."""
    seen: list[float] = []
    found = []
    for row in known:
        compute = number(row, "Training compute (FLOP)") or 0.0
        if sum(other > compute for other in seen) <= more:
            found.append(row)
        seen.append(compute)
    return found


def accelerators(chips: Sequence[Row]) -> list[dict[str, str]]:
    """The rows of accelerators.csv by the rule above."""
    usable = [row for row in chips if speed(row) and number(row, "TDP (W)") and row["Release date"]]
    best: dict[tuple[str, str], Row] = {}
    for row in usable:
        for group in (
            row["Manufacturer"] if row["Manufacturer"] in MAKERS else "",
            "priced" if number(row, "Release price (USD)") else "",
        ):
            place = (group, row["Release date"][:4])
            if group and (place not in best or (speed(row) or 0) > (speed(best[place]) or 0)):
                best[place] = row
    kept = {id(row) for row in best.values()} | {id(row) for row in usable if row["Hardware name"] in RENTS}
    return [
        {
            "name": row["Hardware name"],
            "maker": row["Manufacturer"],
            "date": row["Release date"],
            "flops": _short(speed(row)),
            "watts": _short(number(row, "TDP (W)")),
            "price": _short(number(row, "Release price (USD)")),
            "price_source": _first_link(row["Source for the price"]),
            "rent": _short(RENTS.get(row["Hardware name"])),
            "rent_source": RENT_SOURCE if row["Hardware name"] in RENTS else "",
            "source": _first_link(row["Link to datasheet"]) or "https://epoch.ai/data/machine-learning-hardware",
        }
        for row in usable
        if id(row) in kept
    ]


def fits(models: Sequence[Row], chips: Sequence[Row]) -> dict[str, object]:
    """The page's fits on all rows of both tables."""

    def rate(rows: Sequence[Row], dated: str, value: Callable[[Row], float | None]) -> dict[str, float | int]:
        points = [(decimal_year(date.fromisoformat(row[dated])), value(row)) for row in rows]
        made = fit_growth([x for x, y in points if y], [y for _, y in points if y])
        return {"factor": made.factor, "low": made.interval[0], "high": made.interval[1], "count": made.count}

    def of(column: str) -> Callable[[Row], float | None]:
        return lambda row: number(row, column)

    deep = [row for row in models if row["Publication date"] >= str(int(history.DEEP))]
    before = [row for row in models if row["Publication date"] < str(int(history.DEEP))]
    day, out = "Publication date", "Release date"
    return {
        "models": len(models),
        "accelerators": len(chips),
        "before": rate(before, day, of("Training compute (FLOP)")),
        "known_before": _share(models, "2018", "2023", _known),
        "known_since": _share(models, "2024", "9999", _known),
        "language_since": _share(models, "2024", "9999", _language),
        "confident": _share(list(filter(_known, models)), "0", "9999", lambda row: row["Confidence"] == "Confident"),
        "compute": rate(deep, day, of("Training compute (FLOP)")),
        "parameters": rate(deep, day, of("Parameters")),
        "examples": rate(deep, day, of("Training dataset size (total)")),
        "cost": rate(deep, day, of("Training compute cost (2023 USD)")),
        "per_watt": rate(chips, out, lambda row: _ratio(speed(row), number(row, "TDP (W)"))),
        "per_dollar": rate(chips, out, lambda row: _ratio(speed(row), number(row, "Release price (USD)"))),
    }


def domain(text: str) -> str:
    """Epoch's list of domains -> one of milestones.DOMAINS: the first of these that is among them."""
    parts = {part.strip() for part in text.split(",")}
    return next((name for name, members in _DOMAINS if parts & members), "other")


def speed(row: Row) -> float | None:
    """FLOP/s for training: the most of 16-bit on tensor cores, 16-bit and 32-bit, without sparsity."""
    columns = (
        "Tensor-FP16/BF16 performance (FLOP/s)",
        "FP16 (half precision) performance (FLOP/s)",
        "FP32 (single precision) performance (FLOP/s)",
    )
    return max((value for column in columns if (value := number(row, column))), default=None)


def number(row: Row, column: str) -> float | None:
    """A cell as a number; of two values in one cell the first; None where it is empty."""
    text = row[column].split(",")[0]
    return float(text) if text and float(text) > 0 else None


def write(path: Path, credit: str, rows: Sequence[dict[str, str]]) -> None:
    """`rows` as CSV below one line of credit."""
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(credit)
        table = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        table.writeheader()
        table.writerows(rows)


def _share(models: Sequence[Row], since: str, until: str, holds: Callable[[Row], bool]) -> dict[str, float | int]:
    """Of how many of the models of `since` <= date < `until` something holds."""
    inside = [row for row in models if since <= row["Publication date"] < until]
    return {"share": sum(map(holds, inside)) / len(inside), "count": len(inside)}


def _known(row: Row) -> bool:
    return number(row, "Training compute (FLOP)") is not None


def _language(row: Row) -> bool:
    return domain(row["Domain"]) in ("language", "multimodal")


def _historic(row: Row) -> bool:
    return "Historical significance" in row["Notability criteria"] and (number(row, "Citations") or 0) >= CITED


def _largest_of_china(known: Iterable[Row]) -> list[Row]:
    years = defaultdict(list)
    for row in known:
        if "China" in row["Country (of organization)"]:
            years[row["Publication date"][:4]].append(row)
    return [
        row
        for rows in years.values()
        for row in sorted(rows, key=lambda row: -(number(row, "Training compute (FLOP)") or 0))[:A_YEAR]
    ]


def _ratio(above: float | None, below: float | None) -> float | None:
    return above / below if above and below else None


def _short(value: float | None) -> str:
    return f"{value:.4g}" if value else ""


def _first_link(text: str) -> str:
    return next((part.rstrip(",") for part in text.replace(";", " ").split() if part.startswith("http")), "")
