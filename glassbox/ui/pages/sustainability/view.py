"""The tables and figures in the essay on what an answer costs."""

import time
from collections.abc import Mapping

import streamlit as st

from glassbox.digits.reader import Reader
from glassbox.trust.cost import compression, energy, footprint
from glassbox.trust.cost.footprint import MeasuredVersion
from glassbox.ui.base import formats
from glassbox.ui.base.choice import linked_choice
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import model_name
from glassbox.ui.base.state import Kind, declare
from glassbox.ui.charts import compression as figures
from glassbox.ui.charts.tables import table
from glassbox.ui.frame import measured_costs, notices
from glassbox.ui.frame.interactive import interactive_chart
from glassbox.ui.frame.measured_costs import Measurement
from glassbox.ui.frame.shell import Page
from glassbox.ui.pages.sustainability import facts
from glassbox.zoo.digit_models import Card

MIN_SECONDS_BETWEEN = 5
"""Between two measurements, whoever asks for them."""
_NOW_COLUMNS = ("network", "time", "energy", "interval", "blocks", "million")
_VERSION_COLUMNS = ("version", "accuracy", "between", "size", "deflated", "weights", "time", "energy", "floats")
_TRAINING_COLUMNS = ("network", "cpu", "trained", "answer", "even", "days")
AXES = ("joules", "seconds", "bytes")
_NETWORK = declare("footprint_of", Kind.CONTROL, "", parameter="model")
_AXIS = declare("footprint_by", Kind.CONTROL, "", parameter="cost")


def measured(page: Page) -> Measurement:
    """Return the last measurement on this machine, for all visitors; warn of what could not be measured."""
    measurement = measured_costs.measured(page.reader, page.picture.digit)
    if missing := _missing(measurement, page.reader):
        st.warning(t("sustainability.missing", versions=missing), icon=":material/gpp_bad:")
    return measurement


def _missing(measurement: Measurement, reader: Reader) -> str:
    """Return the names of the versions that could not be measured."""
    names = [(of, kind) for of in compression.networks() if of in reader.zoo.cards for kind in compression.ALL]
    return t("sustainability.comma").join(
        facts.version_name(of, kind) for of, kind in names if f"{of}_{kind}" not in measurement.versions
    )


def now_table(measurement: Measurement) -> None:
    """Draw the time and energy of each of the article's networks, and whether it is clear of the noise.

    A button below it measures again.
    """
    heads = [t(f"sustainability.head_{name}") for name in _NOW_COLUMNS]
    rows = [
        [
            model_name(one.version.of),
            formats.duration(one.cost.seconds.value),
            formats.energy(one.cost.joules.value),
            facts.energy_interval(one.cost.joules),
            t(
                "sustainability.clear" if one.cost.joules.clear else "sustainability.noisy",
                blocks=one.cost.joules.blocks,
            ),
            formats.energy(facts.MILLION * one.cost.joules.value),
        ]
        for one in facts.article(measurement.versions)
    ]
    kind = facts.kind(measurement.versions)
    table(t("sustainability.now_table", kind=kind), heads, rows)
    with st.container(horizontal=True, vertical_alignment="center"):
        ago = formats.duration(max(time.monotonic() - measurement.at, 1))
        st.caption(t("sustainability.rule", kind=kind, clear=formats.measured(energy.CLEAR, 0), ago=ago))
        if st.button(t("sustainability.again"), icon=":material/refresh:", key="footprint_again"):
            if time.monotonic() - measurement.at >= MIN_SECONDS_BETWEEN:
                measured_costs.forget()
            st.rerun()


def versions_figure(measurement: Measurement) -> None:
    """Draw all versions by cost and accuracy, of one network or all, and name the Pareto front."""
    offered = [figures.ALL, *dict.fromkeys(one.version.of for one in measurement.versions.values())]
    with st.container(horizontal=True):
        network = linked_choice(_NETWORK, t("sustainability.networks"), offered, words=_network)
        axis = linked_choice(_AXIS, t("sustainability.axis"), AXES, words=lambda name: t(f"sustainability.by_{name}"))
    cheapest = [measurement.versions[name].version for name in figures.cheapest(measurement.versions, axis)]
    words = {
        "axis": t(f"sustainability.by_{axis}").lower(),
        "front": facts.pareto_front(cheapest),
    }
    interactive_chart(
        lambda: figures.versions(measurement.versions, axis, followed=network, said=_sentence),
        key="footprint_versions",
        alt=t("sustainability.versions_alt", **words),
        height=figures.VERSIONS_HEIGHT,
        numbers=lambda: _table(measurement),
        title=t("sustainability.all"),
    )
    st.caption(t("sustainability.versions_note", **words))


