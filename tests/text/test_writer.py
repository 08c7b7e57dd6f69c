"""glassbox.text.writer: what is written follows from the network's own probabilities, and from the seed, exactly."""

import itertools
from pathlib import Path

import numpy as np
import pytest

from glassbox.text.sampling import SHOWN, Sampling, likeliest
from glassbox.text.tokens import PADDING, UNKNOWN, TextError
from glassbox.text.writer import BOUNDARY, LONGEST, Writer
from glassbox.zoo import text_models as text_zoo
from tests import text_models
from tests.text_models import CHARACTERS, WRITERS, parameters, states


@pytest.fixture(scope="module", params=WRITERS)
def writer(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Writer:
    folder: Path = tmp_path_factory.mktemp("models")
    text_models.write(folder, request.param)
    zoo = text_zoo.load(folder)
    return Writer(zoo.model_bytes(request.param), zoo.writers[request.param])


def expected_logits(writer: Writer, text: str) -> np.ndarray:
    """The logits after BOUNDARY and `text`, by the equations."""
    held = parameters(writer.card.cell, len(CHARACTERS), len(CHARACTERS))
    ids = [CHARACTERS.index(c) if c in CHARACTERS[2:] else UNKNOWN for c in BOUNDARY + text]
    return states(writer.card.cell, held, ids)[0][-1] @ held["head"] + held["head_bias"]


def softmax(x: np.ndarray) -> np.ndarray:
    odds = np.exp(x - x.max())
    return odds / odds.sum()


def written(writer: Writer, prompt: str, length: int, **settings: float) -> str:
    return "".join(one.character for one in writer.write(prompt, length, Sampling(**settings)))


@pytest.mark.parametrize("prompt", ["", "今", "今天电影真好看", "今𠀀天", "ab ", "a  b"])
def test_the_prompt_is_read_as_one_sentence_begun(writer: Writer, prompt: str) -> None:
    np.testing.assert_allclose(writer.start(prompt).logits, expected_logits(writer, prompt), atol=1e-5)


def test_a_prompt_is_read_as_any_text_is(writer: Writer) -> None:
    for typed, read in (("Ａ\u200fＢ", "ab"), ("今\t天", "今 天"), ("今天\n电影", "电影"), ("今\r\n电", "电")):
        np.testing.assert_array_equal(writer.start(typed).logits, writer.start(read).logits)
    for nothing in ("", "今天\n", "  ", "今天\r\n \u3000"):
        np.testing.assert_array_equal(writer.start(nothing).logits, writer.start().logits)


def test_a_step_is_the_prompt_one_character_longer(writer: Writer) -> None:
    moment = writer.start("今天")
    for place, character in enumerate("电影很 a", 1):
        moment = writer.step(moment, character)
        np.testing.assert_allclose(moment.logits, expected_logits(writer, "今天" + "电影很 a"[:place]), atol=1e-5)
    fresh = writer.step(moment, BOUNDARY)
    np.testing.assert_array_equal(fresh.logits, writer.start().logits)


@pytest.mark.parametrize("temperature", [0.1, 0.7, 1.0, 2.0])
@pytest.mark.parametrize("top_k", [None, 1, 4, len(CHARACTERS), 1000])
def test_what_is_expected_is_the_softmax_of_the_likeliest(
    writer: Writer, temperature: float, top_k: int | None
) -> None:
    moment = writer.start("今天")
    logits = moment.logits.astype(float)
    logits[[PADDING, UNKNOWN]] = -np.inf
    order = np.argsort(-logits)
    kept = order[: min(top_k or len(logits), len(logits) - 2)]
    wanted = np.zeros(len(logits))
    wanted[kept] = softmax(logits[kept] / temperature)
    found = Sampling(temperature, top_k).probabilities(moment.logits, writer.never)
    np.testing.assert_allclose(found, wanted, atol=1e-9)
    shown = likeliest(found, CHARACTERS)
    assert [c for c, _ in shown] == [CHARACTERS[i] for i in kept[:SHOWN]]
    assert [p for _, p in shown] == pytest.approx(wanted[kept[:SHOWN]])


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"temperature": 0.0}, "the temperature goes from 0.1 to 2.0, not 0.0"),
        ({"temperature": 2.5}, "not 2.5"),
        ({"temperature": float("nan")}, "not nan"),
        ({"top_k": 0}, "top_k is at least 1, not 0"),
        ({"top_p": 0.0}, "top_p is above 0 and at most 1, not 0.0"),
        ({"top_p": 1.5}, "not 1.5"),
        ({"top_p": float("nan")}, "not nan"),
    ],
)
def test_settings_out_of_range_are_refused(writer: Writer, settings: dict[str, float], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        next(writer.write("今", 5, Sampling(**settings)))


def test_each_character_is_drawn_from_what_was_expected_there(writer: Writer) -> None:
    text, sampling = "今天", Sampling(temperature=0.8, top_k=6, seed=5)
    for place, one in enumerate(writer.write(text, 40, sampling), len(text)):
        expected = sampling.probabilities(writer.start(text).logits, writer.never)
        number = np.random.default_rng([5, place]).random()
        drawn = next(i for i, end in enumerate(itertools.accumulate(expected)) if number < end)
        assert one.character == CHARACTERS[drawn]
        assert one.probability == pytest.approx(expected[drawn], abs=1e-6)
        assert dict(one.alternatives)[one.character] == pytest.approx(one.probability)
        assert sum(p for _, p in one.alternatives) == pytest.approx(1)
        text += one.character


def test_the_same_seed_writes_the_same_and_another_another(writer: Writer) -> None:
    assert written(writer, "今", 60, seed=1) == written(writer, "今", 60, seed=1)
    assert written(writer, "今", 60, seed=1) != written(writer, "今", 60, seed=2)


@pytest.mark.parametrize("stop", [1, 7, 30])
def test_writing_taken_up_again_goes_on_as_it_would_have(writer: Writer, stop: int) -> None:
    whole = written(writer, "今 ", 60, temperature=1.5, seed=9)
    assert BOUNDARY in whole or "  " in whole or " " in whole
    assert whole[stop:] == written(writer, "今 " + whole[:stop], 60 - stop, temperature=1.5, seed=9)


def test_the_share_of_each_character_nears_its_probability(writer: Writer) -> None:
    expected = Sampling().probabilities(writer.start("今天").logits, writer.never)
    first = [next(writer.write("今天", 1, Sampling(seed=seed))).character for seed in range(2000)]
    for place, chance in enumerate(expected):
        assert first.count(CHARACTERS[place]) / 2000 == pytest.approx(chance, abs=0.04)


def test_cold_and_top_1_write_the_likeliest(writer: Writer) -> None:
    text = "今"
    for one in writer.write("今", 20, Sampling(top_k=1, seed=3)):
        logits = expected_logits(writer, text.rpartition(BOUNDARY)[2])
        assert one.character == CHARACTERS[2 + int(logits[2:].argmax())]
        assert (one.probability, one.alternatives) == (1.0, ((one.character, 1.0),))
        text += one.character


def test_stand_ins_are_never_written(writer: Writer) -> None:
    assert not {*CHARACTERS[:2]} & {one.character for one in writer.write("", 500, Sampling(temperature=2.0))}


def test_writing_ends(writer: Writer) -> None:
    assert sum(1 for _ in writer.write("今", LONGEST + 500)) == LONGEST
    assert list(writer.write("今", 0)) == []


@pytest.mark.parametrize(("prompt", "code"), [("今" * (LONGEST + 1), "too_long"), ("a\x1b[2J", "control")])
def test_a_prompt_that_cannot_be_read_says_why(writer: Writer, prompt: str, code: str) -> None:
    with pytest.raises(TextError) as caught:
        next(writer.write(prompt))
    assert caught.value.code == code
