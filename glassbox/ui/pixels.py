"""Small pictures as HTML, pixel by pixel crisp, inline and with a text alternative."""

import base64
import html
import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from glassbox.ui.i18n import t


def data_uri(pixels: NDArray[np.uint8]) -> str:
    """uint8 (h, w) or (h, w, 3) -> a PNG as a data: address."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", compress_level=1)
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


def thumbnail(digit: NDArray[np.uint8]) -> str:
    """HTML: the digit as the networks get it, 48 px high."""
    return f'<img class="gb-thumbnail" src="{data_uri(digit)}" alt="{html.escape(t("yours.alt"))}">'
