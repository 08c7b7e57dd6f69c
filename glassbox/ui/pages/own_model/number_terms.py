"""Where one number came from: its terms, and step by step back to what decided it."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import streamlit as st

from glassbox.inspection.requests import Terms
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import sentences, t
from glassbox.ui.base.link import linked
from glassbox.ui.base.state import Entry, Kind, bound, declare
from glassbox.ui.charts.tables import Cell, Table, show
from glassbox.ui.pages.own_model import asking, running, state
from glassbox.ui.pages.own_model.feeding import Feed
from glassbox.ui.pages.own_model.subject import Subject

MOST_TERMS = 12
FOLLOWED = 5
"""Cells that a table of terms leads on to."""
MOST_STEPS = 12
_PLACE = re.compile(r"\d{1,9}(?:[\s,]+\d{1,9}){0,15}")
_CELL: Entry[tuple[int, ...]] = declare("own_model_cell", Kind.CONTROL, (), parameter="cell")
"""The place of the number asked about, in the tensor in front; () for its largest."""
_WAY: Entry[tuple[tuple[str, tuple[int, ...]], ...]] = declare("own_model_way_back", Kind.CONTROL, ())
"""The numbers that led to the one asked about: at most MOST_STEPS."""
_TYPED = declare("own_model_cell_typed", Kind.CONTROL, "")


def draw(subject: Subject, feed: Feed, ran: Mapping[str, Any]) -> None:
    """Draw the terms of the number asked about, at first of the largest of the model's first output."""
    names = {subject.levels.called(row): row for row in ran["tensors"]}
    rows = {name: row for name, row in names.items() if row["cells"] and row.get("least") is not None}
    if not rows:
        return
    linked(_CELL, _read_place, lambda cell: "-".join(map(str, cell)))
    front = _front(ran, rows)
    st.selectbox(t("own_model.explain.tensor"), list(rows), **bound("own_model_terms_tensor", front, _take, rows))
    row = rows[front]
    asked = _CELL.get() if front == state.TENSOR.get() and _fits(_CELL.get(), row["shape"]) else None
    cell = _largest(subject, ran, row) if asked is None else asked
    _ask_for_cell(front, cell, row["shape"])
    request = Terms(**feed.fields, tensor=row["tensor"], index=cell, most=MOST_TERMS)
    found = asking.ask([subject.model], request, feed.arrays, feed.everybodys)
    _way()
    if found is not None:
        _draw_terms(found.facts, {row["tensor"]: name for name, row in rows.items()})


def _front(ran: Mapping[str, Any], rows: Mapping[str, Any]) -> str:
    """Return the tensor asked about: the one in front, if the visitor put it there, else the model's first output."""
    chosen = state.TENSOR.get()
    if chosen in rows and chosen != state.DEAREST.get():
        return chosen
    return next((name for name in ran["outputs"] if name in rows), list(rows)[-1])


def _largest(subject: Subject, ran: Mapping[str, Any], row: Mapping[str, Any]) -> tuple[int, ...]:
    """Return the place of a tensor's largest number: of an output exactly, of a large tensor among those fetched."""
    if (known := ran["largest_at"].get(row["tensor"])) is not None:
        return tuple(known)
    fetched = running.run(subject, row["tensor"])
    values = None if fetched is None else fetched.arrays.get(f"values/{row['tensor']}")
    if fetched is None or values is None or not values.size:
        return tuple(0 for _ in row["shape"])
    flat = np.nan_to_num(values.astype(np.float64), nan=-np.inf)
    at = np.unravel_index(int(np.argmax(flat)), values.shape)
    return tuple(int(place) * step for place, step in zip(at, fetched.facts["values"][0]["step"], strict=True))


def _take(tensor: str) -> None:
    _go(tensor, (), ())


def _go(tensor: str, cell: tuple[int, ...], way: Sequence[tuple[str, tuple[int, ...]]]) -> None:
    """Ask about another number, to which the visitor came by `way`."""
    state.wish(tensor)
    state.DEAREST.clear()
    _CELL.set(cell)
    _WAY.set(tuple(way)[-MOST_STEPS:])


def _way() -> None:
    """Draw the numbers that led to this one, to go back to."""
    steps = _WAY.get()
    if not steps:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(t("own_model.explain.way"), width="content")
        for number, (tensor, cell) in enumerate(steps):
            st.button(
                asking.words(f"{tensor}[{place(cell)}]"),
                on_click=_go,
                args=(tensor, cell, steps[:number]),
                icon=":material/undo:",
                type="tertiary",
                key=f"own_model_way_{number}",
            )


