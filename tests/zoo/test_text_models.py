"""glassbox.zoo.text_models: cards of models of text, refused by name like those of digits."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glassbox.engine.session import Session
from glassbox.paths import MODELS
from glassbox.records import DamagedFileError
from glassbox.text import memorisation
from glassbox.text.reader import TextReader
from glassbox.text.recurrent import padded
from glassbox.text.sampling import Sampling
from glassbox.text.writer import Writer
from glassbox.zoo import cards
from glassbox.zoo import text_models as text_zoo
from tests import text_checks, text_models
from tests.text_models import CLASSIFIERS, WRITERS

ALL = (*CLASSIFIERS, *WRITERS)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ALL:
        text_models.write(tmp_path, name)
    return tmp_path


def test_a_whole_zoo_is_read(folder: Path) -> None:
    found = text_zoo.load(folder)
    assert tuple(found.cards) == CLASSIFIERS
    assert tuple(found.writers) == WRITERS
    assert found.refused == {}
    for name in ALL:
        assert found.model_bytes(name) == (folder / name / "1" / "model.onnx").read_bytes()


def test_cards_keep_every_value(folder: Path) -> None:
    found = text_zoo.load(folder)
    card, writer = found.cards["text_zh_gru"], found.writers["char_en"]
    assert (card.task, card.unit, card.cell, card.bidirectional) == ("topic", "character", "gru", False)
    assert card.words().entries == text_models.CHARACTERS
    assert card.labels == text_models.LABELS["text_zh"]
    assert card.macro_accuracy == 0.9
    assert card.baseline == text_zoo.Yardstick("TF-IDF + logistic regression", 0.77, 0.76)
    assert card.input == cards.Input("ids", ("N", "T"), "int64", (0.0, len(text_models.CHARACTERS) - 1.0))
    assert card.calibration.temperature == text_models.TEMPERATURE
    assert (writer.task, writer.cell, writer.training_characters) == ("writing", "lstm", 1000)
    assert (writer.perplexity_per_character, writer.baseline) == (12.5, text_zoo.Unigram("unigram", 80.0))


def test_a_family_is_in_the_order_of_its_accuracy_and_without_the_refused(folder: Path) -> None:
    found = text_zoo.load(folder)
    assert found.family("text_zh") == ("text_zh_gru", "text_zh_lstm", "text_zh_rnn")
    assert found.family("text_en_intent") == ("text_en_intent",)
    assert found.family("text_en_lstm") == ("text_en_lstm",)
    (folder / "text_zh_gru" / "1" / "model.onnx").write_bytes(b"another")
    less = text_zoo.load(folder)
    assert less.refused == {"text_zh_gru": "sha256"}
    assert less.family("text_zh") == ("text_zh_lstm", "text_zh_rnn")
    assert less.family("text_zh_gru") == ()
    with pytest.raises(ValueError, match="no model is named 'text_fr'; there are text_zh, text_en"):
        found.family("text_fr")


def test_an_empty_folder_is_an_empty_zoo(tmp_path: Path) -> None:
    found = text_zoo.load(tmp_path)
    assert found.refused == {}
    assert (found.cards, found.writers) == ({}, {})
    with pytest.raises(ValueError, match="no model is named 'char_zh'"):
        found.model_bytes("char_zh")


@pytest.mark.parametrize(
    ("name", "changes", "sentence"),
    [
        ("text_zh_rnn", {"task": "guessing"}, "task is 'guessing'"),
        ("text_zh_rnn", {"cell": "elman"}, "cell is 'elman'"),
        ("text_zh_rnn", {"unit": "syllable"}, "not 'syllable'"),
        ("text_zh_rnn", {"vocabulary": ["", "?", "a", "a"]}, "different entries"),
        ("text_zh_rnn", {"vocabulary": ["", "?", 5]}, "Expected `str`, got `int` - at `$.vocabulary[2]`"),
        ("text_zh_rnn", {"labels": ["film"]}, "output.shape does not end with the number of labels"),
        ("text_zh_rnn", {"confusion": [[1]]}, "confusion is not one row"),
        ("text_zh_rnn", {"macro_accuracy": 90.1}, "macro_accuracy is not a fraction"),
        ("text_zh_rnn", {"macro_accuracy": math.nan}, "JSON is malformed"),
        ("text_zh_rnn", {"baseline": {"name": "TF-IDF"}}, "missing required field `accuracy` - at `$.baseline`"),
        ("char_zh", {"task": "topic"}, "task is 'topic'"),
        ("char_zh", {"unit": "word"}, "unit is 'word'"),
        ("char_zh", {"vocabulary": ["", "?", "a"]}, "no line end"),
        ("char_zh", {"perplexity_per_character": 0.5}, "perplexity_per_character is below 1"),
    ],
)
def test_a_card_that_is_wrong_is_refused_and_says_why(
    folder: Path, caplog: pytest.LogCaptureFixture, name: str, changes: dict[str, Any], sentence: str
) -> None:
    path = folder / name / "card.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    found = text_zoo.load(folder)
    assert found.refused == {name: "card"}
    assert sentence in caplog.text


def test_the_index_of_what_a_writer_has_learned_from_is_the_one_its_card_tells_of(folder: Path) -> None:
    sentences = ["今天去哪里吃饭,电影真好看", "abc" * 7]
    text_models.write_index(folder, "char_zh", sentences)
    found = text_zoo.load(folder)
    told = found.writers["char_zh"].memorisation
    assert told is not None and (told.index.length, told.index.ngrams) == (12, 5)
    assert (told.sampled[1].temperature, told.sampled[1].top_k, told.sampled[2].top_k) == (0.8, 20, None)
    assert found.training_index("char_zh").runs(sentences[0]) == ((0, 13),)
    with pytest.raises(DamagedFileError, match=r"card.json, char_en: it lacks memorisation"):
        found.training_index("char_en")
    path = folder / "char_zh" / text_zoo.INDEX
    path.write_bytes(path.read_bytes() + b"\0")
    with pytest.raises(DamagedFileError, match=r"training_ngrams.npz, char_zh: its sha256"):
        found.training_index("char_zh")
    path.unlink()
    with pytest.raises(DamagedFileError, match=r"training_ngrams.npz, char_zh"):
        found.training_index("char_zh")


@pytest.mark.parametrize(
    ("part", "changes", "sentence"),
    [
        ("held_out", {"share": 0.5}, "memorisation has a share outside its interval"),
        ("index", {"false_positives": 30_001}, "memorisation.index finds more than there are"),
        ("index", {"length": 0}, "`$.memorisation.index.length`"),
    ],
)
def test_a_card_that_measures_memorisation_wrongly_is_refused(
    folder: Path, caplog: pytest.LogCaptureFixture, part: str, changes: dict[str, Any], sentence: str
) -> None:
    text_models.write_index(folder, "char_zh", ["abc" * 7])
    path = folder / "char_zh" / "card.json"
    card = json.loads(path.read_text("utf-8"))
    card["memorisation"][part] |= changes
    path.write_text(json.dumps(card), encoding="utf-8")
    assert text_zoo.load(folder).refused == {"char_zh": "card"}
    assert sentence in caplog.text


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"task": "guessing"}, "task is 'guessing'"),
        ({"unit": "syllable"}, "unit is 'syllable'"),
        ({"quantiles": [0.5] * 100}, "quantiles are not 101 rising fractions"),
        ({"quantiles": [1.0, *[0.5] * 100]}, "quantiles are not 101 rising fractions"),
        ({"filter": {"length": 2, "hashes": 10**9, "bits": 8}}, "filter is larger than any that is made"),
        ({"strange": []}, "Expected `array` of length >= 1 - at `$.strange`"),
    ],
)
def test_a_familiarity_check_with_a_wrong_card_is_refused(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, changes: dict[str, Any], sentence: str
) -> None:
    text_checks.write(tmp_path, ["今天"], **changes)
    found = text_zoo.load(tmp_path)
    assert found.refused == {"text_zh_familiarity": "card"} and found.familiarity == {}
    assert sentence in caplog.text


def test_a_familiarity_check_is_no_classifier(tmp_path: Path) -> None:
    text_checks.write(tmp_path, ["今天"])
    found = text_zoo.load(tmp_path)
    assert (found.cards, found.writers, list(found.familiarity)) == ({}, {}, ["topic"])
    assert text_zoo.families(tmp_path) == {}


SHIPPED = [name for name in ALL if (MODELS / name / "card.json").exists()]
shipped = pytest.mark.skipif(not SHIPPED, reason="no models of text are here: python -m export makes them")


@shipped
def test_the_shipped_models_are_what_their_cards_say() -> None:
    found = text_zoo.load(MODELS)
    assert found.refused == {}
    reader = TextReader(found)
    for name, card in found.cards.items():
        assert card.bytes == len(found.model_bytes(name)) < 1_500_000
        assert card.accuracy.correct == sum(card.confusion[k][k] for k in range(len(card.labels)))
        by_label = [row[k] / sum(row) for k, row in enumerate(card.confusion)]
        assert card.macro_accuracy == pytest.approx(float(np.mean(by_label)), abs=1e-6)
        network = reader.network(name)
        assert network.embedding.shape[0] == len(card.vocabulary)
        assert network.labels == len(card.labels)
        assert card.cell == network.operator.lower()
        assert card.bidirectional == (network.directions == 2)
        assert reader.read("is the film good 电影", [name])[name].label in card.labels


@shipped
@pytest.mark.parametrize("name", WRITERS)
def test_a_shipped_index_is_what_its_card_says(name: str) -> None:
    found = text_zoo.load(MODELS)
    told, index = found.writers[name].memorisation, found.training_index(name)
    assert told is not None and told.index.bytes == (MODELS / name / text_zoo.INDEX).stat().st_size <= 2_100_000
    assert index.length == told.index.length == 12
    assert len(index.hashes) == pytest.approx(told.index.ngrams, rel=1e-4)  # a few hashes are the same
    assert index.false_positive_rate == told.index.false_positive_rate < 2e-5
    assert told.index.false_positives <= 5 + 3 * told.index.absent * index.false_positive_rate


@shipped
def test_the_share_in_a_shipped_card_is_measured_again_with_the_index() -> None:
    found = text_zoo.load(MODELS)
    writer, index, told = (
        Writer(found.model_bytes("char_zh"), found.writers["char_zh"]),
        found.training_index("char_zh"),
        found.writers["char_zh"].memorisation,
    )
    assert told is not None
    for one in told.sampled[1:]:
        shares = []
        for seed in range(one.seed, one.seed + 20):
            written = [
                drawn.character for drawn in writer.write("", 400, Sampling(one.temperature, one.top_k, seed=seed))
            ]
            shares.append(memorisation.share(index.runs(written), len(written)))
        # Of a fifth of the texts the interval is 5 ** 0.5 times as wide.
        half = 2.3 * (one.high - one.low) / 2
        assert np.mean(shares) == pytest.approx(one.share, abs=1.5 * half)


@shipped
@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_model_reads_nothing_behind_a_text(name: str) -> None:
    found = text_zoo.load(MODELS)
    rng = np.random.default_rng(0)
    card = found.cards[name] if name in found.cards else found.writers[name]
    texts = [rng.integers(1, len(card.vocabulary), length) for length in (1, 60, 7, 23)]
    session = Session(found.model_bytes(name))
    starts = {role: shape[1] for role, shape in session.inputs.items() if role in ("state", "cell")}
    feeds = padded([text.tolist() for text in texts])
    feeds["ids"][np.arange(60) >= feeds["lengths"][:, None]] = rng.integers(1, len(card.vocabulary))
    feeds |= {role: np.zeros((len(texts), int(size)), np.float32) for role, size in starts.items()}
    together = session.run(feeds).outputs
    for place, text in enumerate(texts):
        alone = padded([text.tolist()]) | {role: np.zeros((1, int(size)), np.float32) for role, size in starts.items()}
        for output, values in session.run(alone).outputs.items():
            batch = together[output][place : place + 1]
            whole = batch[:, : len(text)] if output == "logits" and starts else batch
            np.testing.assert_allclose(whole, values, atol=1e-5)


@shipped
@pytest.mark.parametrize("name", [name for name in WRITERS if name in SHIPPED])
def test_a_shipped_writer_goes_on_from_its_state(name: str) -> None:
    found = text_zoo.load(MODELS)
    card = found.writers[name]
    assert card.bytes == len(found.model_bytes(name)) < 1_500_000
    assert card.perplexity_per_character < card.baseline.perplexity_per_character / 2
    writer = Writer(found.model_bytes(name), card)
    text = "".join(one.character for one in writer.write("", 40, Sampling(seed=4)))
    last = text.rpartition("\n")[2]
    moment = writer.start()
    assert moment.logits.shape == (len(card.vocabulary),)
    for character in last:
        moment = writer.step(moment, character)
    np.testing.assert_allclose(moment.logits, writer.start(text).logits, atol=1e-4)
