"""Fits of growth against NumPy's own, and against tables of Student's t."""

import math
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassbox.history.growth import decimal_year, fit_growth


@pytest.mark.parametrize(
    ("freedom", "quantile"),
    [(1, 12.7062), (2, 4.3027), (3, 3.1824), (5, 2.5706), (10, 2.2281), (30, 2.0423), (120, 1.9799), (1000, 1.9623)],
)
def test_student_t_is_the_tables(freedom: int, quantile: float) -> None:
    """NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2, upper 2.5 %."""
    rng = np.random.default_rng(freedom)
    made = fit_growth(range(freedom + 2), rng.uniform(1, 2, freedom + 2).tolist())
    assert made.quantile == pytest.approx(quantile, abs=6e-5)


POINTS = st.lists(
    st.tuples(st.integers(0, 7500).map(lambda n: 1950 + n / 100), st.floats(-3, 27)), min_size=4, max_size=40
).filter(lambda points: np.ptp([x for x, _ in points]) > 1)


@settings(deadline=None, derandomize=True, max_examples=60)
@given(POINTS)
def test_fit_and_its_errors_are_numpys(points: list[tuple[float, float]]) -> None:
    years, logs = np.array(points).T
    made = fit_growth(years.tolist(), (10**logs).tolist())
    centred = years - years.mean()
    (slope, level), covariance = np.polyfit(centred, logs, 1, cov=True)
    assert made.slope == pytest.approx(slope, abs=1e-7)
    assert made.error == pytest.approx(math.sqrt(max(covariance[0, 0], 0)), abs=1e-6)
    ends = np.array([years.min(), years.max()])
    design = np.stack([ends - years.mean(), np.ones(2)])
    line = slope * design[0] + level
    half = made.quantile * np.sqrt(np.einsum("ij,ik,kj->j", design, covariance, design))
    for made_end, expected in zip(made.at(ends), (line, line - half, line + half), strict=True):
        assert np.log10(made_end) == pytest.approx(expected, abs=1e-4)


def test_what_doubles_every_year_is_said_to() -> None:
    made = fit_growth([2000, 2001, 2002, 2003], [1, 2, 4, 8])
    assert made.factor == pytest.approx(2)
    assert made.interval == pytest.approx((2, 2))
    assert made.doubling == pytest.approx(12)


def test_doubling_time_is_endless_where_standstill_cannot_be_excluded() -> None:
    made = fit_growth([2000, 2001, 2002, 2003], [1, 30, 1, 40])
    low, high = made.interval
    assert low < 1 < high
    assert made.doubling_interval[1] == math.inf and made.doubling_interval[0] < made.doubling
    assert fit_growth([2000, 2001, 2002], [4, 2, 1]).doubling == math.inf


@pytest.mark.parametrize(
    ("years", "values", "said"),
    [([1, 2], [1, 2], "3 points"), ([1, 2, 3], [1, 0, 2], "above 0"), ([5, 5, 5], [1, 2, 3], "one time")],
)
def test_points_that_give_no_line_are_refused(years: list[float], values: list[float], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        fit_growth(years, values)


def test_days_as_years() -> None:
    assert decimal_year(date(2020, 1, 1)) == 2020
    assert decimal_year(date(2020, 7, 1)) == pytest.approx(2020 + 182 / 366)
