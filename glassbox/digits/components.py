"""Connected components of ink as boxes: joined, measured against each other, and put in reading order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

Box = tuple[slice, slice]
"""Rows and columns."""


@dataclass(frozen=True)
class Component:
    """A connected component, or several joined, by their `labels`, with the sum of the sure `ink`, and its box."""

    labels: tuple[int, ...]
    ink: float
    top: int
    bottom: int
    left: int
    right: int

    @classmethod
    def of(cls, label: int, ink: float, box: Box) -> Component:
        """Return one component in its box."""
        rows, columns = box
        return cls((label,), ink, rows.start, rows.stop, columns.start, columns.stop)

    @property
    def height(self) -> int:
        """Pixels from top to bottom."""
        return self.bottom - self.top

    @property
    def width(self) -> int:
        """Pixels from left to right."""
        return self.right - self.left

    @property
    def size(self) -> int:
        """The longer side."""
        return max(self.height, self.width)

    @property
    def box(self) -> Box:
        """The box as rows and columns."""
        return slice(self.top, self.bottom), slice(self.left, self.right)


def union(a: Component, b: Component) -> Component:
    """Return two components as one."""
    return Component(
        a.labels + b.labels,
        a.ink + b.ink,
        min(a.top, b.top),
        max(a.bottom, b.bottom),
        min(a.left, b.left),
        max(a.right, b.right),
    )


def overlap(a: Component, b: Component, axis: int) -> int:
    """Return how far two boxes overlap along an axis, in pixels; below 0, how far apart they are."""
    p, q = a.box[axis], b.box[axis]
    return int(min(p.stop, q.stop) - max(p.start, q.start))


def gap(a: Component, b: Component) -> int:
    """Return the pixels between two boxes, along the axis on which they are further apart; 0 if they overlap."""
    return max(0, -overlap(a, b, 0), -overlap(a, b, 1))


def between_middles(a: Component, b: Component) -> float:
    """Return the pixels between the middles of two boxes."""
    return float(np.hypot(a.top + a.bottom - b.top - b.bottom, a.left + a.right - b.left - b.right) / 2)


def in_reading_order(digits: Sequence[Component]) -> list[Component]:
    """Return the digits line by line. A line goes on with the nearest digit to the right at about the same height, so
    that it may be crooked."""
    after: dict[int, int] = {}
    for i, digit in enumerate(digits):
        to_the_right = [
            j
            for j, other in enumerate(digits)
            if other.left + other.right > digit.left + digit.right
            and overlap(digit, other, 0) >= 0.4 * min(digit.height, other.height)
        ]
        if to_the_right:
            after[i] = min(to_the_right, key=lambda j: digits[j].left + digits[j].right)
    line = list(range(len(digits)))
    for i in sorted(after, key=lambda i: -digits[i].left):  # from the right, so that each takes its line's name
        old, new = line[i], line[after[i]]
        line = [new if name == old else name for name in line]
    lines: dict[int, list[Component]] = {}
    for digit, name in zip(digits, line, strict=True):
        lines.setdefault(name, []).append(digit)
    ordered = sorted(lines.values(), key=lambda members: np.mean([d.top + d.bottom for d in members]))
    return [digit for members in ordered for digit in sorted(members, key=lambda d: d.left + d.right)]
