"""The median time of a few runs, by runs whose times are given."""

import numpy as np
import pytest

from glassbox.engine.session import Run
from glassbox.engine.timing import LIMIT, timed


@pytest.mark.parametrize(
    ("seconds", "runs", "made", "median"),
    [
        ([9.0, 1.0, 2.0, 1.5, 1.0], 5, 3, 2.0),  # far beyond the limit: the fewest
        ([LIMIT / 2, 1e-5, 2e-5, 4e-5, 3e-5], 5, 5, 3e-5),  # slow at first, yet within the limit
        ([LIMIT / 4, LIMIT / 4, LIMIT / 4, LIMIT / 2, 1e-5], 5, 4, LIMIT / 4),  # the limit is reached after four
        ([3e-5, 1e-5, 2e-5], 3, 3, 2e-5),
    ],
)
def test_the_median_of_a_few_runs(seconds: list[float], runs: int, made: int, median: float) -> None:
    results = [Run({"y": np.array([i])}, taken, "cpu") for i, taken in enumerate(seconds)]
    waiting = iter(results)
    found = timed(lambda: next(waiting), runs)
    assert (found.runs, found.seconds, found.provider) == (made, median, "cpu")
    assert found.outputs["y"].tolist() == [0] and len(list(waiting)) == len(seconds) - made
