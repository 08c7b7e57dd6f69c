"""Any picture of a digit -> the 28x28 tensor that the networks were trained on, every step kept for display.

MNIST was made from scans: size-normalised to fit 20x20 with the aspect ratio kept, anti-aliased, then centred by its
centre of mass in 28x28 (LeCun, Cortes, Burges, http://yann.lecun.com/exdb/mnist/). This module brings any picture to
that form: the paper is estimated and removed, the digit found, its pen evened, and then fitted and centred likewise.
"""

import base64
import io
import re
import threading
import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, TiffImagePlugin, UnidentifiedImageError, WebPImagePlugin  # noqa: F401  (formats)
from scipy import ndimage

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]

MAX_BYTES = 10_000_000
MAX_PIXELS = 40_000_000
MAX_SIDE = 10_000
MAX_RATIO = 100
FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF")
# A WEBP has no reduced-size decoding and costs 15 bytes a pixel to decode: it is held to a smaller picture.
MAX_WEBP_PIXELS = 16_000_000
WORKING_SIDE = 512
"""Longest side, in pixels, that the digit is looked for in."""
BOX = 20
FINE = 4
"""The digit is evened at FINE times the final resolution, then averaged down (anti-aliasing)."""
PEN = 2.6
"""Stroke width, in pixels of the 28x28 picture, that thin pens are brought to (MNIST's median)."""
FAINT = 0.55
"""Ink this much fainter than what is surely ink still belongs to a stroke that it touches."""
LEVEL = 0.36
"""Ink darker than this share of the darkest ink nearby is drawn."""
MAX_STROKES = 40
SAMPLED = 65_536
"""Thresholds are taken from at most so many pixels."""
NO_INK = "Nothing on this picture stands out like a digit in ink on paper."
DISPLAY_SIDE = 280
LINK_CHARACTERS = 1_100

ORIENTATION = 0x0112
"""The EXIF tag that says which way up the camera was."""

# One picture is decoded at a time: the largest allowed takes some 200 MB while it is.
_decoding = threading.BoundedSemaphore(1)


class PictureError(ValueError):
    """A picture that cannot be read. `code` names the reason for translation, `details` fills its sentence."""

    def __init__(self, code: str, message: str, **details: object) -> None:
        super().__init__(message)
        self.code = code
        self.details = details


@dataclass(frozen=True)
class PreparationStep:
    """One stage of the preparation. `pixels`: uint8 (h, w) or (h, w, 3), at most DISPLAY_SIDE a side."""

    name: str
    pixels: Bytes


@dataclass(frozen=True)
class PreparedDigit:
    """`digit`: uint8 (28, 28), white ink on black. `steps`: picture, ink, cut, even, digit."""

    digit: Bytes
    steps: tuple[PreparationStep, ...]


def prepare(data: bytes) -> PreparedDigit:
    """Read an image file and bring its digit to 28x28.

    Raises PictureError: empty, too_large, format, too_many_pixels, too_elongated, broken, blank, no_ink.
    """
    return prepare_pixels(decode(data))


def decode(data: bytes) -> Bytes:
    """Image file -> uint8 RGBA (h, w, 4), upright, at most WORKING_SIDE a side.

    Nothing is decoded before its declared format and size are known and within the limits of this module.
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
    """First frame of an open image -> upright RGBA of at most WORKING_SIDE a side."""
    image.draft("RGB", (WORKING_SIDE, WORKING_SIDE))  # JPEG only: decodes at 1/2, 1/4 or 1/8 of the size
    if image.mode.startswith(("I", "F")):
        every = max(1, max(image.size) // (2 * WORKING_SIDE))  # as floats the whole of it could fill the memory
        grey = _eight_bits(np.asarray(image)[::every, ::every].astype(np.float32))
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
    """16-bit and float greys, stretched to their own range: Pillow's convert() would clip them."""
    values = np.nan_to_num(values, posinf=0, neginf=0)
    low, high = float(values.min()), float(values.max())
    span = max(high - low, 0.04 * abs(high), 1e-6)  # so that blank paper stays blank
    return ((values - low) * (255 / span)).astype(np.uint8)


def prepare_pixels(rgba: Bytes) -> PreparedDigit:
    """uint8 RGBA (h, w, 4) -> the digit and its steps. Raises PictureError: blank, no_ink."""
    picture = _on_paper(rgba)
    ink = _ink(picture)
    mask = _digit(ink)
    top, bottom, left, right = _bounds(mask)
    near = ndimage.binary_dilation(mask[top:bottom, left:right], iterations=2)
    cut = np.where(near, ink[top:bottom, left:right], np.float32(0))
    even = _even_pen(cut)
    digit = _centre(even)
    return PreparedDigit(
        digit,
        (
            PreparationStep("picture", _shown(picture)),
            PreparationStep("ink", _shown(_bytes(ink))),
            PreparationStep("cut", _shown(_bytes(cut))),
            PreparationStep("even", _shown(_bytes(even))),
            PreparationStep("digit", digit),
        ),
    )


