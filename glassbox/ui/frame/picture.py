"""The visitor's digit: it stays on all pages and is in the page's link (?d=).

Only the 28x28 digit, the small pictures of its preparation and the drawn strokes are kept, one of each for a visitor,
and of a picture with several digits each of them (MAX_DIGITS at most), from which one is chosen; what was uploaded is
not.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from glassbox.digits import images, links, strokes
from glassbox.digits.decoding import PictureError
from glassbox.digits.images import PreparedDigit
from glassbox.digits.segmentation import NOTHING, LeftOut
from glassbox.input_error import Reason
from glassbox.ui.base.state import Entry, Kind, by_choice, declare
from glassbox.ui.charts.pixels import Shown, shown
from glassbox.ui.components.canvas import Drawing

FIRST_SAMPLE = [sample.name for sample in strokes.SAMPLES].index("1-7")
"""A one that could be a seven: the networks do not agree on it, so the first screen has something to say."""


@dataclass(frozen=True)
class FoundDigit:
    """A digit of a picture. `digit`: uint8 (28, 28); `steps`: how it was cut out and evened.

    `box`: its left, top, right and bottom as shares of the picture, None where that is not known; `wide`: several may
    touch each other in it.
    """

    digit: NDArray[np.uint8]
    steps: tuple[Shown, ...] = ()
    box: tuple[float, float, float, float] | None = None
    wide: bool = False


@dataclass(frozen=True)
class Picture:
    """What the networks are reading. `digit`: uint8 (28, 28); `steps`: how it came about, as far as that is known.

    `origin`: sample, drawn, upload, camera or link; `link`: the digit as in ?d=; `found`: all digits of the picture in
    reading order, of which `found[chosen]` is the one read; `left_out`: what else was on it.
    """

    digit: NDArray[np.uint8]
    steps: tuple[Shown, ...]
    origin: str
    link: str
    found: tuple[FoundDigit, ...] = ()
    chosen: int = 0
    left_out: LeftOut = NOTHING

    @property
    def everybodys(self) -> bool:
        """Whether it is one of the samples, which nobody drew here."""
        return self.origin == "sample"


DIGITS = "digits"
"""The parameter of the link that carries all digits of a picture, if there are several."""
_CURRENT: Entry[Picture | None] = declare("picture", Kind.DIGIT, None)
_WRITTEN: Entry[str | None] = declare("picture_written", Kind.DIGIT, None)
_PROBLEM: Entry[Reason | None] = declare("picture_problem", Kind.FILES, None)
_DRAWING = declare("drawing", Kind.STROKES, Drawing())
_IS_GHOST = declare("drawing_is_ghost", Kind.STROKES, False)
_VERSION = declare("drawing_version", Kind.STROKES, 0)
CANVAS = declare("canvas", Kind.STROKES, None)


def current() -> Picture:
    """Return the digit in use: the one kept, or else the first sample."""
    if (kept := _CURRENT.get()) is not None:
        return kept
    return take_sample(FIRST_SAMPLE)


def follow_link(moved: bool) -> None:
    """Take the digit of the page's link (?d=) if someone came with it or went back to it.

    `moved`: the visitor came from another page of the dashboard, where the link may be older than the digit. It also is
    when the digit was changed in this very run, and it may be where another choice started that.
    """
    kept, asked, written = current(), st.query_params.get("d"), _WRITTEN.get()
    first_visit, older = written is None, moved or by_choice()
    if asked and asked != kept.link and (first_visit or (not older and asked != written and kept.link == written)):
        _restore(asked)


def written(link: str) -> None:
    """Remember that the page's link now carries `link`."""
    _WRITTEN.set(link)


def problem() -> Reason | None:
    """Return why the last picture offered could not be taken, until another one is."""
    return _PROBLEM.get()


def refuse(reason: Reason) -> None:
    """Show `reason` and keep the picture that was there."""
    _PROBLEM.set(reason)


def dismiss() -> None:
    """Say no more of a picture that could not be taken: the visitor turned to another way to give one."""
    _PROBLEM.clear()


def from_prepared(prepared: PreparedDigit, origin: str) -> Picture:
    """Return a prepared picture as it is kept."""
    found = tuple(FoundDigit(one.digit, shown(one.steps), one.box, one.wide) for one in prepared.found)
    steps = (*shown(prepared.steps[:2]), *found[prepared.chosen].steps)
    link = links.to_link(prepared.digit)
    return Picture(prepared.digit, steps, origin, link, found, prepared.chosen, prepared.left_out)


