"""The controls: which network writes, what it begins with or what poem it is asked for, and how it is sampled."""

import random
from collections.abc import Callable, Sequence
from typing import TypeVar

import streamlit as st

from glassbox.text.quatrains import DYNASTIES, FORMS, LINES, RULES, THEME
from glassbox.ui.base.choice import choice
from glassbox.ui.base.i18n import t
from glassbox.ui.base.state import Entry, Kind, bound, declare
from glassbox.ui.pages.writing import state, writers
from glassbox.ui.pages.writing.state import GIVEN, MAX_WORDS, SEEDS, TEMPERATURES, TOP_KS, TOP_PS
from glassbox.ui.pages.writing.writers import QUATRAINS

Number = TypeVar("Number", int, float)
_BOX = declare("writing_words_box", Kind.TEXTS, "")


def draw() -> None:
    """Draw the choice of the network, what it begins with or is asked for, and how it is sampled."""
    choice(
        state.WRITER,
        t("writing.writer"),
        tuple(writers.offered()),
        words=writers.name,
        on_chosen=state.begin_anew,
    )
    if state.chosen().task == QUATRAINS:
        _poem()
    else:
        _prompt()
    with st.container(key="gb_writing_sampling"):
        columns = st.columns(4, gap="medium", vertical_alignment="bottom")
    for column, draw_one in zip(columns, (_temperature, _top_k, _top_p, _seed), strict=True):
        with column:
            draw_one()


def _prompt() -> None:
    current = state.settings()

    def take(prompt: str | None) -> None:
        state.change(state.PROMPT, str(prompt or "")[:MAX_WORDS])

    st.selectbox(
        t("writing.prompt"),
        dict.fromkeys((*state.prompts(state.chosen()), *([current.prompt] if current.prompt else []))),
        index=None,
        accept_new_options=True,
        **bound("writing_prompt_widget", current.prompt or None, take),
        placeholder=t("writing.prompt_none"),
        help=t("writing.prompt_help"),
    )


def _poem() -> None:
    """Draw what a poem is asked to be, and what of it is given."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="gb_writing_asked"):
        _asked("form", state.FORM, tuple(FORMS))
        _asked("dynasty", state.DYNASTY, DYNASTIES)
        _asked("rule", state.RULE, RULES)
    with st.container(horizontal=True, vertical_alignment="bottom", key="gb_writing_given"):
        _asked("given", state.GIVES, GIVEN)
        if (given := state.GIVES.get()) != GIVEN[0]:
            box = bound(_BOX.key, state.WORDS.get(), lambda words: _give(str(words or "")))
            st.text_input(
                t(f"writing.words_{given}", lines=LINES, count=THEME),
                max_chars=MAX_WORDS,
                placeholder=state.EXAMPLES[given],
                help=t(f"writing.words_{given}_help"),
                key=_BOX.key,
                on_change=box["on_change"],
            )


def _give(words: str) -> None:
    state.change(state.WORDS, words[:MAX_WORDS])


def _asked(name: str, entry: Entry[str], options: Sequence[str]) -> None:
    choice(
        entry,
        t(f"writing.{name}"),
        options,
        words=lambda option: t(f"writing.asked_{option}"),
        help=t(f"writing.{name}_help"),
        on_chosen=lambda: state.CHOICES.set(()),
    )


def _temperature() -> None:
    _slider("temperature", state.TEMPERATURE, options=TEMPERATURES, words="{:g}".format)


def _top_k() -> None:
    _slider("top_k", state.TOP_K, options=TOP_KS, words=lambda count: str(count) if count else t("writing.all"))


def _top_p() -> None:
    _slider("top_p", state.TOP_P, options=TOP_PS, words=lambda p: f"{p:g}" if p < 1 else t("writing.all"))


def _slider(name: str, entry: Entry[Number], *, options: Sequence[Number], words: Callable[[Number], str]) -> None:
    """Draw a slider for the setting `name`, whose value `entry` holds."""
    slider = bound(entry.widget, entry.get(), take=lambda value: state.change(entry, value), options=options)
    st.select_slider(t(f"writing.{name}"), options, format_func=words, help=t(f"writing.{name}_help"), **slider)


def _seed() -> None:
    st.button(
        t("writing.seed", seed=state.SEED.get()),
        icon=":material/casino:",
        help=t("writing.seed_help"),
        on_click=lambda: state.change(state.SEED, random.randrange(SEEDS)),
        key="writing_seed_button",
        width="stretch",
    )
