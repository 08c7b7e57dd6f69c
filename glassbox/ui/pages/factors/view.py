"""The sections of the essay on the four factors: its figures, the words for each, and the tables behind them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial

import streamlit as st

from glassbox.history import milestones
from glassbox.history.growth import Growth
from glassbox.history.study import growth_study
from glassbox.ui.base import formats
from glassbox.ui.base.choice import linked_choice
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import model_name
from glassbox.ui.base.state import Entry, Kind, declare
from glassbox.ui.charts import history as figures
from glassbox.ui.charts.tables import POSITIVE, Cell, Cells, Table, show, table
from glassbox.ui.frame.facts import factor, interval
from glassbox.ui.frame.interactive import interactive_chart, versions
from glassbox.zoo.cards import Accuracy
from glassbox.zoo.digit_models import Card

SIZE_MEASURES = ("examples", "parameters")
CHIP_MEASURES = ("per_watt", "per_dollar")
FIRST_YEAR_OF_SIZES = 1980.0
PERIODS = ((0, 2009), (2010, 2014), (2015, 2017), (2018, 2020), (2021, 2023), (2024, 9999))
"""First and last year; the first period begins with the first milestone, the last goes on."""

_SIZE_MEASURE = declare("era_sizes", Kind.CONTROL, "", parameter="size")
_CHIP_MEASURE = declare("era_chips", Kind.CONTROL, "", parameter="chip")


def sizes_figure(cards: Mapping[str, Card]) -> None:
    """Draw the training data or the parameters of the milestones by year."""
    measure = choose_measure(_SIZE_MEASURE, SIZE_MEASURES)
    milestones_figure(measure, FIRST_YEAR_OF_SIZES, cards)


def accelerators_figure() -> None:
    """Draw the operations of accelerators a watt or a dollar by year."""
    measure = choose_measure(_CHIP_MEASURE, CHIP_MEASURES)
    trend = milestones.accelerator_growth(measure)[1]
    interactive_chart(
        partial(figures.accelerators, measure),
        key="era_chips_figure",
        of=("accelerators", measure),
        alt=_spoken(measure, trend),
        height=figures.ACCELERATORS_HEIGHT,
        numbers=_accelerators_table,
        title=t("factors.chip_table"),
        sources=True,
    )


def networks_figure(cards: Mapping[str, Card]) -> None:
    """Draw the computing power that this project's networks took to train, and the share of digits they misread."""
    said = t("factors.comma").join(
        t(
            "factors.ours_one",
            model=model_name(name),
            compute=figures.amount(milestones.training_compute(card), "compute"),
            wrong=formats.measured(1 - card.accuracy.value, 2),
        )
        for name, card in cards.items()
    )
    interactive_chart(
        partial(figures.networks, cards),
        key="era_ours",
        of=("networks", *versions(cards)),
        alt=t("factors.ours_alt", values=said),
        height=figures.NETWORKS_HEIGHT,
        numbers=partial(_networks_table, cards),
        title=t("factors.ours_table"),
    )


def domains_table() -> None:
    """Draw how many milestones of each period were made for which domain, each cell as dark as its share."""
    counts = [
        Counter(row.domain for row in milestones.milestones() if first <= row.date.year <= last)
        for first, last in PERIODS
    ]
    heads = [f"{first or ''}–{last if last < 9999 else ''}" for first, last in PERIODS]
    rows: list[Cells] = [
        [
            t(f"factors.domain_{domain}"),
            *(Cell(str(count[domain] or ""), shade=count[domain] / count.total()) for count in counts),
        ]
        for domain in milestones.DOMAINS
    ]
    show(Table(t("factors.domains"), ["", *heads], rows, colour=POSITIVE))
    recorded = growth_study()
    st.caption(t("factors.credit", until=recorded.until if recorded else "–"))


def choose_measure(entry: Entry[str], measures: Sequence[str]) -> str:
    return linked_choice(entry, t("factors.measure"), measures, words=lambda name: t(f"factors.{name}"))


