"""The board of the playground, where the visitor's network trains: its buttons and its clock send requests."""

import streamlit as st

from glassbox.playground.lessons import GOALS
from glassbox.playground.requests import Request, carry_out
from glassbox.training.learner import Diverged
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import sentences, t
from glassbox.ui.base.state import Kind, declare
from glassbox.ui.components.training_board import training_board
from glassbox.ui.frame import heavy_jobs
from glassbox.ui.pages.playground import state

_ANSWERED = declare("playground_answered", Kind.INTERNAL, 0)
"""The number of the last request that was carried out."""


@st.fragment
def board() -> None:
    """Draw the visitor's network as it trains and carry out the requests of its buttons."""
    if state.CHANGED_ON_BOARD.get():
        st.rerun()  # the link and the controls show the setup too
    training_board(
        state.trainer(),
        state.setup(),
        version=state.VERSION.get(),
        answered=_ANSWERED.get(),
        stopped=state.STOPPED.get(),
        on_asked=_carry_out,
        goal=_goal(),
    )


def _goal() -> tuple[str, bool] | None:
    """Return the goal of the lesson in use, in words, and whether it is reached; None outside lessons."""
    name = state.lesson()
    if name is None:
        return None
    goal = GOALS[name]
    values = {"share": formats.measured(goal.accuracy, 0)}
    if goal.loss is not None:
        values["loss"] = formats.number(goal.loss)
    words, reached = t(f"playground.lesson.{name}.goal", **values), state.REACHED.get()
    if name not in reached:
        return words, False
    return sentences(words, t("playground.goals", done=len(reached), count=len(GOALS))), True


def _carry_out(request: Request) -> None:
    trainer = state.trainer()
    points = trainer.data
    state.STOPPED.set(None)
    _ANSWERED.set(request.number)
    try:
        with heavy_jobs.short_turn():
            changed = carry_out(trainer, state.setup(), request)
    except Diverged as error:
        at = error.divergence
        values = {"step": formats.count(at.step), "rate": f"{at.learning_rate:g}"}
        state.STOPPED.set(t(f"components.training_board.diverged.{at.cause}", **values))
        return
    if changed is not None:
        state.use(changed)
        state.CHANGED_ON_BOARD.set(True)
    elif trainer.data is not points:
        if not state.setup().own:
            state.CHANGED_ON_BOARD.set(True)
        state.keep_painted(trainer.data)
    else:
        state.note_goal()
