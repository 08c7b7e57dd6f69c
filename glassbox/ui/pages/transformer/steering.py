"""Steering: a direction from war to the moon is added to what the network reads, and the poem goes on differently."""

import html
import random
from collections.abc import Sequence

import streamlit as st

from glassbox.explain.steering import STREAM
from glassbox.text.quatrains import END
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import t
from glassbox.ui.base.state import bound
from glassbox.ui.charts.tables import Cell, Table, show
from glassbox.ui.components.attention import Behind
from glassbox.ui.pages.transformer import state
from glassbox.ui.pages.transformer.directions import MOON, WAR
from glassbox.ui.pages.transformer.look import Look
from glassbox.ui.pages.transformer.writing import after_first_line


def draw(look: Look) -> None:
    """Draw the slider, what comes next with it, and how the poem goes on without and with it."""
    words = {"moon": MOON, "war": WAR, "layer": STREAM}
    st.markdown(t("transformer.steering.lead", **words))
    st.select_slider(
        t("transformer.steering.dose"),
        state.DOSES,
        format_func=dose_words,
        **bound(state.DOSE.widget, state.DOSE.get(), state.DOSE.set, state.DOSES),
    )
    dose = state.DOSE.get()
    left, middle, right = st.columns(3, gap="large")
    with left:
        _poem(t("transformer.steering.plain"), *after_first_line(look, 0.0), key="plain")
    with middle:
        _poem(t("transformer.steering.steered", dose=dose_words(dose)), *after_first_line(look, dose), key="steered")
    with right:
        _bars(look.behind[look.at])
    st.button(
        t("transformer.steering.seed", seed=state.SEED.get()),
        icon=":material/casino:",
        on_click=lambda: state.SEED.set(random.randrange(state.SEEDS)),
        key="look_seed_button",
    )


def dose_words(dose: float) -> str:
    """Return a dose in words: by its sign it leads to the moon or to war."""
    if not dose:
        return t("transformer.steering.none")
    return t(f"transformer.steering.{'moon' if dose > 0 else 'war'}", dose=formats.hundredths(abs(dose)))


def _poem(title: str, given: str, written: str, *, key: str) -> None:
    """Draw a poem, the part that was given and the part that was written; it can be taken into the figure."""
    before, after = (html.escape(part).replace(END, "<br>") for part in (given, written.rstrip(END)))
    st.html(f'<p class="gb-caption">{html.escape(title)}</p><p class="gb-verse" lang="zh">{before}<b>{after}</b></p>')
    st.button(
        t("transformer.steering.look"),
        icon=":material/visibility:",
        on_click=lambda: state.use(given + written.rstrip(END)),
        key=f"look_inside_{key}",
    )


def _bars(behind: Behind) -> None:
    """Draw the probabilities of the next token without and with the dose."""
    heads = [t(f"transformer.steering.{name}") for name in ("next", "before", "after")]
    rows: Sequence[list[str | Cell]] = [[bar.text, _bar(bar.before), _bar(bar.share)] for bar in behind.bars]
    show(Table(t("transformer.steering.table"), heads, rows))


def _bar(share: float) -> Cell:
    return Cell(formats.percent(share), bar=share)
