"""A digit as text in a link's `?d=`."""

import base64
import zlib

import numpy as np
from numpy.typing import NDArray

from glassbox.digits.decoding import PictureError

LINK_CHARACTERS = 1_100


def to_link(digit: NDArray[np.uint8]) -> str:
    """Return a digit, uint8 (28, 28), deflated and in the base64 of URLs: lossless, at most LINK_CHARACTERS."""
    return base64.urlsafe_b64encode(zlib.compress(digit.tobytes(), 9, -15)).decode().rstrip("=")


def from_link(text: str) -> NDArray[np.uint8]:
    """Return the digit that `to_link` wrote, uint8 (28, 28). Raises PictureError "link" for any other text."""
    try:
        if len(text) > LINK_CHARACTERS:
            raise ValueError("too long")
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        inflate = zlib.decompressobj(-15)
        raw = inflate.decompress(packed, 28 * 28 + 1)
        if len(raw) != 28 * 28 or not inflate.eof or inflate.unused_data:
            raise ValueError("wrong size")
    except (ValueError, zlib.error):
        raise PictureError("link", "The link's picture is incomplete; ask for the whole link again.") from None
    return np.frombuffer(raw, np.uint8).reshape(28, 28)
