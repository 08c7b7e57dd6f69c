"""The essay on what an answer costs: its sections, and the tables, figures and choices in them."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from glassbox.digits.reader import Reader
from glassbox.trust.cost import compression, energy, footprint
from glassbox.trust.cost.energy import EnergyCounter
from glassbox.trust.cost.footprint import MeasuredVersion
from glassbox.ui.base import formats
from glassbox.ui.base.choice import linked_choice
from glassbox.ui.base.i18n import language, t
from glassbox.ui.base.models import model_name
from glassbox.ui.base.state import Kind, declare
from glassbox.ui.charts import compression as figures
from glassbox.ui.charts.tables import table
from glassbox.ui.frame import essay
from glassbox.ui.frame.interactive import interactive_chart
from glassbox.ui.frame.shell import Page
from glassbox.ui.pages.sustainability import facts as footprint_facts
from glassbox.zoo.digit_models import Card

KEPT = 3600
"""Seconds after which the machine is measured anew."""
SOONEST = 5
"""Seconds that must lie between two measurements, whoever asks for them."""
AXES = ("joules", "seconds", "bytes")
_OF = declare("footprint_of", Kind.CONTROL, "", parameter="model")
_BY = declare("footprint_by", Kind.CONTROL, "", parameter="cost")


@dataclass(frozen=True)
class Found:
    """What was measured, with what, when (seconds since 1970)."""

    versions: Mapping[str, MeasuredVersion]
    counter: EnergyCounter
    at: float


def measured(page: Page) -> Found:
    """The versions as last measured on this machine, for all visitors; the first one waits about a second."""
    count = len(compression.networks()) * len(compression.ALL)
    with st.spinner(t("sustainability.measuring", count=count)):
        found = _measured(page.reader, page.picture.digit)
    if missing := _missing(found, page.reader):
        st.warning(t("sustainability.missing", versions=missing), icon=":material/gpp_bad:")
    return found


@st.cache_resource(ttl=KEPT, max_entries=1, show_spinner=False)
def _measured(_reader: Reader, _digit: NDArray[np.uint8]) -> Found:
    counter = energy.counter()
    versions = compression.versions(_reader.zoo)
    return Found(footprint.measure(versions, _digit, counter), counter, time.time())


def _missing(found: Found, reader: Reader) -> str:
    names = [(of, kind) for of in compression.networks() if of in reader.zoo.cards for kind in compression.ALL]
    return t("sustainability.comma").join(
        footprint_facts.version(of, kind) for of, kind in names if f"{of}_{kind}" not in found.versions
    )


def section(key: str, facts: Mapping[str, str], draw: Callable[[], None] = lambda: None) -> None:
    """A section: its title, its words with their numbers, and its figure where they want it."""
    made = essay.sections("sustainability_essay", language())[key]
    st.subheader(made.title, anchor=key)
    above, *below = made.filled(facts)
    st.markdown(above)
    draw()
    for part in below:
        st.markdown(part)


def now(found: Found) -> None:
    """What each of the article's networks took, with the noise of the reading."""
    heads = [
        t(f"sustainability.head_{name}") for name in ("network", "time", "energy", "interval", "blocks", "million")
    ]
    rows = [
        [
            model_name(one.version.of),
            formats.duration(one.cost.seconds.value),
            formats.energy(one.cost.joules.value),
            footprint_facts.interval(one.cost.joules, "energy"),
            t(
                "sustainability.clear" if one.cost.joules.clear else "sustainability.noisy",
                blocks=one.cost.joules.blocks,
            ),
            formats.energy(footprint_facts.MILLION * one.cost.joules.value),
        ]
        for one in footprint_facts.article(found.versions)
    ]
    kind = footprint_facts.kind(found.versions)
    table(t("sustainability.now_table", kind=kind), heads, rows)
    with st.container(horizontal=True, vertical_alignment="center"):
        ago = formats.duration(max(time.time() - found.at, 1))
        st.caption(t("sustainability.rule", kind=kind, clear=f"{energy.CLEAR:.0%}", ago=ago))
        if st.button(t("sustainability.again"), icon=":material/refresh:", key="footprint_again"):
            if time.time() - found.at >= SOONEST:
                _measured.clear()
            st.rerun()


