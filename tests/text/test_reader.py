"""glassbox.text.reader and text_network against the recurrence written out in float64 (tests.text_models)."""

import math
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import helper

from glassbox.engine.session import provider_state
from glassbox.input_error import Reason
from glassbox.text.reader import TextReader
from glassbox.text.recurrent import BATCH, TextNetwork, padded
from glassbox.text.tokens import TextError
from glassbox.zoo import text_models as text_zoo
from tests import text_models
from tests.text_models import (
    CHARACTERS,
    CLASSIFIERS,
    LABELS,
    UNITS,
    WRITERS,
    classifier,
    parameters,
    probabilities,
    states,
)

ZH = "text_zh_rnn", "text_zh_gru", "text_zh_lstm"
TEXT = "今天 电影Ｂ真好看𠀀，去哪里"
KINDS = [(cell, both) for cell in text_zoo.CELLS for both in (False, True)]


@pytest.fixture(scope="module", params=[False, True], ids=["one direction", "both"])
def zoo(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> text_zoo.TextZoo:
    folder = tmp_path_factory.mktemp("models")
    for name in (*CLASSIFIERS, *WRITERS):
        text_models.write(folder, name, bidirectional=request.param)
    return text_zoo.load(folder)


@pytest.fixture(scope="module")
def reader(zoo: text_zoo.TextZoo) -> TextReader:
    return TextReader(zoo)


def weights_of(name: str, both: bool) -> dict[str, np.ndarray]:
    entries = len(text_models.vocabulary(name))
    return parameters(text_models.cell_of(name), entries, len(LABELS[text_models.family(name)]), 1 + both)


def test_verdict_states_and_gates_are_those_of_the_equations(reader: TextReader) -> None:
    readings = reader.read(TEXT, ZH, runs=3)
    assert tuple(readings) == ZH
    for name, reading in readings.items():
        cell, both = text_models.cell_of(name), reader.zoo.cards[name].bidirectional
        ids, held = [token.id for token in reading.tokens], weights_of(name, both)
        expected, gates = states(cell, held, ids)
        assert reading.states.shape == (len(ids), UNITS * (1 + both))
        np.testing.assert_allclose(reading.states, expected, atol=1e-5)
        assert reading.gates.keys() == gates.keys() == set({"rnn": "", "gru": "zrh", "lstm": "iofcC"}[cell])
        for gate, values in gates.items():
            np.testing.assert_allclose(reading.gates[gate], values, atol=1e-5)
        chances = probabilities(cell, held, ids)
        np.testing.assert_allclose(reading.probabilities, chances, atol=1e-6)
        assert reading.label == LABELS["text_zh"][int(chances.argmax())]
        assert reading.confidence == pytest.approx(chances.max(), abs=1e-6)
        assert reading.probabilities.sum() == pytest.approx(1)
        assert (reading.model, reading.provider) == (name, "cpu")
        assert reading.seconds > 0 and reading.runs == 3


def test_the_text_is_shown_as_it_was_read(reader: TextReader) -> None:
    reading = reader.read("  今天\nＡ 𠀀 ", ["text_zh_gru"])["text_zh_gru"]
    assert reading.text == "今天 A 𠀀"
    assert [token.text for token in reading.tokens] == ["今", "天", " ", "A", " ", "𠀀"]
    assert [token.known for token in reading.tokens] == [True] * 5 + [False]


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_the_verdict_after_each_token_is_that_of_the_text_so_far(reader: TextReader, name: str) -> None:
    text = TEXT if name in ZH else "it's not a very good film, please play some music, the bad film 's good ."
    reading = reader.read(text, [name])[name]
    cell, held = text_models.cell_of(name), weights_of(name, reader.zoo.cards[name].bidirectional)
    ids = [token.id for token in reading.tokens]
    for t in range(len(ids)):
        np.testing.assert_allclose(reading.after[t], probabilities(cell, held, ids[: t + 1]), atol=1e-6)
    np.testing.assert_allclose(reading.after[-1], reading.probabilities, atol=1e-6)
    best = reading.after.argmax(axis=1)
    assert (best[reading.decided :] == best[-1]).all()
    assert reading.decided == 0 or best[reading.decided - 1] != best[-1]


@pytest.mark.parametrize(("cell", "both"), KINDS)
def test_no_verdict_depends_on_what_fills_the_batch_behind_a_text(cell: str, both: bool) -> None:
    model = classifier(cell, len(CHARACTERS), 8, both)
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    texts = [[3, 4, 5], [7], [5, 6, 7, 8, 9, 10, 11], [1, 1]]
    alone = [session.run(None, padded([text]))[0][0] for text in texts]
    rng = np.random.default_rng(0)
    feeds = padded(texts)
    assert feeds["lengths"].tolist() == [3, 1, 7, 2]
    assert feeds["ids"][1].tolist() == [7, 0, 0, 0, 0, 0, 0]
    for _ in range(5):
        behind = np.arange(7) >= feeds["lengths"][:, None]
        feeds["ids"][behind] = rng.integers(0, len(CHARACTERS), behind.sum())
        np.testing.assert_allclose(session.run(None, feeds)[0], alone, atol=1e-6)


@pytest.mark.parametrize(("cell", "both"), KINDS)
@settings(derandomize=True, deadline=None, max_examples=15)
@given(lengths=st.lists(st.integers(1, 40), min_size=1, max_size=2 * BATCH + 3))
def test_many_texts_are_read_as_if_each_were_alone(cell: str, both: bool, lengths: Sequence[int]) -> None:
    network = NETWORKS[cell, both]
    rng = np.random.default_rng(len(lengths))
    texts = [rng.integers(1, len(CHARACTERS), length).tolist() for length in lengths]
    together, kept = network.outputs(texts, network.score), network.all_states(texts)
    for text, scores, found in zip(texts, together, kept, strict=True):
        alone = network.activations(text)
        np.testing.assert_allclose(scores, network.outputs([text], network.score)[0], atol=1e-5)
        np.testing.assert_allclose(found, alone.states, atol=1e-5)


NETWORKS = {kind: TextNetwork(classifier(kind[0], len(CHARACTERS), 8, kind[1])) for kind in KINDS}


@pytest.mark.parametrize(("cell", "both"), KINDS)
def test_gradients_are_the_slopes_of_the_scores(cell: str, both: bool) -> None:
    network, ids, label = NETWORKS[cell, both], [3, 9, 1, 5], 2
    held = parameters(cell, len(CHARACTERS), 8, 1 + both)

    def score(embedded: np.ndarray) -> float:
        rows = dict(held, embedding=embedded)
        end = text_models.last(rows, states(cell, rows, range(len(ids)))[0])
        return float((end @ held["head"] + held["head_bias"])[label])

    embedded = held["embedding"][ids].astype(np.float64)
    found = network.gradients(np.stack([embedded, embedded * 0.5]).astype(np.float32), label)
    assert found.shape == (2, *embedded.shape)
    for text, base in zip(found, (embedded, embedded * 0.5), strict=True):
        slopes = np.zeros_like(base)
        for place in np.ndindex(base.shape):
            up, down = base.copy(), base.copy()
            up[place] += 1e-5
            down[place] -= 1e-5
            slopes[place] = (score(up) - score(down)) / 2e-5
        np.testing.assert_allclose(text, slopes, atol=2e-3, rtol=1e-3)


def test_many_gradients_are_taken_in_parts_of_the_same_result() -> None:
    network = NETWORKS["gru", False]
    embedded = np.random.default_rng(0).normal(size=(BATCH + 5, 6, text_models.EMBEDDING)).astype(np.float32)
    whole = network.gradients(embedded, 1)
    assert whole.shape == embedded.shape
    np.testing.assert_allclose(whole[[0, -1]], network.gradients(embedded[[0, -1]], 1), atol=1e-6)


def test_a_head_that_reads_the_mean_of_the_states_is_run_on_each_beginning() -> None:
    model = classifier("gru", len(CHARACTERS), 8)
    (squeeze,) = [node for node in model.graph.node if node.op_type == "Squeeze"]
    model.graph.node.remove(squeeze)
    mean = [
        helper.make_node("ReduceSum", ["states", "axis"], ["sum"], keepdims=0),
        helper.make_node("Squeeze", ["sum", "axis"], ["whole"]),
        helper.make_node("Cast", ["lengths"], ["count"], to=1),
        helper.make_node("Unsqueeze", ["count", "second"], ["counts"]),
        helper.make_node("Div", ["whole", "counts"], ["state"]),
    ]
    place = [node.op_type for node in model.graph.node].index("Gemm")
    nodes = [*model.graph.node[:place], *mean, *model.graph.node[place:]]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    second = helper.make_tensor("second", 7, [1], [1])
    model.graph.initializer.append(second)
    network, ids, held = TextNetwork(model), [5, 6, 1, 9], parameters("gru", len(CHARACTERS), 8)
    all_states, _ = states("gru", held, ids)
    after = network.after_each(ids, network.activations(ids).states)
    for t in range(len(ids)):
        scores = all_states[: t + 1].mean(0) @ held["head"] + held["head_bias"]
        np.testing.assert_allclose(after[t], np.exp(scores) / np.exp(scores).sum(), atol=1e-5)


def test_a_column_of_texts_has_a_verdict_or_a_reason_each(reader: TextReader) -> None:
    texts = ["今天", "", "𠀀", "去哪里吃饭", "a" * 501] * 120
    found = list(reader.verdicts("text_zh_lstm", iter(texts)))
    assert len(found) == len(texts)
    for text, verdict in zip(texts, found, strict=True):
        if isinstance(verdict, Reason):
            assert verdict.code == {0: "empty", 1: "unknown_only", 501: "too_long"}[len(text)]
        else:
            alone = reader.read(text, ["text_zh_lstm"])["text_zh_lstm"]
            np.testing.assert_allclose(verdict.probabilities, alone.probabilities, atol=1e-6)
            assert (verdict.label, verdict.index) == (alone.label, int(alone.probabilities.argmax()))
            assert verdict.confidence == verdict.probabilities.max()
    assert sum(isinstance(verdict, Reason) for verdict in found) == 360
    assert all(isinstance(one, Reason) for one in reader.verdicts("text_zh_lstm", ["", " "]))
    assert list(reader.verdicts("text_zh_lstm", [])) == []


def test_500_characters_are_read(reader: TextReader) -> None:
    reading = reader.read("今天电影真好看吃饭去哪" * 45 + "里里里里里", ["text_zh_gru"])["text_zh_gru"]
    assert reading.after.shape == (500, 8)
    assert np.isfinite(reading.after).all()


def test_one_character_is_read(reader: TextReader) -> None:
    reading = reader.read("看", ["text_zh_lstm"])["text_zh_lstm"]
    assert (reading.decided, reading.after.shape, reading.states.shape[0]) == (0, (1, 8), 1)


def test_a_text_that_cannot_be_read_says_why(reader: TextReader) -> None:
    with pytest.raises(TextError, match="no text"):
        reader.read("", ZH)
    with pytest.raises(TextError, match="unknown words"):
        reader.read("今天", ["text_en_rnn"])


def test_only_the_zoos_classifiers_are_asked(reader: TextReader) -> None:
    with pytest.raises(ValueError, match="no model is named mlp; there are text_zh_rnn"):
        reader.read(TEXT, ["text_zh_rnn", "mlp"])
    for call in (reader.vocabulary, reader.network, lambda name: next(reader.verdicts(name, ["今天"]))):
        with pytest.raises(ValueError, match="no classifier of text is named 'char_zh'"):
            call("char_zh")


def test_a_refused_model_is_left_out(tmp_path: Path) -> None:
    text_models.write(tmp_path, "text_zh_gru")
    text_models.write(tmp_path, "text_zh_rnn", sha256="0")
    reader = TextReader(text_zoo.load(tmp_path))
    assert tuple(reader.read(TEXT, ZH[:2])) == ("text_zh_gru",)
    with pytest.raises(ValueError, match=r"text_zh_rnn is refused: sha256"):
        reader.network("text_zh_rnn")


@pytest.mark.parametrize("inputs", [["codes", "lengths"], ["ids", "lengths"]])
def test_a_model_of_another_kind_is_refused(inputs: list[str]) -> None:
    model = classifier("rnn", 5, 2)
    if inputs[0] == "codes":
        model.graph.input[0].name = model.graph.node[0].input[1] = "codes"
    else:
        model.graph.node[2].output[0] = ""
    with pytest.raises(ValueError, match="ids, one embedding and one recurrent node are needed"):
        TextNetwork(model)


def test_threads_share_one_reader(zoo: text_zoo.TextZoo) -> None:
    reader, found = TextReader(zoo), []
    expected = TextReader(zoo).read(TEXT, ZH)

    def ask() -> None:
        found.append(reader.read(TEXT, ZH))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    for readings in found:
        for name, reading in readings.items():
            np.testing.assert_array_equal(reading.after, expected[name].after)


def test_what_cuda_cannot_run_the_cpu_does_and_says_so(zoo: text_zoo.TextZoo) -> None:
    reader = TextReader(zoo, "cuda")
    here = provider_state("cuda").available
    assert reader.read(TEXT, ["text_zh_gru"])["text_zh_gru"].provider == ("cuda" if here else "cpu")
    assert (reader.provider.reason is None) == here
    with pytest.raises(ValueError, match="no provider is named 'tpu'"):
        TextReader(zoo, "tpu")


def test_confidence_is_cooled_by_the_cards_temperature(zoo: text_zoo.TextZoo) -> None:
    reading = TextReader(zoo).read(TEXT, ["text_zh_rnn"])["text_zh_rnn"]
    held = weights_of("text_zh_rnn", zoo.cards["text_zh_rnn"].bidirectional)
    raw = probabilities("rnn", held, [token.id for token in reading.tokens], temperature=1.0)
    cooled = raw ** (1 / text_models.TEMPERATURE)
    np.testing.assert_allclose(reading.probabilities, cooled / cooled.sum(), atol=1e-6)
    assert not math.isclose(reading.confidence, raw.max(), rel_tol=1e-3)
