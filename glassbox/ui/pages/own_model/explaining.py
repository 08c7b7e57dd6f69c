"""Explain: where one number came from, and which parts of the input made a score what it is."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from glassbox.engine.isolation import Answer
from glassbox.inspection.requests import Explain
from glassbox.ui.base import formats, palette
from glassbox.ui.base.choice import choice
from glassbox.ui.base.i18n import sentences, t
from glassbox.ui.base.state import Entry, Kind, declare, held
from glassbox.ui.components.curves import Axis, Curve, curves
from glassbox.ui.components.maps import MAX_CELLS, Row, Tile, maps, symmetric
from glassbox.ui.frame.downloads import downloads
from glassbox.ui.pages.own_model import asking, number_terms, running
from glassbox.ui.pages.own_model.feeding import Feed
from glassbox.ui.pages.own_model.number_terms import number, place
from glassbox.ui.pages.own_model.subject import Subject

AUTO = "auto"
METHODS = (AUTO, "integrated_gradients", "occlusion", "saliency", "grad_cam", "rise")
_METHOD = declare("own_model_method", Kind.CONTROL, AUTO)
_TARGET: Entry[int | None] = declare("own_model_target", Kind.CONTROL, None)
_ASKED: Entry[str] = declare("own_model_explained", Kind.CONTROL, "")
"""The model of which a map is asked for: an own file is not run hundreds of times unasked."""


def draw(subject: Subject) -> None:
    """Draw both parts."""
    feed, ran = running.feed(subject), running.facts(subject)
    if feed is None or ran is None:
        st.info(t("own_model.explain.run_first"), icon=":material/play_arrow:")
        return
    st.subheader(t("own_model.explain.map_title"), anchor=False)
    _map(subject, feed, ran)
    st.subheader(t("own_model.explain.terms_title"), anchor=False)
    number_terms.draw(subject, feed, ran)


def _map(subject: Subject, feed: Feed, ran: Mapping[str, Any]) -> None:
    method = choice(_METHOD, t("own_model.explain.method"), METHODS, _method_name)
    if not subject.model.everybodys and _ASKED.get() != subject.model.digest:
        if st.button(t("own_model.explain.start"), icon=":material/search_insights:", key="own_model_explain"):
            _ASKED.set(subject.model.digest)
            st.rerun()
        return
    target = _TARGET.get()
    request = Explain(**feed.fields, method=method, target=None if target is None else (0, target))  # type: ignore[arg-type]
    found = asking.ask([subject.model], request, feed.arrays, feed.everybodys)
    if found is None:
        if target is not None and st.button(t("own_model.explain.largest"), key="own_model_untarget"):
            _TARGET.clear()
            st.rerun()
        return
    facts = found.facts
    st.markdown(_verdict(facts))
    left, right = st.columns(2, gap="large")
    with left:
        _draw_map(facts, np.asarray(found.arrays["map"], np.float64))
        _choose_target(facts, ran)
    with right:
        _draw_curves(facts, found)
    _methods(facts)
    downloads("own_model_explanation", {name: np.asarray(values) for name, values in found.arrays.items()})


def _method_name(name: str) -> str:
    return t("own_model.explain.auto") if name == AUTO else t(f"frame.method.{name}")


def _verdict(facts: Mapping[str, Any]) -> str:
    """Return what is explained, by what, and how far it can be trusted."""
    said = t(
        "own_model.explain.said",
        method=t(f"frame.method.{facts['method']}"),
        source=asking.words(facts["source"]),
        score=asking.words(f"{facts['score']}[{place(facts['target'])}]"),
        value=number(facts["value"]),
        runs=f"{facts['runs']:,}",
    )
    numbers = {name: formats.hundredths(facts[name] or 0) for name in ("faithfulness", "random")}
    edges = formats.hundredths(facts["edges"]) if facts["edges"] is not None else t("own_model.explain.no_edges")
    verdict = t(f"own_model.explain.verdict_{facts['verdict']}", edges=edges, **numbers)
    missed = ""
    if facts["missed"] is not None:
        missed = t("own_model.explain.missed", share=formats.rough(facts["missed"]))
    return sentences(said, verdict, missed)


def _draw_map(facts: Mapping[str, Any], found: NDArray[np.float64]) -> None:
    drawn = found.reshape(-1, found.shape[-1]) if found.ndim > 1 else found.reshape(1, -1)
    if found.ndim < 2 or min(drawn.shape) == 1:
        line = found.reshape(-1)[:2000]
        curves(
            np.arange(len(line)),
            [Curve(t(f"frame.method.{facts['method']}"), line, palette.POSITIVE, filled=True)],
            across=Axis(t("own_model.picture.place")),
            up=Axis(t("own_model.explain.weight")),
            alt=t("own_model.explain.alt", source=facts["source"]),
            key="own_model_attribution_line",
        )
        return
    columns = drawn.shape[1]
    step = max(1, int(np.ceil(np.sqrt(drawn.size / MAX_CELLS))))
    part = drawn[::step, ::step]
    low, high = symmetric(part) if part.min() < 0 else (0.0, float(part.max()))
    title = t(f"frame.method.{facts['method']}")
    maps([Row((Tile(part, title, low, high, width=min(max(8 * columns, 200), 420)),))], key="own_model_attribution")


def _choose_target(facts: Mapping[str, Any], ran: Mapping[str, Any]) -> None:
    """Ask for another cell of the score, where that is one row."""
    shape: list[int] = next((row["shape"] for row in ran["tensors"] if row["tensor"] == facts["score"]), [])
    if len(shape) != 2 or shape[0] != 1 or shape[1] < 2:
        return
    last = int(facts["target"][-1])
    key = f"own_model_target_{last}"
    st.number_input(
        t("own_model.explain.target", last=f"{shape[1] - 1:,}"),
        0,
        int(shape[1]) - 1,
        last,
        step=1,
        width=220,
        key=key,
        on_change=lambda: _TARGET.set(int(held(key))),
    )


def _draw_curves(facts: Mapping[str, Any], found: Answer) -> None:
    removed, added = (np.asarray(found.arrays[name], np.float64) for name in ("deletion", "insertion"))
    if removed.shape != added.shape:
        return
    curves(
        removed[0],
        [
            Curve(t("own_model.explain.insertion"), added[1], palette.POSITIVE),
            Curve(t("own_model.explain.deletion"), removed[1], palette.NEGATIVE, dash="7 5"),
        ],
        across=Axis(t("own_model.explain.changed"), "share"),
        up=Axis(t(f"own_model.explain.{facts['measured']}"), "share", low=0.0, high=1.0),
        alt=t("own_model.explain.curves_alt"),
        key="own_model_faithfulness",
    )
    st.caption(t("own_model.explain.curves"))


def _methods(facts: Mapping[str, Any]) -> None:
    """Say of each method that can't be had why not."""
    refused = {name: why for name, why in facts["methods"].items() if why is not None}
    if refused:
        st.caption(t("own_model.explain.refused"))
        for name, why in refused.items():
            st.markdown(f"- **{t(f'frame.method.{name}')}**: {asking.words(why, 300)}")
