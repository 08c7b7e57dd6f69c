"""The settings of the training as widgets, each bound to a field of the visitor's setup."""

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from glassbox.training.sequences import HEADS, RATES, SEEDS, TASKS
from glassbox.ui.base.i18n import t
from glassbox.ui.base.state import Bound, bound
from glassbox.ui.pages.sorting import state


def control_bar() -> None:
    """Draw what is above the board: the task, the learning rate, the heads, the positions, and the seed."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.segmented_control(
            t("sorting.task"),
            TASKS,
            format_func=lambda name: t(f"sorting.tasks.{name}"),
            required=True,
            **_bound("task", TASKS),
        )
        st.segmented_control(
            t("sorting.heads"), HEADS, required=True, help=t("sorting.heads_help"), **_bound("heads", HEADS)
        )
        st.selectbox(t("sorting.rate"), RATES, format_func=lambda rate: f"{rate:g}", width=130, **_bound("rate", RATES))
        st.toggle(t("sorting.positions"), help=t("sorting.positions_help"), **_bound("positions", (False, True)))
        st.button(
            t("sorting.seed", seed=state.setup().seed),
            icon=":material/casino:",
            on_click=lambda: state.use(replace(state.setup(), seed=random.randrange(SEEDS))),
            help=t("sorting.seed_help"),
            key="sorting_seed",
        )


def what_to_see() -> None:
    """Draw what there is to see under the setup in use."""
    now = state.setup()
    st.info(t(f"sorting.see.{now.task}_{'with' if now.positions else 'without'}"), icon=":material/lightbulb:")


def _bound(name: str, options: Sequence[Any]) -> Bound:
    """Return key and callback of a widget that shows and changes the field `name`; forged values are passed over."""

    def take(value: Any) -> None:
        state.use(replace(state.setup(), **{name: value}))

    return bound(f"sorting_{name}_widget", getattr(state.setup(), name), take, options)
