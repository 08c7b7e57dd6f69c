"""The interval of a share against published values."""

import pytest
from scipy import stats

from glassbox.intervals import wilson_interval


@pytest.mark.parametrize(
    ("successes", "count", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_is_wilsons(successes: int, count: int, low: float, high: float) -> None:
    """Newcombe, "Two-sided confidence intervals for the single proportion", 1998, table I, method 3."""
    assert wilson_interval(successes, count) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize("count", [1, 7, 1000])
def test_the_interval_is_scipys(count: int) -> None:
    for successes in {0, 1, count // 3, count - 1, count}:
        interval = stats.binomtest(successes, count).proportion_ci(0.95, method="wilson")
        assert wilson_interval(successes, count) == pytest.approx((interval.low, interval.high), abs=1e-15, rel=1e-12)


@pytest.mark.parametrize(("successes", "count"), [(1, 0), (0, 0), (-1, 5), (6, 5)])
def test_what_is_no_share_is_refused(successes: int, count: int) -> None:
    with pytest.raises(ValueError, match=f"{successes} of {count}"):
        wilson_interval(successes, count)


def test_the_ends_never_leave_what_a_share_may_be() -> None:
    assert wilson_interval(0, 7)[0] == 0 and wilson_interval(7, 7)[1] == 1
