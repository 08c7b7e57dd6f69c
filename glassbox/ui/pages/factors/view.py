"""The essay on the four factors: its sections, the words beside each figure, and the tables behind them."""

from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial

import streamlit as st

from glassbox.history import milestones
from glassbox.history.growth import Growth
from glassbox.history.study import growth_study
from glassbox.ui.base import formats
from glassbox.ui.base.choice import linked_choice
from glassbox.ui.base.i18n import language, t
from glassbox.ui.base.models import model_name
from glassbox.ui.base.state import Kind, declare
from glassbox.ui.charts import history as figures
from glassbox.ui.charts.tables import Cell, Cells, Table, show, table
from glassbox.ui.frame import essay, shell
from glassbox.ui.frame import facts as shared
from glassbox.ui.frame.interactive import interactive_chart
from glassbox.ui.pages.factors import facts
from glassbox.zoo.digit_models import Card

GROWING = ("compute", "cost")
SIZES = ("examples", "parameters")
CHIPS = ("per_watt", "per_dollar")
SINCE = {"all": 0.0, "deep": milestones.DEEP}
PERIODS = ((0, 2009), (2010, 2014), (2015, 2017), (2018, 2020), (2021, 2023), (2024, 9999))
"""First and last year; the first period begins with the first milestone, the last goes on."""

_GROWING = declare("era_growing", Kind.CONTROL, "", parameter="measure")
_SINCE = declare("era_since", Kind.CONTROL, "", parameter="since")
_SIZE = declare("era_sizes", Kind.CONTROL, "", parameter="size")
_CHIP_MEASURE = declare("era_chips", Kind.CONTROL, "", parameter="chip")


def section(key: str, cards: Mapping[str, Card], draw: Callable[[], None] = lambda: None) -> None:
    """A section: its title, its words with their numbers, its figure where they want it, and links to other pages."""
    made = essay.sections("factors_essay", language())[key]
    st.subheader(made.title, anchor=key)
    above, *below = made.filled(facts.facts(cards))
    st.markdown(above)
    draw()
    for part in below:
        st.markdown(part)
    if made.pages:
        with st.container(horizontal=True):
            for key in made.pages:
                shell.link_to(key)


def timeline(cards: Mapping[str, Card]) -> None:
    """Computing power or cost of the milestones through the years."""
    with st.container(horizontal=True):
        measure = linked_choice(_GROWING, t("factors.measure"), GROWING, lambda name: t(f"factors.{name}"))
        since = linked_choice(_SINCE, t("factors.since"), list(SINCE), lambda name: t(f"factors.since_{name}"))
    _milestones(measure, SINCE[since], cards, at_once=True)  # it stands on the first screen


def sizes(cards: Mapping[str, Card]) -> None:
    """Training data or parameters of the milestones since 2010."""
    measure = linked_choice(_SIZE, t("factors.measure"), SIZES, lambda name: t(f"factors.{name}"))
    _milestones(measure, 1980.0, cards)


def chips() -> None:
    """What accelerators do for a watt or a dollar."""
    measure = linked_choice(_CHIP_MEASURE, t("factors.measure"), CHIPS, lambda name: t(f"factors.{name}"))
    trend = milestones.accelerator_growth(measure)[1]
    interactive_chart(
        partial(figures.accelerators, measure),
        key="era_chips_figure",
        alt=_spoken(measure, trend),
        height=figures.ACCELERATORS_HEIGHT,
        numbers=_chip_table,
        title=t("factors.chip_table"),
        sources=True,
    )


def algorithms(cards: Mapping[str, Card]) -> None:
    """What our networks took to train, and how many digits they misread."""
    said = t("factors.comma").join(
        t(
            "factors.ours_one",
            model=model_name(name),
            compute=figures.amount(milestones.training_compute(card), "compute"),
            wrong=f"{1 - card.accuracy.value:.2%}",
        )
        for name, card in cards.items()
    )
    interactive_chart(
        partial(figures.networks, cards),
        key="era_ours",
        alt=t("factors.ours_alt", values=said),
        height=figures.NETWORKS_HEIGHT,
        numbers=partial(_ours_table, cards),
        title=t("factors.ours_table"),
    )


def applications() -> None:
    """What the milestones of each period were made for: counts, each cell as dark as its share of the period."""
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
    show(Table(t("factors.domains"), ["", *heads], rows, colour="currentColor"))
    st.caption(t("factors.credit", until=growth_study().until))


def _milestones(measure: str, since: float, cards: Mapping[str, Card], *, at_once: bool = False) -> None:
    trend = milestones.milestone_growth(measure)[1]
    interactive_chart(
        partial(figures.milestones, measure, since, cards),
        key=f"era_milestones_{measure in SIZES}",
        alt=_spoken(measure, trend),
        height=figures.MILESTONES_HEIGHT,
        numbers=_table,
        title=t("factors.table"),
        sources=True,
        at_once=at_once,
    )
    if measure == "cost":
        st.caption(t("factors.cost_note"))


def _spoken(measure: str, trend: Growth) -> str:
    """The figure in words, for those who can't see it."""
    return t(
        "factors.alt",
        measure=t(f"factors.{measure}"),
        count=trend.count,
        factor=shared.factor(trend.factor),
        interval=shared.interval(*trend.interval),
    )


def _table() -> None:
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
    _file(milestones.MILESTONES.name)


def _ours_table(cards: Mapping[str, Card]) -> None:
    heads = [t(f"factors.{name}") for name in ("column_name", "compute", "parameters", "examples", "mistakes")]
    cells = [
        (
            model_name(name),
            *(_cell(figures.of_card(card, measure)) for measure in ("compute", "parameters", "examples")),
            f"{1 - card.accuracy.value:.2%} ({1 - card.accuracy.high:.2%} – {1 - card.accuracy.low:.2%})",
        )
        for name, card in cards.items()
    ]
    table(t("factors.ours_table"), heads, cells, show_caption=False)


def _first(organisations: str) -> str:
    """'Google; DeepMind; MIT' -> 'Google + 2'."""
    first, *others = organisations.split("; ")
    return f"{first} + {len(others)}" if others else first or "–"


def _chip_table() -> None:
    rows = milestones.accelerators()
    heads = [t(f"factors.column_{name}") for name in ("name", "maker", "date", "flops", "watts", "price")]
    heads += [t(f"factors.{measure}") for measure in CHIPS]
    cells = [
        (
            row.name,
            row.maker,
            f"{row.date:%Y-%m-%d}",
            _cell(row.flops),
            _cell(row.watts),
            _cell(row.price),
            *(_cell(getattr(row, measure)) for measure in CHIPS),
        )
        for row in reversed(rows)
    ]
    with st.container(height=420):
        links = [row.source for row in reversed(rows)]
        table(t("factors.chip_table"), heads, cells, words=(0, 1), links=links, show_caption=False)
    _file(milestones.ACCELERATORS.name)


def _cell(value: float | None) -> str:
    return "–" if value is None else formats.number(value) if value < 1e5 else formats.scientific(value)


def _file(name: str) -> None:
    path = milestones.MILESTONES.with_name(name)
    st.download_button(
        t("factors.download", file=name),
        lambda: path.read_bytes(),
        file_name=name,
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        key=f"download_{name}",
    )
