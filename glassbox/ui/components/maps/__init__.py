"""Heat maps of arrays, each with its scale, and the value of the cell that the pointer or the arrow keys go to."""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glassbox.ui.base import formats, payload
from glassbox.ui.base.i18n import t
from glassbox.ui.components.register import register

# Not in a shadow root: its words are the page's main text, for readers and for the page's own search.
_component = register(__file__, isolate_styles=False)
MAX_CELLS = 60_000
"""Cells of one map, at most: more would be smaller than a pixel."""


@dataclass(frozen=True)
class Bar:
    """A score from 0 to 1, drawn as a bar under a map.

    `good`: whether it is above the scores to compare it with, `marks`, as (score, name); None: not compared.
    """

    value: float
    text: str
    good: bool | None = None
    marks: tuple[tuple[float, str], ...] = ()


@dataclass(frozen=True)
class Tile:
    """One map of `values` (rows, columns) on a scale from `low` to `high`.

    The scale goes from blue over paper to orange where `low` is below 0, else from paper to ink. `outline`: a digit,
    uint8 (28, 28), whose outline is drawn over the map. `pick`: what `maps` tells when the title is clicked; empty: it
    can't be.
    """

    values: NDArray[np.floating]
    title: str
    low: float
    high: float
    note: str = ""
    colour: str = ""
    width: int = 160
    outline: NDArray[np.uint8] | None = None
    bar: Bar | None = None
    pick: str = ""


@dataclass(frozen=True)
class Row:
    """Maps side by side with a title and a text.

    `link`: an address and its words; `operators`: what stands between the maps, such as "=" or "×".
    """

    tiles: tuple[Tile, ...]
    title: str = ""
    text: str = ""
    small: str = ""
    link: tuple[str, str] | None = None
    operators: tuple[str, ...] = ()


def maps(
    rows: Sequence[Row], *, key: str, picked: str = "", on_picked: Callable[[str], None] = lambda pick: None
) -> None:
    """Draw `rows`, the map `picked` marked; `on_picked` gets the `pick` of the map whose title is clicked.

    Raises ValueError for a map of more than MAX_CELLS.
    """
    offered = {tile.pick for row in rows for tile in row.tiles if tile.pick}

    def clicked() -> None:
        pick = payload.parse(payload.sent(key, "picked"), str)
        if pick is not None and pick in offered:
            on_picked(pick)

    _component(
        key=key,
        data={
            "rows": [_row(row, picked) for row in rows],
            "words": {
                "cell": t("components.maps.cell"),
                "explore": t("components.maps.explore"),
                "show": t("components.maps.show"),
            },
        },
        on_picked_change=clicked,
    )


def symmetric(values: NDArray[np.floating]) -> tuple[float, float]:
    """Return the ends of a scale that reaches as far below 0 as above it."""
    most = float(np.abs(values).max(initial=0.0))
    return -most, most


def _row(row: Row, picked: str) -> dict[str, object]:
    return {
        "title": row.title,
        "text": row.text,
        "small": row.small,
        "link": {"href": row.link[0], "label": row.link[1]} if row.link else None,
        "operators": row.operators,
        "tiles": [_tile(tile, picked) for tile in row.tiles],
    }


def _tile(tile: Tile, picked: str) -> dict[str, object]:
    if tile.values.ndim != 2 or tile.values.size > MAX_CELLS:
        raise ValueError(f"a map has two axes and at most {MAX_CELLS} cells, not the shape {tile.values.shape}")
    return {
        "title": tile.title,
        "note": tile.note,
        "colour": tile.colour,
        "width": tile.width,
        "low": tile.low,
        "high": tile.high,
        "scale": [formats.number(tile.low), formats.number(tile.high)],
        "rows": tile.values.shape[0],
        "columns": tile.values.shape[1],
        "values": _base64(tile.values.astype("<f4")),
        "outline": None if tile.outline is None else _base64(tile.outline),
        "pick": tile.pick,
        "picked": bool(tile.pick) and tile.pick == picked,
        "bar": _bar(tile.bar),
    }


def _base64(values: NDArray[np.generic]) -> str:
    return base64.b64encode(values.tobytes()).decode()


def _bar(bar: Bar | None) -> dict[str, object] | None:
    if bar is None:
        return None
    return {
        "value": min(max(bar.value, 0.0), 1.0),
        "text": bar.text,
        "good": bar.good,
        "marks": [{"at": min(max(at, 0.0), 1.0), "name": name} for at, name in bar.marks],
    }
