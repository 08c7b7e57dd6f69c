"""A transformer beside large ones: the table, and what its training took, against closed forms."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from glassbox.history import language_models
from glassbox.history.training_cost import Assumptions
from glassbox.zoo.cards import Teacher
from tests.transformer_cards import poet


def test_architectures_are_those_of_their_papers() -> None:
    gpt3 = language_models.architectures()["GPT-3"]
    assert (gpt3.layers, gpt3.width, gpt3.heads, gpt3.context) == (96, 12288, 96, 2048)  # Brown et al. 2020, table 2.1
    weights = gpt3.layers * 12 * gpt3.width**2 + (gpt3.vocabulary + gpt3.context) * gpt3.width
    assert weights == pytest.approx(174.6e9, rel=0.001)  # table D.1: 174,600M parameters
    assert all(one.width % one.heads == 0 for one in language_models.architectures().values())
    assert all(one.source.startswith("https://") for one in language_models.architectures().values())


def test_a_damaged_table_names_its_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "architectures.csv"
    broken.write_text("name,layers,width,heads,context,vocabulary,source\nX,0,1,1,1,1,https://x.org\n", "utf-8")
    monkeypatch.setattr(language_models, "ARCHITECTURES", broken)
    language_models.architectures.cache_clear()
    with pytest.raises(ValueError, match=r"architectures\.csv, row 1.*layers"):
        language_models.architectures()
    language_models.architectures.cache_clear()


def test_a_cards_architecture_is_read_from_its_layers() -> None:
    card = poet(layers=3, width=24, heads=2, context=36)
    shape = language_models.of_card(card)
    assert (shape.layers, shape.width, shape.heads, shape.context) == (3, 24, 2, 36)
    assert shape.vocabulary == len(card.vocabulary)


def test_training_is_counted_by_token_and_epoch() -> None:
    card = poet(flops=100, train=5_000, test=10, tokens=300, epochs=4, cpu_seconds=900.0)
    assert language_models.training_tokens(card) == 150_000  # 30 a text
    assert language_models.training_compute(card) == 3 * 100 * 150_000 * 4
    teacher = Teacher(parameters=1_000, epochs=2, seconds=1.0, nats=1.0)
    taught = replace(card, training=replace(card.training, teacher=teacher))
    more = language_models.training_compute(taught) - language_models.training_compute(card)
    assert more == (6 * 1_000 * 2 + 2 * 1_000 * 4) * 150_000  # it learned twice, and was asked four times
    longer = replace(card, training=replace(card.training, epochs=8))
    assert language_models.training_compute(longer) == 2 * language_models.training_compute(card)


def test_the_price_of_electricity_is_that_of_the_bills() -> None:
    assert language_models.electricity_cost(3.6e6) == Assumptions().electricity
    assert json.dumps(language_models.electricity_cost(0.0)) == "0.0"
