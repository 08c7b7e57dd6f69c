"""Make: other models made of this one, each checked by running it before it is offered."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from glassbox.inspection.requests import Make
from glassbox.ui.base import formats
from glassbox.ui.base.choice import choice, selection
from glassbox.ui.base.i18n import t
from glassbox.ui.base.link import linked
from glassbox.ui.base.state import Entry, Kind, declare
from glassbox.ui.charts.tables import Table, show
from glassbox.ui.pages.own_model import asking, feeding, running
from glassbox.ui.pages.own_model.subject import Subject

KINDS = ("fp16", "int8_dynamic", "int8_static", "taps", "derivative", "training", "submodel")
LOSSES, OPTIMISERS = ("categorical_crossentropy", "mean_squared_error"), ("sgd", "adam")
SAME = {"outputs": "outputs_same", "tensors": "tensors_same"}
"""The words for a check that found no difference at all."""
SHOWN = 40
"""Tensors that the table of the check shows."""
ALL = ""
_KIND = declare("own_model_kind", Kind.CONTROL, KINDS[0], parameter="kind")
_LOSS, _OPTIMISER = declare("own_model_loss", Kind.CONTROL, ""), declare("own_model_optimiser", Kind.CONTROL, "")
_FROM, _TO = declare("own_model_from", Kind.CONTROL, ALL), declare("own_model_to", Kind.CONTROL, ALL)


@dataclass(frozen=True)
class Wanted:
    """What the visitor asked for: of which model, and the parts of the request beside the inputs."""

    digest: str
    fields: tuple[tuple[str, Any], ...]


_WANTED: Entry[Wanted | None] = declare("own_model_wanted", Kind.CONTROL, None)


def draw(subject: Subject) -> None:
    """Draw the choice, and what was made."""
    linked(_KIND, lambda asked: asked if asked in KINDS else None)
    kind = choice(_KIND, t("own_model.make.kind"), KINDS, lambda name: t(f"own_model.make.{name}"))
    st.markdown(t(f"own_model.make.{kind}_help"))
    if kind == "training" and not subject.facts["weights"]:
        st.info(t("own_model.error.nothing_to_train"), icon=":material/info:")
        return
    wanted = Wanted(subject.model.digest, tuple(_fields(subject, kind).items()))
    if st.button(t("own_model.make.start"), type="primary", icon=":material/build:", key="own_model_make"):
        _WANTED.set(wanted)
    if _WANTED.get() != wanted:
        return
    feed = running.feed(subject) or feeding.current(subject)
    request = Make(**feed.fields, **dict(wanted.fields))
    found = asking.ask([subject.model], request, feed.arrays, feed.everybodys)
    if found is None:
        return
    facts = found.facts
    st.success(_checked(facts), icon=":material/check:")
    st.download_button(
        t("own_model.make.download", size=formats.size(facts["bytes"][1])),
        found.arrays["model"].tobytes(),
        file_name=f"{_stem(subject.model.name)}_{kind}.onnx",
        mime="application/octet-stream",
        icon=":material/download:",
        on_click="ignore",
        key="own_model_made",
    )
    _table(facts)


def _fields(subject: Subject, kind: str) -> dict[str, Any]:
    """Draw what a kind leaves to choose, and return it as parts of a request."""
    fields: dict[str, Any] = {"kind": kind}
    tensors = [name for level in subject.levels.graphs[:1] for name in level.makers]
    if kind == "training":
        left, right = st.columns(2)
        with left:
            fields["loss"] = choice(_LOSS, t("own_model.make.loss"), LOSSES, lambda name: t(f"own_model.make.{name}"))
        with right:
            fields["optimiser"] = choice(
                _OPTIMISER, t("own_model.make.optimiser"), OPTIMISERS, lambda name: t(f"own_model.make.{name}")
            )
    if kind in ("submodel", "derivative"):
        left, right = st.columns(2)
        for column, entry, field, side in ((left, _FROM, "tensors", "from"), (right, _TO, "to", "to")):
            with column:
                name = selection(
                    entry,
                    t(f"own_model.make.{kind}_{side}"),
                    [ALL, *tensors],
                    lambda name, side=side: name or t(f"own_model.make.{kind}_{side}_all"),  # type: ignore[misc]
                    first=ALL,
                )
            fields[field] = (name,) if name else ()
    return fields


def _checked(facts: Mapping[str, Any]) -> str:
    """Return how the model was checked, and what came out."""
    checked = facts["checked"]
    how = checked["how"]
    return t(
        f"own_model.make.checked_{SAME[how] if how in SAME and checked['largest'] == 0 else how}",
        relative=_number(checked["relative"]),
        largest=_number(checked["largest"]),
        before=formats.size(facts["bytes"][0]),
        after=formats.size(facts["bytes"][1]),
        inputs=asking.shown(facts["inputs"][:8]),
        outputs=asking.shown(facts["outputs"][:8]),
    )


def _table(facts: Mapping[str, Any]) -> None:
    rows = [
        (row["tensor"], _number(row["largest"]), _number(row["mean"]), _number(row["relative"]))
        for row in facts["checked"]["tensors"][:SHOWN]
    ]
    if rows:
        heads = [t(f"own_model.compare.column_{name}") for name in ("tensor", "largest", "mean", "relative")]
        show(Table(t("own_model.make.check"), heads, rows, dense=True))


def _number(value: float | None) -> str:
    return "" if value is None else formats.number(value)


def _stem(name: str) -> str:
    """Return a model's name as the beginning of a file's."""
    plain = "".join(letter if letter.isalnum() or letter in "-_" else "_" for letter in name.removesuffix(".onnx"))
    return plain[:40] or "model"