def _network(name: str) -> str:
    return t("sustainability.everyone") if name == figures.ALL else model_name(name)


def _sentence(measured: MeasuredVersion) -> str:
    """Return a version in a line: how often it is wrong, and what it costs."""
    version, cost, accuracy = measured.version, measured.cost, measured.version.accuracy
    return t(
        "sustainability.version_said",
        version=facts.version_name(version.of, version.kind),
        wrong=formats.measured(1 - accuracy.value, 2),
        low=formats.measured(1 - accuracy.high, 2),
        high=formats.measured(1 - accuracy.low, 2),
        joules=formats.energy(cost.joules.value),
        between=facts.energy_interval(cost.joules),
        seconds=formats.duration(cost.seconds.value),
        size=formats.size(len(version.model)),
    )


def _table(measurement: Measurement) -> None:
    """Draw all versions in numbers."""
    heads = [t(f"sustainability.head_{name}") for name in _VERSION_COLUMNS]
    rows = [_row(measured) for measured in measurement.versions.values()]
    table(t("sustainability.all"), heads, rows, words=(0, 8), show_caption=False)
    st.caption(t("sustainability.floats_note"))


def _row(measured: MeasuredVersion) -> list[str]:
    """Return a version's row, whose columns are _VERSION_COLUMNS."""
    version, cost, accuracy = measured.version, measured.cost, measured.version.accuracy
    return [
        facts.version_name(version.of, version.kind),
        formats.measured(accuracy.value, 2),
        f"{formats.measured(accuracy.low, 2)} – {formats.measured(accuracy.high, 2)}",
        formats.size(len(version.model)),
        formats.size(version.deflated),
        formats.count(version.parameters),
        formats.duration(cost.seconds.value),
        formats.energy(cost.joules.value),
        ", ".join(version.in_float) or "–",
    ]


def pruning_figure() -> None:
    """Draw the accuracy by the share of weights set to zero, once its box is opened."""
    with st.expander(t("sustainability.zeros"), key="footprint_zeros", on_change="rerun") as part:
        study = compression.pruning_study() if part.open else None
        if part.open and study is None:
            notices.damaged(compression.STUDY.name)
        if study is not None:
            st.markdown(t("sustainability.zeros_note"))
            interactive_chart(
                lambda: figures.pruning(study.cuts),
                key="footprint_cuts",
                alt=t("sustainability.zeros_alt"),
                at_once=True,
            )


def processor_seconds() -> float:
    """Return the seconds of processor time that this visitor's thread on the server has taken."""
    return time.thread_time()


def page_facts(since: float, measurement: Measurement) -> dict[str, str]:
    """Return the values on what the page itself took the server, from `since` (see `processor_seconds`) until now."""
    seconds = processor_seconds() - since
    answer = footprint.total([one.cost.cpu_seconds for one in facts.article(measurement.versions)]).value
    return {"page.seconds": formats.duration(seconds), "page.times": formats.count(seconds / answer)}


def training_table(measurement: Measurement, cards: Mapping[str, Card]) -> None:
    """Draw, for each network, the cost of training and of an answer, and after how many answers they are even."""
    heads = [t(f"sustainability.head_{name}") for name in _TRAINING_COLUMNS]
    rows = []
    for name in compression.networks():
        if network := measurement.versions.get(f"{name}_fp32"):
            training = cards[name].training
            answers = footprint.break_even(training, network.cost)
            row = [
                model_name(name),
                formats.duration(training.cpu_seconds),
                formats.energy(footprint.training_joules(training)),
                formats.energy(network.cost.joules.value),
                formats.count(answers),
                t("sustainability.days", days=formats.count(answers / 86_400)),
            ]
            rows.append(row)
    table(t("sustainability.training_table"), heads, rows)
