"""Sequences that repeat themselves: their form, and which letters the repetition tells."""

import itertools

import numpy as np

from glassbox.text import repetition
from glassbox.text.repetition import LENGTH, LETTERS, LONGEST, SHORTEST


def test_a_sequence_is_its_period_again_and_again() -> None:
    ids, periods = repetition.random(np.random.default_rng(3), 200, range(2, 28))
    assert ids.shape == (200, LENGTH) and set(periods) == set(range(SHORTEST, LONGEST + 1))
    assert ids.min() == 2 and ids.max() == 27
    for row, period in zip(ids.tolist(), periods.tolist(), strict=True):
        assert len(set(row[:period])) == period
        assert row[period:] == row[: LENGTH - period] and len(row) == LENGTH
    assert repetition.repeated([5, 7, 6], 8).tolist() == [5, 7, 6, 5, 7, 6, 5, 7]


def test_what_the_repetition_tells_is_what_someone_who_looks_back_knows() -> None:
    """Whoever has seen the letter in front before says what followed it then."""
    ids, periods = repetition.random(np.random.default_rng(4), 50, range(len(LETTERS)))
    told = repetition.foreseeable(periods)
    for row, counted in zip(ids.tolist(), told, strict=True):
        for t in range(LENGTH - 1):
            seen = row[t] in row[:t]
            assert counted[t] == seen
            if seen:
                assert row[t + 1] == row[row.index(row[t]) + 1]


def test_the_same_seed_gives_the_same_sequences() -> None:
    one, other, third = (repetition.random(np.random.default_rng(seed), 9, range(26))[0] for seed in (5, 5, 6))
    assert (one == other).all() and (one != third).any()


def test_no_sequence_is_both_learned_from_and_held_out() -> None:
    rng = np.random.default_rng(7)
    sides = []
    for side in (False, True):
        ids, periods = repetition.random(rng, 400, range(SHORTEST), side)
        sides.append({tuple(row[:period].tolist()) for row, period in zip(ids, periods, strict=True)})
    learned, held_out = sides
    assert learned and held_out and not learned & held_out
    assert learned | held_out == set(itertools.permutations(range(SHORTEST)))
