"""The figures of the page: the ladder from the poet to the largest models, and their architectures side by side."""

import math

import streamlit as st

from glassbox.history import language_models
from glassbox.history.study import growth_study
from glassbox.ui.base import formats
from glassbox.ui.base.choice import linked_choice
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import model_colour, model_name
from glassbox.ui.base.state import Kind, declare
from glassbox.ui.charts.ladder import Rung, ladder
from glassbox.ui.charts.tables import Table, show
from glassbox.ui.pages.gpt import facts
from glassbox.zoo.transformer_models import TransformerCard

_MEASURE = declare("gpt_ladder", Kind.CONTROL, "", parameter="ladder")


def ladder_figure(card: TransformerCard | None) -> None:
    """Draw the ladder of a measure that the visitor chooses, and say how far the poet stands from the top."""
    measure = linked_choice(_MEASURE, t("gpt.measure"), facts.MEASURES, words=lambda name: t(f"gpt.measures.{name}"))
    st.html(ladder(rungs(measure, card), t("gpt.ladder_label", measure=t(f"gpt.measures.{measure}"))))
    if card is not None:
        st.markdown(where(measure, card))
    recorded = growth_study()
    st.caption(
        t(f"gpt.credit_{'energy' if measure == 'energy' else 'epoch'}", until=recorded.until if recorded else "–")
    )
    st.caption(_note(measure, card))


def _note(measure: str, card: TransformerCard | None) -> str:
    """Return what the poet's place on `measure` leaves out or assumes."""
    training = card.training if card else None
    if measure == "energy" and training and training.accelerator:
        return t("gpt.note.energy_gpu")
    if measure == "compute" and training and training.teacher:
        return t("gpt.note.compute_taught", epochs=formats.count(training.teacher.epochs))
    return t(f"gpt.note.{measure}")


def rungs(measure: str, card: TransformerCard | None) -> list[Rung]:
    """Return the rungs of `measure` (of facts.MEASURES), smallest first, with the poet's if there is its `card`."""
    found = [
        Rung(
            t(f"charts.published_energy.{name}") if measure == "energy" else name,
            value,
            amount(value, measure),
            about=str(year),
            source=source,
        )
        for name, year, value, source in facts.others(measure)
    ]
    if card is not None:
        value, poet = facts.amounts(card)[measure], t("gpt.poet", model=model_name(facts.POET))
        kind = "card" if measure == "parameters" else "electricity" if measure == "cost" else "estimated"
        found.append(
            Rung(poet, value, amount(value, measure), about=t(f"gpt.about.{kind}"), colour=model_colour(facts.POET))
        )
    return sorted(found, key=lambda rung: rung.value)


def where(measure: str, card: TransformerCard) -> str:
    """Return a sentence: how many times the poet the largest model on the ladder is, and how many powers of ten."""
    name, _, value, _ = max(facts.others(measure), key=lambda one: one[2])
    own = facts.amounts(card)[measure]
    return t(
        "gpt.where",
        largest=t(f"charts.published_energy.{name}") if measure == "energy" else name,
        measure=t(f"gpt.measures.{measure}").lower(),
        own=amount(own, measure),
        value=amount(value, measure),
        decades=f"{math.log10(value / own):.0f}",
    )


def amount(value: float, measure: str) -> str:
    """Return a number of `measure` as people read it, its unit with it where it has one."""
    if measure == "energy":
        return formats.energy(value)
    if measure == "compute":
        return formats.scientific(value)
    if measure == "cost":
        return dollars(value)
    return formats.count(value)


def dollars(value: float) -> str:
    """Return US dollars in the visitor's language; below a cent, as such."""
    if value < 0.01:
        return t("gpt.below_cent")
    size, number = formats.scaled(value)
    return t(f"gpt.dollars_{size}", value=number)


def architectures_table(card: TransformerCard | None) -> None:
    """Draw the architectures of the table, below the poet's."""
    shapes = list(language_models.architectures().values())
    own = [] if card is None else [language_models.of_card(card)]
    names = [t("gpt.poet", model=model_name(facts.POET)) for _ in own]
    names += [f"{shape.name} ({shape.year})" for shape in shapes]
    rows = [
        [name, *(formats.count(getattr(shape, column)) for column in facts.SHAPE)]
        for name, shape in zip(names, [*own, *shapes], strict=True)
    ]
    heads = [t("gpt.model"), *(t(f"gpt.column.{column}") for column in facts.SHAPE)]
    links = ["" for _ in own] + [shape.source for shape in shapes]
    show(Table(t("gpt.architectures"), heads, rows, links=links, marked=range(len(own))))