def milestones_figure(
    measure: str, since: float, cards: Mapping[str, Card], *, fitted: tuple[int, int] | None = None
) -> None:
    """Draw a measure of the milestones from the year `since` on, with the growth of the years `fitted`, by default of
    those since 2010."""
    trend, key = milestones.milestone_growth(measure)[1], f"era_milestones_{measure in SIZE_MEASURES}"
    interactive_chart(
        partial(figures.milestones, measure, since=since, cards=cards, fitted=fitted),
        key=key,
        alt=_spoken(measure, trend),
        height=figures.MILESTONES_HEIGHT,
        numbers=partial(_milestones_table, key),
        title=t("factors.table"),
        sources=True,
        of=() if fitted else ("milestones", measure, since, *versions(cards)),
    )
    if measure == "cost":
        st.caption(t("factors.cost_note"))


def _spoken(measure: str, trend: Growth) -> str:
    """Return the figure in words, for those who can't see it."""
    return t(
        "factors.alt",
        measure=t(f"factors.{measure}"),
        count=trend.count,
        factor=factor(trend.factor),
        interval=interval(*trend.interval),
    )


def _milestones_table(chart: str) -> None:
    rows = milestones.milestones()
    heads = [t(f"factors.column_{name}") for name in ("name", "organisation", "date", "domain")]
    heads += [t(f"factors.{measure}") for measure in milestones.MEASURES] + [t("factors.column_chosen")]
    cells = [
        (
            row.name,
            _first(row.organisation),
            f"{row.date:%Y-%m-%d}",
            t(f"factors.domain_{row.domain}"),
            *(_cell(getattr(row, measure)) for measure in milestones.MEASURES),
            t(f"factors.chosen_{row.chosen}"),
        )
        for row in reversed(rows)
    ]
    with st.container(height=420):
        links = [row.source for row in reversed(rows)]
        table(t("factors.table"), heads, cells, words=(0, 1, 3, 8), links=links, show_caption=False)
    _download(milestones.MILESTONES.name, chart)


def _networks_table(cards: Mapping[str, Card]) -> None:
    heads = [t(f"factors.{name}") for name in ("column_name", "compute", "parameters", "examples", "mistakes")]
    cells = [
        (
            model_name(name),
            *(_cell(figures.of_card(card, measure)) for measure in ("compute", "parameters", "examples")),
            _misread(card.accuracy),
        )
        for name, card in cards.items()
    ]
    table(t("factors.ours_table"), heads, cells, show_caption=False)


def _misread(accuracy: Accuracy) -> str:
    value, low, high = (formats.measured(1 - end, 2) for end in (accuracy.value, accuracy.high, accuracy.low))
    return t("charts.interval", value=value, low=low, high=high)


def _first(organisations: str) -> str:
    """Return the first of several organisations and the number of others: 'Google; DeepMind; MIT' -> 'Google + 2'."""
    first, *others = organisations.split("; ")
    return f"{first} + {len(others)}" if others else first or "–"


def _accelerators_table() -> None:
    rows = milestones.accelerators()
    heads = [t(f"factors.column_{name}") for name in ("name", "maker", "date", "flops", "watts", "price")]
    heads += [t(f"factors.{measure}") for measure in CHIP_MEASURES]
    cells = [
        (
            row.name,
            row.maker,
            f"{row.date:%Y-%m-%d}",
            _cell(row.flops),
            _cell(row.watts),
            _cell(row.price),
            *(_cell(getattr(row, measure)) for measure in CHIP_MEASURES),
        )
        for row in reversed(rows)
    ]
    with st.container(height=420):
        links = [row.source for row in reversed(rows)]
        table(t("factors.chip_table"), heads, cells, words=(0, 1), links=links, show_caption=False)
    _download(milestones.ACCELERATORS.name, "era_chips_figure")


def _cell(value: float | None) -> str:
    return "–" if value is None else formats.number(value) if value < 1e5 else formats.scientific(value)


def _download(name: str, chart: str) -> None:
    """Offer the table's file below the chart with the key `chart`; the same table may stand below two."""
    path = milestones.MILESTONES.with_name(name)
    st.download_button(
        t("factors.download", file=name),
        lambda: path.read_bytes(),
        file_name=name,
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        key=f"{chart}_download",
    )
