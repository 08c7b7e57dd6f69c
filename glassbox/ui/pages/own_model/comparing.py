"""Compare: a second model on the same input, and the first tensor that differs."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from glassbox.inspection.requests import Compare
from glassbox.ui.base import formats
from glassbox.ui.base.choice import choice
from glassbox.ui.base.i18n import sentences, t
from glassbox.ui.base.link import linked
from glassbox.ui.base.state import Entry, Kind, bound, declare
from glassbox.ui.charts.tables import Cell, Table, show
from glassbox.ui.components.tensor_rows import TensorRow, tensor_rows
from glassbox.ui.frame.model_graph import shape_text
from glassbox.ui.pages.own_model import asking, choosing, feeding, running, state
from glassbox.ui.pages.own_model.asking import Model
from glassbox.ui.pages.own_model.subject import Subject

OTHER, UNOPTIMISED = "own", "unoptimised"
TOLERANCES = ("1e-6", "1e-4", "1e-3", "1e-2", "0.1")
MANY, SCROLLED = 14, 480
_FILE: Entry[Model | None] = declare("own_model_other_file", Kind.FILES, None)
_CHOSEN = declare("own_model_other", Kind.CONTROL, "", parameter="with")
_TOLERANCE = declare("own_model_tolerance", Kind.CONTROL, "1e-3")


def follow_link(subject: Subject) -> None:
    """Take the second model of the page's link where that has changed."""
    options = _options(subject)
    linked(_CHOSEN, lambda asked: asked if asked in options else None)


def facts(subject: Subject) -> Mapping[str, Any] | None:
    """Return how the second model differs from the first; None if that can't be told, with the reason on the page."""
    feed = running.feed(subject) or feeding.current(subject)
    second, levels = _second(subject)
    request = Compare(**feed.fields, tolerance=float(_tolerance()), optimised=levels)
    found = asking.ask([subject.model, second], request, feed.arrays, feed.everybodys)
    return None if found is None else found.facts


def draw(subject: Subject) -> None:
    """Draw the choice of the second model, and how it differs."""
    options = _options(subject)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with choosing.opener("own_model_other"):
            choosing.upload("own_model_other", t("own_model.compare.file"), _take)
        chosen = _CHOSEN.get() if _CHOSEN.get() in options else _first(subject)
        st.selectbox(
            t("own_model.compare.second"),
            list(options),
            format_func=lambda name: options[name],
            width=440,
            **bound("own_model_other_choice", chosen, _CHOSEN.set, options),
        )
    choice(_TOLERANCE, t("own_model.compare.tolerance"), TOLERANCES, str, help=t("own_model.compare.tolerance_help"))
    found = facts(subject)
    if found is None:
        return
    st.markdown(_sentence(found))
    _tensors(subject, t("own_model.compare.outputs"), found["outputs"], "own_model_compared_outputs")
    telling = [row for row in found["tensors"] if row["operator"] != "Constant" or not row["equal"]]
    _tensors(subject, t("own_model.compare.tensors"), telling, "own_model_compared_tensors")
    for place, names in enumerate(found["alone"]):
        if names:
            words = ", ".join(asking.words(name) for name in names[:40])
            st.caption(
                t("own_model.compare.alone_first" if place == 0 else "own_model.compare.alone_second", names=words)
            )
    left, right = st.columns(2, gap="large")
    with left:
        _structure(found["structure"])
    with right:
        _weights(found["weights"])


def _take(model: Model) -> None:
    _FILE.set(model)
    _CHOSEN.set(OTHER)


def _options(subject: Subject) -> dict[str, str]:
    own = _FILE.get()
    found = {OTHER: own.name} if own else {}
    found[UNOPTIMISED] = t("own_model.compare.unoptimised")
    return found | {name: state.example_name(name) for name in state.examples(subject.page)}


def _first(subject: Subject) -> str:
    """Return what a model is compared with at first: an example with its 8-bit version, where it has one."""
    version = f"{state.CHOSEN.get()}_int8_static"
    return version if version in _options(subject) else UNOPTIMISED


def _second(subject: Subject) -> tuple[Model, Any]:
    """Return the model to compare with, and how far ONNX Runtime may rewrite each of the two."""
    own, name = _FILE.get(), _CHOSEN.get() if _CHOSEN.get() in _options(subject) else _first(subject)
    examples: Mapping[str, Callable[[], bytes]] = state.examples(subject.page)
    if name == OTHER and own is not None:
        return own, ("all", "all")
    if name in examples:
        return Model(state.example_name(name), examples[name](), everybodys=True), ("all", "all")
    return subject.model, ("all", "none")


def _tolerance() -> str:
    return _TOLERANCE.get() if _TOLERANCE.get() in TOLERANCES else "1e-3"


