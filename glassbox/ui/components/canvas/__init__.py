"""A sheet to draw a digit on, with a pen, a finger, the mouse or the keyboard.

The browser sends strokes, no pixels: a few hundred numbers, which the server checks and draws.
"""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from glassbox.ui.base import payload
from glassbox.ui.base.i18n import t
from glassbox.ui.components.register import register

Stroke = tuple[tuple[float, float], ...]

MAX_STROKES = 64
MAX_POINTS = 4_000
THINNEST, THICKEST = 6.0, 40.0
"""Widths of the pen in pixels, on a sheet of 280 x 280 pixels."""
DEFAULT_THICKNESS = 18.0

_component = register(__file__)
_WORDS = (
    "sheet",
    "hint",
    "hint_ghost",
    "hint_cleared",
    "undo",
    "clear",
    "thickness",
    "keys",
    "pen_down",
    "pen_up",
    "stroke_done",
    "undone",
    "cleared",
    "restored",
)


@dataclass(frozen=True)
class Drawing:
    """Strokes, and the width of the pen in pixels on a sheet of 280 x 280 pixels.

    A stroke is a polyline of (x, y) in the unit square, x to the right and y down.
    """

    strokes: tuple[Stroke, ...] = ()
    thickness: float = DEFAULT_THICKNESS


def canvas(
    drawing: Drawing,
    digit: NDArray[np.uint8],
    *,
    ghost: bool,
    version: int,
    on_drawn: Callable[[Drawing, bool], None],
    key: str = "canvas",
) -> None:
    """Show the sheet with `drawing` on it; `on_drawn` gets it after each stroke, undo, clear and change of pen, and now
    and then while the pen is down: then with True, as more is to come.

    `ghost`: the drawing is an example in grey, which the first stroke replaces. The browser takes `drawing` over when
    `version` is new to it. Until something is drawn, `digit`, uint8 (28, 28), the one that is read, lies there in grey.
    """

    def changed() -> None:
        sent = payload.sent(key, "drawing")
        received = parse(sent)
        if received is not None:
            on_drawn(received, unfinished(sent))

    _component(
        key=key,
        data={
            "strokes": drawing.strokes,
            "thickness": drawing.thickness,
            "ghost": ghost,
            "version": version,
            "digit": base64.b64encode(digit.tobytes()).decode(),
            "words": {word: t(f"components.canvas.{word}") for word in _WORDS},
        },
        on_drawing_change=changed,
    )


_Length = Annotated[float, Meta(gt=-1e12, lt=1e12)]  # a pen may leave the sheet


class _Sent(msgspec.Struct):
    strokes: Annotated[list[list[tuple[_Length, _Length]]], Meta(max_length=MAX_STROKES)]
    thickness: _Length
    live: bool = False


def unfinished(value: object) -> bool:
    """Return whether the pen was still down when a browser sent this drawing."""
    sent = payload.parse(value, _Sent)
    return sent is not None and sent.live


def parse(value: object) -> Drawing | None:
    """Return the drawing that a browser sent; None if it is none within the limits of this module."""
    sent = payload.parse(value, _Sent)
    if sent is None or sum(map(len, sent.strokes)) > MAX_POINTS:
        return None
    strokes = [tuple((_clip(x, 0, 1), _clip(y, 0, 1)) for x, y in line) for line in sent.strokes if line]
    return Drawing(tuple(strokes), _clip(sent.thickness, THINNEST, THICKEST))


def _clip(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)
