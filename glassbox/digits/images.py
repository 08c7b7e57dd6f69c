"""Any picture of digits brought to the 28x28 pixels that the networks were trained on, every step kept for display.

MNIST was made from scans: size-normalised to fit 20x20 with the aspect ratio kept, anti-aliased, then centred by its
centre of mass in 28x28 (LeCun, Cortes, Burges, http://yann.lecun.com/exdb/mnist/). This module brings any picture to
that form: its ink is found, each digit cut out, its pen evened, and then fitted and centred likewise.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from glassbox.digits.decoding import Bytes, Floats, decode
from glassbox.digits.ink import find_ink, on_paper
from glassbox.digits.segmentation import NOTHING, LeftOut, Segment, segment

SIDE = 28
"""Of the picture that the networks take, in pixels."""
BOX = 20
"""The sides of the square, in pixels of the 28x28 picture, that a digit is fitted to."""
FINE = 4
"""The digit is evened at FINE times the final resolution, then averaged down (anti-aliasing)."""
PEN = 2.6
"""Stroke width, in pixels of the 28x28 picture, that thin pens are brought to (MNIST's median)."""
LEVEL = 0.36
"""Ink darker than this share of the darkest ink nearby is drawn."""
DISPLAY_SIDE = 280


@dataclass(frozen=True)
class PreparationStep:
    """One stage of the preparation. `pixels`: uint8 (h, w) or (h, w, 3), at most DISPLAY_SIDE a side."""

    name: str
    pixels: Bytes


@dataclass(frozen=True)
class FoundDigit:
    """A digit of a picture. `digit`: uint8 (28, 28), white ink on black; `steps`: cut, even.

    `box`: its left, top, right and bottom as shares of the picture; `wide`: several may touch each other in it.
    """

    digit: Bytes
    steps: tuple[PreparationStep, ...]
    box: tuple[float, float, float, float]
    wide: bool


@dataclass(frozen=True)
class PreparedDigit:
    """`digit`: uint8 (28, 28), white ink on black. `steps`: picture, ink, cut, even, digit.

    `found`: all digits of the picture in reading order; this one, the one with the most ink, is `found[chosen]`.
    """

    digit: Bytes
    steps: tuple[PreparationStep, ...]
    found: tuple[FoundDigit, ...] = ()
    chosen: int = 0
    left_out: LeftOut = NOTHING


def prepare(data: bytes, *, as_is: bool = False) -> PreparedDigit:
    """Return the digit of an image file, brought to 28x28, and the steps on the way.

    `as_is`: a picture of 28x28 pixels is taken to be ready: white on black, like MNIST's. Raises PictureError: empty,
    too_large, format, too_many_pixels, too_elongated, too_slow, broken, blank, no_ink.
    """
    rgba = decode(data)
    return PreparedDigit(_grey(rgba), ()) if as_is and rgba.shape[:2] == (SIDE, SIDE) else prepare_pixels(rgba)


def _grey(rgba: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the grey values (h, w) of RGBA pixels, ITU-R BT.601, transparent ones black."""
    weights = np.array([0.299, 0.587, 0.114], np.float32)
    grey = rgba[..., 0] if (rgba[..., :3] == rgba[..., :1]).all() else np.rint(rgba[..., :3] @ weights)
    return np.asarray(grey * (rgba[..., 3] / np.float32(255))).astype(np.uint8)


def prepare_pixels(rgba: Bytes) -> PreparedDigit:
    """Return the digits of uint8 RGBA (h, w, 4) and the steps on the way. Raises PictureError: blank, no_ink."""
    picture = on_paper(rgba)
    ink = find_ink(picture)
    segments = segment(ink)
    found = tuple(_brought_to_28(ink, one) for one in segments.segments)
    main = found[segments.main]
    steps = (
        PreparationStep("picture", _shown(picture)),
        PreparationStep("ink", _shown(_bytes(ink))),
        *main.steps,
        PreparationStep("digit", main.digit),
    )
    return PreparedDigit(main.digit, steps, found, segments.main, segments.left_out)


def _brought_to_28(ink: Floats, found: Segment) -> FoundDigit:
    """Return a digit in the ink (h, w) of a picture as 28x28 pixels."""
    cut = np.where(_grown(_grown(found.mask)), ink[found.box], np.float32(0))
    even = _even_pen(cut)
    steps = (PreparationStep("cut", _shown(_bytes(cut))), PreparationStep("even", _shown(_bytes(even))))
    (rows, columns), (height, width) = found.box, ink.shape
    box = (columns.start / width, rows.start / height, columns.stop / width, rows.stop / height)
    return FoundDigit(_centre(even), steps, box, found.wide)


def _grown(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return a mask (h, w) with the four neighbours of each of its pixels."""
    grown = mask.copy()
    grown[1:] |= mask[:-1]
    grown[:-1] |= mask[1:]
    grown[:, 1:] |= mask[:, :-1]
    grown[:, :-1] |= mask[:, 1:]
    return grown


def _bounds(mask: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1


def _even_pen(cut: Floats) -> Floats:
    """Return the cut-out ink as a drawing of at most BOX * FINE a side, its pen brought towards MNIST's."""
    height, width = cut.shape
    scale = BOX * FINE / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    reduced = scale < 1
    fine = np.asarray(Image.fromarray(cut).resize(size, Image.Resampling.BOX if reduced else Image.Resampling.BICUBIC))
    # Compared with the darkest ink nearby, so that a pen that fades in places is still one stroke.
    darkest = ndimage.uniform_filter(ndimage.maximum_filter(fine, 6 * FINE), 4 * FINE)
    level = LEVEL * np.maximum(darkest, 0.35 * float(fine.max()))
    margin = 2 * FINE
    stroke = np.pad(fine > level, margin)
    inner = ndimage.distance_transform_edt(stroke)
    ridge = inner[(inner == ndimage.maximum_filter(inner, 3)) & stroke]
    pen = 2 * float(ridge.mean()) / FINE
    # Half of the difference goes on each side; a thick pen is left nearly as it is, for thinning it opens strokes.
    grow = (PEN - pen) / 2 * FINE
    grow = min(grow, 1.2 * FINE) if grow > 0 else max(0.3 * grow, -0.5 * FINE)
    # Outside, where the distance is 1 at least, nothing is drawn of a pen that grows by no more than half a pixel.
    signed = inner - ndimage.distance_transform_edt(~stroke) if grow > 0.5 else np.where(stroke, inner, -1)
    even: Floats = np.clip(signed + grow + 0.5, 0, 1).astype(np.float32)
    return even


def _centre(even: Floats) -> Bytes:
    """Return a drawing as uint8 (28, 28): its box fitted to 20x20, its centre of mass in the middle."""
    top, bottom, left, right = _bounds(even > 0.1)
    box = even[top:bottom, left:right]
    height, width = box.shape
    scale = BOX / max(height, width)
    middle = ndimage.center_of_mass(box)
    # One resampling does both: pixel (r, c) of the result shows the drawing around middle + (r - 14, c - 14) / scale.
    reach = 14 / scale
    window = (middle[1] + 0.5 - reach, middle[0] + 0.5 - reach, middle[1] + 0.5 + reach, middle[0] + 0.5 + reach)
    margin = int(np.ceil(2 * reach))
    padded = Image.fromarray(np.pad(box, margin))
    shifted = tuple(v + margin for v in window)
    small: Floats = np.asarray(padded.resize((28, 28), Image.Resampling.BOX, box=shifted))
    return _bytes(small / np.float32(max(float(small.max()), 1e-6)))


def _bytes(values: NDArray[np.floating]) -> Bytes:
    """Return values in [0, 1] as uint8."""
    scaled = values * 255
    pixels: Bytes = np.rint(scaled, out=scaled).astype(np.uint8)
    return pixels


def _shown(pixels: Bytes) -> Bytes:
    if max(pixels.shape[:2]) <= DISPLAY_SIDE:
        return pixels
    image = Image.fromarray(pixels)
    image.thumbnail((DISPLAY_SIDE, DISPLAY_SIDE))
    return np.asarray(image)
