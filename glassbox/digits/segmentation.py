"""The digits in the ink of a picture: connected components, joined to digits and told from rules, frames and specks.

Sizes are compared with the usual height of a digit, H, so that nothing depends on the resolution.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from glassbox.digits.components import Box, Component, between_middles, gap, in_reading_order, overlap, union
from glassbox.digits.decoding import Floats, PictureError
from glassbox.digits.ink import NO_INK, otsu, sample

MAX_DIGITS = 96
"""Digits that are taken from one picture: a sudoku has 81."""
MAX_COMPONENTS = 300
"""Connected components that are looked at, those with the most ink."""
MAX_CORES = 150
"""Components as large as a digit that are looked at."""
FAINT = 0.55
"""Ink this much fainter than what is surely ink still belongs to a stroke that it touches."""
REACH = 0.25
"""A small stroke belongs to a digit if it is nearer than this share of the digit's size."""
MANY = 40
"""Up to so many components no picture is taken for grain, cloth or print."""


@dataclass(frozen=True)
class Segment:
    """A digit: where it is (rows and columns of the picture), `mask`, bool (h, w), its strokes in that box.

    `ink`: how much it has. `wide`: it is wider than a digit, so that several may touch each other in it; two narrow
    ones that touch may be no wider than one.
    """

    box: Box
    mask: NDArray[np.bool_]
    ink: float
    wide: bool


@dataclass(frozen=True)
class LeftOut:
    """How many components of a picture were left out.

    `lines`: rules, frames and grids; `specks`: what is too small; `beyond`: digits more than MAX_DIGITS.
    """

    lines: int = 0
    specks: int = 0
    beyond: int = 0


NOTHING = LeftOut()


@dataclass(frozen=True)
class Segmentation:
    """The digits of a picture in reading order, one at least and at most MAX_DIGITS, and what was left out."""

    segments: tuple[Segment, ...]
    left_out: LeftOut

    @property
    def main(self) -> int:
        """The index of the digit with the most ink."""
        return max(range(len(self.segments)), key=lambda i: self.segments[i].ink)


def segment(ink: Floats) -> Segmentation:
    """Return the digits of ink (h, w) in [0, 1].

    Two thresholds (Canny 1986): what is surely ink, and fainter ink that hangs together with it. Raises PictureError
    "no_ink" where specks are all over.
    """
    sure = min(max(otsu(sample(ink[ink > 0.05])), 0.2), 0.6)
    labels, boxes = _labelled(ink > FAINT * sure)
    count = len(boxes)
    weights = _weights(ink, labels, count, sure)
    parts = _components(boxes, weights)
    strokes = _without_lines(labels, parts)
    main = max(strokes, key=lambda part: part.ink)
    height = _usual_height(strokes, main)
    large = [p for p in strokes if p is main or (p.height >= 0.5 * height and p.ink > 0.06 * main.ink)]
    cores = [p for p in large if p is main or not _is_piece_of_frame(labels, p, main, height)][:MAX_CORES]
    digits = _with_small_strokes(_joined(labels, cores, height), [p for p in strokes if p not in large])
    if count > MANY and max(digit.ink for digit in digits) < 0.3 * weights.sum() and _is_grain(labels, cores, weights):
        raise PictureError("no_ink", NO_INK)
    lines = len(parts) - len(strokes) + len(large) - len(cores)
    specks = count - lines - sum(len(digit.labels) for digit in digits)
    ordered = in_reading_order(digits)
    return Segmentation(
        tuple(_segment(labels, digit, height) for digit in ordered[:MAX_DIGITS]),
        LeftOut(lines, specks, max(0, len(ordered) - MAX_DIGITS)),
    )


