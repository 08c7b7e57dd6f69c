"""The page's parts in their order: what the file is, its graph with what was clicked, and one of five sections."""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from glassbox.inspection.requests import Read
from glassbox.ui.base import formats
from glassbox.ui.base.choice import choice
from glassbox.ui.base.i18n import t
from glassbox.ui.base.link import linked
from glassbox.ui.base.state import bound
from glassbox.ui.components.operator_graph import Figure, Place, operator_graph
from glassbox.ui.frame.shell import Page
from glassbox.ui.pages.own_model import asking, comparing, explaining, making, panel, reading, running, state
from glassbox.ui.pages.own_model.asking import Model
from glassbox.ui.pages.own_model.figure import Levels, figure, levels
from glassbox.ui.pages.own_model.subject import Subject

SECTIONS: Mapping[str, Callable[[Subject], None]] = {
    "read": reading.draw,
    "run": running.draw,
    "explain": explaining.draw,
    "compare": comparing.draw,
    "make": making.draw,
}


def draw(page: Page, model: Model) -> None:
    """Draw all that there is about `model`."""
    if asking.stopped():
        st.button(t("own_model.go_on"), icon=":material/replay:", on_click=asking.go_on, key="own_model_go_on")
    read = asking.ask([model], Read())
    if read is None:
        return
    subject = Subject(page, model, read.facts, levels(read.facts["graphs"], state.CONSTANTS.get()))
    st.header(t("own_model.graph"), anchor=False)
    st.markdown(_summary(model, read.facts))
    _constants(subject)
    comparing.follow_link(subject)
    _graph(subject)
    st.header(t("own_model.closer"), anchor=False)
    section = choice(
        state.SECTION,
        t("own_model.closer"),
        tuple(SECTIONS),
        lambda name: t(f"own_model.section.{name}"),
        show_label=False,
    )
    st.markdown(t(f"own_model.section.{section}_lead"))
    with st.container(key="gb_own_model"):
        SECTIONS[section](subject)


def _summary(model: Model, facts: Mapping[str, Any]) -> str:
    """Return what the file is, in a line."""
    file, totals = facts["file"], facts["totals"]
    costs = totals["multiply_adds"]
    return t(
        "own_model.summary" if costs is not None else "own_model.summary_uncounted",
        name=asking.words(model.name),
        size=formats.size(file["bytes"]),
        operators=formats.count(sum(one["nodes"] for one in facts["operators"])),
        kinds=len(facts["operators"]),
        parameters=formats.count(totals["parameters"]),
        costs=formats.count(costs or 0),
    )


def _constants(subject: Subject) -> None:
    """Offer to draw the operators that compute constants, where there are any."""
    if subject.levels.graphs[0].folded or state.CONSTANTS.get():
        shown = state.CONSTANTS.get()
        st.checkbox(t("own_model.constants"), **bound("own_model_constants_box", shown, state.CONSTANTS.set))


@st.fragment
def _graph(subject: Subject) -> None:
    """Draw the graph, and beside it what was clicked there: only this part of the page runs then."""
    before = state.TENSOR.get()
    linked(state.TENSOR, lambda asked: asked if subject.levels.place(asked) else None)
    if not state.TENSOR.get() or state.TENSOR.get() != before:
        if not state.TENSOR.get():
            state.DEAREST.set(_dearest(subject.levels))
        state.wish(state.TENSOR.get() or state.DEAREST.get())
    comparing_now = state.SECTION.get() == "compare"
    if comparing_now and running.feed(subject) is None:
        running.start(subject)  # a comparison runs the model anyway
    with st.container():  # always there: the graph keeps its place, whatever is told meanwhile
        ran = running.facts(subject, quiet=state.SECTION.get() in ("run", "explain"))  # these say it
        compared = comparing.facts(subject) if comparing_now else None
    version = f"{subject.model.digest} {len(subject.levels.graphs[0].operators)}"
    drawn = figure(subject.levels, version, ran, compared)
    linked(state.MEASURE, lambda asked: asked if asked in drawn.measures else None)
    coloured = state.COMPARED_MEASURE if compared else state.MEASURE
    measure = coloured.get() if coloured.is_set and coloured.get() in drawn.measures else _telling(drawn)
    left, right = st.columns([3, 2], gap="medium")
    with left, st.container(key="gb_operator_graph"):
        operator_graph(
            drawn,
            measure=measure,
            asked=_asked(subject.levels),
            on_picked=lambda place: state.pick(subject.levels.name(place)),
            on_measured=coloured.set,
        )
    with right, st.container(key="gb_operator_panel"):
        panel.draw(subject, ran)


def _telling(drawn: Figure) -> str:
    """Return the first measure that tells the operators apart, else the first."""
    known = (name for name, one in drawn.measures.items() if any(value for graph in one.values for value in graph))
    return next(known, next(iter(drawn.measures)))


def _asked(found: Levels) -> tuple[int, Place] | None:
    """Return the place that the figure is to go to, and the number of the wish."""
    wish = state.WISH.get()
    place = found.place(wish[1]) if wish else None
    return (wish[0], place) if wish and place else None


def _dearest(found: Levels) -> str:
    """Return the tensor that the operator of the main graph with the most multiply-adds gives; "" if there is none."""
    known = [node for node in found.graphs[0].operators if any(node["outputs"])]
    dearest = max(known, key=lambda node: node["multiply_adds"] or 0, default=None)
    return "" if dearest is None else next(filter(None, dearest["outputs"]))
