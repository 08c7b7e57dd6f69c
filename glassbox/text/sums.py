"""Sums of two whole numbers as the network `addition` reads and writes them: the digits of each from right to left.

123 + 456 = 579 is 321+654=9750. So written, each digit of the sum needs only digits and a carry that are known by then.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

DIGITS = 3
"""Of each number, zeros in front included; the sum has one more."""
SYMBOLS = (*"0123456789", "+", "=")
MOST = 10**DIGITS - 1
ASKED = 2 * DIGITS + 2
"""Symbols that are given, "=" the last of them."""
LENGTH = ASKED + DIGITS + 1
"""Symbols of a sum, of which all but the last are read."""
HELD_OUT = 0.1
"""Share of all sums that the network does not learn from."""


def written(a: int, b: int) -> str:
    """Return the sum of `a` and `b` as the network reads it. Raises ValueError for a number that is out of range."""
    for number in (a, b):
        if not 0 <= number <= MOST:
            raise ValueError(f"the network adds numbers from 0 to {MOST}; got {number}")
    return f"{a:0{DIGITS}}"[::-1] + "+" + f"{b:0{DIGITS}}"[::-1] + "=" + f"{a + b:0{DIGITS + 1}}"[::-1]


def encoded(a: NDArray[np.integer], b: NDArray[np.integer], ids: Sequence[int]) -> NDArray[np.int64]:
    """Return the sums of `a` and `b`, (n,) each, with `ids` for SYMBOLS, (n, LENGTH)."""
    plus, equals = (np.full(len(a), 10 + i) for i in range(2))
    places = [*_digits(a, DIGITS), plus, *_digits(b, DIGITS), equals, *_digits(np.add(a, b), DIGITS + 1)]
    found: NDArray[np.int64] = np.asarray(ids, np.int64)[np.stack(places, axis=1)]
    return found


def carries(a: NDArray[np.integer], b: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Return whether each place of the sum takes a carry from the place right of it, (n, DIGITS + 1), from the ones on,
    which never do."""
    below = 10 ** np.arange(DIGITS + 1)
    taken: NDArray[np.bool_] = np.asarray(a)[:, None] % below + np.asarray(b)[:, None] % below >= below
    return taken & (below > 1)


def _digits(numbers: NDArray[np.integer], count: int) -> list[NDArray[np.integer]]:
    """The last `count` digits, from right to left."""
    return [numbers // 10**place % 10 for place in range(count)]


def split(seed: int, share: float = HELD_OUT) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return all pairs of numbers in two parts, (n, 2) each: a `share` that is held out, and those to learn from.

    A pair and the same the other way round are in one part. Each part is in a random order.
    """
    rng = np.random.default_rng(seed)
    pairs = np.stack(np.triu_indices(MOST + 1), axis=1)
    order = np.arange(len(pairs))
    rng.shuffle(order)  # faster than to shuffle the pairs
    held_out, learned = np.split(pairs[order], [round(share * len(pairs))])
    parts = [np.concatenate([part, part[part[:, 0] != part[:, 1], ::-1]]) for part in (held_out, learned)]
    return rng.permutation(parts[0]), rng.permutation(parts[1])


def with_other_carry(a: int, b: int, place: int) -> tuple[int, int]:
    """Return two numbers whose sum takes a carry at `place` if that of `a` and `b` does not, and the other way round.

    Only their digits right of the place differ, as few of them as can be, that of `b` first, and by as little as can
    be; so the sum's digit there differs by the carry alone. Raises ValueError for a place that takes no carry.
    """
    if not 1 <= place <= DIGITS:
        raise ValueError(f"the places 1 to {DIGITS} may take a carry, counted from the right and from 0; got {place}")
    unit, taken = 10 ** (place - 1), _carry(a, b, place)
    digits = [number // unit % 10 for number in (a, b)]
    pairs = [(a + (c - digits[0]) * unit, b + (d - digits[1]) * unit) for c in range(10) for d in range(10)]
    turned = [(c, d) for c, d in pairs if _carry(c, d, place) != taken]
    return min(turned, key=lambda pair: ((pair[0] != a) + (pair[1] != b), pair[0] != a, abs(sum(pair) - a - b)))


def _carry(a: int, b: int, place: int) -> bool:
    unit: int = 10**place
    return a % unit + b % unit >= unit
