"""glassbox.digits.reader against verdicts worked out by hand on small models."""

import threading
from math import exp
from pathlib import Path

import numpy as np
import pytest

from glassbox.digits import images
from glassbox.digits.reader import RUNS, Reader
from glassbox.engine.session import Run, Session
from glassbox.zoo import digit_models
from tests import small_zoo
from tests.digits import pages
from tests.small_zoo import digit


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in small_zoo.ALL:
        small_zoo.write(tmp_path, name)
    return tmp_path


@pytest.fixture
def reader(folder: Path) -> Reader:
    return Reader(digit_models.load(folder))


def test_the_three_of_the_article_read_a_digit(reader: Reader) -> None:
    verdicts = reader.read(digit(row_7=255))
    assert list(verdicts) == ["mlp", "cnn", "rnn"]
    for name, temperature in small_zoo.TEMPERATURES.items():
        verdict = verdicts[name]
        # The logits are 4 for class 7 and 0 for the nine others.
        sure, rest = exp(4 / temperature), 9
        assert (verdict.model, verdict.label, verdict.provider) == (name, "7", "cpu")
        assert verdict.confidence == pytest.approx(sure / (sure + rest), rel=1e-5)
        expected = np.full(10, 1 / (sure + rest))
        expected[7] = sure / (sure + rest)
        np.testing.assert_allclose(verdict.probabilities, expected, rtol=1e-5)
        assert verdict.probabilities.dtype == np.float64
        assert verdict.seconds > 0 and verdict.runs == RUNS


def test_a_slow_first_run_does_not_make_a_network_seem_slow(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([7.11e-3, 12e-6, 14e-6, 13e-6, 15e-6])
    run = Session.run

    def slow_at_first(session: Session, *given: object) -> Run:
        return run(session, *given)._replace(seconds=next(times))  # type: ignore[arg-type]

    monkeypatch.setattr(Session, "run", slow_at_first)
    verdict = reader.read(digit(row_7=255), ["mlp"])["mlp"]
    assert (verdict.label, verdict.seconds, verdict.runs) == ("7", 14e-6, 5)


def test_brightness_counts_as_a_fraction_of_255(reader: Reader) -> None:
    verdict = reader.read(digit(row_2=51, row_9=102), ["rnn"])["rnn"]
    odds = np.array([1, 1, exp(4 * 0.2), 1, 1, 1, 1, 1, 1, exp(4 * 0.4)])
    assert verdict.label == "9"
    np.testing.assert_allclose(verdict.probabilities, odds / odds.sum(), rtol=1e-5)


def test_any_of_the_six_read_in_the_order_asked(reader: Reader) -> None:
    verdicts = reader.read(digit(row_0=255), ["gru", "cnn_deep", "mlp"])
    assert list(verdicts) == ["gru", "cnn_deep", "mlp"]
    assert {verdict.label for verdict in verdicts.values()} == {"0"}


def test_a_refused_model_is_left_out_and_the_others_read(folder: Path) -> None:
    (folder / "cnn" / "1" / "model.onnx").write_bytes(b"swapped")
    assert list(Reader(digit_models.load(folder)).read(digit(row_1=255))) == ["mlp", "rnn"]


@pytest.mark.parametrize("name", ["tree", digit_models.FAMILIARITY])
def test_a_name_that_is_no_readers_is_an_error_that_names_those_there_are(reader: Reader, name: str) -> None:
    with pytest.raises(ValueError, match=f"no model is named {name}; there are mlp, cnn, rnn, cnn_deep, lstm, gru"):
        reader.read(digit(), ["mlp", name])


@pytest.mark.parametrize(
    "wrong",
    [np.zeros((28, 27), np.uint8), np.zeros((1, 28, 28), np.uint8), np.zeros((28, 28), np.float32)],
)
def test_what_is_no_digit_array_is_refused(reader: Reader, wrong: np.ndarray) -> None:
    for ask in (reader.read, reader.familiarity):
        with pytest.raises(ValueError, match=r"a digit is uint8 \(28, 28\)"):
            ask(wrong)


def test_familiarity_compares_the_score_with_the_threshold(reader: Reader) -> None:
    dark, bright = np.full((28, 28), 51, np.uint8), np.full((28, 28), 102, np.uint8)
    near, far = reader.familiarity(dark), reader.familiarity(bright)
    assert near is not None and far is not None
    assert near.score == pytest.approx(0.2) and near.familiar and near.threshold == 0.25
    assert far.score == pytest.approx(0.4) and not far.familiar


def test_without_its_model_familiarity_says_nothing(folder: Path) -> None:
    (folder / "familiarity" / "card.json").unlink()
    assert Reader(digit_models.load(folder)).familiarity(digit()) is None


def test_visitors_share_one_session_a_model(reader: Reader) -> None:
    labels: list[str] = []
    sessions = []

    def visit(row: int) -> None:
        for _ in range(20):
            labels.append(f"{row}{reader.read(digit(**{f'row_{row}': 255}), ['mlp'])['mlp'].label}")
        sessions.append(reader.session("mlp"))

    visitors = [threading.Thread(target=visit, args=(row,)) for row in range(6)]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join()
    assert sorted(labels) == sorted(f"{row}{row}" for row in range(6) for _ in range(20))
    assert len({id(session) for session in sessions}) == 1


def test_an_unknown_provider_is_an_error(folder: Path) -> None:
    with pytest.raises(ValueError, match="no provider is named 'tpu'"):
        Reader(digit_models.load(folder), "tpu")


def test_several_digits_are_read_in_one_run() -> None:
    reader = Reader(digit_models.load())
    digits = np.stack([images.prepare_pixels(pages.rgba(255 - pages.page([label]))).digit for label in "307"])
    assert reader.labels(digits, "cnn_deep") == ["3", "0", "7"]
    for model in reader.zoo.cards:
        assert reader.labels(digits, model) == [reader.read(digit, [model])[model].label for digit in digits]
