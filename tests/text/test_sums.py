"""Sums as the network reads them: against Python's own arithmetic."""

import itertools

import numpy as np
import pytest

from glassbox.text import sums

RNG = np.random.default_rng(1)
A, B = RNG.integers(0, 1000, (2, 300))


def test_the_digits_stand_from_right_to_left() -> None:
    assert sums.written(123, 456) == "321+654=9750"
    assert sums.written(7, 995) == "700+599=2001"


def test_ids_are_those_of_what_is_written() -> None:
    ids = [symbol + 5 for symbol in range(len(sums.SYMBOLS))]
    for row, a, b in zip(sums.encoded(A, B, ids), A.tolist(), B.tolist(), strict=True):
        assert "".join(sums.SYMBOLS[number - 5] for number in row) == sums.written(a, b)
        assert len(row) == sums.LENGTH


def test_a_place_takes_a_carry_where_the_digits_right_of_it_make_more_than_nine() -> None:
    for row, a, b in zip(sums.carries(A, B).tolist(), A.tolist(), B.tolist(), strict=True):
        assert row == [False, *(a % 10**n + b % 10**n >= 10**n for n in (1, 2, 3))]
    assert sums.carries(np.array([5]), np.array([5])).tolist() == [[False, True, False, False]]
    assert sums.carries(np.array([995]), np.array([5])).tolist() == [[False, True, True, True]]


@pytest.mark.parametrize("numbers", [(-1, 5), (5, 1000), (10**30, 1)])
def test_other_numbers_are_refused(numbers: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="from 0 to 999"):
        sums.written(*numbers)


def test_the_two_parts_are_all_pairs_and_share_none_either_way_round() -> None:
    held_out, learned = sums.split(3)
    assert len(held_out) + len(learned) == 10**6
    codes = [set((part[:, 0] * 1000 + part[:, 1]).tolist()) for part in (held_out, learned)]
    turned = set((held_out[:, 1] * 1000 + held_out[:, 0]).tolist())
    assert len(codes[0] | codes[1]) == 10**6 and codes[0] == turned
    assert len(held_out) / 10**6 == pytest.approx(sums.HELD_OUT, rel=1e-2)
    assert (sums.split(3)[0] == held_out).all() and (sums.split(4)[0][:9] != held_out[:9]).any()


def test_the_shipped_network_never_learned_from_what_it_is_measured_on() -> None:
    """What its training held out is what is held out now, in the same order: 2026 is its seed."""
    assert sums.split(2026)[0][:4].tolist() == [[11, 902], [637, 201], [537, 590], [937, 401]]


@pytest.mark.parametrize("place", [1, 2, 3])
def test_the_other_sum_differs_in_the_carry_alone(place: int) -> None:
    for a, b in [(25, 4), (25, 7), (0, 0), (999, 999), (500, 400), *zip(A[:60].tolist(), B[:60].tolist(), strict=True)]:
        other = sums.with_other_carry(a, b, place)
        assert all(0 <= number <= sums.MOST for number in other)
        for before, after in zip((a, b), other, strict=True):
            assert before // 10**place == after // 10**place
            assert before % 10 ** (place - 1) == after % 10 ** (place - 1)
        pair = np.array([[a, other[0]], [b, other[1]]])
        carry, turned = sums.carries(*pair)[:, place]
        assert carry != turned
        digits = [(one + two) // 10**place % 10 for one, two in zip(*pair.tolist(), strict=True)]
        assert (digits[0] - digits[1]) % 10 in (1, 9)


def test_the_other_sum_changes_as_little_as_it_can() -> None:
    assert sums.with_other_carry(25, 7, 1) == (25, 4)
    assert sums.with_other_carry(25, 4, 1) == (25, 5)
    for a, b in itertools.product(range(10), repeat=2):
        x, y = sums.with_other_carry(a, b, 1)
        changes = (a != x) + (b != y)
        fewer = [(c, d) for c, d in itertools.product(range(10), repeat=2) if (c + d > 9) != (a + b > 9)]
        assert changes == min((a != c) + (b != d) for c, d in fewer)


@pytest.mark.parametrize("place", [0, 4, -1])
def test_a_place_that_takes_no_carry_is_refused(place: int) -> None:
    with pytest.raises(ValueError, match="places 1 to 3"):
        sums.with_other_carry(1, 2, place)
