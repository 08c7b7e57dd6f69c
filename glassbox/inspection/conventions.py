"""How common families of models want their picture, told by what their exporters write into the file.

Ultralytics: `imgsz` in the metadata, and pixels from 0 to 1 (https://docs.ultralytics.com/modes/export). PaddleOCR's
recognition: lines of text 48 pixels high, (x - 0.5) / 0.5 (https://www.paddleocr.ai, `rec_image_shape`).
"""

import json
from dataclasses import dataclass

from glassbox.inspection.opening import Opened

FEWEST_CHARACTERS, LARGEST_SIDE = 30, 4096


@dataclass(frozen=True)
class Convention:
    """The height and the width that a picture is scaled to where the file leaves them open, and its preset."""

    height: int
    width: int
    preset: str


TEXT_LINE = Convention(48, 320, "symmetric")


def convention(model: Opened) -> Convention | None:
    """Return the convention that a model's file follows; None where none is known."""
    held = {entry.key: entry.value for entry in model.proto.metadata_props}
    if "imgsz" in held and "stride" in held:
        return _ultralytics(held["imgsz"])
    return TEXT_LINE if _recognises_lines(model) else None


def _ultralytics(sides: str) -> Convention | None:
    try:
        height, width = (int(side) for side in json.loads(sides))
    except (ValueError, TypeError):
        return None
    fits = 0 < height <= LARGEST_SIDE and 0 < width <= LARGEST_SIDE
    return Convention(height, width, "unit") if fits else None


def _recognises_lines(model: Opened) -> bool:
    """Return whether a model reads a line of text: its only input is a picture in colour of any height and width, its
    only output (batch, places along the line, characters), and only the last of these is fixed."""
    if len(model.inputs) != 1 or len(model.proto.graph.output) != 1:
        return False
    given, made = model.shape(model.inputs[0].name) or (), model.shape(model.proto.graph.output[0].name) or ()
    free = len(given) == 4 and given[1] == 3 and not any(isinstance(side, int) for side in given[2:])
    if not free or len(made) != 3 or isinstance(made[1], int):
        return False
    return isinstance(made[2], int) and made[2] >= FEWEST_CHARACTERS
