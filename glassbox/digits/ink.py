"""The ink of a picture: the paper is estimated, shadows included, and what differs from it is ink."""

import math
from functools import reduce

import numpy as np
from PIL import Image
from scipy import ndimage

from glassbox.digits.decoding import Bytes, Floats, PictureError

SAMPLED = 65_536
"""Thresholds are taken from at most so many pixels."""
_BINS = 128
NO_INK = "Nothing on this picture stands out like a digit in ink on paper."


def on_paper(rgba: Bytes) -> Bytes:
    """Return RGBA pixels as RGB: transparent parts take the paper's colour or, where all that is opaque is ink, the
    opposite of the ink's. Raises PictureError "blank"."""
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


def find_ink(picture: Bytes) -> Floats:
    """Return the ink of uint8 RGB (h, w, 3): how far each pixel is from the paper around it, float32 (h, w) in [0, 1].

    Raises PictureError: blank, no_ink.
    """
    red, green, blue = np.ascontiguousarray(picture.transpose(2, 0, 1))
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
    difference = reduce(np.maximum, [np.subtract(_estimated_paper(c), c, out=c) for c in channels])
    if min(difference.shape) > 64:
        difference = _averaged(difference)
    np.clip(difference, 0, None, out=difference)
    sampled = sample(difference)
    paper = sampled[sampled <= np.float32(otsu(sampled))]
    (level,) = quantiles(paper, 0.5)
    noise = level + 1.4826 * quantiles(np.abs(paper - level), 0.5)[0]
    (strongest,) = quantiles(sampled, 0.998)
    if strongest < 10 or strongest < 2 * noise:
        raise PictureError("no_ink", NO_INK)
    difference -= noise
    difference /= max(strongest - noise, 1e-6)
    ink: Floats = np.clip(difference, 0, 1, out=difference)
    return ink


def sample(values: Floats) -> Floats:
    """Return at most SAMPLED of `values`, evenly taken: enough to know how they are distributed."""
    flat = values.ravel()
    step = max(1, math.ceil(flat.size / SAMPLED))
    return flat[::step]


def quantiles(values: Floats, *shares: float) -> list[float]:
    """Return the quantiles of float32 values as `numpy.quantile` does, by one partition at all that they lie between:
    an eighth of the time of sorting, and a quarter of that of a partition at one place (NumPy 2.4)."""
    last = values.size - 1
    below = [int(share * last) for share in shares]
    parted = np.partition(values, sorted({k for low in below for k in (low, min(low + 1, last))}), axis=None)
    found = []
    for share, place in zip(shares, below, strict=True):
        low, high, part = parted[place], parted[min(place + 1, last)], share * last - place
        found.append(float(high - (high - low) * (1 - part) if part >= 0.5 else low + (high - low) * part))
    return found


def _light_on_dark(grey: Floats) -> bool:
    """Return whether the ink is lighter than the paper: ink is the tone that stands out of its surroundings in a few
    places; where neither does, paper is what covers most of the area and the edge."""
    height, width = grey.shape
    if min(height, width) >= 48:
        small = _reduced(grey, 128)
        rough = small - ndimage.uniform_filter(small, max(small.shape) // 2, mode="nearest")
        dark_tail, light_tail = map(abs, quantiles(rough, 0.003, 0.997))
        if max(dark_tail, light_tail) > 2 * min(dark_tail, light_tail):
            return bool(light_tail > dark_tail)
    dark = grey < otsu(sample(grey))
    edge = np.concatenate([dark[0], dark[-1], dark[:, 0], dark[:, -1]])
    return bool(dark.mean() + edge.mean() > 1)


def otsu(values: Floats) -> float:
    """Return the threshold that best splits values in two (Otsu, 1979), by a histogram."""
    low, high = float(values.min()), float(values.max())
    edges = np.linspace(low, high, _BINS + 1)
    bins = (values - np.float32(low)) * np.float32(_BINS / max(high - low, 1e-6))
    counts = np.bincount(bins.astype(np.intp), minlength=_BINS + 1)
    counts[_BINS - 1] += counts[_BINS]  # the last bin takes what lies at its upper edge too
    counts = counts[:_BINS]
    below = np.cumsum(counts)
    centres = (edges[:-1] + edges[1:]) / 2
    above = below[-1] - below
    total = np.cumsum(counts * centres)
    between = below * above * (total / np.maximum(below, 1) - (total[-1] - total) / np.maximum(above, 1)) ** 2
    return float(edges[1 + int(np.argmax(between[:-1]))])


def _estimated_paper(channel: Floats) -> Floats:
    """Return the paper alone, shadows included, of one channel (h, w) with dark ink on light paper.

    By grey closing on a reduced copy: a window wider than any stroke always sees some paper. Small pictures, whose
    strokes are as wide as any window, are taken to lie on even paper.
    """
    height, width = channel.shape
    if min(height, width) < 48:
        return np.full_like(channel, np.percentile(channel, 90))
    small = _reduced(channel, 64)
    window = max(3, min(small.shape) // 3)
    closed = ndimage.grey_closing(small, (window, window), mode="nearest")
    smooth = ndimage.uniform_filter(closed, window, mode="nearest")
    return np.asarray(Image.fromarray(smooth).resize((width, height), Image.Resampling.BILINEAR))


def _averaged(values: Floats) -> Floats:
    """Return the mean of each cell of values (h, w) and its eight neighbours, the border mirrored."""
    padded = np.pad(values, 1, mode="symmetric")
    down = padded[:-2] + padded[1:-1]
    down += padded[2:]
    mean: Floats = down[:, :-2] + down[:, 1:-1]
    mean += down[:, 2:]
    mean *= np.float32(1 / 9)
    return mean


def _reduced(channel: Floats, side: int) -> Floats:
    """Return a channel (h, w) averaged over squares of whole pixels to about `side` pixels at most."""
    return np.asarray(Image.fromarray(channel).reduce(max(1, max(channel.shape) // side)))
