"""python -m export --quick for the models of text, on small sets of sentences, and each part of it by itself."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.text_models import CLASSIFIERS, WRITERS

pytest.importorskip("tensorflow", reason="needs export/requirements.txt")
pytest.importorskip("sklearn", reason="needs export/requirements.txt")

import keras
import onnx
import onnxruntime
from onnx import numpy_helper

from export import sentences, strange, text_card, text_convert, text_train, writing
from export.models import text_familiarity
from export.sentences import Corpus, Sentences
from glassbox.text.familiarity import places
from glassbox.text.reader import TextReader
from glassbox.text.tokens import PADDING, UNKNOWN, Vocabulary
from glassbox.zoo import text_models
from tests.export import text_sets
from tests.export.command import export_models

pytestmark = pytest.mark.export
WORDS = Vocabulary("word", ("<padding>", "<unknown>", *(f"w{i}" for i in range(18))))
CHARACTERS = Vocabulary("character", ("<padding>", "<unknown>", "\n", *"abcdefg"))
RECIPE = text_train.Recipe("word", epochs=1, embedding=7, units=9)
CELLS = [(cell, both) for cell in text_train.CELLS for both in (False, True)]


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sets") / "text"
    text_sets.write(folder)
    return folder


@pytest.fixture(scope="module")
def exported(sets: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    names = ("text_zh", "text_en", "text_en_intent", "char_zh", "char_en", "text_familiarity")
    export_models("--quick", "--text", sets, "--out", folder, "--only", *names)
    return folder


def session(model: onnx.ModelProto) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])


def restless(model: keras.Model) -> keras.Model:
    """The model with biases that are not zero, as they are before training."""
    rng = np.random.default_rng(3)
    for weight in model.weights:
        if "bias" in weight.path:
            weight.assign(rng.normal(0, 0.3, weight.shape))
    return model


def classifier(cell: str, both: bool) -> keras.Model:
    keras.utils.set_random_seed(3)
    return restless(text_train.build("small", cell, WORDS, 4, replace(RECIPE, bidirectional=both)))


def writer(cell: str) -> keras.Model:
    keras.utils.set_random_seed(3)
    return restless(writing.build("small", CHARACTERS, writing.Recipe(epochs=1, cell=cell, embedding=5, units=8)))


def uneven(size: int, count: int = 12) -> list[np.ndarray]:
    """Sentences of 1 to `count` ids."""
    rng = np.random.default_rng(5)
    return [rng.integers(1, size, length) for length in range(1, count + 1)]


def test_the_app_accepts_every_exported_model(exported: Path) -> None:
    models = text_models.load(exported)
    assert models.refused == {}
    assert set(models.cards) == set(CLASSIFIERS) and set(models.writers) == set(WRITERS)
    assert models.cards["text_zh_gru"].labels == (
        "film",
        "music",
        "travel",
        "attraction",
        "restaurant",
        "hotel",
        "metro",
        "taxi",
    )
    assert models.cards["text_en_intent"].labels == ("alarm", "play", "weather")
    for card in models.cards.values():
        assert sum(map(sum, card.confusion)) == card.accuracy.count == card.dataset.test
        assert card.baseline.macro_accuracy > 0.9  # each class of the small sets has words of its own
    for name, card in models.writers.items():
        assert card.perplexity_per_character < len(card.vocabulary)
        assert card.memorisation is not None and card.memorisation.index.length == models.training_index(name).length


def test_a_check_of_unfamiliar_texts_goes_with_each_task(exported: Path) -> None:
    models = text_models.load(exported)
    assert {task: card.name for task, card in models.familiarity.items()} == {
        "topic": "text_zh_familiarity",
        "sentiment": "text_en_familiarity",
        "scenario": "text_en_intent_familiarity",
    }
    for task, card in models.familiarity.items():
        assert {one.kind for one in card.strange} == set(strange.MEASURED[task])
        assert set(card.chosen_by) == set(strange.CHOOSING[task])
        assert not set(strange.MEASURED[task]) & set(strange.CHOOSING[task])
        assert {"energy", "Mahalanobis distance"} < set(card.candidates)
        best = max(auroc for name, auroc in card.candidates.items() if name.startswith("new runs"))
        assert card.candidates[f"new runs of {card.filter.length}{', smoothed' * bool(card.usual.tokens)}"] == best
        assert card.held_out_passed >= text_familiarity.PASSED
    (known,) = TextReader(models).familiarity("topic", ["故宫的门票要多少钱呢"])
    (other,) = TextReader(models).familiarity("topic", ["天的门今票股市大跌了"])
    assert known is not None and other is not None and known.new < other.new


def test_a_filter_holds_its_runs_and_few_others() -> None:
    rng = np.random.default_rng(0)
    held, others = ([f"{n:x}" for n in rng.integers(2**63, size=3000)] for _ in range(2))
    model, made = text_familiarity.bloom(held, 1)
    run = session(model)
    assert made.bits == 2**15 and run.get_inputs()[0].shape == ["R", made.hashes]
    new = [run.run(None, {"places": places(runs, made.bits, made.hashes)})[0] for runs in (held, others)]
    assert new[0].sum() == 0 and set(np.unique(new[1])) <= {0, 1}
    # Bloom's: each bit is set with the chance 1 - (1 - 1/m)^(kn)
    filled = 1 - (1 - 1 / made.bits) ** (made.hashes * len(held))
    assert 1 - new[1].mean() == pytest.approx(filled**made.hashes, abs=0.01)


def test_strange_texts_are_of_every_kind_and_of_no_other_split(sets: Path) -> None:
    corpora = {task: load(sets) for task, load in sentences.CORPORA.items()}
    for task in corpora:
        for kinds, split in ((strange.choosing, "validation"), (strange.measured, "test")):
            found = kinds(task, corpora, sets, 1)
            assert all(0 < len(texts) <= strange.COUNT and all(texts) for texts in found.values())
            assert found == kinds(task, corpora, sets, 1)
            for kind, other in (("reviews", "sentiment"), ("requests", "scenario")):
                assert set(found.get(kind, ())) <= set(getattr(corpora[other], split).texts)
    assert "quatrains" not in strange.choosing("topic", corpora, None, 1)


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_a_classifiers_graph_is_clean(exported: Path, name: str) -> None:
    model = onnx.load(exported / name / "1" / "model.onnx")
    onnx.checker.check_model(model, full_check=True)
    cell = text_models.load(exported).cards[name].cell
    assert [node.op_type for node in model.graph.node if node.op_type not in ("Squeeze", "Flatten")][:3] == [
        "Gather",
        "Transpose",
        cell.upper(),
    ]
    assert {node.op_type for node in model.graph.node} <= {
        "Gather",
        "Transpose",
        "Squeeze",
        "Flatten",
        cell.upper(),
        "Gemm",
        "Softmax",
    }
    shapes = {
        value.name: [d.dim_param or d.dim_value for d in value.type.tensor_type.shape.dim]
        for value in (*model.graph.input, *model.graph.output)
    }
    assert shapes["ids"] == ["N", "T"] and shapes["lengths"] == ["N"] and shapes["probabilities"][0] == "N"
    outputs = {output for node in model.graph.node for output in node.output}
    assert {"embedded", "states", cell, "probabilities"} <= outputs


@pytest.mark.parametrize(("cell", "both"), CELLS)
def test_every_layer_gives_what_keras_gives(cell: str, both: bool) -> None:
    model = classifier(cell, both)
    converted = text_convert.classifier(model)
    given = uneven(len(WORDS))
    lengths = np.array([len(s) for s in given], np.int32)
    differences = text_convert.differences(model, converted, text_train.padded(given), lengths)
    assert set(differences) == {"embedded", cell, "probabilities"} and max(differences.values()) <= 1e-6


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_every_layer_of_a_writer_gives_what_keras_gives(cell: str) -> None:
    model = writer(cell)
    given = uneven(len(CHARACTERS))
    lengths = np.array([len(s) for s in given], np.int32)
    differences = text_convert.differences(model, text_convert.language_model(model), text_train.padded(given), lengths)
    assert set(differences) == {"embedded", cell, "projection", "logits"} and max(differences.values()) <= 1e-6


def test_a_graph_with_another_weight_is_refused() -> None:
    model = classifier("gru", False)
    converted = text_convert.classifier(model)
    kernel = next(weight for weight in converted.graph.initializer if weight.name == "gru/recurrent_kernel")
    moved = numpy_helper.to_array(kernel).copy()
    moved[0, 0, 0] += 0.01
    kernel.CopyFrom(numpy_helper.from_array(moved, kernel.name))
    given = uneven(len(WORDS))
    with pytest.raises(ValueError, match="'gru' of small differs from Keras"):
        text_convert.differences(model, converted, text_train.padded(given), np.arange(1, 13, dtype=np.int32))


@pytest.mark.parametrize(("cell", "both"), CELLS)
def test_padding_is_never_read(cell: str, both: bool) -> None:
    run = session(text_convert.classifier(classifier(cell, both)))
    given = uneven(len(WORDS))
    lengths = np.array([len(s) for s in given], np.int32)
    together = run.run(None, {"ids": text_train.padded(given, 30), "lengths": lengths})[0]
    noise = text_train.padded(given, 30)
    behind = np.arange(30) >= lengths[:, None]
    noise[behind] = np.random.default_rng(0).integers(0, len(WORDS), behind.sum())
    assert (run.run(None, {"ids": noise, "lengths": lengths})[0] == together).all()
    for sentence, expected in zip(given, together, strict=True):
        alone = run.run(None, {"ids": sentence[None], "lengths": np.array([len(sentence)], np.int32)})[0]
        assert alone[0] == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_a_writer_that_goes_on_from_its_state_gives_what_the_whole_text_gives(cell: str) -> None:
    run = session(text_convert.language_model(writer(cell)))
    ids = np.random.default_rng(1).integers(2, len(CHARACTERS), (2, 9))
    names = [output.name for output in run.get_outputs()]
    whole = dict(zip(names, run.run(None, text_convert.feeds(run, ids, np.array([9, 9], np.int32))), strict=True))
    given = text_convert.feeds(run, ids[:, :1], np.array([1, 1], np.int32))
    for step in range(9):
        after = dict(zip(names, run.run(None, given | {"ids": ids[:, step : step + 1]}), strict=True))
        assert after["logits"][:, 0] == pytest.approx(whole["logits"][:, step], abs=1e-5)
        given |= {name.removeprefix("next_"): value for name, value in after.items() if name != "logits"}
    kept = [name for name in names if name != "logits"]
    assert kept == (["next_state", "next_cell"] if cell == "lstm" else ["next_state"])
    assert all(after[name] == pytest.approx(whole[name], abs=1e-5) for name in kept)


def test_no_dialogue_lies_in_two_splits(sets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, set[str]] = {}
    monkeypatch.setattr(
        sentences,
        "_split",
        lambda part, dialogue, split=sentences._split: (
            seen.setdefault(dialogue, set()).add(split(part, dialogue)) or split(part, dialogue)
        ),
    )
    corpus = sentences.topics(sets)
    assert all(len(splits) == 1 for splits in seen.values())
    assert {name for name, splits in seen.items() if splits == {"test"}} == {n for n in seen if "test" in n}
    assert {"validation"} in seen.values() and {"train"} in seen.values()
    said = "".join((*corpus.train.texts, *corpus.test.texts))
    assert "为您推荐" not in said and "附近还有" not in said and "再见" not in said  # the assistant, two domains, none
    assert "为您推荐" in "".join(sentences.chinese(sets).train)


def test_the_public_files_are_read_as_the_tables_are(
    sets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = text_sets.public(tmp_path)

    def local(url: str) -> Path:
        assert len(sentences.SHA256[url]) == 64
        return next(path for end, path in files.items() if url.endswith(f"/{end}"))

    monkeypatch.setattr(sentences, "_download", local)
    assert sentences.utterances(None) == sentences.utterances(sets)


def test_a_fixed_share_of_the_reviews_is_held_out(sets: Path) -> None:
    corpus = sentences.reviews(sets)
    parts = [set(part.texts) for part in (corpus.train, corpus.validation, corpus.test)]
    assert len(set.union(*parts)) == sum(map(len, parts)) == 240
    assert len(parts[2]) / 240 == pytest.approx(0.15, abs=0.08)
    assert [corpus.labels[i] for i in corpus.test.labels] == [
        "negative" if any(word in text for word in ("dull", "tired", "bad")) else "positive"
        for text in corpus.test.texts
    ]
    chosen = [sentences._chosen(str(i), 0.15) for i in range(20_000)]
    assert np.mean(chosen) == pytest.approx(0.15, abs=0.01)


def test_a_vocabulary_begins_with_the_commonest() -> None:
    words = text_train.vocabulary(["The cat, the dog", "the cat\u2019s dog", "THE bird"], "word", 2)
    assert words.entries == ("<padding>", "<unknown>", "the", "cat", "dog")
    letters = text_train.vocabulary(["aab", "abc"], "character", 1, ["\n"], most=2)
    assert letters.entries == ("<padding>", "<unknown>", "\n", "a", "b")


def batches(recipe: text_train.Recipe, forgotten: bool) -> tuple[text_train.Encoded, np.ndarray]:
    """256 sentences of 30 different ids, and what one epoch reads of them."""
    rng = np.random.default_rng(0)
    data = text_train.Encoded(tuple(rng.permutation(np.arange(2, 32)) for _ in range(256)), rng.integers(0, 4, 256))
    read = text_train.Batches(data, 4, replace(recipe, longest=40), altered=forgotten, seed=0)
    return data, np.concatenate([read[i][0] for i in range(len(read))])


def test_tokens_are_forgotten_in_training_alone() -> None:
    recipe = replace(RECIPE, forgetting=0.25, cropping=0.0)
    read = batches(recipe, True)[1]
    assert (read[:, 30:] == PADDING).all()
    assert (read[:, :30] == UNKNOWN).mean() == pytest.approx(0.25, abs=0.02)
    data, unchanged = batches(replace(recipe, cropping=0.5), False)
    assert {tuple(row[:30]) for row in unchanged} == {tuple(sentence) for sentence in data.ids}


def test_a_part_of_a_sentence_is_read_as_it_stands() -> None:
    data, read = batches(replace(RECIPE, forgetting=0.0, cropping=0.5), True)
    whole = [f"-{'-'.join(map(str, sentence))}-" for sentence in data.ids]
    lengths = (read != PADDING).sum(1)
    assert lengths.min() >= 10 and (lengths < 30).mean() == pytest.approx(0.5, abs=0.1)
    for row, length in zip(read, lengths, strict=True):
        assert (row[length:] == PADDING).all()
        part = f"-{'-'.join(map(str, row[:length]))}-"
        assert any(part in sentence for sentence in whole)


def test_a_balanced_class_weighs_what_it_lacks_in_number() -> None:
    labels = np.repeat([0, 1], [96, 32])
    data = text_train.Encoded(tuple(np.array([2]) for _ in labels), labels)
    weights = text_train.Batches(data, 2, replace(RECIPE, balance=1.0), altered=True, seed=0).weights
    assert weights == pytest.approx([2 / 3, 2])  # a third as many, three times the weight; 1 on average
    assert text_train.Batches(data, 2, replace(RECIPE, balance=0.0), altered=True, seed=0).weights == pytest.approx(
        [1, 1]
    )


def test_windows_hold_whole_sentences_one_after_the_other() -> None:
    given = writing.encode(["ab", "cde", "f"], CHARACTERS)
    assert [list(s) for s in given] == [[2, 3, 4, 2], [2, 5, 6, 7, 2], [2, 8, 2]]
    batches = writing.Batches(given, writing.Recipe(epochs=1, window=8, batch_size=3), 0)
    read, wanted = batches[0]
    assert read.shape == wanted.shape == (3, 8) and (read[:, 1:] == wanted[:, :-1]).all()
    pieces = {"ab", "cde", "f"}
    for row in np.hstack([read, wanted[:, -1:]]):
        text = "".join(CHARACTERS.entries[i] for i in row)
        first, *others = text.split("\n")
        assert first == "" and set(others[:-1]) <= pieces and any(p.startswith(others[-1]) for p in pieces)


def test_perplexity_of_a_writer_that_knows_nothing_is_its_number_of_characters() -> None:
    model = writer("gru")
    model.get_layer("embedded").set_weights([np.zeros((len(CHARACTERS), 5), np.float32)])
    run = session(text_convert.language_model(model))
    assert writing.perplexity(run, writing.encode(["abc", "defg"], CHARACTERS)) == pytest.approx(len(CHARACTERS))


def test_perplexity_counts_each_character_and_the_end_once() -> None:
    run = session(text_convert.language_model(writer("gru")))
    losses = []
    for ids in (test := writing.encode(["abc", "g"], CHARACTERS)):
        for end in range(1, len(ids)):
            logits = run.run(["logits"], text_convert.feeds(run, ids[None, :end], np.array([end], np.int32)))[0][0, -1]
            losses.append(np.log(np.exp(logits).sum()) - logits[ids[end]])
    assert len(losses) == 6
    assert writing.perplexity(run, test) == pytest.approx(np.exp(np.mean(losses)), rel=1e-5)


def test_unigram_perplexity_by_hand() -> None:
    train, test = writing.encode(["aab"], CHARACTERS), writing.encode(["ab"], CHARACTERS)
    chances = np.array([3, 2, 2]) / (4 + len(CHARACTERS))  # a, b and the end, one more than seen
    assert writing.unigram_perplexity(train, test, len(CHARACTERS)) == pytest.approx(np.prod(chances) ** (-1 / 3))


def test_macro_accuracy_by_hand() -> None:
    assert text_card.macro_accuracy(np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1])) == pytest.approx(0.75)
    assert text_card.macro_accuracy(np.array([0, 0, 0, 0, 1]), np.array([0, 0, 0, 0, 2])) == pytest.approx(0.5)


def test_the_yardstick_learns_from_the_training_sentences_alone() -> None:
    def part(*rows: tuple[str, int]) -> Sentences:
        return Sentences(tuple(text for text, _ in rows), np.array([label for _, label in rows]))

    train = part(*[(f"good {i}", 1) for i in range(9)], *[(f"bad {i}", 0) for i in range(9)])
    corpus = Corpus("small", "none", "none", ("no", "yes"), train, train, part(("good x", 1), ("bad y", 1)))
    assert text_card.yardstick(corpus, "word") == {"name": text_card.YARDSTICK, "accuracy": 0.5, "macro_accuracy": 0.5}
