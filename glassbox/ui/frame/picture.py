"""The visitor's digit: it stays on all pages and is in the page's link (?d=).

Only the 28x28 digit, the small pictures of its preparation and the drawn strokes are kept, one of each for a visitor;
what was uploaded is not.
"""

from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from glassbox.digits import images, strokes
from glassbox.digits.images import PictureError, PreparedDigit
from glassbox.ui.charts.pixels import Shown, shown
from glassbox.ui.components.canvas import Drawing

FIRST_SAMPLE = [sample.name for sample in strokes.SAMPLES].index("1-7")
"""A one that could be a seven: the networks do not agree on it, so the first screen has something to say."""


@dataclass(frozen=True)
class Picture:
    """What the networks are reading. `digit`: uint8 (28, 28); `steps`: how it came about, as far as that is known.

    `origin`: sample, drawn, upload, camera or link; `link`: the digit as in ?d=.
    """

    digit: NDArray[np.uint8]
    steps: tuple[Shown, ...]
    origin: str
    link: str


def current() -> Picture:
    """The digit in use: the one kept, or else the first sample."""
    if "picture" not in st.session_state:
        take_sample(FIRST_SAMPLE)
    picture: Picture = st.session_state["picture"]
    return picture


def follow_link(moved: bool) -> None:
    """Take the digit of the page's link (?d=) if someone came with it or went back to it.

    `moved`: the visitor came from another page of the dashboard, where the link may be older than the digit. It also is
    when the digit was changed in this very run.
    """
    kept, asked, written = current(), st.query_params.get("d"), st.session_state.get("picture_written")
    first_visit = written is None
    if asked and asked != kept.link and (first_visit or (not moved and asked != written and kept.link == written)):
        _restore(asked)


def written(link: str) -> None:
    """Remember that the page's link now carries `link`."""
    st.session_state["picture_written"] = link


def problem() -> PictureError | None:
    """Why the last picture offered could not be taken, until another one is."""
    error: PictureError | None = st.session_state.get("picture_problem")
    return error


def refuse(error: PictureError) -> None:
    """Show `error` and keep the picture that was there."""
    st.session_state["picture_problem"] = error


def of(prepared: PreparedDigit, origin: str) -> Picture:
    """A prepared digit as it is kept."""
    return Picture(prepared.digit, shown(prepared.steps[:-1]), origin, images.to_link(prepared.digit))


def take(picture: Picture) -> None:
    """Make `picture` the visitor's own."""
    st.session_state["picture"] = picture
    st.session_state.pop("picture_problem", None)


def take_file(data: bytes, origin: str) -> None:
    """Prepare the bytes of a picture file and take it; an unreadable one leaves the last picture where it is."""
    try:
        take(of(images.prepare(data), origin))
    except PictureError as error:
        refuse(error)
    else:
        set_drawing(Drawing())


def take_sample(index: int) -> None:
    """Take one of the hand-drawn samples, which then also lies on the canvas."""
    drawing = Drawing(strokes.SAMPLES[index].strokes)
    _take_drawing(drawing, "sample")
    set_drawing(drawing, ghost=True)


def take_drawing(drawing: Drawing) -> None:
    """Take what is drawn on the canvas; an empty canvas leaves the last picture where it is."""
    st.session_state["drawing"] = drawing
    st.session_state["drawing_is_ghost"] = False
    if drawing.strokes:
        _take_drawing(drawing, "drawn")


def drawing() -> tuple[Drawing, bool, int]:
    """What lies on the canvas, whether the next stroke replaces it, and the number of times Python has changed it."""
    state = st.session_state
    return state.get("drawing", Drawing()), state.get("drawing_is_ghost", False), state.get("drawing_version", 0)


def set_drawing(drawing: Drawing, ghost: bool = False) -> None:
    """Lay `drawing` on the canvas; the visitor's next stroke replaces a ghost."""
    st.session_state["drawing"] = drawing
    st.session_state["drawing_is_ghost"] = ghost
    st.session_state["drawing_version"] = st.session_state.get("drawing_version", 0) + 1


def _take_drawing(drawing: Drawing, origin: str) -> None:
    ink = strokes.draw(drawing.strokes, thickness=drawing.thickness)
    try:
        take(of(images.prepare_pixels(_on_paper(ink)), origin))
    except PictureError as error:
        refuse(error)


def _on_paper(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """White ink on black (h, w) -> dark ink on white paper, RGBA (h, w, 4)."""
    paper = 255 - ink
    return np.dstack([paper, paper, paper, np.full_like(paper, 255)])


def _restore(link: str) -> None:
    try:
        digit = images.from_link(link)
    except PictureError as error:
        refuse(error)
    else:
        take(Picture(digit, (), "link", link))
        set_drawing(Drawing())
