"""The first figure: computing power or cost by year, with the growth fitted to the years that the visitor marks."""

from collections.abc import Mapping

import streamlit as st

from glassbox.history import milestones
from glassbox.history.growth import Growth, decimal_year
from glassbox.ui.base.choice import linked_choice
from glassbox.ui.base.i18n import t
from glassbox.ui.base.link import linked
from glassbox.ui.base.state import Entry, Kind, bound, declare
from glassbox.ui.frame.facts import factor, interval
from glassbox.ui.pages.factors.view import choose_measure, milestones_figure
from glassbox.zoo.digit_models import Card

Years = tuple[int, int]
"""The first and the last year of those that a growth is fitted to."""
MEASURES = ("compute", "cost")
SINCE = {"all": 0.0, "deep": milestones.DEEP}
_MEASURE = declare("era_growing", Kind.CONTROL, "", parameter="measure")
_SINCE = declare("era_since", Kind.CONTROL, "", parameter="since")
_YEARS: Entry[Years | None] = declare("era_years", Kind.CONTROL, None, parameter="years")


@st.fragment
def growth_section(cards: Mapping[str, Card]) -> None:
    """Let the visitor mark years on a slider; draw the milestones with the growth of these years, and say what it
    is."""
    with st.container(horizontal=True):
        measure = choose_measure(_MEASURE, MEASURES)
        since = linked_choice(_SINCE, t("factors.since"), list(SINCE), words=lambda name: t(f"factors.since_{name}"))
    years = _choose_years()
    st.markdown(growth_sentence(measure, years), help=t("factors.refit_help"))
    milestones_figure(measure, SINCE[since], cards, fitted=None if years == usual_years() else years)


def usual_years() -> Years:
    """Return the years that the text speaks of: since 2010."""
    return int(milestones.DEEP), max(row.date.year for row in milestones.milestones())


def offered_years() -> Years:
    """Return the years of the first and of the last milestone."""
    years = [row.date.year for row in milestones.milestones()]
    return min(years), max(years)


def growth_of(measure: str, years: Years) -> tuple[int, Growth | None]:
    """Return how many milestones of `years` have a number for `measure`, and their growth, None if it can't be
    fitted."""
    first, last = years
    rows = [
        row for row in milestones.milestones() if getattr(row, measure) and first <= decimal_year(row.date) < last + 1
    ]
    try:
        return len(rows), milestones.milestone_growth(measure, first, last + 1)[1]
    except ValueError:
        return len(rows), None


def growth_sentence(measure: str, years: Years) -> str:
    """Return a sentence: by how much `measure` grew a year in `years`, when it doubled, and from how many points."""
    count, growth = growth_of(measure, years)
    words: dict[str, object] = {"first": years[0], "last": years[1], "count": count}
    if growth is None:
        return t("factors.refit_few", **words)
    words |= {"factor": factor(growth.factor), "interval": interval(*growth.interval)}
    if growth.slope <= 0:
        return t("factors.refit_falls", **words)
    return t("factors.refit", months=f"{growth.doubling:.1f}", **words)


def _choose_years() -> Years:
    """Let the visitor mark the first and the last year, at first those of the text; they are in the link."""
    least, most = offered_years()

    def read(text: str) -> Years | None:
        first, _, last = text.partition("-")
        years = (int(first), int(last)) if first.isdecimal() and last.isdecimal() and len(text) < 12 else (0, 0)
        return years if least <= years[0] <= years[1] <= most else None

    def take(years: Years) -> None:
        if len(years) == 2 and least <= years[0] <= years[1] <= most:
            _YEARS.set((int(years[0]), int(years[1])))

    linked(_YEARS, read, lambda years: f"{years[0]}-{years[1]}" if years else "")
    chosen = _YEARS.get() or usual_years()
    st.slider(t("factors.refit_years"), min_value=least, max_value=most, **bound(_YEARS.widget, chosen, take))
    return chosen
