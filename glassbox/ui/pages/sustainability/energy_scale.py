"""Energies from a microjoule to a gigawatt-hour on one scale, each step ten times the one before."""

import html
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from glassbox.trust.cost import carbon, footprint
from glassbox.trust.cost.footprint import MeasuredVersion
from glassbox.ui.base import formats, palette
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import model_colour, model_name
from glassbox.ui.pages.sustainability import facts
from glassbox.zoo.digit_models import Card

_MARKS = (1e-3, 1.0, 3.6e3, 3.6e6, 3.6e9, 3.6e12)
"""Energies named above the scale: a millijoule, a joule, and the four watt-hours from one up to a gigawatt-hour."""


@dataclass(frozen=True)
class Energy:
    """An energy on the scale. `about`: whether it was measured, estimated or published; `source`: the address of the
    publication, if any."""

    label: str
    joules: float
    colour: str
    about: str
    source: str = ""


def scale(found: Mapping[str, MeasuredVersion], cards: Mapping[str, Card]) -> None:
    """Draw the energies of this project among published ones, smallest first."""
    st.html(to_html(energies(found, cards)))


def energies(found: Mapping[str, MeasuredVersion], cards: Mapping[str, Card]) -> list[Energy]:
    """Return the energies of an answer and the training of each network, a million answers of the article's three, a
    phone's charge, and the published figures; smallest first."""
    own = [
        Energy(
            t("sustainability.scale_answer", model=model_name(measured.version.of)),
            joules=measured.cost.joules.value,
            colour=model_colour(measured.version.of),
            about=t("sustainability.measured" if measured.cost.measured else "sustainability.estimated"),
        )
        for measured in found.values()
        if measured.version.kind == "fp32"
    ]
    own += [
        Energy(
            t("sustainability.scale_training", model=model_name(name)),
            joules=footprint.training_joules(cards[name].training),
            colour=model_colour(name),
            about=t("sustainability.estimated"),
        )
        for name in dict.fromkeys(measured.version.of for measured in found.values())
    ]
    million = Energy(
        t("sustainability.scale_million"),
        joules=facts.MILLION * facts.joules(found).value,
        colour=model_colour("mlp"),
        about=facts.kind(found),
    )
    phone = Energy(
        t("sustainability.scale_phone"),
        joules=carbon.PHONE_CHARGE,
        colour=palette.GREY,
        about=t("sustainability.everyday"),
        source=carbon.EPA,
    )
    published = [
        Energy(
            t(f"sustainability.published_energy.{figure.key}"),
            joules=figure.joules,
            colour=palette.GREY,
            about=_about(figure),
            source=figure.source,
        )
        for figure in carbon.published()
    ]
    return sorted([*own, million, phone, *published], key=lambda energy: energy.joules)


def to_html(energies: Sequence[Energy]) -> str:
    """Return `energies`, which are in order, as an HTML list of dots on a logarithmic scale with names and numbers."""
    low, high = (math.log10(energy.joules) for energy in (energies[0], energies[-1]))
    start, end = math.floor(low), math.ceil(high)

    def place(joules: float) -> float:
        return (math.log10(joules) - start) / (end - start)

    rows = "".join(_row(energy, place(energy.joules)) for energy in energies)
    marks = "".join(_mark(joules, place(joules)) for joules in _MARKS)
    label = html.escape(t("sustainability.scale_label"), quote=True)
    return (
        f'<div class="gb-ladder" style="--decades:{end - start}"><p aria-hidden="true"><span></span><i>{marks}</i></p>'
        f'<ol aria-label="{label}">{rows}</ol></div>'
    )


def _mark(joules: float, place: float) -> str:
    return f'<b style="--at:{100 * place:.1f}%">{_unit(joules)}</b>'


def _unit(joules: float) -> str:
    """Return an energy without zeros behind the point: '1 kWh'."""
    return formats.energy(joules).replace(".00", "")


def _row(energy: Energy, place: float) -> str:
    label, about = html.escape(energy.label), html.escape(energy.about)
    if energy.source:
        label = f'<a href="{html.escape(energy.source, quote=True)}" target="_blank" rel="noopener">{label}</a>'
    return (
        f'<li><span class="gb-rung">{label} <small>{about}</small></span>'
        f'<i style="--at:{100 * place:.1f}%;--colour:{energy.colour}"></i>'
        f"<b>{formats.energy(energy.joules)}</b></li>"
    )


def _about(figure: carbon.Published) -> str:
    """Return the year of a published figure, and whether it was derived from others."""
    kind = "derived" if figure.derived else "published"
    return t("sustainability.about", year=figure.year, kind=t(f"sustainability.{kind}"))
