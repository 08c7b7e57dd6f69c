"""A fixed set of digits to measure forgetting with: ten of each label, drawn from the forms in `strokes`.

None of them is a visitor's picture, so that they show what training on the visitor's own costs elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from glassbox.digits import images, strokes
from glassbox.digits.tensors import rescaled

EACH = 10
"""Pictures of a label."""
_ROUNDS = ((0.0, 18.0), (0.18, 14.0), (-0.18, 22.0), (0.3, 18.0))
"""Slant and pen width of each round through a label's forms."""


@dataclass(frozen=True)
class ReferenceSet:
    """Digits, uint8 (n, 28, 28), with their labels (n,)."""

    digits: NDArray[np.uint8]
    labels: NDArray[np.int64]

    def pictures(self) -> NDArray[np.float32]:
        """The digits as networks take them, float32 in [0, 1]."""
        return rescaled(self.digits)


@dataclass(frozen=True)
class ReferenceChange:
    """The labels (n,) that a network reads in the reference set before and after it was trained further."""

    labels: NDArray[np.int64]
    before: NDArray[np.int64]
    after: NDArray[np.int64]

    @property
    def right_before(self) -> int:
        """How many pictures were read rightly before."""
        return int((self.before == self.labels).sum())

    @property
    def right_after(self) -> int:
        """How many pictures are read rightly after."""
        return int((self.after == self.labels).sum())

    @property
    def forgotten(self) -> NDArray[np.int64]:
        """The indices of the pictures that were read rightly and no longer are."""
        return np.flatnonzero((self.before == self.labels) & (self.after != self.labels))

    @property
    def learned(self) -> NDArray[np.int64]:
        """The indices of the pictures that are read rightly and were not before."""
        return np.flatnonzero((self.before != self.labels) & (self.after == self.labels))

    def by_label(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return how many pictures of each label are read rightly, before and after."""
        before, after = (
            np.array([(read[self.labels == label] == label).sum() for label in np.unique(self.labels)])
            for read in (self.before, self.after)
        )
        return before, after


@cache
def reference_set() -> ReferenceSet:
    """Return the set, read-only, the same one each time; drawing it takes about a second, as each digit is prepared
    like a visitor's drawing."""
    digits, labels = [], []
    for label, forms in strokes.FORMS.items():
        for index in range(EACH):
            round_, form = divmod(index, len(forms))
            slant, pen = _ROUNDS[round_]
            curves = [strokes.curve(np.array(line) / 100) for line in forms[form]]
            drawing = tuple(tuple((x + slant * (0.5 - y), y) for x, y in curve) for curve in curves)
            digits.append(digit_from_strokes(drawing, pen))
            labels.append(int(label))
    drawn = ReferenceSet(np.stack(digits), np.array(labels))
    drawn.digits.flags.writeable = drawn.labels.flags.writeable = False
    return drawn


def digit_from_strokes(drawing: strokes.Drawing, pen: float = 18.0) -> NDArray[np.uint8]:
    """Return the digit (28, 28) of strokes drawn with a pen so many pixels wide, prepared like a visitor's drawing."""
    paper = 255 - strokes.draw(drawing, thickness=pen)
    return images.prepare_pixels(np.dstack([paper, paper, paper, np.full_like(paper, 255)])).digit
