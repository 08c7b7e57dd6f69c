"""The ninths of a map: what they hold, and that nothing is lost between them."""

import numpy as np
import pytest

from glassbox.explain.attribution.zones import zones


def test_the_largest_comes_first_and_is_where_it_is():
    attribution = np.zeros((28, 28))
    attribution[0:3, 20:25] = 2.0  # upper right
    attribution[27, 0] = -5.0  # lower left
    first, *_, last = zones(attribution)
    assert (first.row, first.column, first.amount) == (0, 2, 30.0)
    assert (last.row, last.column, last.amount) == (2, 0, -5.0)


@pytest.mark.parametrize("shape", [(28, 28), (3, 3), (10, 7)])
def test_the_parts_add_up_to_the_map(shape: tuple[int, int]):
    attribution = np.random.default_rng(0).normal(size=shape)
    parts = zones(attribution)
    assert len({(zone.row, zone.column) for zone in parts}) == 9
    assert sum(zone.amount for zone in parts) == pytest.approx(attribution.sum())
