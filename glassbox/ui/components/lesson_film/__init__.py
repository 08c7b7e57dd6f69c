"""A lesson as a film: the ten probabilities, the loss, and a wall of old digits, dim where they are read wrongly."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glassbox.training.lesson import Frames
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import t
from glassbox.ui.charts.pixels import data_uri
from glassbox.ui.components.register import register

# Not in a shadow root: its words are the page's main text, for readers and for the page's own search.
_component = register(__file__, isolate_styles=False)
_WORDS = ("play", "pause", "slider", "step", "of", "bars", "loss", "wall", "row", "told", "hint", "digit", "practised")


@dataclass(frozen=True)
class Wall:
    """Digits, uint8 (n, 28, 28), in rows of equal length, a row for each of the `labels` in their order, (n,);
    `practised`: the indices of those that are learned again with the picture."""

    digits: NDArray[np.uint8]
    labels: NDArray[np.int64]
    practised: Sequence[int] = ()


def lesson_film(frames: Frames, wall: Wall, *, label: int, of: str, colour: str, key: str = "lesson_film") -> None:
    """Show `frames`, the last one first of all; frames that are added to a lesson play from where it ended.

    `label`: that which is taught; `of`: what tells one lesson from another.
    """
    _component(
        key=key,
        data={
            "of": of,
            "label": label,
            "colour": colour,
            "frames": [
                {
                    "step": frame.step,
                    "shares": [formats.shown(float(p)) for p in frame.probabilities],
                    "said": formats.percent(float(frame.probabilities[label])),
                    "loss": float(f"{frame.loss:.4g}"),
                    "read": base64.b64encode(frame.read.tobytes()).decode(),
                }
                for frame in frames
            ],
            "labels": wall.labels.tolist(),
            "practised": list(map(int, wall.practised)),
            "pictures": data_uri(_sheet(wall)),
            "words": {word: t(f"components.lesson_film.{word}") for word in _WORDS},
        },
    )


def _sheet(wall: Wall) -> NDArray[np.uint8]:
    """Return all digits as one picture, a row of digits a label."""
    rows = len(np.unique(wall.labels))
    count, height, width = wall.digits.shape
    grid = wall.digits.reshape(rows, count // rows, height, width).swapaxes(1, 2)
    return np.ascontiguousarray(grid.reshape(rows * height, -1))
