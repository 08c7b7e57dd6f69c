"""Energies from a microjoule to a gigawatt-hour on one scale, each step ten times the one before."""

import html
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from glassbox.trust import carbon, footprint
from glassbox.trust.footprint import Measured
from glassbox.ui import figures, footprint_facts, formats, style
from glassbox.ui.i18n import t
from glassbox.zoo import Card


@dataclass(frozen=True)
class Rung:
    """One energy: `about` is a word on where the figure is from, `source` its address if it is someone else's."""

    label: str
    joules: float
    colour: str
    about: str
    source: str = ""


def ladder(found: Mapping[str, Measured], cards: Mapping[str, Card]) -> None:
    """Ours among what others have published, smallest first."""
    st.html(to_html(rungs(found, cards)))


def rungs(found: Mapping[str, Measured], cards: Mapping[str, Card]) -> list[Rung]:
    """One answer of each network, a million of three, each training, a phone's charge, and the published figures."""
    kind, estimated = footprint_facts.kind(found), t("footprint.estimated")
    own = [
        Rung(
            t("footprint.rung_answer", model=t(f"model.{one.twin.of}")),
            one.cost.joules.value,
            style.COLOURS[one.twin.of],
            t("footprint.measured" if one.cost.measured else "footprint.estimated"),
        )
        for one in found.values()
        if one.twin.kind == "fp32"
    ]
    own += [
        Rung(
            t("footprint.rung_training", model=t(f"model.{name}")),
            footprint.training_joules(cards[name].training),
            style.COLOURS[name],
            estimated,
        )
        for name in dict.fromkeys(one.twin.of for one in found.values())
    ]
    million = footprint_facts.MILLION * footprint_facts.joules(found).value
    own.append(Rung(t("footprint.rung_million"), million, style.COLOURS["mlp"], kind))
    own.append(Rung(t("footprint.rung_phone"), carbon.PHONE_CHARGE, figures.GREY, t("footprint.everyday"), carbon.EPA))
    others = [
        Rung(t(f"published.{one.key}"), one.joules, figures.GREY, _about(one), one.source) for one in carbon.published()
    ]
    return sorted(own + others, key=lambda rung: rung.joules)


def to_html(rungs: Sequence[Rung]) -> str:
    """A list of dots on a logarithmic scale, each with its name and number beside it."""
    low, high = (math.log10(one.joules) for one in (rungs[0], rungs[-1]))
    rows = "".join(_row(one, (math.log10(one.joules) - low) / (high - low)) for one in rungs)
    return f'<ol class="gb-ladder" aria-label="{html.escape(t("footprint.ladder"), quote=True)}">{rows}</ol>'


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
    return t("footprint.about", year=one.year, kind=t(f"footprint.{'derived' if one.derived else 'published'}"))
