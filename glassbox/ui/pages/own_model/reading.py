"""Read: what the file holds, in tables."""

import html
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from glassbox.inspection.requests import Read
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import t
from glassbox.ui.charts.tables import Cell, Table, show, table
from glassbox.ui.frame.model_graph import shape_text
from glassbox.ui.pages.own_model import asking
from glassbox.ui.pages.own_model.subject import Subject

MOST_WEIGHTS = 200
_SIGNS = {"error": ":material/error:", "warning": ":material/warning:", "note": ":material/info:"}
MANY, SCROLLED = 14, 440
"""A table of more rows than `MANY` scrolls in a box so many pixels high."""


def draw(subject: Subject) -> None:
    """Draw the file's tables."""
    facts = subject.facts
    left, right = st.columns(2, gap="large")
    with left:
        _tensors("inputs", facts["inputs"])
        _tensors("outputs", facts["outputs"])
        _file(facts["file"])
    with right:
        _operators(facts)
        _findings(facts["findings"])
    _weights(facts["weights"])
    _gradients(subject)


def _scrolling(rows: int) -> st.delta_generator.DeltaGenerator:
    return st.container(height=SCROLLED if rows > MANY else "content", border=False)


def _tensors(role: str, found: list[Mapping[str, Any]]) -> None:
    rows = [(one["name"], one["type"], shape(one["shape"])) for one in found]
    heads = [t(f"own_model.column.{name}") for name in ("name", "type", "shape")]
    with _scrolling(len(rows)):
        table(t(f"own_model.{role}"), heads, rows, words=(0, 1, 2))


def _file(file: Mapping[str, Any]) -> None:
    rows = [
        (t("own_model.file.opsets"), ", ".join(f"{domain} {version}" for domain, version in file["opsets"].items())),
        (t("own_model.file.ir_version"), str(file["ir_version"])),
    ]
    rows += [
        (t(f"own_model.file.{name}"), str(file[name])) for name in ("producer", "name", "description") if file[name]
    ]
    rows += [(key, value) for key, value in file["metadata"].items()]
    table(t("own_model.file.title"), [t("own_model.column.entry"), t("own_model.column.value")], rows, words=(0, 1))


def _operators(facts: Mapping[str, Any]) -> None:
    """Draw a row for each kind of operator: how many there are, and what they hold and cost together."""
    most = max((one["multiply_adds"] or 0 for one in facts["operators"]), default=0) or 1
    rows = [
        (
            one["operator"] if one["nodes"] == 1 else f"{one['operator']} × {one['nodes']:,}",
            Cell(formats.count(one["parameters"]), drawn=f"<small>{formats.size(one['bytes'])}</small>")
            if one["parameters"]
            else "",
            Cell(_cost(one["multiply_adds"]), bar=one["multiply_adds"] / most if one["multiply_adds"] else None),
        )
        for one in facts["operators"]
    ]
    heads = [t(f"own_model.column.{name}") for name in ("operator", "parameters", "multiply_adds")]
    with _scrolling(len(rows)):
        show(Table(t("own_model.operators"), heads, rows))
    st.caption(t("own_model.counted"))


def _cost(costs: int | None) -> str:
    return t("frame.graph.unknown") if costs is None else formats.count(costs) if costs else ""


def _findings(found: Sequence[Mapping[str, Any]]) -> None:
    """Draw what the checks found, in sentences."""
    st.markdown(f"**{t('own_model.findings')}**")
    if not found:
        st.markdown(t("own_model.no_findings"))
    for one in found:
        details = {name: asking.shown(value) for name, value in one.items() if name not in ("code", "level")}
        if "bytes" in one:
            details["bytes"] = formats.size(one["bytes"])
        sentence = t(f"own_model.finding.{one['code']}", **details)
        st.markdown(f"{_SIGNS[one['level']]} {sentence}")


def _weights(found: Sequence[Mapping[str, Any]]) -> None:
    """Draw the largest weights."""
    if not found:
        return
    largest = sorted(found, key=lambda one: -one["bytes"])
    heads = [t(f"own_model.column.{name}") for name in ("name", "readers", "bytes")]
    rows = [
        (
            Cell(one["name"], drawn=f"<small>{html.escape(one['type'])} {html.escape(shape(one['shape']))}</small>"),
            ", ".join(one["readers"]),
            formats.size(one["bytes"]),
        )
        for one in largest[:MOST_WEIGHTS]
    ]
    with st.expander(t("own_model.weights", count=f"{len(found):,}"), key="own_model_weights"), _scrolling(len(rows)):
        show(Table(t("own_model.weights_shown", count=f"{len(rows):,}"), heads, rows, words=(0, 1)))


def _gradients(subject: Subject) -> None:
    """Draw what stands in the way of gradients, once it is asked for: the derivative is written to find out."""
    with st.expander(t("own_model.gradients"), key="own_model_gradients", on_change="rerun") as unfolded:
        if not unfolded.open:
            return
        answer = asking.ask([subject.model], Read(gradients=True))
        if answer is None:
            return
        found = answer.facts["gradients"]
        st.markdown(t("own_model.gradients_score", score=asking.words(found["score"])))
        if not found["by"]:
            st.markdown(t("own_model.gradients_none"))
        for one in found["by"]:
            name, why = asking.words(one["name"]), asking.words(one["why"] or "", 300)
            st.markdown(t("own_model.gradients_no" if one["why"] else "own_model.gradients_yes", input=name, why=why))
        if found["obstacles"]:
            heads = [t("own_model.column.operator"), t("own_model.column.node")]
            rows = [(one["operator"], one["node"]) for one in found["obstacles"]]
            with _scrolling(len(rows)):
                table(t("own_model.obstacles"), heads, rows, words=(0, 1))


def shape(found: list[int | str] | None) -> str:
    """Return a shape in words."""
    return shape_text(None if found is None else tuple(found))
