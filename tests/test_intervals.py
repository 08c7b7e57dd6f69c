"""The interval of a share against published values."""

import pytest

from glassbox.intervals import wilson_interval


@pytest.mark.parametrize(
    ("successes", "count", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_is_wilsons(successes: int, count: int, low: float, high: float) -> None:
    """Newcombe, "Two-sided confidence intervals for the single proportion", 1998, table I, method 3."""
    assert wilson_interval(successes, count) == pytest.approx((low, high), abs=5e-5)


def test_the_ends_never_leave_what_a_share_may_be() -> None:
    assert wilson_interval(0, 7)[0] == 0 and wilson_interval(7, 7)[1] == 1
