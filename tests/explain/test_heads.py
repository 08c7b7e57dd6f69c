"""The scores of attention patterns: patterns made by hand, and a count position by position."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from glassbox.explain.heads import head_scores, uniform_scores

TWICE = np.array([[5, 8, 2, 9, 5, 8, 2, 9]])  # a sequence and its repetition, as in Olsson et al.


def looking_back(steps: int, back: int) -> NDArray[np.float64]:
    """A head that attends `back` positions back; where there is none, to the first."""
    pattern = np.zeros((steps, steps))
    for position in range(steps):
        pattern[position, max(position - back, 0)] = 1
    return pattern


@pytest.mark.parametrize(("back", "name"), [(1, "previous_token"), (4, "same_token"), (3, "induction")])
def test_head_that_does_one_thing_alone_scores_1_for_it_and_0_else(back: int, name: str) -> None:
    scores = head_scores(looking_back(8, back)[None, None], TWICE)
    found = {kind: getattr(scores, kind).item() for kind in ("previous_token", "same_token", "induction")}
    assert found.pop(name) == 1
    # Its second position has only the first to look at, which is its previous one: 1 of 7 such.
    assert found == {kind: pytest.approx(1 / 7) if kind == "previous_token" else 0 for kind in found}


def test_heads_are_scored_apart_over_all_texts() -> None:
    half = (looking_back(8, 3) + looking_back(8, 4)) / 2
    attention = np.stack([[looking_back(8, 3), half], [looking_back(8, 4), half]])
    scores = head_scores(attention.astype(np.float32), np.repeat(TWICE, 2, axis=0))
    np.testing.assert_allclose(scores.induction, [0.5, 0.5])
    np.testing.assert_allclose(scores.same_token, [0.5, 0.5])


def test_text_without_repetition_has_no_score_for_it() -> None:
    scores = head_scores(looking_back(4, 1)[None, None], np.array([[1, 2, 3, 4]]))
    assert scores.previous_token == 1
    assert np.isnan([scores.same_token, scores.induction]).all()


def test_uniform_head_pays_each_its_share() -> None:
    scores = uniform_scores(np.array([[7, 7, 3]]))
    assert scores.previous_token == pytest.approx((1 / 2 + 1 / 3) / 2)
    assert scores.same_token == pytest.approx(1 / 2)  # the second 7 sees the first, half of its attention
    assert np.isnan(scores.induction)  # what follows the first 7 is the second 7, which is not before itself


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.lists(st.lists(st.integers(0, 3), min_size=7, max_size=7), min_size=1, max_size=3), st.integers(0, 99))
def test_scores_are_those_counted_position_by_position(texts: list[list[int]], seed: int) -> None:
    attention = np.random.default_rng(seed).random((len(texts), 2, 7, 7))
    scores = head_scores(attention, np.array(texts))
    for head in range(2):
        paid: dict[str, list[float]] = {"previous_token": [], "same_token": [], "induction": []}
        for text, patterns in zip(texts, attention, strict=True):
            for reader, row in enumerate(patterns[head]):
                places = {
                    "previous_token": [reader - 1] if reader else [],
                    "same_token": [place for place in range(reader) if text[place] == text[reader]],
                    "induction": [place + 1 for place in range(reader - 1) if text[place] == text[reader]],
                }
                for kind, found in places.items():
                    paid[kind] += [sum(row[place] for place in found)] if found else []
        for kind, shares in paid.items():
            np.testing.assert_allclose(getattr(scores, kind)[head], np.mean(shares) if shares else np.nan)


@pytest.mark.parametrize("shape", [(1, 2, 4, 5), (2, 2, 4, 4), (2, 4, 4)])
def test_pattern_of_another_shape_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"is not \(N, H, T, T\)"):
        head_scores(np.zeros(shape), np.zeros((1, 4), int))