def _labelled(mask: NDArray[np.bool_]) -> tuple[NDArray[np.int32], list[Box]]:
    """Return which connected component each pixel of a mask (h, w) belongs to, from 1 on, 0 for none, and their boxes.

    Only the part of the picture that has ink is gone through.
    """
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    top, left = int(rows[0]), int(columns[0])
    inked = slice(top, int(rows[-1]) + 1), slice(left, int(columns[-1]) + 1)
    labels = np.zeros(mask.shape, np.int32)
    ndimage.label(mask[inked], np.ones((3, 3)), labels[inked])
    boxes = [
        (slice(y.start + top, y.stop + top), slice(x.start + left, x.stop + left))
        for y, x in ndimage.find_objects(labels[inked])
    ]
    return labels, boxes


def _weights(ink: Floats, labels: NDArray[np.int32], count: int, sure: float) -> NDArray[np.float64]:
    """Return the sure ink of each component, summed (count,)."""
    dark = np.flatnonzero(ink > sure)
    return np.bincount(labels.ravel()[dark], ink.ravel()[dark], count + 1)[1:].astype(np.float64)


def _components(boxes: Sequence[Box], weights: NDArray[np.float64]) -> list[Component]:
    """Return the components with the most ink, at most MAX_COMPONENTS, that with the most first."""
    order = [int(i) for i in np.argsort(weights)[::-1][:MAX_COMPONENTS] if weights[i] > 0]
    return [Component.of(i + 1, float(weights[i]), boxes[i]) for i in order]


def _segment(labels: NDArray[np.int32], digit: Component, height: float) -> Segment:
    mask = np.isin(labels[digit.box], digit.labels)
    return Segment(digit.box, mask, digit.ink, wide=digit.width > 1.4 * max(height, digit.height))


# --- What is no digit -------------------------------------------------------------------------------------------------


def _without_lines(labels: NDArray[np.int32], parts: Sequence[Component]) -> list[Component]:
    """Return the components that are no grid, frame or rule; frames and rules too where little else is there."""
    off_grid = [p for p in parts if not _is_grid(p, parts)]
    off_frame = _unless_little_is_left([p for p in off_grid if not _is_frame(labels, p)], off_grid)
    height = _usual_height(off_frame, max(off_frame, key=lambda part: part.ink))
    return _unless_little_is_left([p for p in off_frame if not _is_rule(labels, p, height)], off_frame)


def _unless_little_is_left(left: list[Component], parts: list[Component]) -> list[Component]:
    return left if max((part.ink for part in left), default=0) > 0.1 * max(part.ink for part in parts) else parts


def _is_frame(labels: NDArray[np.int32], part: Component) -> bool:
    """Return whether a component is the edge of the paper or a frame: long, and nearly all along the border."""
    height, width = labels.shape
    if part.height < 0.5 * height and part.width < 0.5 * width:
        return False
    band_y, band_x = max(2, round(0.13 * height)), max(2, round(0.13 * width))
    stroke = labels == part.labels[0]
    return bool(stroke[band_y:-band_y, band_x:-band_x].sum() < 0.03 * stroke.sum())


def _is_grid(part: Component, parts: Iterable[Component]) -> bool:
    """Return whether a component has others inside that are no specks: a table's lines, a box around digits."""
    inside = [
        p
        for p in parts
        if p is not part
        and part.top <= p.top
        and p.bottom <= part.bottom
        and part.left <= p.left
        and p.right <= part.right
        and p.height >= 0.04 * part.height
    ]
    return len(inside) >= 2 and sum(p.ink for p in inside) > 0.1 * part.ink


def _is_rule(labels: NDArray[np.int32], part: Component, height: float) -> bool:
    """Return whether a component is a straight line that is lying, or is standing and much higher than a digit."""
    lying = part.width >= 1.1 * height and part.width >= 2 * part.height
    standing = part.height >= 1.7 * height and part.height >= 2 * part.width
    if not (lying or standing):
        return False
    places = np.argwhere(labels[part.box] == part.labels[0])
    least, most = np.linalg.eigvalsh(np.cov(places.T) + np.eye(2) / 12)  # a pixel's own extent is 1/12
    return bool(least < 0.12**2 * most)


