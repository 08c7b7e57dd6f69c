"""Where the electricity comes from: a country, chosen from the list, on the map or by ?country=, and its carbon."""

from collections.abc import Mapping

import streamlit as st

from glassbox.trust.cost import carbon
from glassbox.trust.cost.footprint import MeasuredVersion
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import language, t
from glassbox.ui.base.link import linked
from glassbox.ui.base.state import Kind, bound, declare
from glassbox.ui.components.world_map import world_map
from glassbox.ui.frame import essay
from glassbox.ui.pages.sustainability import facts as footprint_facts

WORLD = "world"
_COUNTRY = declare("footprint_grid", Kind.CONTROL, WORLD, parameter="country")


@st.fragment
def where(found: Mapping[str, MeasuredVersion]) -> None:
    """What a million answers stand for in the country asked for; where it has no figure, in the world's mean."""
    section = essay.sections("sustainability_essay", language())["where"]
    st.subheader(section.title, anchor=section.key)
    linked(_COUNTRY, lambda asked: asked if _possible(asked) else None)
    asked = _COUNTRY.get()
    named = footprint_facts.names()
    grid = carbon.grids().get(asked)
    st.selectbox(
        t("sustainability.country"),
        [WORLD, *named],
        format_func=lambda code: named.get(code, t("sustainability.world")),
        width=360,
        **bound(_COUNTRY.widget, asked if grid else WORLD, _COUNTRY.set),
    )
    facts = footprint_facts.of_grid(grid, found)
    st.markdown(t("sustainability.sentences", first=_about(asked, named), second=section.filled(facts)[0]))
    words = {name.replace(".", "_"): value for name, value in facts.items()}
    picked = world_map(named, asked if grid else None, alt=t("sustainability.map_alt", **words), key="footprint_map")
    st.caption(t("sustainability.map_note"))
    if picked and picked != asked:
        _COUNTRY.set(picked)
        st.rerun(scope="fragment")


def _about(asked: str, named: Mapping[str, str]) -> str:
    """The grid in a sentence; or that there is no figure, and what stands in for it."""
    mean = formats.number(carbon.WORLD_AVERAGE)
    grid = carbon.grids().get(asked)
    if asked == WORLD:
        return t("sustainability.grid_world", mean=mean)
    if grid is None:
        return t("sustainability.grid_unknown", code=asked, mean=mean)
    if grid.intensity is None:
        return t("sustainability.grid_missing", country=named[asked], mean=mean)
    share = "–" if grid.low_carbon is None else f"{grid.low_carbon:.0%}"
    grams = formats.number(grid.intensity)
    return t("sustainability.grid_one", country=named[asked], grams=grams, year=grid.year, share=share, mean=mean)


def _possible(code: str) -> bool:
    """Whether a link's text may be a country's code, known or not."""
    return code == WORLD or (len(code) == 3 and code.isascii() and code.isalpha() and code.isupper())