def _on_paper(rgba: Bytes) -> Bytes:
    """RGBA -> RGB. Transparent parts take the paper's colour, or, where the opaque part is only ink, its opposite."""
    colour, alpha = rgba[..., :3], rgba[..., 3]
    if alpha.min() == 255:
        return colour
    opaque = alpha > 127
    if not opaque.any():
        raise PictureError("blank", "The picture is fully transparent: there is nothing on it.")
    if opaque.mean() > 0.6:
        paper = np.median(colour[opaque], axis=0)
    else:
        paper = np.full(3, 255.0 if colour[opaque].mean() < 128 else 0.0)
    share = alpha[..., None].astype(np.float32) / 255
    composed: Bytes = (colour * share + paper * (1 - share)).astype(np.uint8)
    return composed


def _ink(picture: Bytes) -> Floats:
    """uint8 RGB (h, w, 3) -> ink in [0, 1] (h, w): how far each pixel is from the paper around it."""
    red, green, blue = picture[..., 0], picture[..., 1], picture[..., 2]
    grey = red.astype(np.float32)
    channels = [grey]
    if not (np.array_equal(red, green) and np.array_equal(red, blue)):
        channels += [green.astype(np.float32), blue.astype(np.float32)]
        grey = 0.299 * channels[0] + 0.587 * channels[1] + 0.114 * channels[2]
    if np.ptp(grey) < 8 and max(np.ptp(channel) for channel in channels) < 12:
        raise PictureError("blank", "The picture is blank: every pixel has nearly the same colour.")
    if _light_on_dark(grey):
        channels = [255 - channel for channel in channels]
    # The channel with the most contrast: blue ink is darkest in red, red ink in blue.
    difference = np.maximum.reduce([_paper(channel) - channel for channel in channels])
    if min(difference.shape) > 64:
        difference = ndimage.uniform_filter(difference, 3)
    np.clip(difference, 0, None, out=difference)
    some = _some(difference)
    level, spread = _median(some[some <= _otsu(some)])
    noise = level + 1.4826 * spread
    strongest = float(np.percentile(some, 99.8))
    if strongest < 10 or strongest < 2 * noise:
        raise PictureError("no_ink", NO_INK)
    ink: Floats = np.clip((difference - noise) / max(strongest - noise, 1e-6), 0, 1)
    return ink


