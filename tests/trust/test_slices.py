"""Pen, slant and size, held to digits whose measures can be worked out by hand."""

import math

import numpy as np
import pytest

from glassbox.digits import strokes
from glassbox.trust import slices


def bar(rows: slice, columns: slice) -> np.ndarray:
    digit = np.zeros((28, 28), np.uint8)
    digit[rows, columns] = 255
    return digit


@pytest.mark.parametrize(("height", "width"), [(20, 2), (20, 3), (5, 1)])
def test_thickness_of_a_bar(height: int, width: int) -> None:
    """Its outline is 2 h + 2 w, less what the one corner gains that is crossed diagonally."""
    outline = 2 * height + 2 * width - 2 + math.sqrt(2)
    measured = slices.thickness(bar(slice(4, 4 + height), slice(10, 10 + width)))
    assert measured == pytest.approx(2 * height * width / outline)


def test_thickness_at_the_pictures_edge_counts_the_whole_outline() -> None:
    assert slices.thickness(bar(slice(0, 20), slice(0, 3))) == slices.thickness(bar(slice(4, 24), slice(10, 13)))


def test_thickness_follows_the_pen_and_not_the_grey() -> None:
    seven = next(sample for sample in strokes.SAMPLES if sample.label == "7")
    drawn = np.stack([strokes.draw(seven.strokes, 28, pen) for pen in (1.5, 2.5, 3.5)])
    measured = slices.thickness(drawn)
    assert (np.diff(measured) > 0.4).all()
    assert slices.thickness((drawn[1] // 2).astype(np.uint8)) == pytest.approx(measured[1], rel=0.01)


def test_slant_of_a_diagonal_is_45_degrees() -> None:
    rising = np.eye(28, dtype=np.uint8)[:, ::-1] * 255  # from the lower left to the upper right
    assert slices.slant(rising) == pytest.approx(45)
    assert slices.slant(rising[:, ::-1]) == pytest.approx(-45)
    assert slices.slant(bar(slice(4, 24), slice(10, 13))) == pytest.approx(0)


def test_slant_agrees_with_moments_summed_pixel_by_pixel() -> None:
    digits = np.random.default_rng(0).integers(0, 256, (3, 28, 28), dtype=np.uint8)
    for digit, slant in zip(digits, slices.slant(digits), strict=True):
        pixels = [(r, c, int(digit[r, c])) for r in range(28) for c in range(28)]
        ink = sum(x for _, _, x in pixels)
        r0, c0 = sum(r * x for r, _, x in pixels) / ink, sum(c * x for _, c, x in pixels) / ink
        m11 = sum(x * (r - r0) * (c - c0) for r, c, x in pixels)
        m02 = sum(x * (r - r0) ** 2 for r, _, x in pixels)
        assert slant == pytest.approx(math.degrees(math.atan(-m11 / m02)))


def test_size_is_that_of_the_box_around_bright_pixels() -> None:
    digit = bar(slice(4, 24), slice(10, 15))
    digit[0, 0] = 127  # too faint to count
    assert slices.size(digit) == pytest.approx(10)  # the root of 20 x 5
    digit[4, 4] = 128
    assert slices.size(digit) == pytest.approx(math.sqrt(20 * 11))


@pytest.mark.parametrize("name", slices.MEASURES)
def test_empty_picture_measures_nothing(name: str) -> None:
    assert slices.MEASURES[name](np.zeros((28, 28), np.uint8)) == 0


@pytest.mark.parametrize("name", slices.MEASURES)
def test_batch_is_measured_one_by_one(name: str) -> None:
    digits = np.random.default_rng(1).integers(0, 256, (4, 28, 28), dtype=np.uint8)
    measure = slices.MEASURES[name]
    assert measure(digits).tolist() == pytest.approx([float(measure(digit)) for digit in digits])


def test_every_value_lies_within_its_slices_limits() -> None:
    values = np.random.default_rng(2).normal(0, 1, 400)
    limits = slices.edges(values)
    places = slices.slice_of(values, limits)
    assert len(limits) == len(slices.CUTS) and (places.min(), places.max()) == (0, len(limits) - 2)
    for value, place in zip(values, places, strict=True):
        assert limits[place] <= value < limits[place + 1] or value == limits[-1]
    shares = np.bincount(places) / len(values)
    assert shares == pytest.approx(np.diff(slices.CUTS), abs=0.01)


def test_limits_that_fall_together_make_no_empty_slice() -> None:
    values = np.array([1.0] * 90 + [2.0] * 10)
    limits = slices.edges(values)
    assert limits.tolist() == [1, 2] and set(slices.slice_of(values, limits)) == {0}


def test_shares_below_and_above_leave_out_equals() -> None:
    quantiles = [0.0, 1.0, 2.0, 2.0, 3.0]  # in steps of a quarter
    assert slices.shares(2.0, quantiles) == (0.5, 0.25)
    assert slices.shares(-1.0, quantiles) == (0, 1)
    assert slices.shares(9.0, quantiles) == (1, 0)
