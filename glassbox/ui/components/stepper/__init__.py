"""Steps as a row of pictures, those reached in full colour, with buttons to go back, play and go on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from glassbox.ui.base import payload
from glassbox.ui.base.i18n import t
from glassbox.ui.charts.stage_pictures import Box
from glassbox.ui.components.register import register

PAUSE = 750
"""Milliseconds between two steps when they play."""

_component = register(__file__)
_WORDS = ("back", "next", "play", "pause", "beat", "beats")


@dataclass(frozen=True)
class StepPicture:
    """The picture of one step, under it its `title` and the `shape` of what is shown, and the cells marked in it.

    `source`: the picture as a data: address; `width` and `height` in pixels; `alt`: what it shows, in words.
    `share`: how much of the marked cell came from the cell marked in the step before, None where nothing did.
    `rows`: where this step only lays numbers out anew, [x, y] of each row of the picture before, `row_width` pixels
    wide, and [x, y] of it here.
    """

    title: str
    shape: str
    source: str
    width: int
    height: int
    marked: tuple[Box, ...]
    alt: str
    share: float | None = None
    share_words: str = ""
    rows: tuple[tuple[float, float, float, float], ...] = ()
    row_width: int = 0


def stepper(
    pictures: Sequence[StepPicture],
    *,
    step: int,
    on_step: Callable[[int], None] = lambda _: None,
    key: str = "lesson",
    about: str | None = None,
    containers: str = "",
    parameter: str = "",
) -> None:
    """Show `pictures` with the number `step`, from 0, marked; `on_step` gets the one that the visitor goes to.

    `about`: what the row shows, for screen readers. Visitors who prefer reduced motion get no play button.

    With `containers`, the page has drawn what it says of each step in a container with the key `containers`_STEP: the
    browser shows the one of its step, asks the server for nothing, and writes the step, from 1, into the link's
    `parameter`.
    """

    def moved() -> None:
        asked = payload.parse(payload.sent(key, "step"), payload.Index)
        if asked is not None and asked < len(pictures):
            on_step(asked)

    _component(
        key=key,
        data={
            "pictures": [vars(picture) for picture in pictures],
            "step": step,
            "containers": containers,
            "parameter": parameter,
            "pause": PAUSE,
            "words": {name: t(f"components.stepper.{name}") for name in _WORDS} | ({"beats": about} if about else {}),
        },
        on_step_change=moved,
    )


def hide_others(containers: str, step: int, count: int) -> None:
    """Hide all of the `count` containers but that of `step`, until the browser does so itself (containers.js)."""
    others = ", ".join(f".st-key-{containers}_{other}" for other in range(count) if other != step)
    wrapper = f'[data-testid="stLayoutWrapper"]:has(> :is({others}))'
    st.html(f"<style>html:not([data-steps]) {wrapper} {{ display: none; }}</style>")
