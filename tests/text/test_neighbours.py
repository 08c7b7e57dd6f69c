"""glassbox.text.neighbours: the units that are on, and where else they are on, counted one by one."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassbox.text import neighbours
from glassbox.text.neighbours import Corpus, Match, active_pattern, corpus
from glassbox.text.reader import TextReader
from glassbox.zoo import text_models as text_zoo
from tests import text_models

NAME = "text_zh_lstm"
TEXTS = ["今天电影真好看", "", "去哪里吃饭", "𠀀𠀁", "看", "今天去哪里看电影,真好看", "a" * 501]


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> TextReader:
    folder: Path = tmp_path_factory.mktemp("models")
    text_models.write(folder, NAME)
    return TextReader(text_zoo.load(folder))


@pytest.fixture(scope="module")
def texts(reader: TextReader) -> Corpus:
    return corpus(reader, NAME, TEXTS)


def test_texts_that_cannot_be_read_are_left_out_with_their_reason(texts: Corpus) -> None:
    assert texts.rows == (0, 2, 4, 5)
    assert texts.texts == tuple(TEXTS[place] for place in texts.rows)
    assert texts.left_out == {1: "empty", 3: "unknown_only", 6: "too_long"}
    assert [len(tokens) for tokens in texts.tokens] == [7, 5, 1, 12]


def test_units_are_excited_on_their_side_all_through_the_stretch() -> None:
    states = np.array(
        [
            [0.9, 0.5, -0.5, 0.1, 0.8],
            [0.6, 0.5, -0.9, 0.9, -0.8],
            [0.7, 0.3, -0.5, 0.9, 0.8],
            [0.8, 0.0, 0.0, 0.9, 0.0],
        ]
    )
    assert active_pattern(states, 0, 1, 0.5).tolist() == [1, 1, -1, 0, 0]
    assert active_pattern(states, 0, 2, 0.5).tolist() == [1, 0, -1, 0, 0]
    assert active_pattern(states, 1, 1, 0.85).tolist() == [0, 0, -1, 1, 0]
    assert active_pattern(states, 0, 2, 0.5, alone=True).tolist() == [0, 0, -1, 0, 0]  # unit 0 stays on behind it
    assert active_pattern(states, 3, 3, 0.5, alone=True).tolist() == [0, 0, 0, 0, 0]
    assert active_pattern(states, 0, 3, 0.95).tolist() == [0] * 5


@pytest.mark.parametrize(("first", "last"), [(-1, 0), (2, 1), (0, 4)])
def test_a_stretch_lies_in_the_text(first: int, last: int) -> None:
    with pytest.raises(ValueError, match=f"no tokens {first} to {last}; it has 4"):
        active_pattern(np.zeros((4, 2)), first, last)


@pytest.mark.parametrize("threshold", [0.0, -0.5, float("nan")])
def test_the_threshold_is_above_zero(threshold: float) -> None:
    with pytest.raises(ValueError, match="the threshold is above 0"):
        active_pattern(np.zeros((4, 2)), 0, 1, threshold)


def by_hand(reader: TextReader, pattern: np.ndarray, text: str, length: int, threshold: float) -> tuple[int, float]:
    """The first best stretch of one text and its share, counted one by one."""
    states = reader.read(text, [NAME])[NAME].states.astype(np.float16)
    wide = min(length, len(states))
    found = []
    for start in range(len(states) - wide + 1):
        on = [
            sum(pattern[unit] and float(pattern[unit] * row[unit]) >= float(np.float16(threshold)) for unit in range(6))
            for row in states[start : start + wide]
        ]
        found.append(sum(on) / wide / np.abs(pattern).sum())
    best = max(range(len(found)), key=lambda start: (round(found[start], 9), -start))
    return best, found[best]


@settings(derandomize=True, deadline=None, max_examples=60)
@given(
    pattern=st.lists(st.sampled_from([-1, 0, 1]), min_size=6, max_size=6).filter(any),
    length=st.integers(1, 9),
    threshold=st.floats(0.05, 0.9),
)
def test_the_best_stretches_are_found_in_order(
    reader: TextReader, texts: Corpus, pattern: list[int], length: int, threshold: float
) -> None:
    units = np.array(pattern, np.int8)
    found = texts.nearest(units, length, threshold, count=10)
    assert sorted(match.index for match in found) == [0, 1, 2, 3]
    for match in found:
        text = texts.texts[match.index]
        first, share = by_hand(reader, units, text, length, threshold)
        assert match.share == pytest.approx(share, abs=1e-6)
        assert (match.first, match.last) == (first, first + min(length, len(text)) - 1)
    keys = [(-round(match.share, 9), match.index) for match in found]
    assert keys == sorted(keys)
    assert texts.nearest(units, length, threshold, count=2) == found[:2]


def test_a_stretch_finds_itself_first(reader: TextReader, texts: Corpus) -> None:
    states = reader.read(TEXTS[5], [NAME])[NAME].states
    pattern = active_pattern(states, 3, 4, 0.2)
    assert np.abs(pattern).sum() >= 2
    own = next(match for match in texts.nearest(pattern, 2, 0.2, 4) if match.index == 3)
    assert own.share == 1.0
    edge = float(np.abs(states[4]).max())  # kept with fewer digits, it still matches there
    (match,) = [m for m in texts.nearest(active_pattern(states, 4, 4, edge), 1, edge, 4) if m.index == 3]
    assert match.share == 1.0
    assert texts.nearest(pattern, 2, 0.2, 4)[0].share == 1.0


def test_nothing_is_like_an_empty_pattern(texts: Corpus) -> None:
    assert texts.nearest(np.zeros(6, np.int8), 3, 0.4, 5) == ()


def test_of_too_many_texts_the_first_are_kept(reader: TextReader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbours, "MAX_TEXTS", 3)
    kept = corpus(reader, NAME, ["今天", "天", "看看", "好", "饭"])
    assert (kept.rows, kept.left_out) == ((0, 1, 2), {3: "limit", 4: "limit"})
    monkeypatch.setattr(neighbours, "MAX_TOKENS", 4)
    kept = corpus(reader, NAME, ["今天", "天天天", "看看", "好"])
    assert (kept.rows, kept.left_out) == ((0, 2), {1: "limit", 3: "limit"})


def test_two_thousand_texts_are_taken_and_no_more(reader: TextReader) -> None:
    kept = corpus(reader, NAME, ["今天去哪里吃饭"[: 1 + place % 7] for place in range(2_003)])
    assert len(kept.texts) == 2_000
    assert list(kept.left_out) == [2_000, 2_001, 2_002]
    pattern = active_pattern(reader.read("今天", [NAME])[NAME].states, 1, 1, 0.1)
    assert kept.nearest(pattern, 1, 0.1, 1)[0].share == 1.0
    assert isinstance(kept.nearest(pattern, 1, 0.1, 1)[0], Match)


def test_no_readable_text_is_an_error(reader: TextReader) -> None:
    with pytest.raises(ValueError, match="not one of these texts can be read"):
        corpus(reader, NAME, ["", "𠀀"])
