"""A lesson's beats as a row of pictures, the reached ones lit, with back, play and next."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from glassbox.ui.base.i18n import t
from glassbox.ui.base.state import held
from glassbox.ui.charts.stage_pictures import Box
from glassbox.ui.components.register import register

BEAT = 750
"""Milliseconds a beat lasts when the lesson plays."""

_component = register(__file__)
_WORDS = ("back", "next", "play", "pause", "beat", "beats")


@dataclass(frozen=True)
class Stage:
    """One beat's picture: its `title`, what `shape` it has, the picture's data: address and size, the cells marked."""

    title: str
    shape: str
    source: str
    width: int
    height: int
    marked: tuple[Box, ...]
    alt: str


def lesson(
    stages: Sequence[Stage], step: int, on_step: Callable[[int], None], key: str = "lesson", about: str | None = None
) -> None:
    """Show `stages` with the beat `step` in front; `on_step` gets the beat that the visitor, or the play button, asks.

    `about` says what the row is to those who can't see it. Visitors who prefer reduced motion get no play button.
    """

    def moved() -> None:
        asked = held(key).get("step")
        if isinstance(asked, int) and 0 <= asked < len(stages):
            on_step(asked)

    _component(
        key=key,
        data={
            "stages": [vars(stage) for stage in stages],
            "step": step,
            "pause": BEAT,
            "words": {name: t(f"components.stepper.{name}") for name in _WORDS} | ({"beats": about} if about else {}),
        },
        on_step_change=moved,
    )