def versions(found: Found) -> None:
    """The picture of all versions, and which of them no other beats."""
    offered = [figures.ALL, *dict.fromkeys(one.version.of for one in found.versions.values())]
    with st.container(horizontal=True):
        of = linked_choice(_OF, t("sustainability.networks"), offered, _network)
        by = linked_choice(_BY, t("sustainability.axis"), AXES, lambda name: t(f"sustainability.by_{name}"))
    cheapest = [found.versions[name].version for name in figures.cheapest(found.versions, by)]
    words = {
        "axis": t(f"sustainability.by_{by}").lower(),
        "front": footprint_facts.front(cheapest),
    }
    interactive_chart(
        lambda: figures.versions(found.versions, by, of, _said),
        key="footprint_versions",
        alt=t("sustainability.versions_alt", **words),
        height=figures.VERSIONS_HEIGHT,
        numbers=lambda: _table(found),
        title=t("sustainability.all"),
    )
    st.caption(t("sustainability.versions_note", **words))


def _network(name: str) -> str:
    return t("sustainability.everyone") if name == figures.ALL else model_name(name)


def _said(one: MeasuredVersion) -> str:
    """A version in a line."""
    version, right = one.version, one.version.accuracy
    return t(
        "sustainability.version_said",
        version=footprint_facts.version(version.of, version.kind),
        wrong=f"{1 - right.value:.2%}",
        low=f"{1 - right.high:.2%}",
        high=f"{1 - right.low:.2%}",
        joules=formats.energy(one.cost.joules.value),
        between=footprint_facts.interval(one.cost.joules, "energy"),
        seconds=formats.duration(one.cost.seconds.value),
        size=formats.size(len(version.model)),
    )


def _table(found: Found) -> None:
    """All versions in numbers."""
    names = ("version", "accuracy", "between", "size", "deflated", "weights", "time", "energy", "floats")
    heads = [t(f"sustainability.head_{name}") for name in names]
    versions = [_row(one) for one in found.versions.values()]
    table(t("sustainability.all"), heads, versions, words=(0, 8), show_caption=False)
    st.caption(t("sustainability.floats_note"))


def _row(one: MeasuredVersion) -> list[str]:
    version, right = one.version, one.version.accuracy
    return [
        footprint_facts.version(version.of, version.kind),
        f"{right.value:.2%}",
        f"{right.low:.2%} – {right.high:.2%}",
        formats.size(len(version.model)),
        formats.size(version.deflated),
        formats.count(version.parameters),
        formats.duration(one.cost.seconds.value),
        formats.energy(one.cost.joules.value),
        ", ".join(version.in_float) or "–",
    ]


def zeros() -> None:
    """What can be set to zero, shown when asked for."""
    with st.expander(t("sustainability.zeros"), key="footprint_zeros", on_change="rerun") as part:
        if part.open and compression.STUDY.exists():
            st.markdown(t("sustainability.zeros_note"))
            interactive_chart(
                lambda: figures.pruning(compression.pruning_study().cuts),
                key="footprint_cuts",
                alt=t("sustainability.zeros_alt"),
                at_once=True,
            )


def clock() -> float:
    """Seconds of processor time that the server has spent on this visitor's page."""
    return time.thread_time()


def around(since: float, found: Found) -> dict[str, str]:
    """The blanks on what the page itself took the server, from `since` (see clock) until now."""
    seconds = clock() - since
    each = footprint.total([one.cost.cpu_seconds for one in footprint_facts.article(found.versions)]).value
    return {"page.seconds": formats.duration(seconds), "page.times": formats.count(seconds / each)}


def training(found: Found, cards: Mapping[str, Card]) -> None:
    """Training against answering, a row a network."""
    heads = [t(f"sustainability.head_{name}") for name in ("network", "cpu", "trained", "answer", "even", "days")]
    rows = []
    for name in compression.networks():
        if one := found.versions.get(f"{name}_fp32"):
            learnt = cards[name].training
            even = footprint.break_even(learnt, one.cost)
            cost = [
                model_name(name),
                formats.duration(learnt.cpu_seconds),
                formats.energy(footprint.training_joules(learnt)),
                formats.energy(one.cost.joules.value),
                formats.count(even),
                t("sustainability.days", days=formats.count(even / 86_400)),
            ]
            rows.append(cost)
    table(t("sustainability.training_table"), heads, rows)
