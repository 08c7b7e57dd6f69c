"""The Square attack: a network is fooled by its scores alone, without any gradient.

It is the check on the attacks by gradient: a network whose gradients mislead, because they vanish or point nowhere,
resists those and not this one. Andriushchenko et al., 2020, https://arxiv.org/abs/1912.00049
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from glassbox.explain.attribution.methods import SIDE, Network, Picture
from glassbox.trust.attacks.adversarial import Labels, margins, within

QUERIES = 2_000
SHARE = 0.8
"""Of the pixels, in the first square."""
HALVED = (0.001, 0.005, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8)
"""The parts of the queries after which the squares have half as many pixels: the authors' schedule."""


def square(
    network: Network,
    pictures: Picture,
    labels: Labels,
    epsilon: float,
    queries: int = QUERIES,
    seed: int = 0,
    start: Picture | None = None,
) -> NDArray[np.float32]:
    """Return `pictures` (n, 28, 28) with the changes of size epsilon that made the margin smallest, found by chance.

    The first change is upright stripes, up or down by epsilon at random, or `start`: pictures no further than epsilon
    away. Then in each query one square of each picture goes up or down by epsilon, and stays so where the margin
    shrinks. Pictures that are misread are left as they are.
    """
    rng = np.random.default_rng(seed)
    if start is None:
        changes = epsilon * rng.choice((-1.0, 1.0), (len(pictures), 1, SIDE)).repeat(SIDE, 1)
    else:
        changes = start.astype(np.float64) - pictures
    found = within(pictures + changes, pictures, epsilon)
    least = margins(network.scores(found), labels)
    for query in range(1, queries):
        left = np.flatnonzero(least >= 0)
        if not len(left):
            break
        tried = changes[left]
        _draw_squares(tried, side_at(query / queries), epsilon, rng)
        made = within(pictures[left] + tried, pictures[left], epsilon)
        reached = margins(network.scores(made), labels[left])
        better = reached < least[left]
        places = left[better]
        changes[places], found[places], least[places] = tried[better], made[better], reached[better]
    return found


def side_at(part: float) -> int:
    """Return the side of the squares, in pixels, when the `part` of all queries has been asked."""
    share = SHARE / 2 ** sum(part > halved for halved in HALVED)
    return max(1, round(float(np.sqrt(share) * SIDE)))


def _draw_squares(changes: NDArray[np.float64], side: int, epsilon: float, rng: np.random.Generator) -> None:
    """Set one square of each of `changes` (n, 28, 28), at random places, to epsilon or -epsilon."""
    rows, columns = rng.integers(0, SIDE - side + 1, (2, len(changes)))
    signs = rng.choice((-epsilon, epsilon), len(changes))
    for change, row, column, sign in zip(changes, rows, columns, signs, strict=True):
        change[row : row + side, column : column + side] = sign
