"""glassbox.text.sampling: which tokens may come, with what probability, and what is written where some are given."""

import itertools
from collections import Counter
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from glassbox.text.sampling import AS_LEARNED, Sampling, WrittenCharacter, likeliest, written
from glassbox.text.tokens import Vocabulary
from tests.gradients import few

WORDS = Vocabulary("character", ("<padding>", "<unknown>", *"abcde"))
scores = st.lists(st.floats(-8, 8, width=32), min_size=3, max_size=12).map(lambda cells: np.array(cells, np.float32))


@dataclass(frozen=True)
class Seen:
    """The state of `Counting`: what it has read."""

    text: str = ""

    @property
    def logits(self) -> NDArray[np.float32]:
        return np.random.default_rng([len(self.text), *map(ord, self.text)]).normal(size=len(WORDS)).astype(np.float32)


class Counting:
    """A model whose logits are random numbers that depend on the whole text."""

    vocabulary = WORDS
    never = (0, 1)

    def step(self, state: Seen, character: str) -> Seen:
        return Seen(state.text + character)


def nucleus(probabilities: NDArray[np.float64], p: float) -> dict[int, float]:
    """The least many of the likeliest that reach p together, one after the other, by their shares."""
    kept: dict[int, float] = {}
    for place in sorted(range(len(probabilities)), key=lambda i: -probabilities[i]):
        kept[place] = float(probabilities[place])
        if sum(kept.values()) >= p:
            break
    return {place: share / sum(kept.values()) for place, share in kept.items()}


@given(scores, st.floats(0.2, 2.0), st.integers(1, 14) | st.none(), st.floats(0.05, 0.99))
@few
def test_top_p_keeps_the_least_many_that_reach_it(
    logits: NDArray[np.float32], temperature: float, top_k: int | None, top_p: float
) -> None:
    before = Sampling(temperature, top_k).probabilities(logits)
    expected = nucleus(before, top_p)
    possible = before[before > 0]
    assume(len(set(possible)) == len(possible))  # of equal ones either may be kept
    assume(np.abs(np.cumsum(np.sort(possible)[::-1]) - top_p).min() > 1e-9)  # there the last bit decides
    found = Sampling(temperature, top_k, top_p).probabilities(logits)
    assert dict(enumerate(found)) == pytest.approx({i: expected.get(i, 0.0) for i in range(len(found))}, abs=1e-12)


def test_top_p_of_1_keeps_all_and_a_tiny_one_the_likeliest() -> None:
    logits = np.array([0.0, 3.0, -2.0, 1.0], np.float32)
    np.testing.assert_allclose(Sampling(top_p=1.0).probabilities(logits), AS_LEARNED.probabilities(logits))
    assert Sampling(top_p=1e-9).probabilities(logits).tolist() == [0, 1, 0, 0]


def test_what_is_never_written_has_no_probability_and_no_place_among_the_top() -> None:
    found = Sampling(top_k=2).probabilities(np.array([9, 8, 1, 0, 2], np.float32), never=(0, 1))
    odds = np.exp([1.0, 2.0])
    np.testing.assert_allclose(found, [0, 0, odds[0] / odds.sum(), 0, odds[1] / odds.sum()])


def test_the_share_of_each_draw_nears_its_probability() -> None:
    wanted = np.array([0.5, 0.0, 0.2, 0.3])
    drawn = Counter(Sampling(seed=seed).draw(wanted, 7) for seed in range(3000))
    for place, chance in enumerate(wanted):
        assert drawn[place] / 3000 == pytest.approx(chance, abs=0.03)


def test_a_draw_depends_on_seed_and_position() -> None:
    even = np.full(100, 0.01)
    assert Sampling(seed=3).draw(even, 5) == Sampling(0.5, 4, seed=3).draw(even, 5)
    drawn = {Sampling(seed=seed).draw(even, position) for seed in range(5) for position in range(5)}
    assert len(drawn) > 15


def test_the_likeliest_are_in_order_and_possible() -> None:
    assert likeliest(np.array([0.2, 0.0, 0.5, 0.3]), "abcd") == (("c", 0.5), ("d", 0.3), ("a", 0.2))
    assert likeliest(np.array([0.2, 0.0, 0.5, 0.3]), "abcd", count=1) == (("c", 0.5),)


def test_what_is_given_is_written_and_read_and_what_follows_is_drawn_from_it() -> None:
    sampling = Sampling(seed=5)
    free = list(itertools.islice(written(Counting(), Seen(), sampling), 12))
    other = next(c for c in "abcde" if c != free[4].character)
    bound = list(itertools.islice(written(Counting(), Seen(), sampling, given={free_text(free, 4): other}.get), 12))
    assert [one.character for one in bound[:5]] == [*(one.character for one in free[:4]), other]
    assert [one.given for one in bound] == [place == 4 for place in range(12)]
    assert bound[4].alternatives == free[4].alternatives
    assert bound[4].probability == dict(free[4].alternatives)[other]
    text = free_text(bound, 5)
    rest = itertools.islice(written(Counting(), Seen(text), sampling, before=5), 7)
    assert list(rest) == bound[5:]


def free_text(characters: list[WrittenCharacter], count: int) -> str:
    return "".join(one.character for one in characters[:count])


def test_a_given_character_that_could_not_come_has_no_probability() -> None:
    for character in ("x", "<padding>"):
        (one,) = itertools.islice(written(Counting(), Seen(), AS_LEARNED, given=lambda text, c=character: c), 1)
        assert (one.character, one.probability, one.given) == (character, 0.0, True)
