"""Ranks against SciPy's."""

import numpy as np
import pytest
from scipy import stats

from glassbox.ranks import mid_ranks


@pytest.mark.parametrize("ties", [1, 3, 50, 10_000])
def test_ranks_are_scipys(ties: int) -> None:
    values = np.random.default_rng(ties).integers(-ties, ties, 300) / 7
    assert mid_ranks(values).tolist() == stats.rankdata(values).tolist()


def test_ranks_of_none_and_of_one() -> None:
    assert mid_ranks(np.array([])).tolist() == [] and mid_ranks(np.array([4.0])).tolist() == [1.0]
