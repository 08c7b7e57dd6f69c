"""The settings of a playground as widgets, each bound to its place in the visitor's setup."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from glassbox.playground import data, setup
from glassbox.playground.lessons import LESSONS
from glassbox.ui.base.i18n import t
from glassbox.ui.base.state import Bound, Entry, Kind, bound, declare
from glassbox.ui.pages.playground import state

Words = Callable[[Any], str]
_LESSON: Entry[str | None] = declare("playground_lesson", Kind.CONTROL, None)


def bar() -> None:
    """What is above the figure: a lesson, the data, the learning rate, and the rest in a popover."""
    lesson, points, rate, more = st.columns([3, 2, 2, 2], vertical_alignment="bottom")
    with lesson:
        _lessons()
    with points:
        own = (setup.OWN,) if state.own_data() else ()
        _choose("data", (*data.NAMES, *own), lambda name: t(f"playground.data.{name}"))
    with rate:
        _choose("rate", setup.RATES, lambda value: f"{value:g}")
    with more, st.popover(t("playground.settings"), icon=":material/tune:", width="stretch", key="playground_settings"):
        _settings()


def _settings() -> None:
    now = state.setup()
    left, right = st.columns(2)
    with left:
        _choose("activation", tuple(setup.ACTIVATIONS), lambda name: t(f"playground.activation.{name}"))
        _choose("optimiser", tuple(setup.OPTIMISERS), lambda name: t(f"playground.optimiser.{name}"))
        _slide("batch", setup.BATCHES)
        _choose("penalty", setup.PENALTIES, lambda name: t(f"playground.penalty.{name}"))
        if now.penalty != "none":
            _choose("strength", setup.STRENGTHS, lambda value: f"{value:g}")
    with right:
        if now.data in data.CLASSIFICATION:
            _slide("classes", data.CLASSES)
        if not now.own:
            _slide("noise", setup.NOISES, "%")
        _slide("share", setup.SHARES, "%")
        _switch("test")
        _switch("discrete")
        st.button(
            t("playground.setting.seed", seed=now.seed),
            icon=":material/casino:",
            on_click=lambda: state.take(replace(state.setup(), seed=random.randrange(len(setup.SEEDS)))),
            help=t("playground.setting.seed_help"),
            width="stretch",
            key="playground_seed",
        )


def _lessons() -> None:
    fitting = next((name for name, lesson in LESSONS.items() if lesson == state.setup()), None)

    def take(name: str | None) -> None:
        if name is not None:
            state.take(LESSONS[name])

    st.selectbox(
        t("playground.lesson_label"),
        tuple(LESSONS),
        format_func=lambda name: t(f"playground.lesson.{name}.title"),
        placeholder=t("playground.lesson_none"),
        **bound(_LESSON.key, fitting, take, LESSONS),
    )


def reason() -> None:
    """Say what there is to see in the lesson that was chosen, and why."""
    if (name := _LESSON.get()) in LESSONS:
        st.info(t(f"playground.lesson.{name}.reason"), icon=":material/lightbulb:")


def _choose(name: str, options: Sequence[Any], words: Words) -> None:
    st.selectbox(t(f"playground.setting.{name}"), options, format_func=words, **_bound(name, options))


def _slide(name: str, options: Sequence[Any], unit: str = "") -> None:
    st.select_slider(
        t(f"playground.setting.{name}"),
        options,
        format_func=lambda value: f"{value} {unit}".strip(),
        **_bound(name, options),
    )


def _switch(name: str) -> None:
    st.toggle(t(f"playground.setting.{name}"), **_bound(name, (False, True)))


def _bound(name: str, options: Sequence[Any]) -> Bound:
    """Key and callback of a widget that shows and changes `name` in the setup; a forged value is passed over."""

    def take(value: Any) -> None:
        state.take(replace(state.setup(), **{name: value}))

    return bound(f"playground_{name}_widget", getattr(state.setup(), name), take, options)
