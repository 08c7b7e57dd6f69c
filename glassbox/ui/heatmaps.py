"""Heat maps as an SVG file: the same colours as on the page, and every number legible to other programs."""

from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

import numpy as np
from numpy.typing import NDArray

from glassbox.ui import palette

CELL, GAP, TITLE = 10, 20, 18
"""Pixels: the side of a cell, the space between maps, the height of a title."""


def svg(maps: Mapping[str, NDArray[Any]]) -> str:
    """Each map (rows, columns) by its title, side by side on white paper; signed where it has negative numbers."""
    parts, x = [], 0
    for title, values in maps.items():
        rows, columns = values.shape
        colours = (palette.signed if values.min() < 0 else palette.unsigned)(values, dark=False)
        cells = [
            f'<rect x="{x + CELL * j}" y="{TITLE + CELL * i}" width="{CELL}" height="{CELL}" '
            f'fill="#{bytes(colours[i, j]).hex()}"><title>{values[i, j]:.6g}</title></rect>'
            for i, j in np.ndindex(rows, columns)
        ]
        edge = f'<rect x="{x}" y="{TITLE}" width="{CELL * columns}" height="{CELL * rows}" fill="none" stroke="#888"/>'
        parts += [f'<text x="{x}" y="{TITLE - 5}">{escape(title)}</text>', *cells, edge]
        x += CELL * columns + GAP
    height = TITLE + CELL * max((len(values) for values in maps.values()), default=0)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-1 -1 {max(x - GAP, 0) + 2} {height + 2}" '
        f'font-family="sans-serif" font-size="12" style="background:#fff">{"".join(parts)}</svg>'
    )
