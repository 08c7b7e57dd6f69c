"""Steering: a direction is added to what the network reads, and the text goes on differently."""

import html
import random
from collections.abc import Sequence

import streamlit as st

from glassbox.explain.steering import STREAM
from glassbox.text.quatrains import END
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import t
from glassbox.ui.base.quoting import quoted
from glassbox.ui.base.state import bound
from glassbox.ui.charts.tables import Cell, Table, show
from glassbox.ui.components.attention import Behind
from glassbox.ui.pages.transformer import directions, state
from glassbox.ui.pages.transformer.look import Look
from glassbox.ui.pages.transformer.poets import PLAYS
from glassbox.ui.pages.transformer.writing import after_first_line
from glassbox.zoo.transformer_models import TransformerCard


def draw(look: Look) -> None:
    """Draw the slider, what comes next with it, and how the poem goes on without and with it."""
    toward, away = _marked(look.card)
    st.markdown(t("transformer.steering.lead", toward=toward, away=away, layer=STREAM))
    st.select_slider(
        t("transformer.steering.dose"),
        state.DOSES,
        format_func=lambda dose: dose_words(look.card, dose),
        **bound(state.DOSE.widget, look.changes.dose, state.DOSE.set, state.DOSES),
    )
    dose = look.changes.dose
    st.markdown(_effect(look) if dose else t("transformer.steering.try"))
    left, middle, right = st.columns(3, gap="large")
    with left:
        _passage(look, t("transformer.steering.plain"), 0.0, key="plain")
    with middle:
        _passage(look, t("transformer.steering.steered", dose=dose_words(look.card, dose)), dose, key="steered")
    with right:
        _bars(look.behind[look.at])
    st.button(
        t("transformer.steering.seed", seed=state.SEED.get()),
        icon=":material/casino:",
        on_click=lambda: state.SEED.set(random.randrange(state.SEEDS)),
        key="look_seed_button",
    )


def dose_words(card: TransformerCard, dose: float) -> str:
    """Return a dose in words: its sign tells where it leads."""
    if not dose:
        return t("transformer.steering.none")
    toward, away = state.task(card).direction.names
    return t(f"transformer.steering.{toward if dose > 0 else away}", dose=formats.hundredths(abs(dose)))


def _marked(card: TransformerCard) -> tuple[str, str]:
    """Return the characters that the direction leads to and from, as Markdown."""
    direction = state.task(card).direction
    return quoted(direction.toward), quoted(direction.away)


def _effect(look: Look) -> str:
    """Return in sentences what the dose does over the network's examples."""
    dose = look.changes.dose
    found = directions.effect(look.card.name, look.provider, dose, look.card)
    toward, away = _marked(look.card)
    shares = {
        name: formats.percent(share)
        for name, pair in (("toward", found.toward), ("away", found.away))
        for name, share in ((f"{name}_before", pair.before), (f"{name}_after", pair.after))
    }
    losses = {"loss_before": formats.hundredths(found.nats.before), "loss_after": formats.hundredths(found.nats.after)}
    return t("transformer.steering.effect", positions=found.positions, toward=toward, away=away, **shares, **losses)


def _passage(look: Look, title: str, dose: float, *, key: str) -> None:
    """Draw how the text goes on, what was given and what was written; it can be taken into the figure."""
    given, written = after_first_line(look, dose)
    before, after = (html.escape(part).replace(END, "<br>") for part in (given, written.rstrip(END)))
    language = state.task(look.card).language
    after += "…" if look.card.task == PLAYS else ""  # a play goes on and on
    verse = f'<p class="gb-verse" lang="{language}">{before}<b>{after}</b></p>'
    st.html(f'<p class="gb-caption">{html.escape(title)}</p>{verse}')
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
