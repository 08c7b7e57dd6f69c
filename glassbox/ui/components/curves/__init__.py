"""Small curves that move with the page, drawn by the browser itself: they need no charting library to load."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glassbox.ui.base import formats
from glassbox.ui.components.register import register

_component = register(__file__)
MAX_POINTS = 2000
"""The points of one curve: more than a screen has columns of pixels tell nothing more."""


@dataclass(frozen=True)
class Curve:
    """One curve: its `name` in the legend, its heights, a CSS colour; `dash`: "" or as in SVG's stroke-dasharray."""

    name: str
    values: NDArray[np.floating]
    colour: str
    dash: str = ""
    filled: bool = False


@dataclass(frozen=True)
class Axis:
    """What an axis shows; its ends are those of the data where they aren't given. Below the curves, "number" marks
    whole numbers alone, "ends" both ends and 0."""

    title: str
    kind: Literal["number", "share", "log", "ends"] = "number"
    low: float | None = None
    high: float | None = None


def curves(
    places: ArrayLike, drawn: Sequence[Curve], *, across: Axis, up: Axis, alt: str, key: str, height: int = 260
) -> None:
    """Draw each curve over the common `places`, (n,), in order; pointing or the arrow keys read it off.

    A curve passes over places where it is NaN; a logarithmic axis leaves out what is not above 0. Raises ValueError for
    a curve of another length than `places`, or of more than MAX_POINTS.
    """
    x = np.asarray(places, np.float64)
    if len(x) > MAX_POINTS or any(len(curve.values) != len(x) for curve in drawn):
        raise ValueError(f"curves share their places, at most {MAX_POINTS} of them")
    _component(
        key=key,
        data={
            "places": x.tolist(),
            "curves": [vars(curve) | {"values": _rounded(curve.values, up.kind)} for curve in drawn],
            "across": vars(across),
            "up": vars(up),
            "alt": alt,
            "height": height,
        },
    )


def _rounded(values: NDArray[np.floating], kind: str) -> list[float | None]:
    """Return the values with four digits that count, or a share to what is shown of it; None for those that are not
    finite: JSON knows no NaN."""
    listed = np.asarray(values).tolist()
    short = formats.shown if kind == "share" else lambda value: float(f"{value:.4g}")
    return [short(value) if np.isfinite(value) else None for value in listed]
