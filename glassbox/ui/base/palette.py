"""Numbers -> colours. Two palettes everywhere: paper to ink for what has no sign, blue to orange for what has one."""

import base64
import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

NEGATIVE, POSITIVE = "#2B7BD6", "#D0660F"
"""At least 3.5 : 1 against the paper of both themes, and apart for colour-blind eyes; zero is the paper itself."""
PAPER = {"light": "#FFFFFF", "dark": "#14171C"}
INK = {"light": "#1B222C", "dark": "#E7EAEE"}
"""The background and the text of .streamlit/config.toml."""

GREY = "#7D8794"
"""For what is compared against, and for what has no colour of its own: 3.5 : 1 and more on the paper of both themes."""
TREND = "#7C6AC2"
"""For what is fitted through the numbers; as legible."""

Numbers = NDArray[np.floating]
Colours = NDArray[np.uint8]


def signed(values: Numbers, dark: bool, limit: float | None = None) -> Colours:
    """Return the colours of `values`, RGB as the last axis: 0 is paper, -limit blue, +limit orange.

    `limit` None stands for the largest size.
    """
    share = values / _limit(values, limit)
    ends = np.where(share[..., None] < 0, _rgb(NEGATIVE), _rgb(POSITIVE))
    return _mixed(_rgb(PAPER[_theme(dark)]), ends, np.abs(share))


def unsigned(values: Numbers, dark: bool, limit: float | None = None) -> Colours:
    """Return the colours of `values`, RGB as the last axis: zero and below is paper, `limit` is ink.

    `limit` None stands for the largest value.
    """
    share = values / _limit(values, limit)
    return _mixed(_rgb(PAPER[_theme(dark)]), _rgb(INK[_theme(dark)]), share)


def png(colours: Colours) -> str:
    """Return RGB (h, w, 3) as a lossless PNG in a data: address, to be enlarged with crisp pixels."""
    file = io.BytesIO()
    Image.fromarray(colours).save(file, "PNG", compress_level=1)
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


def _limit(values: Numbers, limit: float | None) -> float:
    return limit or float(np.abs(values).max(initial=0.0)) or 1.0


def _theme(dark: bool) -> str:
    return "dark" if dark else "light"


def _rgb(colour: str) -> NDArray[np.float64]:
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)], np.float64)


def _mixed(paper: NDArray[np.float64], ends: NDArray[np.float64], share: Numbers) -> Colours:
    colours: Colours = np.rint(paper + np.clip(share, 0, 1)[..., None] * (ends - paper)).astype(np.uint8)
    return colours