def with_digit(picture: Picture, index: int) -> Picture:
    """Return `picture` with another of its digits as the one that is read."""
    one = picture.found[index]
    steps = (*picture.steps[:2], *one.steps)
    return replace(picture, digit=one.digit, steps=steps, link=links.to_link(one.digit), chosen=index)


def choose(index: int) -> None:
    """Let the networks read another digit of the picture; an index that there is not changes nothing."""
    if 0 <= index < len(current().found):
        take(with_digit(current(), index))


def parameters() -> dict[str, str]:
    """Return what the link of the first screen carries of the picture's other digits; nothing if they are too many."""
    found = current().found
    text = links.several_to_link(np.stack([one.digit for one in found])) if len(found) > 1 else None
    return {} if text is None else {DIGITS: text}


def take(picture: Picture) -> None:
    """Make `picture` the visitor's own."""
    _CURRENT.set(picture)
    _PROBLEM.clear()


def take_file(data: bytes, origin: str) -> None:
    """Prepare the bytes of a picture file and take it; an unreadable one leaves the last picture where it is."""
    try:
        take(from_prepared(images.prepare(data), origin))
    except PictureError as error:
        refuse(error.reason)
    else:
        set_drawing(Drawing())


def take_sample(index: int) -> Picture:
    """Take one of the hand-drawn samples, which then also lies on the canvas, and return it."""
    sample = _sample(index)
    take(sample)
    set_drawing(Drawing(strokes.SAMPLES[index].strokes), ghost=True)
    return sample


@lru_cache(len(strokes.SAMPLES))
def _sample(index: int) -> Picture:
    """Return a sample, prepared once for all visitors: every visit begins with one."""
    return _drawn(Drawing(strokes.SAMPLES[index].strokes), "sample")


def take_drawing(drawing: Drawing, unfinished: bool = False) -> None:
    """Take what is drawn on the canvas; an empty canvas leaves the last picture where it is.

    `unfinished`: the pen is still down, so what cannot be read yet is no problem.
    """
    _DRAWING.set(drawing)
    _IS_GHOST.set(False)
    if drawing.strokes:
        try:
            take(_drawn(drawing, "drawn"))
        except PictureError as error:
            if not unfinished:
                refuse(error.reason)


def drawing() -> tuple[Drawing, bool, int]:
    """Return what lies on the canvas, whether the next stroke replaces it, and how often Python has changed it."""
    return _DRAWING.get(), _IS_GHOST.get(), _VERSION.get()


def set_drawing(drawing: Drawing, ghost: bool = False) -> None:
    """Lay `drawing` on the canvas; the visitor's next stroke replaces a ghost."""
    _DRAWING.set(drawing)
    _IS_GHOST.set(ghost)
    _VERSION.set(_VERSION.get() + 1)


def _drawn(drawing: Drawing, origin: str) -> Picture:
    """Return the picture of what is drawn. Raises PictureError if that cannot be read."""
    ink = strokes.draw(drawing.strokes, thickness=drawing.thickness)
    return from_prepared(images.prepare_pixels(_on_paper(ink)), origin)


def _on_paper(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return white ink on black (h, w) as dark ink on white paper, RGBA (h, w, 4)."""
    paper = 255 - ink
    return np.dstack([paper, paper, paper, np.full_like(paper, 255)])


def _restore(link: str) -> None:
    try:
        digit = links.from_link(link)
    except PictureError as error:
        refuse(error.reason)
    else:
        found = _found_in_link(digit)
        chosen = next((i for i, one in enumerate(found) if np.array_equal(one.digit, digit)), 0)
        take(Picture(digit, (), "link", link, found, chosen))
        set_drawing(Drawing())


def _found_in_link(digit: NDArray[np.uint8]) -> tuple[FoundDigit, ...]:
    """Return the digits that came with `digit` in a link; none unless it is one of them, for links can be forged."""
    digits = links.several_from_link(st.query_params.get(DIGITS, ""))
    if digits is None or not (digits == digit).all((1, 2)).any():
        return ()
    return tuple(FoundDigit(one) for one in digits)
