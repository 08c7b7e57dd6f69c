"""Small pictures as HTML, pixel by pixel crisp, inline and with a text alternative."""

import base64
import html
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from glassbox.digits.images import PreparationStep
from glassbox.ui.base.i18n import t


@dataclass(frozen=True)
class Shown:
    """A step of the preparation, ready for the browser: some 10 kB, a tenth of its pixels."""

    name: str
    source: str


def shown(steps: Sequence[PreparationStep]) -> tuple[Shown, ...]:
    """The steps as they are kept and shown."""
    return tuple(Shown(step.name, data_uri(step.pixels)) for step in steps)


def data_uri(pixels: NDArray[np.uint8]) -> str:
    """uint8 (h, w) -> a PNG, (h, w, 3) -> a JPEG, as a data: address."""
    file = io.BytesIO()
    if pixels.ndim == 2:
        Image.fromarray(pixels).save(file, "PNG", compress_level=1)
    else:
        Image.fromarray(pixels).save(file, "JPEG", quality=85)
    kind = "png" if pixels.ndim == 2 else "jpeg"
    return f"data:image/{kind};base64,{base64.b64encode(file.getvalue()).decode()}"


def thumbnail(digit: NDArray[np.uint8]) -> str:
    """HTML: the digit as the networks get it, 48 px high."""
    return f'<img class="gb-thumbnail" src="{data_uri(digit)}" alt="{html.escape(t("frame.yours.alt"))}">'
