"""The settings of the playground as widgets, each bound to a field of the visitor's setup."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from glassbox.playground import data, setup
from glassbox.playground.lessons import LESSONS
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import t
from glassbox.ui.base.state import Bound, Entry, Kind, bound, declare
from glassbox.ui.pages.playground import state

Label = Callable[[Any], str]
_LESSON: Entry[str | None] = declare("playground_lesson", Kind.CONTROL, None)


def control_bar() -> None:
    """Draw what is above the board: a lesson, the data, the learning rate, and the rest in a popover."""
    with st.container(key="gb_playground_bar"):
        lesson, points, rate, more = st.columns([3, 2, 2, 2], vertical_alignment="bottom")
    with lesson:
        _lesson_choice()
    with points:
        own = (setup.OWN,) if state.own_data() else ()
        _select("data", (*data.NAMES, *own), lambda name: t(f"playground.data.{name}"))
    with rate:
        _select("rate", setup.RATES, lambda value: f"{value:g}")
    with more, st.popover(t("playground.settings"), icon=":material/tune:", width="stretch", key="playground_settings"):
        _settings()


def _settings() -> None:
    now = state.setup()
    left, right = st.columns(2)
    with left:
        _select("activation", tuple(setup.ACTIVATIONS), lambda name: t(f"playground.activation.{name}"))
        _select("optimiser", tuple(setup.OPTIMISERS), lambda name: t(f"playground.optimiser.{name}"))
        _slider("batch", setup.BATCHES)
        _select("penalty", setup.PENALTIES, lambda name: t(f"playground.penalty.{name}"))
        if now.penalty != "none":
            _select("strength", setup.STRENGTHS, lambda value: f"{value:g}")
    with right:
        if now.data in data.CLASSIFICATION:
            _slider("classes", data.CLASSES)
        if not now.own:
            _slider("noise", setup.NOISES, _hundredths)
        _slider("share", setup.SHARES, _hundredths)
        _toggle("test")
        _toggle("discrete")
        st.button(
            t("playground.setting.seed", seed=now.seed),
            icon=":material/casino:",
            on_click=lambda: state.use(replace(state.setup(), seed=random.randrange(len(setup.SEEDS)))),
            help=t("playground.setting.seed_help"),
            width="stretch",
            key="playground_seed",
        )


def _lesson_choice() -> None:
    def take(name: str | None) -> None:
        if name is not None:
            state.LESSON.set(name)
            state.use(LESSONS[name])

    st.selectbox(
        t("playground.lesson_label"),
        tuple(LESSONS),
        format_func=lambda name: t(f"playground.lesson.{name}.title"),
        placeholder=t("playground.lesson_none"),
        **bound(_LESSON.key, state.lesson(), take, LESSONS),
    )


def lesson_reason() -> None:
    """Draw what there is to see in the chosen lesson, and why."""
    if name := state.lesson():
        st.info(t(f"playground.lesson.{name}.reason"), icon=":material/lightbulb:")


def _select(name: str, options: Sequence[Any], label: Label) -> None:
    st.selectbox(t(f"playground.setting.{name}"), options, format_func=label, **_bound(name, options))


def _slider(name: str, options: Sequence[Any], label: Label = str) -> None:
    st.select_slider(t(f"playground.setting.{name}"), options, format_func=label, **_bound(name, options))


def _hundredths(percent: int) -> str:
    return formats.measured(percent / 100, 0)


def _toggle(name: str) -> None:
    st.toggle(t(f"playground.setting.{name}"), **_bound(name, (False, True)))


def _bound(name: str, options: Sequence[Any]) -> Bound:
    """Return key and callback of a widget that shows and changes the field `name`; forged values are passed over."""

    def take(value: Any) -> None:
        state.use(replace(state.setup(), **{name: value}))

    return bound(f"playground_{name}_widget", getattr(state.setup(), name), take, options)
