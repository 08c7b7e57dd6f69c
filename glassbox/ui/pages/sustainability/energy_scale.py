"""Energies from a microjoule to a gigawatt-hour on one scale, each step ten times the one before."""

from collections.abc import Mapping, Sequence

import streamlit as st

from glassbox.trust.cost import carbon, footprint
from glassbox.trust.cost.footprint import MeasuredVersion
from glassbox.ui.base import formats, palette
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import model_colour, model_name
from glassbox.ui.charts.ladder import Rung, ladder
from glassbox.ui.pages.sustainability import facts
from glassbox.zoo.digit_models import Card

_MARKS = (1e-3, 1.0, 3.6e3, 3.6e6, 3.6e9, 3.6e12)
"""Energies named above the scale: a millijoule, a joule, and the four watt-hours from one up to a gigawatt-hour."""


def scale(found: Mapping[str, MeasuredVersion], cards: Mapping[str, Card]) -> None:
    """Draw the energies of this project among published ones, smallest first."""
    st.html(to_html(energies(found, cards)))


def energies(found: Mapping[str, MeasuredVersion], cards: Mapping[str, Card]) -> list[Rung]:
    """Return the energies of an answer and the training of each network, a million answers of the article's three, a
    phone's charge, and the published figures; smallest first."""
    own = [
        _rung(
            t("sustainability.scale_answer", model=model_name(measured.version.of)),
            measured.cost.joules.value,
            colour=model_colour(measured.version.of),
            about=t("sustainability.measured" if measured.cost.measured else "sustainability.estimated"),
        )
        for measured in found.values()
        if measured.version.kind == "fp32"
    ]
    own += [
        _rung(
            t("sustainability.scale_training", model=model_name(name)),
            footprint.training_joules(cards[name].training),
            colour=model_colour(name),
            about=t("sustainability.estimated"),
        )
        for name in dict.fromkeys(measured.version.of for measured in found.values())
    ]
    million = _rung(
        t("sustainability.scale_million"),
        facts.MILLION * facts.joules(found).value,
        colour=model_colour("mlp"),
        about=facts.kind(found),
    )
    phone = _rung(
        t("sustainability.scale_phone"),
        carbon.PHONE_CHARGE,
        about=t("sustainability.everyday"),
        source=carbon.EPA,
    )
    published = [
        _rung(
            t(f"charts.published_energy.{figure.key}"),
            figure.joules,
            about=_about(figure),
            source=figure.source,
        )
        for figure in carbon.published()
    ]
    return sorted([*own, million, phone, *published], key=lambda rung: rung.value)


def to_html(energies: Sequence[Rung]) -> str:
    """Return `energies`, which are in order, as an HTML list of dots on a logarithmic scale with names and numbers."""
    return ladder(energies, t("sustainability.scale_label"), {joules: _unit(joules) for joules in _MARKS})


def _rung(label: str, joules: float, *, about: str, colour: str = palette.GREY, source: str = "") -> Rung:
    return Rung(label, joules, formats.energy(joules), about=about, colour=colour, source=source)


def _unit(joules: float) -> str:
    """Return an energy without zeros behind the point: '1 kWh'."""
    return formats.energy(joules).replace(".00", "")


def _about(figure: carbon.Published) -> str:
    """Return the year of a published figure, and whether it was derived from others."""
    kind = "derived" if figure.derived else "published"
    return t("sustainability.about", year=figure.year, kind=t(f"sustainability.{kind}"))
