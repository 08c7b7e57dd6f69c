"""Curves over one axis, drawn by the browser itself: a page with a few of them needs no charting library to load."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glassbox.ui.components.register import register

_component = register(__file__)
MAX_POINTS = 2000
"""The points of one curve: more than a screen has columns of pixels tell nothing more."""


@dataclass(frozen=True)
class Curve:
    """One curve: its `name` in the legend, its heights, a CSS colour; `dash`: "" or as in SVG's stroke-dasharray.

    `low` and `high`, together or not at all: a band around it, an interval for each height.
    """

    name: str
    values: NDArray[np.floating]
    colour: str
    dash: str = ""
    filled: bool = False
    low: NDArray[np.floating] | None = None
    high: NDArray[np.floating] | None = None


@dataclass(frozen=True)
class Axis:
    """What an axis shows; its ends are those of the data where they aren't given.

    Below the axis, "number" marks whole numbers alone and "real" any; `mark`: a place there to point out.
    """

    title: str
    kind: Literal["number", "real", "share", "log"] = "number"
    low: float | None = None
    high: float | None = None
    mark: float | None = None


def curves(
    places: ArrayLike, drawn: Sequence[Curve], across: Axis, up: Axis, *, alt: str, key: str, height: int = 260
) -> None:
    """Draw each curve over the common `places`, (n,), in order; pointing or the arrow keys read it off.

    A curve passes over places where it is NaN.
    A logarithmic axis leaves out what is not above 0. Raises ValueError for a curve of another length than `places`,
    or of more than MAX_POINTS.
    """
    x = np.asarray(places, np.float64)
    if len(x) > MAX_POINTS or any(len(curve.values) != len(x) for curve in drawn):
        raise ValueError(f"curves share their places, at most {MAX_POINTS} of them")
    _component(
        key=key,
        data={
            "places": x.tolist(),
            "curves": [
                {**vars(curve), **{name: _sent(getattr(curve, name)) for name in ("values", "low", "high")}}
                for curve in drawn
            ],
            "across": vars(across),
            "up": vars(up),
            "alt": alt,
            "height": height,
        },
    )


def _sent(values: NDArray[np.floating] | None) -> list[float | None] | None:
    if values is None:
        return None
    listed = np.asarray(values).tolist()
    return [float(f"{value:.4g}") if np.isfinite(value) else None for value in listed]  # JSON knows no NaN