def _is_piece_of_frame(labels: NDArray[np.int32], part: Component, main: Component, height: float) -> bool:
    """Return whether a component along the border is thinner than the digits' pen, or of another height than they."""
    rows, columns = labels.shape
    band = max(2, round(0.25 * height))
    near = part.bottom <= band or part.top >= rows - band or part.right <= band or part.left >= columns - band
    if not near:
        return False
    return not 0.6 * height <= part.height <= 1.4 * height or _pen(labels, part) < 0.7 * _pen(labels, main)


def _is_grain(labels: NDArray[np.int32], large: Sequence[Component], weights: NDArray[np.float64]) -> bool:
    """Return whether many components are no digits: of all sizes, as grain and print are, or filled, as dots are."""
    seen = (weights > 0.01 * large[0].ink).sum()
    filled = np.mean([(labels[part.box] == part.labels[0]).sum() / part.size**2 for part in large])
    return bool(len(large) < 0.5 * seen or filled > 0.55)


def _pen(labels: NDArray[np.int32], part: Component) -> float:
    """Return how wide the strokes of a component are at most, in pixels."""
    return 2 * float(ndimage.distance_transform_edt(np.pad(labels[part.box] == part.labels[0], 1)).max())


def _usual_height(parts: Iterable[Component], main: Component) -> float:
    """Return the median height of the components that are not much smaller than the one with the most ink."""
    return float(np.median([part.height for part in parts if part.height >= 0.5 * main.height]))


# --- What belongs together --------------------------------------------------------------------------------------------


def _joined(labels: NDArray[np.int32], cores: Sequence[Component], height: float) -> list[Component]:
    """Return the large components, those joined that are pieces of one digit."""
    groups: list[Component] = []
    for core in sorted(cores, key=lambda part: part.left):
        for i, group in enumerate(groups):
            if _are_one(labels, group, core, height):
                groups[i] = union(group, core)
                break
        else:
            groups.append(core)
    return groups


def _are_one(labels: NDArray[np.int32], a: Component, b: Component, height: float) -> bool:
    """Return whether two large components are pieces of one digit: one over the other, or a stroke's width apart."""
    both = union(a, b)
    if both.height > 1.7 * max(height, a.height, b.height) or both.width > 1.2 * both.height:
        return False
    across, down = overlap(a, b, axis=1), overlap(a, b, axis=0)
    if across >= 0.5 * min(a.width, b.width):
        return down >= -0.1 * height
    of_one_height = min(a.height, b.height) >= 0.8 * both.height  # as digits in a row are
    near = REACH / 2 * height
    return not of_one_height and down > 0 and across >= -near and _are_near(labels, a, b, near)


def _with_small_strokes(digits: Sequence[Component], small: Sequence[Component]) -> list[Component]:
    """Return the digits with each small stroke joined to the nearest, if that is near and the stroke is no speck."""
    joined = list(digits)
    for part in small:
        i = min(range(len(digits)), key=lambda i: (gap(digits[i], part), between_middles(digits[i], part)))
        if part.ink > 0.04 * digits[i].ink and gap(digits[i], part) <= REACH * digits[i].size:
            joined[i] = union(joined[i], part)
    return joined


def _are_near(labels: NDArray[np.int32], a: Component, b: Component, near: float) -> bool:
    """Return whether the strokes of two components come within `near` pixels of each other."""
    margin = int(near) + 1
    zone = labels[tuple(_common(p, q, margin) for p, q in zip(a.box, b.box, strict=True))]
    one, other = np.isin(zone, a.labels), np.isin(zone, b.labels)
    return bool(one.any() and other.any() and ndimage.distance_transform_edt(~one)[other].min() <= near + 1)


def _common(p: slice, q: slice, margin: int) -> slice:
    """Return what is within `margin` of both of two ranges."""
    return slice(max(0, p.start - margin, q.start - margin), min(p.stop, q.stop) + margin)
