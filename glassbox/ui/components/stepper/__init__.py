"""Steps as a row of pictures, those reached in full colour, with buttons to go back, play and go on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

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
    """

    title: str
    shape: str
    source: str
    width: int
    height: int
    marked: tuple[Box, ...]
    alt: str


def stepper(
    pictures: Sequence[StepPicture],
    *,
    step: int,
    on_step: Callable[[int], None],
    key: str = "lesson",
    about: str | None = None,
) -> None:
    """Show `pictures` with the number `step`, from 0, marked; `on_step` gets the one that the visitor goes to.

    `about`: what the row shows, for screen readers. Visitors who prefer reduced motion get no play button.
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
            "pause": PAUSE,
            "words": {name: t(f"components.stepper.{name}") for name in _WORDS} | ({"beats": about} if about else {}),
        },
        on_step_change=moved,
    )
