"""The carbon of a million answers by country, which is chosen in the list, on the map or by ?country=."""

from collections.abc import Mapping

import streamlit as st

from glassbox.trust.cost import carbon
from glassbox.trust.cost.footprint import MeasuredVersion
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import language, t
from glassbox.ui.base.link import linked
from glassbox.ui.base.state import Kind, bound, declare
from glassbox.ui.components.world_map import world_map
from glassbox.ui.frame import essay, notices
from glassbox.ui.pages.sustainability import facts

WORLD = "world"
_COUNTRY = declare("footprint_grid", Kind.CONTROL, WORLD, parameter="country")


def title() -> str:
    """Return the section's title."""
    return _section().title


def _section() -> essay.Section:
    return essay.sections("sustainability_essay", language())["where"]


@st.fragment
@notices.unless_damaged()
def electricity_section(found: Mapping[str, MeasuredVersion]) -> None:
    """Draw the carbon of a million answers in the country asked for, or by the world's mean where it has no figure."""
    linked(_COUNTRY, lambda text: text if _is_code(text) else None)
    asked = _COUNTRY.get()
    names = facts.country_names()
    grid = carbon.grids().get(asked)
    st.selectbox(
        t("sustainability.country"),
        [WORLD, *names],
        format_func=lambda code: names.get(code, t("sustainability.world")),
        width=360,
        **bound(_COUNTRY.widget, asked if grid else WORLD, _COUNTRY.set, (WORLD, *names)),
    )
    values = facts.of_grid(grid, found)
    st.markdown(t("sustainability.sentences", first=_grid_sentence(asked, names), second=_section().filled(values)[0]))
    words = {name.replace(".", "_"): value for name, value in values.items()}
    alt = t("sustainability.map_alt", **words)
    world_map(names, asked if grid else None, alt=alt, on_picked=_COUNTRY.set, key="footprint_map")
    st.caption(t("sustainability.map_note"))


def _grid_sentence(asked: str, names: Mapping[str, str]) -> str:
    """Return a sentence on the electricity of the country asked for, or that there is no figure for it."""
    mean = formats.number(carbon.WORLD_AVERAGE)
    grid = carbon.grids().get(asked)
    if asked == WORLD:
        return t("sustainability.grid_world", mean=mean)
    if grid is None:
        return t("sustainability.grid_unknown", code=asked, mean=mean)
    if grid.intensity is None:
        return t("sustainability.grid_missing", country=names[asked], mean=mean)
    share = "–" if grid.low_carbon is None else formats.measured(grid.low_carbon, 0)
    grams = formats.number(grid.intensity)
    return t("sustainability.grid_one", country=names[asked], grams=grams, year=grid.year, share=share, mean=mean)


def _is_code(code: str) -> bool:
    """Whether a link's text has the form of a country's code, known or not."""
    return code == WORLD or (len(code) == 3 and code.isascii() and code.isalpha() and code.isupper())
