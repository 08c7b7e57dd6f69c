"""The board of the playground: what its buttons and its clock ask of the visitor's network."""

from typing import Any

import streamlit as st

from glassbox.playground.requests import carry_out
from glassbox.training.learner import Diverged
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import t
from glassbox.ui.base.state import Kind, declare
from glassbox.ui.components.training_board import training_board
from glassbox.ui.pages.playground import state

_ANSWERED = declare("playground_answered", Kind.INTERNAL, 0)
"""The number of the last request that was obeyed."""
_RESHAPED = declare("playground_reshaped", Kind.INTERNAL, False)


@st.fragment
def live() -> None:
    """Draw the visitor's trainer and do what its buttons ask."""
    if _RESHAPED.get():
        _RESHAPED.clear()
        st.rerun()  # a new shape is a new setup: the link and the controls change too
    training_board(
        state.trainer(),
        state.setup(),
        version=state.VERSION.get(),
        answered=_ANSWERED.get(),
        stopped=state.STOPPED.get(),
        on_asked=_answer,
    )


def _answer(request: Any) -> None:
    trainer = state.trainer()
    state.STOPPED.set(None)
    number = request.get("number") if isinstance(request, dict) else None
    _ANSWERED.set(number if isinstance(number, int) else 0)
    try:
        changed = carry_out(trainer, state.setup(), request)
    except Diverged as error:
        words = {"step": formats.count(error.step), "rate": f"{error.learning_rate:g}"}
        state.STOPPED.set(t(f"components.training_board.diverged.{error.cause}", **words))
        return
    if changed is not None:
        state.take(changed)
        _RESHAPED.set(True)
