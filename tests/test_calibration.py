"""Calibrated probabilities: by hand, at the limits, and by properties."""

from math import exp

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassbox.calibration import calibrated


def test_calibration_by_hand() -> None:
    logits = np.array([0, np.log(3)], np.float32)
    np.testing.assert_allclose(calibrated(logits, "logits", 1), [0.25, 0.75], rtol=1e-6)
    np.testing.assert_allclose(calibrated(logits, "logits", 0.5), [0.1, 0.9], rtol=1e-6)
    np.testing.assert_allclose(calibrated(np.array([0.1, 0.9]), "probabilities", 2), [0.25, 0.75], rtol=1e-6)


def test_huge_logits_and_vanished_probabilities_stay_numbers() -> None:
    np.testing.assert_array_equal(calibrated(np.array([1e30, -1e30, 0]), "logits", 0.01), [1, 0, 0])
    certain = calibrated(np.array([1, 0, 0], np.float32), "probabilities", 1)
    np.testing.assert_allclose(certain, [1, 0, 0], atol=1e-37)


logits_of_ten = st.lists(st.floats(-40, 40, width=32), min_size=10, max_size=10).map(lambda v: np.array(v, np.float32))


@settings(derandomize=True, deadline=None, max_examples=100)
@given(logits_of_ten, st.floats(0.05, 20))
def test_calibration_is_softmax_and_keeps_the_order(logits: np.ndarray, temperature: float) -> None:
    probabilities = calibrated(logits, "logits", temperature)
    exact = [exp(float(z - logits.max()) / temperature) for z in logits.astype(np.float64)]
    np.testing.assert_allclose(probabilities, np.array(exact) / sum(exact), rtol=1e-9, atol=1e-300)
    assert probabilities.sum() == pytest.approx(1)
    assert probabilities[logits.argmax()] == probabilities.max()
    # From probabilities the same temperature leads to the same end.
    np.testing.assert_allclose(
        calibrated(calibrated(logits, "logits", 1), "probabilities", temperature), probabilities, rtol=1e-9, atol=1e-300
    )


@settings(derandomize=True, deadline=None, max_examples=50)
@given(st.lists(logits_of_ten, min_size=1, max_size=4))
def test_a_batch_is_calibrated_row_by_row(rows: list[np.ndarray]) -> None:
    together = calibrated(np.stack(rows), "logits", 1.7)
    for row, expected in zip(together, rows, strict=True):
        np.testing.assert_allclose(row, calibrated(expected, "logits", 1.7), rtol=1e-12)
