"""Digits as text in a link: the one in use in `?d=`, and all of its picture in `?digits=`."""

import base64
import zlib

import numpy as np
from numpy.typing import NDArray

from glassbox.digits.decoding import PictureError
from glassbox.digits.segmentation import MAX_DIGITS

LINK_CHARACTERS = 1_100
SEVERAL_CHARACTERS = 4_000
"""Browsers and servers on the way keep addresses of some 8,000 characters."""
_SIDE = 28


def to_link(digit: NDArray[np.uint8]) -> str:
    """Return a digit, uint8 (28, 28), deflated and in the base64 of URLs: lossless, at most LINK_CHARACTERS."""
    return _packed(digit)


def from_link(text: str) -> NDArray[np.uint8]:
    """Return the digit that `to_link` wrote, uint8 (28, 28). Raises PictureError "link" for any other text."""
    digits = _unpacked(text, LINK_CHARACTERS, most=1)
    if digits is None:
        raise PictureError("link", "The link's picture is incomplete; ask for the whole link again.")
    digit: NDArray[np.uint8] = digits[0]
    return digit


def several_to_link(digits: NDArray[np.uint8]) -> str | None:
    """Return several digits, uint8 (n, 28, 28), likewise; None if that is more than SEVERAL_CHARACTERS."""
    text = _packed(digits)
    return text if len(text) <= SEVERAL_CHARACTERS else None


def several_from_link(text: str) -> NDArray[np.uint8] | None:
    """Return the digits that `several_to_link` wrote, uint8 (n, 28, 28), MAX_DIGITS at most; None for other text."""
    return _unpacked(text, SEVERAL_CHARACTERS, most=MAX_DIGITS)


def _packed(digits: NDArray[np.uint8]) -> str:
    return base64.urlsafe_b64encode(zlib.compress(digits.tobytes(), 9, -15)).decode().rstrip("=")


def _unpacked(text: str, characters: int, most: int) -> NDArray[np.uint8] | None:
    """Return the digits (n, 28, 28), one to `most`, of a text of at most so many `characters`; None if it has none."""
    if len(text) > characters:
        return None
    inflate = zlib.decompressobj(-15)
    try:
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        raw = inflate.decompress(packed, most * _SIDE * _SIDE + 1)
    except (ValueError, zlib.error):
        return None
    count, rest = divmod(len(raw), _SIDE * _SIDE)
    if rest or not 1 <= count <= most or not inflate.eof or inflate.unused_data:
        return None
    return np.frombuffer(raw, np.uint8).reshape(count, _SIDE, _SIDE)
