"""The 95 % interval of a share."""


def wilson_interval(successes: int, count: int) -> tuple[float, float]:
    """Return the lower and upper end of the 95 % interval of a share of `successes` among `count` (Wilson, 1927)."""
    from scipy import stats  # half a second, which only this needs

    interval = stats.binomtest(successes, count).proportion_ci(0.95, method="wilson")
    return float(interval.low), float(interval.high)
