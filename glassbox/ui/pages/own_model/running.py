"""Run: the form for the inputs, and what a run found of every tensor."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from glassbox.engine.isolation import Answer
from glassbox.inspection.requests import Run, View
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import t
from glassbox.ui.base.state import Entry, Kind, declare
from glassbox.ui.charts.tables import Cell, Table, show
from glassbox.ui.frame.downloads import downloads
from glassbox.ui.frame.model_graph import shape_text
from glassbox.ui.pages.own_model import asking, feeding
from glassbox.ui.pages.own_model.feeding import Feed
from glassbox.ui.pages.own_model.subject import Subject

MOST_CELLS = 60_000
"""Numbers of a tensor that are fetched to be drawn: of a larger one every n-th."""
MANY, SCROLLED = 14, 480


@dataclass(frozen=True)
class Started:
    """A run that the visitor asked for: of which model, on what."""

    digest: str
    feed: Feed


_STARTED: Entry[Started | None] = declare("own_model_started", Kind.FILES, None)


def feed(subject: Subject) -> Feed | None:
    """Return what the model was last run on; an example runs by itself, a visitor's file when it is asked for."""
    started = _STARTED.get()
    if started is not None and started.digest == subject.model.digest:
        return started.feed
    return feeding.current(subject) if subject.model.everybodys else None


def start(subject: Subject) -> None:
    """Run the model on what the form says."""
    _STARTED.set(Started(subject.model.digest, feeding.current(subject)))


def run(subject: Subject, tensor: str = "") -> Answer | None:
    """Return what the run found, with the numbers of `tensor`; None if none is asked for, or if it is refused."""
    given = feed(subject)
    if given is None:
        return None
    views = (View(tensor=tensor, most=MOST_CELLS),) if tensor else ()
    return asking.ask(
        [subject.model], Run(**given.fields, views=views, times=not tensor), given.arrays, given.everybodys
    )


def facts(subject: Subject) -> Mapping[str, Any] | None:
    """Return what the run found of every tensor."""
    found = run(subject)
    return None if found is None else found.facts


def draw(subject: Subject) -> None:
    """Draw the form, and the run's outputs and tensors."""
    feeding.form(subject)
    if st.button(t("own_model.run"), type="primary", icon=":material/play_arrow:", key="own_model_run"):
        start(subject)
        st.rerun()
    found = run(subject)
    if found is None:
        return
    st.markdown(_sentence(found.facts))
    _tensors(found.facts["tensors"])
    if found.facts["unseen"]:
        names = found.facts["unseen"]
        with st.expander(t("own_model.unseen", count=len(names)), key="own_model_unseen"):
            st.markdown(t("own_model.unseen_why"))
            st.markdown(", ".join(asking.words(name) for name in names[:50]))
    _outputs(subject, found.facts)


def _sentence(found: Mapping[str, Any]) -> str:
    """Return how long the run took, and whether all numbers are finite."""
    said = t(
        "own_model.ran",
        seconds=formats.duration(found["seconds"]),
        tapped=formats.duration(found["tapped_seconds"]),
        count=len(found["tensors"]),
    )
    first = found["first_bad"]
    if first is None:
        return f"{said} {t('own_model.all_finite')}"
    row = next(row for row in found["tensors"] if row["tensor"] == first)
    return f"{said} **{t('own_model.first_bad', tensor=asking.words(first), what=bad(row))}**"


def bad(row: Mapping[str, Any]) -> str:
    """Return what of a tensor's cells are no finite numbers; "" if all are."""
    counts = {"nan": row.get("nan") or 0, "infinite": row.get("infinite") or 0}
    return ", ".join(t(f"own_model.bad.{kind}", count=f"{count:,}") for kind, count in counts.items() if count)


def flags(row: Mapping[str, Any]) -> list[str]:
    """Return what stands out in a tensor's numbers, in words."""
    found = [bad(row)] if bad(row) else []
    if row.get("dead"):
        found.append(t("own_model.bad.dead", count=row["dead"], units=row["units"]))
    if (row.get("saturated") or 0) > 0.5:
        found.append(t("own_model.bad.saturated", share=formats.rough(row["saturated"])))
    return found


def _tensors(rows: Sequence[Mapping[str, Any]]) -> None:
    heads = [
        t(f"own_model.column.{name}")
        for name in ("tensor", "operator", "shape", "least", "largest", "mean", "std", "zeros", "notes")
    ]
    cells = [
        (
            row["tensor"],
            row["operator"] or t("own_model.given"),
            f"{row['type']} {shape_text(tuple(row['shape']))}",
            *(_number(row.get(name)) for name in ("least", "largest", "mean", "std")),
            formats.rough(row["zeros"] / row["cells"]) if row.get("cells") and "zeros" in row else "",
            Cell("; ".join(flags(row)), kind="strong" if bad(row) else ""),
        )
        for row in rows
    ]
    with st.container(height=SCROLLED if len(rows) > MANY else "content", border=False):
        show(Table(t("own_model.tensors"), heads, cells, words=(0, 1, 2, 8), dense=True))


def _number(value: float | None) -> str:
    return "" if value is None else formats.number(value)


def _outputs(subject: Subject, found: Mapping[str, Any]) -> None:
    """Offer the outputs as a file."""
    given = feed(subject)
    names = [
        row["tensor"] for row in found["tensors"] if row["tensor"] in found["outputs"] and row["cells"] <= MOST_CELLS
    ]
    if given is None or not names:
        return
    arrays: dict[str, NDArray[Any]] = {}
    for name in names[:8]:
        if (answer := run(subject, name)) is not None and f"values/{name}" in answer.arrays:
            arrays[name] = np.asarray(answer.arrays[f"values/{name}"])
    downloads("own_model_outputs", arrays)
