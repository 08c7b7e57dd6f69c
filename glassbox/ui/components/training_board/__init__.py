"""A network in training, live: play, step, reset, its shape, its weights, its surface and its losses.

The browser asks for a few epochs, draws the answer and asks again: only this fragment of the page runs meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable

from glassbox.playground.painting import RADIUS
from glassbox.playground.requests import Request
from glassbox.playground.setup import MAX_LAYERS, MAX_NEURONS, Setup
from glassbox.playground.trainer import Trainer
from glassbox.ui.base import palette, payload
from glassbox.ui.base.i18n import t
from glassbox.ui.components.register import register
from glassbox.ui.components.training_board.message import message

CLASS_COLOURS = (palette.NEGATIVE, palette.POSITIVE, "#118A66", "#B0549A", "#8A7300", "#7D8794")
"""Classes also differ by the shape of their points."""
_WORDS = (
    "play",
    "pause",
    "step",
    "reset",
    "speed",
    "epoch",
    "train_loss",
    "test_loss",
    "accuracy",
    "layers",
    "fewer_layers",
    "more_layers",
    "fewer_neurons",
    "more_neurons",
    "features",
    "output",
    "class",
    "bias",
    "decision",
    "neuron",
    "surface_help",
    "point",
    "brushes",
    "brush_read",
    "brush_paint",
    "brush_erase",
    "brush_clear",
)
# Not in a shadow root: its words belong to the page's text.
_component = register(__file__, isolate_styles=False)


def training_board(
    trainer: Trainer,
    shown: Setup,
    *,
    version: int,
    answered: int,
    stopped: str | None,
    on_asked: Callable[[Request], None],
    goal: tuple[str, bool] | None = None,
    key: str = "playground_live",
) -> None:
    """Draw `trainer` with the setup `shown`; `on_asked` gets what the buttons and the clock ask for.

    `version` counts the trainers, `answered` is the number of the last request obeyed, `stopped` says why training
    stopped. `goal`: that of the lesson, in words, and whether it is reached.
    """

    def asked() -> None:
        request = payload.parse(payload.sent(key, "asked"), Request)
        if request is not None:
            on_asked(request)

    _component(
        key=key,
        data={
            **message(trainer, shown),
            "version": version,
            "answered": answered,
            "stopped": stopped,
            "goal": None if goal is None else {"text": goal[0], "reached": goal[1]},
            "eraser": RADIUS,
            "colours": CLASS_COLOURS,
            "most": {"layers": MAX_LAYERS, "neurons": MAX_NEURONS},
            "words": {word: t(f"components.training_board.view.{word}") for word in _WORDS},
        },
        on_asked_change=asked,
    )
