"""What was clicked in the graph: the operator with its attributes, its tensors, and the numbers of one as a picture."""

import html
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from glassbox.ui.base import formats
from glassbox.ui.base.choice import selection
from glassbox.ui.base.i18n import t
from glassbox.ui.base.state import Kind, declare
from glassbox.ui.charts.tables import Cell, Table, show, table
from glassbox.ui.frame.model_graph import shape_text
from glassbox.ui.pages.own_model import asking, running, state, tensor_picture
from glassbox.ui.pages.own_model.figure import Level
from glassbox.ui.pages.own_model.subject import Subject

_OPERATORS = "https://onnx.ai/onnx/operators/onnx__{operator}.html"
_SHOWN = declare("own_model_shown", Kind.CONTROL, "")
"""The tensor of the operator whose numbers are shown."""
_CLICKED = declare("own_model_clicked", Kind.INTERNAL, "")
"""The tensor that was in front when `_SHOWN` was chosen, and whether it had numbers: else what was clicked is shown."""


def draw(subject: Subject, ran: Mapping[str, Any] | None) -> None:
    """Draw the panel; `ran`: what a run found of every tensor, if there was one."""
    place = subject.levels.place(state.TENSOR.get())
    if place is None:
        st.markdown(t("own_model.panel.hint"))
        _ask_to_run(subject, ran)
        return
    level = subject.levels.graphs[place.graph]
    rows = subject.levels.rows(place.graph, ran)
    operator = level.operator(place.node)
    if operator is None:
        node = level.drawn.nodes[place.node]
        st.subheader(f"{t(f'components.operator_graph.{node.kind}')} {asking.words(node.name)}", anchor=False)
        names = [(node.name, "reads" if node.kind == "output" else "gives")]
    else:
        _heading(operator)
        names = _roles(level, operator)
    _table(subject, level, names, rows)
    if place.graph and ran is not None and not rows:
        st.caption(t("own_model.panel.body"))
        return
    _numbers(subject, [name for name, _ in names], rows, ran)
    _ask_to_run(subject, ran)


def _heading(operator: Mapping[str, Any]) -> None:
    kind = operator["operator"]
    page = _OPERATORS.format(operator=kind) if kind.isalnum() and kind.isascii() else ""
    st.subheader(f"[{kind}]({page})" if page else asking.words(kind), anchor=False)
    st.markdown(asking.words(operator["name"]))
    if operator["attributes"]:
        table(
            t("own_model.panel.attributes"),
            [t("own_model.column.entry"), t("own_model.column.value")],
            list(operator["attributes"].items()),
            words=(0, 1),
        )


def _roles(level: Level, operator: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the operator's tensors, each with what it is to it."""
    held = {*operator["constants"], *level.folded}
    reads = [(name, "weights" if name in held else "reads") for name in dict.fromkeys(operator["inputs"]) if name]
    return [*reads, *((name, "gives") for name in operator["outputs"] if name)]


def _table(
    subject: Subject, level: Level, names: Sequence[tuple[str, str]], rows: Mapping[str, Mapping[str, Any]]
) -> None:
    """Draw the operator's tensors: what each is to it, its type and shape, and from where to where its numbers go."""
    weights = {one["name"]: one for one in subject.facts["weights"]}
    known = level.facts.get("tensors") or {}
    cells = []
    for name, role in names:
        found = rows.get(name) or weights.get(name) or known.get(name) or {}
        shape = found.get("shape")
        span = ""
        if name in rows and rows[name].get("least") is not None:
            least, largest = (formats.number(rows[name][end]) for end in ("least", "largest"))
            span = least if least == largest else f"{least} … {largest}"
        kind = f"{found.get('type', '')} {shape_text(None if shape is None else tuple(shape))}".strip()
        cells.append(
            (Cell(name, drawn=f"<small>{html.escape(t(f'frame.graph.{role}'))} · {html.escape(kind)}</small>"), span)
        )
    heads = [t("frame.graph.column_name"), t("frame.graph.column_range") if any(span for _, span in cells) else ""]
    show(Table(t("own_model.panel.tensors"), heads, cells))


def _numbers(
    subject: Subject, names: Sequence[str], rows: Mapping[str, Mapping[str, Any]], ran: Mapping[str, Any] | None
) -> None:
    """Draw the numbers of one of the operator's tensors."""
    weights = {one["name"] for one in subject.facts["weights"]}
    shown = [name for name in names if name in rows or name in weights]
    if not shown:
        return
    clicked = state.TENSOR.get()
    before = f"{clicked} {bool(rows)}"  # before a run the weights alone have numbers
    if before != _CLICKED.get():
        _CLICKED.set(before)
        called = clicked.partition(":")[2] if clicked not in shown else clicked
        _SHOWN.set(called if called in shown else shown[-1])
    name = selection(_SHOWN, t("own_model.panel.shown"), shown, str, first=shown[-1])
    if name in rows and ran is not None:
        tensor_picture.of_run(subject, rows[name], ran["tensors"].index(rows[name]))
    else:
        tensor_picture.of_weight(subject, name)


def _ask_to_run(subject: Subject, ran: Mapping[str, Any] | None) -> None:
    if ran is None and running.feed(subject) is None:
        st.caption(t("own_model.panel.not_run"))
        if st.button(t("own_model.run"), icon=":material/play_arrow:", key="own_model_panel_run"):
            running.start(subject)
            running.run(subject, quiet=True)
            st.rerun()
