"""The board where the visitor's transformer trains: its buttons and its clock send requests."""

import streamlit as st

from glassbox.training.learner import Diverged
from glassbox.training.sequence_trainer import Ask, Request, carry_out
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import t
from glassbox.ui.base.state import Kind, declare
from glassbox.ui.components.sorting_board import sorting_board
from glassbox.ui.frame import heavy_jobs
from glassbox.ui.pages.sorting import state

_ANSWERED = declare("sorting_answered", Kind.INTERNAL, 0)
"""The number of the last request that was carried out."""


@st.fragment
def board() -> None:
    """Draw the visitor's network as it trains and carry out the requests of its buttons."""
    sorting_board(
        state.trainer(),
        state.LETTERS.get(),
        version=state.VERSION.get(),
        answered=_ANSWERED.get(),
        stopped=state.STOPPED.get(),
        on_asked=_carry_out,
    )


def _carry_out(request: Request) -> None:
    trainer = state.trainer()
    _ANSWERED.set(request.number)
    if isinstance(request, Ask):
        state.LETTERS.set(request.letters)
        return
    state.STOPPED.set(None)
    try:
        with heavy_jobs.short_turn():
            carry_out(trainer, request)
    except Diverged as error:
        at = error.divergence
        values = {"step": formats.count(at.step), "rate": f"{at.learning_rate:g}"}
        state.STOPPED.set(t("sorting.diverged", **values))
