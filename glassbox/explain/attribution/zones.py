"""An attribution in words: which ninth of the picture speaks most for a label, and which most against it."""

from typing import NamedTuple

import numpy as np

from glassbox.explain.attribution.methods import Map

THIRDS = 3


class Zone(NamedTuple):
    """One of 3 x 3 equal parts of a picture, `row` and `column` counted from 0, and the sum of a map over it."""

    row: int
    column: int
    amount: float


def zones(attribution: Map) -> list[Zone]:
    """Return the nine parts of a map (h, w) with their sums, the largest first; together they are the map's sum."""
    bands = [np.array_split(band, THIRDS, axis=1) for band in np.array_split(attribution, THIRDS, axis=0)]
    found = [Zone(r, c, float(bands[r][c].sum())) for r in range(THIRDS) for c in range(THIRDS)]
    return sorted(found, key=lambda zone: -zone.amount)
