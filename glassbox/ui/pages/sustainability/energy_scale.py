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
class Rung:
    """One energy: `about` is a word on where the figure is from, `source` its address if it is someone else's."""

    label: str
    joules: float
    colour: str
    about: str
    source: str = ""


def ladder(found: Mapping[str, MeasuredVersion], cards: Mapping[str, Card]) -> None:
    """Ours among what others have published, smallest first."""
    st.html(to_html(rungs(found, cards)))


def rungs(found: Mapping[str, MeasuredVersion], cards: Mapping[str, Card]) -> list[Rung]:
    """One answer of each network, a million of three, each training, a phone's charge, and the published figures."""
    kind, estimated = facts.kind(found), t("sustainability.estimated")
    own = [
        Rung(
            t("sustainability.rung_answer", model=model_name(one.version.of)),
            one.cost.joules.value,
            model_colour(one.version.of),
            t("sustainability.measured" if one.cost.measured else "sustainability.estimated"),
        )
        for one in found.values()
        if one.version.kind == "fp32"
    ]
    own += [
        Rung(
            t("sustainability.rung_training", model=model_name(name)),
            footprint.training_joules(cards[name].training),
            model_colour(name),
            estimated,
        )
        for name in dict.fromkeys(one.version.of for one in found.values())
    ]
    million = facts.MILLION * facts.joules(found).value
    own.append(Rung(t("sustainability.rung_million"), million, model_colour("mlp"), kind))
    own.append(
        Rung(
            t("sustainability.rung_phone"), carbon.PHONE_CHARGE, palette.GREY, t("sustainability.everyday"), carbon.EPA
        )
    )
    others = [
        Rung(t(f"sustainability.published_energy.{one.key}"), one.joules, palette.GREY, _about(one), one.source)
        for one in carbon.published()
    ]
    return sorted(own + others, key=lambda rung: rung.joules)


def to_html(rungs: Sequence[Rung]) -> str:
    """A list of dots on a logarithmic scale, each with its name and number beside it."""
    low, high = (math.log10(one.joules) for one in (rungs[0], rungs[-1]))
    start, end = math.floor(low), math.ceil(high)
    rows = "".join(_row(one, (math.log10(one.joules) - start) / (end - start)) for one in rungs)
    marks = "".join(_mark(joules, (math.log10(joules) - start) / (end - start)) for joules in _MARKS)
    label = html.escape(t("sustainability.ladder"), quote=True)
    return (
        f'<div class="gb-ladder" style="--decades:{end - start}"><p aria-hidden="true"><span></span><i>{marks}</i></p>'
        f'<ol aria-label="{label}">{rows}</ol></div>'
    )


def _mark(joules: float, place: float) -> str:
    return f'<b style="--at:{100 * place:.1f}%">{_unit(joules)}</b>'


def _unit(joules: float) -> str:
    """'1 kWh', with no digits after the point."""
    return formats.energy(joules).replace(".00", "")


def _row(rung: Rung, place: float) -> str:
    label, about = html.escape(rung.label), html.escape(rung.about)
    if rung.source:
        label = f'<a href="{html.escape(rung.source, quote=True)}" target="_blank" rel="noopener">{label}</a>'
    return (
        f'<li><span class="gb-rung">{label} <small>{about}</small></span>'
        f'<i style="--at:{100 * place:.1f}%;--colour:{rung.colour}"></i>'
        f"<b>{formats.energy(rung.joules)}</b></li>"
    )


def _about(one: carbon.Published) -> str:
    return t(
        "sustainability.about", year=one.year, kind=t(f"sustainability.{'derived' if one.derived else 'published'}")
    )
