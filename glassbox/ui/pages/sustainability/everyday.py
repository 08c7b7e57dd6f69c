"""What so many answers a day come to, in units that people know: beside this project's networks, a large model."""

from collections.abc import Mapping

import streamlit as st

from glassbox.trust.cost import carbon, everyday
from glassbox.trust.cost.footprint import MeasuredVersion
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import t
from glassbox.ui.base.link import linked
from glassbox.ui.base.state import Kind, bound, declare
from glassbox.ui.charts.tables import table
from glassbox.ui.frame import notices
from glassbox.ui.pages.sustainability import facts

ANSWERS = tuple(10**power for power in range(11))
"""Answers a day, from one to ten thousand million."""
LARGE = "gemini_prompt"
"""The published figure that stands for a large model: the median prompt, as its maker measured it."""
_ANSWERS = declare("footprint_answers", Kind.CONTROL, 1_000_000, parameter="answers")


@st.fragment
@notices.unless_damaged()
def everyday_section(found: Mapping[str, MeasuredVersion]) -> None:
    """Ask how many answers a day there are, and draw what they take in units that people know."""
    linked(_ANSWERS, lambda text: next((count for count in ANSWERS if text == str(count)), None))
    answers: int = st.select_slider(
        t("sustainability.everyday_answers"),
        ANSWERS,
        format_func=formats.count,
        **bound(_ANSWERS.widget, _ANSWERS.get(), _ANSWERS.set, ANSWERS),
    )
    who = {t("sustainability.everyday_ours"): answers * facts.joules(found).value}
    who |= {
        t(f"charts.published_energy.{one.key}"): answers * one.joules for one in carbon.published() if one.key == LARGE
    }
    units = [t("sustainability.head_energy"), *(t(f"sustainability.everyday_{name}") for name in everyday.UNITS)]
    table(
        t("sustainability.everyday_table", count=formats.count(answers)),
        [t("sustainability.everyday_unit"), *who],
        [list(row) for row in zip(units, *map(_amounts, who.values()), strict=True)],
    )
    st.caption(t("sustainability.everyday_note", eia=everyday.EIA, epa=carbon.EPA))


def _amounts(joules: float) -> list[str]:
    """Return what `joules` a day are, in joules and in each of the units."""
    return [formats.energy(joules), *(_amount(count) for count in everyday.equivalents(joules).values())]


def _amount(count: float) -> str:
    return formats.number(count) if count < 1e5 else formats.count(float(f"{count:.3g}"))
