"""A layer's numbers as a small picture, and where each of its cells lies in it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glassbox.ui.base import palette

Array = NDArray[np.floating]
Box = tuple[float, float, float, float]
COLUMNS = {128: 16, 784: 49, 5408: 104}
"""How wide a long list is laid out, by its length; any other as near to a square as it goes."""
BAR, BAR_WIDTH = 210, 10
"""Height of a chart of bars and width of a bar, in pixels of the picture: ten bars make a square."""


@dataclass(frozen=True)
class Drawn:
    """`colours` (h, w, 3) to be enlarged with crisp pixels; `box` gives a cell's left, top, width, height in it."""

    colours: NDArray[np.uint8]
    box: Callable[[Sequence[int]], Box]


def digit(values: Array) -> Drawn:
    """A picture (..., rows, columns) in [0, 1], white ink on black as the networks get it."""
    grey = np.rint(255 * values.reshape(values.shape[-2:])).astype(np.uint8)
    return Drawn(np.repeat(grey[..., None], 3, axis=-1), lambda index: (index[-1], index[-2], 1, 1))


def column(values: Array, dark: bool) -> Drawn:
    """A list (1, count), row after row."""
    flat = values.reshape(-1)
    width = COLUMNS.get(flat.size, int(np.ceil(np.sqrt(flat.size))))
    padded = np.zeros(-(-flat.size // width) * width)
    padded[: flat.size] = flat
    shade = palette.signed if flat.min(initial=0) < 0 else palette.unsigned
    return Drawn(shade(padded.reshape(-1, width), dark), lambda index: (index[-1] % width, index[-1] // width, 1, 1))


def states(values: Array, dark: bool) -> Drawn:
    """Hidden states (steps, 1, 1, units): a row a step."""
    table = values.reshape(values.shape[0], -1)
    shade = palette.signed if table.min(initial=0) < 0 else palette.unsigned
    return Drawn(shade(table, dark), lambda index: (index[-1], index[0], 1, 1))


def maps(values: Array, dark: bool, across: int = 8) -> Drawn:
    """Feature maps (1, maps, rows, columns), `across` of them in a row, a pixel of grey between two."""
    _, count, height, width = values.shape
    shape = (-(-count // across) * (height + 1) - 1, across * (width + 1) - 1, 3)
    colours = np.full(shape, 128, np.uint8)
    shades = palette.unsigned(values[0], dark)

    def corner(one: int) -> tuple[int, int]:
        return one // across * (height + 1), one % across * (width + 1)

    for one in range(count):
        top, left = corner(one)
        colours[top : top + height, left : left + width] = shades[one]

    def box(index: Sequence[int]) -> Box:
        top, left = corner(index[1])
        return (left + index[3], top + index[2], 1, 1)

    return Drawn(colours, box)


def bars(values: Array, dark: bool, full: float | None = None) -> Drawn:
    """Few numbers (count,) as bars, upwards or, where there are negative ones, both ways from the middle; their lengths
    are proportional to the numbers. `full`: the number whose bar has all the room, at first the largest."""
    colours = np.empty((BAR, BAR_WIDTH * (2 * values.size + 1), 3), np.uint8)
    colours[:] = palette.unsigned(np.zeros(1), dark)
    both = values.min(initial=0) < 0
    room = foot = BAR // 2 if both else BAR
    most = full or float(np.abs(values).max(initial=0)) or 1.0
    ink = palette.signed(np.sign(values), dark, limit=1) if both else palette.unsigned(np.ones(values.size), dark)
    for one, value in enumerate(values):
        size, left = round(room * abs(float(value)) / most), BAR_WIDTH * (2 * one + 1)
        top, bottom = (foot, foot + size) if value < 0 else (foot - size, foot)
        colours[top:bottom, left : left + BAR_WIDTH] = ink[one]
    return Drawn(colours, lambda index: (BAR_WIDTH * (2 * index[-1] + 1), 0, BAR_WIDTH, BAR))
