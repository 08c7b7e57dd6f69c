"""Heat maps as files: the same colours as on the page; as SVG every number is legible to other programs."""

import io
from collections.abc import Iterator, Mapping
from typing import Any
from xml.sax.saxutils import escape

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from glassbox.ui.base import formats, palette

CELL, GAP, TITLE = 10, 20, 18
"""Pixels: the side of a cell, the space between maps, the height of a title."""
ACROSS = 8
"""Maps in a row."""

Maps = Mapping[str, NDArray[Any]]
"""Arrays (rows, columns) by their titles."""


def svg(maps: Maps) -> str:
    """The maps in rows on white paper, each below its title; signed where it has negative numbers."""
    parts = []
    for (title, values), (x, y) in zip(maps.items(), _places(maps), strict=True):
        rows, columns = values.shape
        colours = _colours(values)
        parts.append(f'<text x="{x}" y="{y - 5}">{escape(title)}</text>')
        parts += [
            f'<rect x="{x + CELL * j}" y="{y + CELL * i}" width="{CELL}" height="{CELL}" '
            f'fill="#{bytes(colours[i, j]).hex()}"><title>{formats.number(float(values[i, j]))}</title></rect>'
            for i, j in np.ndindex(rows, columns)
        ]
        frame = f'width="{CELL * columns}" height="{CELL * rows}" fill="none" stroke="#888"'
        parts.append(f'<rect x="{x}" y="{y}" {frame}/>')
    width, height = _size(maps)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-1 -1 {width + 2} {height + 2}" '
        f'font-family="sans-serif" font-size="12" style="background:#fff">{"".join(parts)}</svg>'
    )


def png(maps: Maps) -> bytes:
    """The maps where `svg` has them, without titles: pictures know no fonts for every language."""
    width, height = _size(maps)
    sheet = np.full((height + 2, width + 2, 3), 255, np.uint8)
    for values, (x, y) in zip(maps.values(), _places(maps), strict=True):
        enlarged = np.repeat(np.repeat(_colours(values), CELL, 0), CELL, 1)
        high, wide, _ = enlarged.shape
        sheet[y : y + high + 2, x : x + wide + 2] = 136
        sheet[y + 1 : y + 1 + high, x + 1 : x + 1 + wide] = enlarged
    file = io.BytesIO()
    Image.fromarray(sheet).save(file, "PNG")
    return file.getvalue()


def _places(maps: Maps) -> Iterator[tuple[int, int]]:
    """The left and top of each map."""
    x = y = high = 0
    for index, values in enumerate(maps.values()):
        if index and index % ACROSS == 0:
            x, y, high = 0, y + high + GAP, 0
        yield x, y + TITLE
        x += CELL * values.shape[1] + GAP
        high = max(high, TITLE + CELL * values.shape[0])


def _size(maps: Maps) -> tuple[int, int]:
    corners = [
        (x + CELL * values.shape[1], y + CELL * values.shape[0])
        for values, (x, y) in zip(maps.values(), _places(maps), strict=True)
    ]
    return max((x for x, _ in corners), default=0), max((y for _, y in corners), default=0)


def _colours(values: NDArray[Any]) -> NDArray[np.uint8]:
    return (palette.signed if values.min() < 0 else palette.unsigned)(values, dark=False)