def _sentence(found: Mapping[str, Any]) -> str:
    """Return where the two begin to differ, and how long each took."""
    first, seconds = found["first"], [formats.duration(one) for one in found["seconds"]]
    timed = "seconds" if found["runs"] else "seconds_once"
    times = t(f"own_model.compare.{timed}", first=seconds[0], second=seconds[1], runs=found["runs"])
    count = len(found["tensors"])
    if count and all(row["equal"] for row in found["tensors"]):
        return sentences(t("own_model.compare.all_equal", count=count), times)
    if first is None:
        return sentences(t("own_model.compare.alike", count=count, tolerance=_tolerance()), times)
    row = next(row for row in found["tensors"] if row["tensor"] == first)
    said = t(
        "own_model.compare.first",
        tensor=asking.words(first),
        operator=asking.words(row["operator"]),
        relative=_share(row["relative"]),
        count=sum(row["exceeds"] for row in found["tensors"]),
        all=len(found["tensors"]),
    )
    return f"{said} {times}"


def _tensors(subject: Subject, caption: str, rows: Sequence[Mapping[str, Any]], key: str) -> None:
    """Draw tensors that both have: how far apart they are, by the measure that the visitor chooses."""
    if not rows:
        return
    most = max((row["relative"] or 0 for row in rows), default=0) or 1
    marked = next((place for place, row in enumerate(rows) if row["exceeds"]), None)
    names = ("relative", "largest", "mean", "cosine")
    drawn = [_row(row, names, most, place == marked) for place, row in enumerate(rows)]
    tensor_rows(
        caption,
        [t(f"own_model.compare.column_{name}") for name in names],
        drawn,
        key=key,
        show=t("own_model.show_in_graph"),
        on_shown=lambda place: state.wish(subject.levels.called(rows[place])),
        leads_to="gb_operator_panel",
    )


def _row(row: Mapping[str, Any], names: Sequence[str], most: float, marked: bool) -> TensorRow:
    equal = t("own_model.compare.equal")
    values = [equal if row["equal"] else _number(row[name]) for name in names]
    facts = [] if row["equal"] else [(t(f"own_model.compare.column_{name}"), _number(row[name])) for name in names]
    if row["other"] != row["tensor"]:
        facts.append((t("own_model.compare.column_other"), row["other"]))
    if row["at"] is not None:
        facts.append((t("own_model.compare.column_at"), ", ".join(map(str, row["at"]))))
    kind = row.get("operator", "")
    return TensorRow(
        name=row.get("called", row["tensor"]),
        about=f"{kind} · {shape_text(tuple(row['shape']))}" if kind else shape_text(tuple(row["shape"])),
        values=values,
        shares=[None if row["equal"] else (row["relative"] or 0) / most, None, None, None],
        facts=facts,
        note=t("own_model.compare.not_finite", count=f"{row['not_finite']:,}") if row["not_finite"] else "",
        marked=marked,
    )


def _structure(found: Mapping[str, Any]) -> None:
    """Draw what the two files hold, side by side."""
    written: Mapping[str, Callable[[Any], str]] = {
        "file_bytes": formats.size,
        "nodes": formats.count,
        "parameters": formats.count,
        "multiply_adds": _count,
    }
    rows: list[tuple[str | Cell, ...]] = [
        (t(f"own_model.compare.{name}"), *(Cell(write(value)) for value in found[name]))
        for name, write in written.items()
    ]
    rows += [(name, *_counts(one, other)) for name, one, other in found["operators"]]
    heads = ["", t("own_model.compare.one"), t("own_model.compare.two")]
    with st.container(height=SCROLLED if len(rows) > MANY else "content", border=False):
        show(Table(t("own_model.compare.structure"), heads, rows))


def _count(count: int | None) -> str:
    return t("frame.graph.unknown") if count is None else formats.count(count)


def _counts(one: int, other: int) -> tuple[Cell, Cell]:
    kind = "strong" if one != other else ""
    return Cell(f"{one:,}", kind=kind), Cell(f"{other:,}", kind=kind)  # type: ignore[arg-type]


def _weights(rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows:
        st.markdown(t("own_model.compare.weights_alike"))
        return
    heads = [t("own_model.column.name"), t("own_model.compare.state"), t("own_model.compare.column_relative")]
    cells = [(row["name"], t(f"own_model.compare.state_{row['state']}"), _share(row.get("relative"))) for row in rows]
    with st.container(height=SCROLLED if len(rows) > MANY else "content", border=False):
        show(Table(t("own_model.compare.weights", count=f"{len(rows):,}"), heads, cells, words=(0, 1)))


def _number(value: float | None) -> str:
    return "" if value is None else formats.number(value)


def _share(value: float | None) -> str:
    return "" if value is None else formats.number(value)
