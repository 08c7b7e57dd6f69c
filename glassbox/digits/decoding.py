"""Picture files decoded to pixels: their format and size are checked before, and the picture is turned upright."""

import io
import re
import threading

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, TiffImagePlugin, UnidentifiedImageError, WebPImagePlugin  # noqa: F401  (formats)

from glassbox.input_error import InputError

Bytes = NDArray[np.uint8]
Floats = NDArray[np.floating]

MAX_BYTES = 10_000_000
MAX_PIXELS = 40_000_000
MAX_SIDE = 10_000
MAX_RATIO = 100
FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF")
MAX_WEBP_PIXELS = 16_000_000
"""A WEBP has no reduced-size decoding and costs 15 bytes a pixel to decode: it is held to a smaller picture."""
MAX_SCANS = 32
"""Passes over its pixels in which a JPEG may come: cameras and programs write a dozen at most. Each takes as long as
the picture is large, however few bytes it has: without a limit 200 kB take minutes."""
MAX_RUN_LENGTH_PIXELS = 1_000_000
"""Of a BMP in run lengths, which Pillow decodes pixel by pixel in Python; its file is held to as many bytes."""
RUN_LENGTHS = (1, 2)
"""The codes of the compressions RLE8 and RLE4 in a BMP."""
WORKING_SIDE = 512
"""The longest side, in pixels, of a decoded picture."""
ORIENTATION = 0x0112
"""The EXIF tag that says which way up the camera was."""

# One picture is decoded at a time: the largest allowed takes some 200 MB while it is.
_decoding = threading.BoundedSemaphore(1)


class PictureError(InputError):
    """A picture that cannot be read."""


def decode(data: bytes) -> Bytes:
    """Return the pixels of an image file, uint8 RGBA (h, w, 4), upright, at most WORKING_SIDE a side.

    Nothing is decoded before its declared format and size are known and within the limits of this module. Raises
    PictureError: empty, too_large, format, too_many_pixels, too_elongated, too_slow, broken.
    """
    if not data:
        raise PictureError("empty", "The file is empty.")
    if len(data) > MAX_BYTES:
        megabytes, limit = round(len(data) / 1e6, 1), MAX_BYTES // 1_000_000
        raise PictureError(
            "too_large", f"The file has {megabytes} MB; the limit is {limit} MB.", megabytes=megabytes, limit=limit
        )
    with _decoding:
        try:
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                _check_size(image)
                _check_coding(image, data)
                return _upright(image)
        except PictureError:
            raise
        except Image.DecompressionBombError as bomb:  # Pillow's own limit, met before ours can be checked
            pixels = max(int(number) for number in re.findall(r"\d+", str(bomb)))
            raise _too_many(pixels / 1e6, MAX_PIXELS) from None
        except UnidentifiedImageError:
            names = ", ".join(FORMATS)
            raise PictureError(
                "format", f"This is not a picture in one of these formats: {names}.", formats=names
            ) from None
        except Exception as error:  # Pillow raises ValueError, OSError, SyntaxError, MemoryError, struct.error …
            raise PictureError("broken", "The picture is damaged or cut short and cannot be read.") from error


def _check_size(image: Image.Image) -> None:
    width, height = image.size
    limit = MAX_WEBP_PIXELS if image.format == "WEBP" else MAX_PIXELS
    if max(width, height) > MAX_RATIO * min(width, height):
        raise PictureError(
            "too_elongated",
            f"The picture is {width} x {height}: too long and thin to hold a digit.",
            width=width,
            height=height,
        )
    if width * height > limit or max(width, height) > MAX_SIDE:
        raise _too_many(width * height / 1e6, limit)


def _check_coding(image: Image.Image, data: bytes) -> None:
    scans = data.count(b"\xff\xda") if image.format in ("JPEG", "MPO") else 0  # none can lie within coded pixels
    run_lengths = image.format == "BMP" and image.info.get("compression", 0) in RUN_LENGTHS
    if scans > MAX_SCANS or (run_lengths and max(image.width * image.height, len(data)) > MAX_RUN_LENGTH_PIXELS):
        raise PictureError("too_slow", "Reading the picture would take too long, because of how it was saved.")


def _too_many(megapixels: float, limit: int) -> PictureError:
    megapixels, most = round(megapixels, 1), limit // 1_000_000
    return PictureError(
        "too_many_pixels",
        f"The picture has {megapixels} megapixels; the limit is {most}, and {MAX_SIDE} pixels a side.",
        megapixels=megapixels,
        limit=most,
        side=MAX_SIDE,
    )


def _upright(image: Image.Image) -> Bytes:
    """Return the first frame of an open image, upright, as RGBA of at most WORKING_SIDE a side."""
    image.draft("RGB", (WORKING_SIDE, WORKING_SIDE))  # JPEG only: decodes at 1/2, 1/4 or 1/8 of the size
    if image.mode.startswith(("I", "F")):
        every = max(1, max(image.size) // (2 * WORKING_SIDE))  # as floats the whole of it could fill the memory
        grey = _eight_bits(np.asarray(image)[::every, ::every].astype(np.float64))
        orientation = image.getexif().get(ORIENTATION)
        image = Image.fromarray(grey)
        if orientation:
            image.getexif()[ORIENTATION] = orientation
    if image.mode in ("P", "PA", "1") or "transparency" in image.info:
        image = image.convert("RGBA")
    elif image.mode not in ("RGB", "L", "RGBA", "LA"):
        image = image.convert("RGB")
    image.thumbnail((WORKING_SIDE, WORKING_SIDE), Image.Resampling.BOX, reducing_gap=2.0)
    ImageOps.exif_transpose(image, in_place=True)
    return np.asarray(image.convert("RGBA"))


def _eight_bits(values: Floats) -> Bytes:
    """Return 16-bit and float greys stretched from their own range to uint8: Pillow's convert() would clip them."""
    values = np.nan_to_num(values, posinf=0, neginf=0)
    low, high = float(values.min()), float(values.max())
    span = max(high - low, 0.04 * abs(high), 1e-6)  # so that blank paper stays blank
    return ((values - low) * (255 / span)).astype(np.uint8)
