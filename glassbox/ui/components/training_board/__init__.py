"""A network in training, live: play, step, reset, its shape, its weights, its surface and its losses.

The browser asks for a few epochs, draws the answer and asks again: only this fragment of the page runs meanwhile.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from glassbox.playground.requests import obey
from glassbox.playground.setup import MAX_LAYERS, MAX_NEURONS, Setup
from glassbox.playground.trainer import Trainer
from glassbox.training.learner import Diverged
from glassbox.ui.base import formats, palette
from glassbox.ui.base.i18n import t
from glassbox.ui.components.register import register
from glassbox.ui.components.training_board.message import message
from glassbox.ui.pages.playground import state

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
)
# Not in a shadow root: its words belong to the page's text.
_component = register(__file__, isolate_styles=False)


@st.fragment
def live(key: str = "playground_live") -> None:
    """Draw the visitor's trainer and do what its buttons ask."""
    if st.session_state.pop("playground_reshaped", False):
        st.rerun()  # a new shape is a new setup: the link and the controls change too
    trainer, shown = state.trainer(), state.setup()

    def asked() -> None:
        request = st.session_state[key].get("asked")
        _answer(request)

    _component(
        key=key,
        data={
            **message(trainer, shown),
            "version": st.session_state["playground_version"],
            "answered": st.session_state.get("playground_answered", 0),
            "stopped": st.session_state.get("playground_stopped"),
            "colours": CLASS_COLOURS,
            "most": {"layers": MAX_LAYERS, "neurons": MAX_NEURONS},
            "words": {word: t(f"components.training_board.view.{word}") for word in _WORDS},
        },
        on_asked_change=asked,
    )


def _answer(request: Any) -> None:
    trainer: Trainer = state.trainer()
    st.session_state["playground_stopped"] = None
    number = request.get("number") if isinstance(request, dict) else None
    st.session_state["playground_answered"] = number if isinstance(number, int) else 0
    try:
        changed: Setup | None = obey(trainer, state.setup(), request)
    except Diverged as error:
        st.session_state["playground_stopped"] = t(
            f"components.training_board.diverged.{error.cause}",
            step=formats.count(error.step),
            rate=f"{error.learning_rate:g}",
        )
        return
    if changed is not None:
        state.take(changed)
        st.session_state["playground_reshaped"] = True
