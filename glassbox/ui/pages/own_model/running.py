"""Run: the form for the inputs, and what a run found of every tensor."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from glassbox.engine.isolation import Answer
from glassbox.inspection.requests import Run, View
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import sentences, t
from glassbox.ui.base.state import Entry, Kind, declare
from glassbox.ui.components.tensor_rows import TensorRow, tensor_rows
from glassbox.ui.frame.downloads import downloads
from glassbox.ui.frame.model_graph import shape_text
from glassbox.ui.pages.own_model import asking, feeding, outcome, state
from glassbox.ui.pages.own_model.feeding import Feed
from glassbox.ui.pages.own_model.subject import Subject

MOST_CELLS = 80_000
"""Numbers of a tensor that are fetched to be drawn: of a larger one every n-th."""


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
    asking.go_on()
    _STARTED.set(Started(subject.model.digest, feeding.current(subject)))


def run(subject: Subject, tensor: str = "", quiet: bool = False) -> Answer | None:
    """Return what the run found, with the numbers of inputs and outputs, or of `tensor`; None if none is asked for, or
    if it is refused, which is said unless `quiet`."""
    given = feed(subject)
    if given is None:
        return None
    views = (View(tensor=tensor, most=MOST_CELLS),) if tensor else ()
    asked = Run(**given.fields, views=views, ends=0 if tensor else MOST_CELLS, times=not tensor)
    return asking.ask([subject.model], asked, given.arrays, given.everybodys, quiet)


def facts(subject: Subject, quiet: bool = False) -> Mapping[str, Any] | None:
    """Return what the run found of every tensor; where it is refused, that is said unless `quiet`."""
    found = run(subject, quiet=quiet)
    return None if found is None else found.facts


def draw(subject: Subject) -> None:
    """Draw the form, what the model got and says, and the run's tensors."""
    feeding.form(subject)
    if st.button(t("own_model.run"), type="primary", icon=":material/play_arrow:", key="own_model_run"):
        start(subject)
        run(subject, quiet=True)  # who pressed this sees here how it goes
        st.rerun()
    found = run(subject)
    if found is None:
        return
    outcome.draw(subject, found)
    st.markdown(_sentence(found.facts))
    _tensors(subject, found)
    if found.facts["unseen"]:
        names = found.facts["unseen"]
        with st.expander(t("own_model.unseen", count=f"{len(names):,}"), key="own_model_unseen"):
            st.markdown(t("own_model.unseen_why"))
            st.markdown(", ".join(asking.words(name) for name in names[:50]))
    _outputs(subject, found)


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
        return sentences(said, t("own_model.all_finite"))
    row = next(row for row in found["tensors"] if row["tensor"] == first)
    return sentences(said, f"**{t('own_model.first_bad', tensor=asking.words(first), what=bad(row))}**")


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


def _tensors(subject: Subject, found: Answer) -> None:
    """Draw the tensors in the order of the run; each opens to its statistics, and can be gone to in the graph."""
    rows = [(place, row) for place, row in enumerate(found.facts["tensors"]) if row["operator"] != "Constant"]
    times = {**found.facts.get("times", {}), **{label: took for _, label, took in found.facts.get("inner_times", [])}}
    slowest = max((took or 0.0 for took in times.values()), default=0.0) or 1.0
    widest = max((_reach(row) for _, row in rows), default=0.0) or 1.0
    drawn = [
        _row(row, found.arrays["histograms"][place], times.get(row["node"]), slowest, widest) for place, row in rows
    ]
    tensor_rows(
        t("own_model.tensors"),
        [t(f"own_model.column.{name}") for name in ("range", "mean", "std", "zeros", "time")],
        drawn,
        key="own_model_tensors",
        show=t("own_model.show_in_graph"),
        on_shown=lambda place: state.wish(subject.levels.called(rows[place][1])),
        leads_to="gb_operator_panel",
    )


def _reach(row: Mapping[str, Any]) -> float:
    return max((abs(row[end]) for end in ("least", "largest") if row.get(end) is not None), default=0.0)


def _row(
    row: Mapping[str, Any], counts: NDArray[Any], seconds: float | None, slowest: float, widest: float
) -> TensorRow:
    ends = (_number(row.get("least")), _number(row.get("largest")))
    span = ends[0] if ends[0] == ends[1] else f"{ends[0]} … {ends[1]}"
    zeros = row["zeros"] / row["cells"] if row.get("cells") and "zeros" in row else None
    took = "" if seconds is None else formats.duration(seconds)
    share = formats.rough(zeros) if zeros is not None else ""
    values = (span, _number(row.get("mean")), _number(row.get("std")), share)
    numbers = {name: _number(row.get(name)) for name in ("least", "largest", "mean", "std")}
    facts = numbers | {"zeros": share, "time": took}
    return TensorRow(
        name=row.get("called", row["tensor"]),
        about=f"{row['operator'] or t('own_model.given')} · {row['type']} {shape_text(tuple(row['shape']))}",
        values=(*values, took),
        shares=(
            _reach(row) / widest if span else None,
            None,
            None,
            zeros,
            None if seconds is None else seconds / slowest,
        ),
        facts=[(t(f"own_model.column.{name}"), written) for name, written in facts.items() if written],
        note="; ".join(flags(row)),
        marked=bool(bad(row)),
        counts=[int(count) for count in counts],
        ends=ends,
    )


def _number(value: float | None) -> str:
    return "" if value is None else formats.number(value)


def _outputs(subject: Subject, found: Answer) -> None:
    """Offer the outputs as a file."""
    names = [name for name in found.facts["outputs"] if f"values/{name}" in found.arrays]
    if names:
        downloads("own_model_outputs", {name: np.asarray(found.arrays[f"values/{name}"]) for name in names[:8]})
