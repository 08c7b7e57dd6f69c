"""The rule by which milestones and accelerators are chosen, on small tables."""

import csv
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from export.studies import growth as study
from glassbox.history import milestones
from glassbox.history import study as record


def model(name: str, day: str, compute: str, **more: str) -> study.Row:
    empty = dict.fromkeys(
        (
            "Organization",
            "Country (of organization)",
            "Domain",
            "Parameters",
            "Training dataset size (total)",
            "Training compute cost (2023 USD)",
            "Notability criteria",
            "Citations",
        ),
        "",
    )
    known = {
        "Model": name,
        "Publication date": day,
        "Training compute (FLOP)": compute,
        "Link": f"https://a.org/{name}",
    }
    return empty | known | more


def chosen(rows: list[study.Row]) -> dict[str, str]:
    return {one["name"]: one["chosen"] for one in study.milestones(rows)}


def test_frontier_historic_and_chinese_models_are_chosen() -> None:
    china = {"Country (of organization)": "China"}
    rows = [
        model("first", "2001-01-01", "1e9"),
        model("second", "2002-01-01", "1e8"),
        model("third", "2003-01-01", "1e7"),
        model("fourth", "2004-01-01", "1e6"),
        model("cited", "2005-01-01", "1e5", **{"Notability criteria": "Historical significance", "Citations": "1500"}),
        model("less", "2005-02-01", "1e5", **{"Notability criteria": "Historical significance", "Citations": "1499"}),
        model("a", "2006-01-01", "1e3", **china),
        model("b", "2006-01-02", "1e4", **china),
        model("c", "2006-01-03", "1e2", **china),
        model("largest", "2007-01-01", "1e12", **china),
        model("unknown", "2008-01-01", ""),
        model("no source", "2009-01-01", "1e13", Link=""),
    ]
    expected = dict.fromkeys(("first", "second", "third", "largest"), "frontier")
    assert chosen(rows) == expected | {"cited": "historic", "a": "china", "b": "china"}


def test_of_one_model_with_several_names_the_oldest_is_kept() -> None:
    rows = [model("GPT (March)", "2023-03-01", "2e25"), model("GPT (June)", "2023-06-01", "2e25")]
    assert list(chosen(rows)) == ["GPT (March)"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Vision,Language,Multimodal", "multimodal"),
        ("Image generation", "vision"),
        ("Biology,Language", "language"),
        ("Medicine", "science"),
        ("Recommendation", "other"),
        ("", "other"),
    ],
)
def test_domains(text: str, expected: str) -> None:
    assert study.domain(text) == expected


def accelerator(name: str, maker: str, day: str, tensor: str, plain: str, price: str = "") -> study.Row:
    return {
        "Hardware name": name,
        "Manufacturer": maker,
        "Release date": day,
        "TDP (W)": "100",
        "Tensor-FP16/BF16 performance (FLOP/s)": tensor,
        "FP16 (half precision) performance (FLOP/s)": "",
        "FP32 (single precision) performance (FLOP/s)": plain,
        "Release price (USD)": price,
        "Source for the price": "",
        "Link to datasheet": "see https://a.org/x, and more",
    }


def test_each_years_fastest_of_a_maker_and_with_a_price_are_kept() -> None:
    kept = study.accelerators(
        [
            accelerator("slow", "NVIDIA", "2020-01-01", "", "1e12"),
            accelerator("fast", "NVIDIA", "2020-06-01", "3e12", "1e12"),
            accelerator("dear", "NVIDIA", "2020-07-01", "2e12", "", "5000"),
            accelerator("cheap", "NVIDIA", "2020-08-01", "1e12", "", "50"),
            accelerator("minor", "Nobody", "2020-01-01", "9e12", ""),
        ]
    )
    assert [(one["name"], one["flops"]) for one in kept] == [("fast", "3e+12"), ("dear", "2e+12")]
    assert kept[0]["source"] == "https://a.org/x"


def test_two_values_in_one_cell_count_as_the_first() -> None:
    assert study.number({"n": "14180000,999"}, "n") == 14_180_000
    assert study.number({"n": ""}, "n") is None


CHIPS = [
    accelerator(f"chip {year}", "NVIDIA", f"{year}-01-01", f"{2.0 ** (year - 2015):g}e12", "", "1000")
    for year in range(2015, 2021)
]
MODELS = [
    model(
        f"model {year}",
        f"{year}-01-01",
        f"{growth ** (year - 2010):g}",
        Parameters=f"{3.0 ** (year - 2000):g}",
        Confidence="Confident" if year % 2 else "Likely",
        Domain="Language",
        **{"Training dataset size (total)": "1000,2000", "Training compute cost (2023 USD)": f"{2.0 ** (year - 2000)}"},
    )
    for years, growth in ((range(2000, 2010), 1.5), (range(2010, 2026), 4.0))
    for year in years
]


def test_fits_find_the_growth_that_was_put_in() -> None:
    found: Any = study.fits(MODELS, CHIPS)
    factors = {name: found[name]["factor"] for name in ("before", "compute", "parameters", "examples", "cost")}
    assert factors == pytest.approx({"before": 1.5, "compute": 4, "parameters": 3, "examples": 1, "cost": 2}, rel=2e-3)
    assert found["per_watt"]["factor"] == pytest.approx(2, rel=2e-3) == found["per_dollar"]["factor"]
    assert (found["models"], found["compute"]["count"], found["before"]["count"]) == (26, 16, 10)
    assert found["confident"] == {"share": 0.5, "count": 26}
    assert found["language_since"] == {"share": 1.0, "count": 2}


def test_study_writes_what_the_page_reads(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, rows in (("epoch_notable_ai_models", MODELS), ("epoch_ml_hardware", CHIPS)):
        with open(tmp_path / f"{name}.csv", "w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, list(rows[0]))
            table.writeheader()
            table.writerows(rows)
    for module, name in ((milestones, "MILESTONES"), (milestones, "ACCELERATORS"), (record, "STUDY")):
        monkeypatch.setattr(module, name, tmp_path / "out" / getattr(module, name).name)
    (tmp_path / "out").mkdir()
    run: Any = SimpleNamespace(
        epoch=tmp_path, write_card=lambda path, made: path.write_text(json.dumps(made), encoding="utf-8")
    )
    for cached in (milestones.milestones, milestones.accelerators, record.growth_study):
        cached.cache_clear()
    study.main(run)
    assert len(milestones.milestones()) == 26 and {one.chosen for one in milestones.milestones()} == {"frontier"}
    assert [one.name for one in milestones.accelerators()] == [one["Hardware name"] for one in CHIPS]
    assert record.growth_study().until == "2025-01-01"
    for cached in (milestones.milestones, milestones.accelerators, record.growth_study):
        cached.cache_clear()


def test_study_without_its_tables_says_what_it_needs() -> None:
    run: Any = SimpleNamespace(epoch=None)
    with pytest.raises(SystemExit, match="--epoch DIR"):
        study.main(run)
