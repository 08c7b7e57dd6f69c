"""Sequences of random letters that begin again: what the network `induction` learned from.

A period of distinct letters is drawn and repeated to the network's full length. Nothing but the repetition tells which
letter comes next: in the first period none can be known, from the second on all can.
"""

import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
LENGTH = 25
"""Letters in a sequence, of which all but the last are read."""
SHORTEST, LONGEST = 4, 11
"""Letters in a period."""


def repeated(period: Sequence[int] | NDArray[np.int64], length: int = LENGTH) -> NDArray[np.int64]:
    """Return `period` again and again, (length,)."""
    return np.resize(np.asarray(period, np.int64), length)


def random(
    rng: np.random.Generator, count: int, letters: Sequence[int], held_out: bool = False
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return `count` sequences of the ids `letters`, (count, LENGTH), and the length of each one's period, (count,).

    They are of those to learn from or, where `held_out`, of those that are held out: an eighth, the same in each run.
    """
    drawn = [_period(rng, letters, held_out) for _ in range(count)]
    ids = np.array([repeated(period) for period in drawn], np.int64).reshape(count, LENGTH)
    return ids, np.array([len(period) for period in drawn], np.int64)


def _period(rng: np.random.Generator, letters: Sequence[int], held_out: bool) -> NDArray[np.int64]:
    """Distinct letters in a random order, drawn again until they are on the right side."""
    while True:
        period = rng.permutation(letters)[: rng.integers(SHORTEST, LONGEST + 1)].astype(np.int64)
        if (zlib.crc32(period.tobytes()) % 8 == 0) == held_out:
            return period


def foreseeable(periods: NDArray[np.integer], length: int = LENGTH) -> NDArray[np.bool_]:
    """Return which next letters the repetition tells, (count, length - 1): all but the first one of the second
    period from there on: that a period is over shows once it has begun again."""
    return np.arange(1, length) > periods[:, None]
