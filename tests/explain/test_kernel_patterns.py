"""Kernels of the textbooks are called what they are."""

import numpy as np
import pytest

from glassbox.explain.kernel_patterns import pattern

SOBEL = np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
LINE = np.array([[-1.0, -1, -1], [2, 2, 2], [-1, -1, -1]])
DIAGONAL = np.array([[2.0, -1, -1], [-1, 2, -1], [-1, -1, 2]])


@pytest.mark.parametrize(
    ("kernel", "name"),
    [
        (SOBEL, "edge_left"),  # paper on the left, ink on the right: the left edge of the ink
        (-SOBEL, "edge_right"),
        (SOBEL.T, "edge_upper"),
        (-SOBEL.T, "edge_lower"),
        (SOBEL + SOBEL.T, "edge_upper_left"),
        (-SOBEL - SOBEL.T, "edge_lower_right"),
        (LINE, "stroke_horizontal"),
        (LINE.T, "stroke_vertical"),
        (-LINE, "gap_horizontal"),
        (DIAGONAL, "stroke_falling"),
        (DIAGONAL[:, ::-1], "stroke_rising"),
        (np.ones((3, 3)), "ink"),
        (-np.ones((5, 5)), "paper"),
        (np.zeros((3, 3)), "mixed"),
    ],
)
def test_textbook_kernels_have_their_names(kernel: np.ndarray, name: str) -> None:
    assert pattern(kernel) == name
    assert pattern(3 * kernel) == name


def test_what_is_like_none_of_them_is_not_named() -> None:
    checks = (np.indices((4, 4)).sum(axis=0) % 2) * 2.0 - 1
    assert pattern(checks) == "mixed"
