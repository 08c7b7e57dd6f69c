"""NOTICE names every source that the shipped models and tables come from."""

import json
import re

from glassbox.paths import DATA, MODELS, ROOT

NOTICE = (ROOT / "NOTICE").read_text(encoding="utf-8")


def test_every_data_set_of_a_card_is_named_with_its_licence() -> None:
    cards = [json.loads(card.read_bytes()) for card in sorted(MODELS.glob("*/card.json"))]
    datasets = [card["dataset"] for card in cards if "dataset" in card]
    assert datasets
    for dataset in datasets:
        for source in dataset["source"].split(", "):
            assert f"{source} · {dataset['licence']}\n" in NOTICE


def test_every_table_is_named_with_its_sources() -> None:
    tables = [file for file in DATA.iterdir() if file.suffix in (".csv", ".json")]
    assert tables
    for table in tables:
        assert re.search(rf"^{table.name}\b|, {table.name}\b", NOTICE, re.MULTILINE), table.name
        for line in table.read_text(encoding="utf-8").splitlines():
            if line.startswith("#"):
                for source in re.findall(r"https://[^\s,;)]+", line):
                    assert source in NOTICE