def _ask_for_cell(tensor: str, cell: tuple[int, ...], shape: Sequence[int]) -> None:
    """Ask for the place of a number."""
    if not shape:
        return
    _TYPED.set(place(cell))

    def typed() -> None:
        found = _read_place(str(_TYPED.get() or ""))
        if found is not None:
            _go(tensor, found, ())

    last = ", ".join(str(size - 1) for size in shape)
    st.text_input(t("own_model.explain.cell", last=last), key=_TYPED.key, on_change=typed, max_chars=100, width=320)


def _read_place(text: str) -> tuple[int, ...] | None:
    """Return the numbers of "0, 3, 5"; None for anything else."""
    text = text.replace("-", " ").strip()
    return tuple(map(int, re.split(r"[\s,]+", text))) if _PLACE.fullmatch(text) else None


def _fits(cell: Sequence[int], shape: Sequence[int]) -> bool:
    return len(cell) == len(shape) and all(0 <= at < size for at, size in zip(cell, shape, strict=True))


def _said(facts: Mapping[str, Any]) -> str:
    """Return in a sentence what a number was made of."""
    kind = facts["kind"]
    if kind == "sum" and not facts["bias"]:
        kind = "one" if facts["count"] == 1 else "sum_plain"
    said = t(
        f"own_model.explain.kind_{kind}",
        name=asking.words(f"{facts['tensor']}[{place(facts['index'])}]"),
        value=number(facts["after"]),
        before=number(facts["before"]),
        bias=number(facts["bias"]),
        operators=", ".join(facts["operators"]) or t("own_model.explain.nobody"),
        count=f"{facts['count']:,}",
    )
    if kind in ("sum", "sum_plain") and number(facts["before"]) != number(facts["after"]):
        said = sentences(said, t("own_model.explain.after", value=number(facts["after"])))
    return said


def _draw_terms(facts: Mapping[str, Any], called: Mapping[str, str]) -> None:
    st.markdown(_said(facts))
    _follow(facts, called)
    if facts["terms"]:
        most = max((abs(one["product"] or 0) for one in facts["terms"]), default=0) or 1
        cells = [
            (
                f"{one['source']}[{place(one['source_index'])}]",
                number(one["value"]),
                number(one["weight"]),
                Cell(number(one["product"]), bar=(one["product"] or 0) / most),
            )
            for one in facts["terms"]
        ]
        heads = [t(f"own_model.explain.column_{column}") for column in ("source", "value", "weight", "product")]
        many = t("own_model.explain.largest_terms", count=len(cells))
        show(Table(many if len(cells) > 1 else t("own_model.explain.only_term"), heads, cells))
    if facts["engine"] is not None:
        agrees = "agrees" if facts["agrees"] else "disagrees"
        st.caption(t(f"own_model.explain.{agrees}", value=number(facts["engine"]), error=number(facts["error"])))


def _follow(facts: Mapping[str, Any], called: Mapping[str, str]) -> None:
    """Lead back to the cells that the number was made of, the one that decided it most first."""
    terms = [one for one in facts["terms"][:FOLLOWED] if one["source"] in called]
    if facts["kind"] == "given" or not terms:
        return
    here = (called.get(facts["tensor"], facts["tensor"]), tuple(facts["index"]))
    way = (*_WAY.get(), here)
    for number, one in enumerate(terms):
        source, index = called[one["source"]], tuple(one["source_index"])
        cell = asking.words(f"{source}[{place(index)}]")
        if number == 0:
            label = t("own_model.explain.back", cell=cell)
            st.button(label, on_click=_go, args=(source, index, way), type="primary", key="own_model_follow_0")
            continue
        if number == 1:
            rest = st.container(horizontal=True, vertical_alignment="center")
            rest.caption(t("own_model.explain.others"), width="content")
        rest.button(cell, on_click=_go, args=(source, index, way), type="tertiary", key=f"own_model_follow_{number}")


def place(index: Sequence[int]) -> str:
    """Return a cell's place as it is written in a tensor."""
    return ", ".join(map(str, index))


def number(value: float | None) -> str:
    """Return a number in words."""
    return t("own_model.explain.not_finite") if value is None else formats.number(value)
