"""A picture whose pixels are erased, or put in, as far as a curve is dragged, and what a network then reads in it."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glassbox.ui.base import formats
from glassbox.ui.base.i18n import t
from glassbox.ui.components.register import register

_component = register(__file__)
_WORDS = ("ways", "shown", "reads", "still", "slider", "hint")


@dataclass(frozen=True)
class Line:
    """The curve of one map: its `name`, the label's `probabilities` (n,), a CSS colour, and a dash as in SVG."""

    name: str
    probabilities: NDArray[np.float64]
    colour: str
    dash: str = ""


@dataclass(frozen=True)
class Way:
    """One way through the pixels: to erase them or to put them in. `title` and `axis` in words; `lines`: the first is
    that of the map; `read`: the label (n,) that the network reads at each of its places; `erases`: whether the most
    important pixels go, and do not come."""

    title: str
    axis: str
    alt: str
    lines: Sequence[Line]
    read: Sequence[str]
    erases: bool


def erasing(
    picture: NDArray[np.floating],
    start: NDArray[np.floating],
    order: NDArray[np.integer],
    ways: Sequence[Way],
    *,
    label: str,
    key: str,
) -> None:
    """Show `picture` (28, 28) in [0, 1], whose pixels turn into those of `start` in the `order` (784,) of their places.

    `label`: the one whose probability the curves show.
    """
    _component(
        key=key,
        data={
            "picture": _bytes(picture),
            "start": _bytes(start),
            "order": base64.b64encode(order.astype("<u2").tobytes()).decode(),
            "ways": [
                {
                    "title": way.title,
                    "axis": way.axis,
                    "alt": way.alt,
                    "erases": way.erases,
                    "read": list(way.read),
                    "said": [formats.percent(float(p)) for p in way.lines[0].probabilities],
                    "lines": [
                        {
                            "name": line.name,
                            "colour": line.colour,
                            "dash": line.dash,
                            "values": [formats.shown(float(p)) for p in line.probabilities],
                        }
                        for line in way.lines
                    ],
                }
                for way in ways
            ],
            "label": label,
            "words": {word: t(f"components.erasing.{word}") for word in _WORDS},
        },
    )


def _bytes(picture: NDArray[np.floating]) -> str:
    return base64.b64encode(np.rint(255 * np.clip(picture, 0, 1)).astype(np.uint8).tobytes()).decode()
