import base64
import io

import numpy as np
import pytest
from PIL import Image

from glassbox.ui.base import palette


@pytest.mark.parametrize("dark", [False, True])
def test_zero_is_paper_and_the_ends_are_the_palettes(dark: bool) -> None:
    paper, ink = [bytes.fromhex(c["dark" if dark else "light"][1:]) for c in (palette.PAPER, palette.INK)]
    ends = [bytes.fromhex(colour[1:]) for colour in (palette.NEGATIVE, palette.POSITIVE)]
    signed = palette.signed(np.array([0.0, -2.0, 2.0, 9.0]), dark, limit=2)
    assert [bytes(colour) for colour in signed] == [paper, *ends, ends[1]]
    assert [bytes(colour) for colour in palette.unsigned(np.array([0.0, 3.0, -1.0]), dark)] == [paper, ink, paper]


def test_limit_is_the_largest_size_and_nothing_but_zeros_is_paper() -> None:
    values = np.array([[1.0, -4.0], [2.0, 0.0]])
    assert np.array_equal(palette.signed(values, False), palette.signed(values, False, limit=4))
    assert (palette.signed(np.zeros((2, 2)), False) == 255).all()


def test_png_keeps_every_colour() -> None:
    colours = np.random.default_rng(1).integers(0, 256, (3, 5, 3), np.uint8)
    data = base64.b64decode(palette.png(colours).removeprefix("data:image/png;base64,"))
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(data))), colours)
