"""Strokes: drawings stay on the paper, and every form is a drawing of something."""

import numpy as np
import pytest

from glassbox.digits import strokes


@pytest.mark.parametrize("sample", strokes.SAMPLES, ids=lambda sample: sample.name)
def test_a_sample_lies_within_its_paper(sample: strokes.Sample) -> None:
    points = np.array([point for stroke in sample.strokes for point in stroke])
    assert points.min() >= 0.04 and points.max() <= 0.96
    drawn = strokes.draw(sample.strokes, 140, 8)
    assert drawn.shape == (140, 140) and drawn.dtype == np.uint8
    assert drawn[0].max() == drawn[-1].max() == drawn[:, 0].max() == drawn[:, -1].max() == 0
    assert 0.01 < (drawn > 127).mean() < 0.25


def test_every_digit_has_several_forms_and_a_sample() -> None:
    assert set(strokes.FORMS) == set("0123456789") == {sample.label for sample in strokes.SAMPLES}
    assert all(len(forms) >= 3 for forms in strokes.FORMS.values())


def test_a_curve_passes_through_its_control_points_and_turns_at_a_double_one() -> None:
    controls = np.array([(0, 0), (0.5, 1), (0.5, 1), (1, 0)], float)
    points = np.array(strokes.curve(controls))
    for control in controls:
        assert np.abs(points - control).sum(1).min() < 1e-9
    corner = int(np.abs(points - (0.5, 1)).sum(1).argmin())
    before, after = points[corner] - points[corner - 1], points[corner + 1] - points[corner]
    assert before[1] > 0 > after[1]  # no rounding: it comes up and goes down again at once


def test_a_dot_is_a_disc_of_the_pens_width() -> None:
    drawn = strokes.draw((((0.5, 0.5),),), 100, 20)
    assert (drawn > 127).sum() == pytest.approx(np.pi * 10**2, rel=0.05)
