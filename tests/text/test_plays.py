"""glassbox.text.plays: each character is drawn from what the network gives behind all before it."""

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from glassbox.engine.session import Session
from glassbox.text.plays import PlayWriter, read
from glassbox.text.sampling import Sampling
from glassbox.text.tokens import TextError, Vocabulary
from glassbox.text.transformer import CachedTransformer
from glassbox.zoo import transformer_models
from glassbox.zoo.transformer_models import TransformerZoo
from tests import play_writers
from tests.play_writers import CONTEXT, VOCABULARY

SAMPLING = Sampling(0.8, 6, seed=2)


@pytest.fixture(scope="module")
def zoo(tmp_path_factory: pytest.TempPathFactory) -> TransformerZoo:
    folder: Path = tmp_path_factory.mktemp("models")
    play_writers.write(folder)
    return transformer_models.load(folder)


@pytest.fixture(scope="module")
def writer(zoo: TransformerZoo) -> PlayWriter:
    return PlayWriter(CachedTransformer(zoo.model_bytes("poet_en"), zoo.cards["poet_en"].context), zoo.cards["poet_en"])


def text(writer: PlayWriter, prompt: str, length: int) -> str:
    return "".join(one.character for one in writer.write(prompt, length, SAMPLING))


def test_each_character_is_drawn_behind_a_line_end_and_the_prompt(zoo: TransformerZoo, writer: PlayWriter) -> None:
    graph, read = Session(zoo.model_bytes("poet_en")), "\nTo be"
    for one in writer.write("To be", CONTEXT - len(read), SAMPLING):
        ids = np.array([[VOCABULARY.index(sign) for sign in read]])
        logits = graph.run({"ids": ids}).outputs["logits"][0, -1].astype(float) / SAMPLING.temperature
        kept = sorted(sorted(range(2, len(logits)), key=lambda i: -logits[i])[: SAMPLING.top_k])
        odds = [float(np.exp(logits[i] - logits.max())) for i in kept]
        number = np.random.default_rng([SAMPLING.seed, len(read) - 1]).random() * sum(odds)
        place = next(i for i, end in enumerate(itertools.accumulate(odds)) if number < end)
        assert one.character == VOCABULARY[kept[place]]
        assert one.probability == pytest.approx(odds[place] / sum(odds), rel=1e-4)
        read += one.character


@pytest.mark.parametrize("cut", [1, 9, 40])
def test_in_pieces_it_writes_what_it_writes_at_once(writer: PlayWriter, cut: int) -> None:
    whole = text(writer, "to", 60)  # more than it reads
    assert text(writer, "to" + whole[:cut], 60 - cut) == whole[cut:]


def test_quotes_and_line_ends_are_read_as_plain_ones(writer: PlayWriter) -> None:
    assert writer.start("to\r\n’tis").ids == writer.start("to\n'tis").ids
    assert writer.start(" \n ").ids == writer.start().ids == (VOCABULARY.index("\n"),)


@pytest.mark.parametrize(
    ("prompt", "code"), [("to be 春", "unknown"), ("to\x07", "control"), ("to " * 5_000, "too_long"), ("x", "unknown")]
)
def test_what_it_cannot_read_is_refused(writer: PlayWriter, prompt: str, code: str) -> None:
    with pytest.raises(TextError) as caught:
        writer.start(prompt)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "changes", [{"task": "quatrains"}, {"front": 5}, {"vocabulary": (*VOCABULARY[:2], "x", *VOCABULARY[3:])}]
)
def test_a_card_of_another_network_is_refused(zoo: TransformerZoo, changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="poet_en is no transformer that writes plays"):
        PlayWriter(
            CachedTransformer(zoo.model_bytes("poet_en"), zoo.cards["poet_en"].context),
            replace(zoo.cards["poet_en"], **changes),
        )


@pytest.mark.parametrize("text", ["", "to be\r\n‘tis", "\n\n to", "To"])
def test_a_text_is_read_behind_a_line_end_as_it_is_gone_on_from(writer: PlayWriter, text: str) -> None:
    found = read(text, writer.vocabulary, CONTEXT)
    assert found.ids == writer.start(text).ids if text.strip() else found.ids == writer.start().ids
    assert (found.unknown, found.removed, found.behind) == ((), 0, 0)


def test_what_a_text_has_that_is_not_read_is_counted_and_named() -> None:
    words = Vocabulary("character", VOCABULARY)
    found = read("z\x07e\n" + "z" * 10_000, words, CONTEXT)
    assert (found.unknown, found.removed, found.behind) == (("z",), 1, 10_003 - (CONTEXT - 1))
    assert found.ids == (2, 1, words.id("e"), 2, *[1] * (CONTEXT - 4))
