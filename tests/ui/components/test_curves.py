"""Curves that move with the page."""

import numpy as np
import pytest

from glassbox.ui.components.curves import Axis, Curve, curves


def test_curves_are_as_long_as_their_axis() -> None:
    with pytest.raises(ValueError, match="share their places"):
        curves([1, 2], [Curve("a", np.zeros(3), "red")], across=Axis("x"), up=Axis("y"), alt="", key="a")
    with pytest.raises(ValueError, match="share their places"):
        curves(np.arange(3000), [], across=Axis("x"), up=Axis("y"), alt="", key="a")