def _some(values: Floats) -> Floats:
    """At most SAMPLED of `values`, evenly taken: enough to know how they are distributed."""
    flat = values.ravel()
    return flat[:: -(-flat.size // SAMPLED)]


def _median(values: Floats) -> tuple[float, float]:
    """Median, and median absolute deviation from it."""
    middle = float(np.median(values))
    return middle, float(np.median(np.abs(values - middle)))


def _light_on_dark(grey: Floats) -> bool:
    """Ink is what little stands out of its surroundings; where neither tone does, paper is most of area and edge."""
    height, width = grey.shape
    if min(height, width) >= 48:
        coarse = _coarse(grey, 128)
        rough = coarse - ndimage.uniform_filter(coarse, max(coarse.shape) // 2, mode="nearest")
        dark_tail, light_tail = np.abs(np.percentile(rough, (0.3, 99.7)))
        if max(dark_tail, light_tail) > 2 * min(dark_tail, light_tail):
            return bool(light_tail > dark_tail)
    dark = grey < _otsu(_some(grey))
    edge = np.concatenate([dark[0], dark[-1], dark[:, 0], dark[:, -1]])
    return bool(dark.mean() + edge.mean() > 1)


def _otsu(values: Floats) -> float:
    """The threshold that best splits `values` in two (Otsu, 1979), over 128 bins."""
    counts, edges = np.histogram(values, 128)
    centres = (edges[:-1] + edges[1:]) / 2
    below = np.cumsum(counts)
    above = below[-1] - below
    total = np.cumsum(counts * centres)
    between = below * above * (total / np.maximum(below, 1) - (total[-1] - total) / np.maximum(above, 1)) ** 2
    return float(edges[1 + int(np.argmax(between[:-1]))])


def _paper(channel: Floats) -> Floats:
    """One channel (h, w), dark ink on light paper -> the paper alone, shadows included.

    Grey closing on a coarse copy: a window wider than any stroke always sees some paper. Small pictures, whose strokes
    are as wide as any window, are taken to lie on even paper.
    """
    height, width = channel.shape
    if min(height, width) < 48:
        return np.full_like(channel, np.percentile(channel, 90))
    coarse = _coarse(channel, 64)
    window = max(3, min(coarse.shape) // 3)
    closed = ndimage.grey_closing(coarse, (window, window), mode="nearest")
    smooth = ndimage.uniform_filter(closed, window, mode="nearest")
    return np.asarray(Image.fromarray(smooth).resize((width, height), Image.Resampling.BILINEAR))


def _coarse(channel: Floats, side: int) -> Floats:
    """(h, w) averaged over squares of whole pixels to about `side` pixels at most."""
    return np.asarray(Image.fromarray(channel).reduce(max(1, max(channel.shape) // side)))


def _digit(ink: Floats) -> NDArray[np.bool_]:
    """Ink (h, w) -> where the digit is: the weightiest connected stroke and the strokes near it.

    Two thresholds (Canny 1986): what is surely ink, and fainter ink that hangs together with it.
    """
    sure = min(max(_otsu(_some(ink[ink > 0.05])), 0.2), 0.6)
    labels, count = ndimage.label(ink > FAINT * sure, np.ones((3, 3)))
    dark = np.flatnonzero(ink > sure)
    weight = np.bincount(labels.ravel()[dark], ink.ravel()[dark], count + 1)[1:]
    order = np.argsort(weight)[::-1][:MAX_STROKES]
    boxes = ndimage.find_objects(labels)
    inside = [i for i in order if not _is_frame(labels, i + 1, boxes[i])]
    if inside and weight[inside[0]] > 0.1 * weight[order[0]]:
        order = np.array(inside)
    main = order[0]
    kept = [main]
    rows, columns = boxes[main]
    reach = 0.25 * max(rows.stop - rows.start, columns.stop - columns.start)
    for other in order[1:]:
        if weight[other] > 0.04 * weight[main] and _gap(boxes[main], boxes[other]) <= reach:
            kept.append(other)
    if count > MAX_STROKES and weight[kept].sum() < 0.3 * weight.sum():  # specks all over: grain, cloth, print
        raise PictureError("no_ink", NO_INK)
    chosen = np.zeros(count + 1, np.bool_)
    chosen[np.array(kept) + 1] = True
    digit: NDArray[np.bool_] = chosen[labels]
    return digit


def _is_frame(labels: NDArray[np.int32], label: int, box: tuple[slice, slice]) -> bool:
    """Whether a stroke is the edge of the paper or a printed frame: long, and nearly all of it along the border."""
    height, width = labels.shape
    rows, columns = box
    if rows.stop - rows.start < 0.5 * height and columns.stop - columns.start < 0.5 * width:
        return False
    band_y, band_x = max(2, round(0.13 * height)), max(2, round(0.13 * width))
    stroke = labels == label
    return bool(stroke[band_y:-band_y, band_x:-band_x].sum() < 0.03 * stroke.sum())


def _gap(a: tuple[slice, slice], b: tuple[slice, slice]) -> int:
    """Pixels between two boxes, along the axis on which they are further apart; 0 if they overlap."""
    return max(0, *(max(int(q.start - p.stop), int(p.start - q.stop)) for p, q in zip(a, b, strict=True)))


def _bounds(mask: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1


def _even_pen(cut: Floats) -> Floats:
    """The cut-out ink -> a drawing of at most BOX * FINE a side, each pen brought towards MNIST's."""
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
    signed = inner - ndimage.distance_transform_edt(~stroke)
    # Half of the difference goes on each side; a thick pen is left nearly as it is, for thinning it opens strokes.
    grow = (PEN - pen) / 2 * FINE
    grow = min(grow, 1.2 * FINE) if grow > 0 else max(0.3 * grow, -0.5 * FINE)
    even: Floats = np.clip(signed + grow + 0.5, 0, 1).astype(np.float32)
    return even


def _centre(even: Floats) -> Bytes:
    """A drawing -> uint8 (28, 28): its box fitted to 20x20, its centre of mass in the middle."""
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
    """Values in [0, 1] -> uint8."""
    pixels: Bytes = np.clip(np.rint(values * 255), 0, 255).astype(np.uint8)
    return pixels


def _shown(pixels: Bytes) -> Bytes:
    if max(pixels.shape[:2]) <= DISPLAY_SIDE:
        return pixels
    image = Image.fromarray(pixels)
    image.thumbnail((DISPLAY_SIDE, DISPLAY_SIDE))
    return np.asarray(image)


def to_link(digit: Bytes) -> str:
    """uint8 (28, 28) -> text for a link's `?d=`: deflated, base64 for URLs. Lossless; at most LINK_CHARACTERS."""
    return base64.urlsafe_b64encode(zlib.compress(digit.tobytes(), 9, -15)).decode().rstrip("=")


def from_link(text: str) -> Bytes:
    """The digit that `to_link` wrote, uint8 (28, 28). Raises PictureError "link" for any other text."""
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
