"""Pictures of several digits, put together from the drawn forms, with what stands on them."""

import io
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from glassbox.digits import strokes

HEIGHT = 90
"""Pixels of a digit, about."""
Ink = NDArray[np.uint8]


def digit(label: str, form: int = 0, pen: float = 18) -> Ink:
    """The ink of a form of `label`, white on black, cut to its bounds, about HEIGHT high."""
    forms = strokes.FORMS[label]
    curves = tuple(strokes.curve(np.array(line) / 100) for line in forms[form % len(forms)])
    ink = strokes.draw(curves, 110, pen * 110 / 280)
    rows, columns = np.flatnonzero(ink.any(1)), np.flatnonzero(ink.any(0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def page(lines: Sequence[str], gap: int = 30, pen: float = 18, rule: int = 0, slope: float = 0.0) -> Ink:
    """Lines of digits, the ink white on black, `gap` pixels from one another; `rule`: how wide a line is ruled under
    each; `slope`: how much the lines fall, as a share of their length."""
    width = 60 + max(map(len, lines)) * (HEIGHT + gap)
    drop = round(abs(slope) * width)
    ink = np.zeros((60 + len(lines) * (2 * HEIGHT) + drop, width), np.uint8)
    for number, line in enumerate(lines):
        left, top = 30, 30 + number * 2 * HEIGHT + (drop if slope < 0 else 0)
        for place, label in enumerate(line):
            one = digit(label, number + place, pen)
            put(ink, one, top + round(slope * left) + (HEIGHT - len(one)) // 2 + 5, left)
            left += one.shape[1] + gap
        if rule:
            for column in range(10, width - 10):
                y = top + HEIGHT + 25 + round(slope * column)
                ink[y : y + rule, column] = 255
    return ink


def sudoku(rows: Sequence[str], line: int = 3) -> Ink:
    """Digits in the cells of a square grid, "." for an empty cell; `line`: how wide its lines are."""
    cell, border = 50, 20
    side = cell * len(rows)
    ink = np.zeros((side + 2 * border + line,) * 2, np.uint8)
    for i in range(len(rows) + 1):
        for one in (ink, ink.T):
            one[border + i * cell : border + i * cell + line, border : border + side + line] = 255
    for i, row in enumerate(rows):
        for j, label in enumerate(row):
            if label != ".":
                one = Image.fromarray(digit(label))
                one.thumbnail((32, 32))
                put(ink, np.asarray(one), border + i * cell + 10, border + j * cell + 15)
    return ink


def put(ink: Ink, one: Ink, top: int, left: int) -> None:
    """Draw `one` on `ink` at that place."""
    place = ink[top : top + one.shape[0], left : left + one.shape[1]]
    np.maximum(place, one, out=place)


def photographed(ink: Ink, seed: int = 0) -> Ink:
    """White ink on black as dark ink on grey paper, in a light that falls off, with the noise of a sensor."""
    rows, columns = np.indices(ink.shape)
    lit = 0.5 + 0.5 * columns / ink.shape[1] * (0.7 + 0.3 * rows / ink.shape[0])
    paper = (225 - 0.7 * ink) * lit + np.random.default_rng(seed).normal(0, 3, ink.shape)
    return np.clip(paper, 0, 255).astype(np.uint8)


def rgba(grey: Ink) -> Ink:
    """Grey values as opaque RGBA."""
    return np.dstack([grey, grey, grey, np.full_like(grey, 255)])


def png(grey: Ink) -> bytes:
    """Grey values as a PNG file."""
    file = io.BytesIO()
    Image.fromarray(grey).save(file, "PNG")
    return file.getvalue()
