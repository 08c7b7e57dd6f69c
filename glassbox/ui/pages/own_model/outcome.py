"""What a run is about: what the model got, as it got it, and what it says to that."""

import html
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from glassbox.engine.isolation import Answer
from glassbox.ui.base import formats, palette
from glassbox.ui.base.i18n import sentences, t
from glassbox.ui.charts.tables import Cell, Table, show
from glassbox.ui.frame.model_graph import shape_text
from glassbox.ui.pages.own_model import asking, detected
from glassbox.ui.pages.own_model.subject import Subject

Array = NDArray[Any]
MOST_SHOWN, TOP = 4, 5
"""Inputs or outputs that are shown, and places of an output, the largest first."""
FEW = 8
"""Numbers that are written out."""


def draw(subject: Subject, found: Answer) -> None:
    """Draw the inputs beside the outputs of a run."""
    left, right = st.columns([2, 3], gap="large")
    with left:
        st.markdown(f"**{t('own_model.outcome.got')}**")
        pictured = {one["name"]: one.get("picture") for one in subject.facts["inputs"]}
        rows = {row["tensor"]: row for row in found.facts["tensors"]}
        for one in found.facts["inputs"][:MOST_SHOWN]:
            name = one["name"]
            boxes = found.facts["boxes"]
            here = boxes if boxes and boxes["input"] == name else None
            _input({**rows[name], **one}, found.arrays.get(f"values/{name}"), pictured.get(name), here)
    with right:
        st.markdown(f"**{t('own_model.outcome.says')}**")
        if found.facts["boxes"]:
            detected.draw(found.facts["boxes"])
        for name in found.facts["outputs"][:MOST_SHOWN]:
            _output(subject, found, name)
            if said := found.facts["read_off"].get(name):
                st.markdown(t("own_model.outcome.read_off", text=asking.words(said, 300)))


def _input(
    fact: Mapping[str, Any],
    values: Array | None,
    picture: Mapping[str, Any] | None,
    boxes: Mapping[str, Any] | None,
) -> None:
    name = asking.words(fact["name"])
    about = f"{name} · {fact['type']} {shape_text(tuple(fact['shape']))}"
    if values is None or values.dtype.kind not in "fiub":
        st.markdown(about)
    elif values.size <= FEW:
        st.markdown(f"{about}: {', '.join(formats.number(float(value)) for value in values.reshape(-1))}")
    else:
        if picture and values.size:
            _picture(fact, values, picture, boxes)
        low, high = (formats.number(fact[end]) if fact[end] is not None else "NaN" for end in ("least", "largest"))
        same = t("own_model.outcome.all", about=about, value=low)
        st.markdown(same if low == high else t("own_model.outcome.span", about=about, low=low, high=high))
    if fact.get("tokens"):
        _tokens(fact["tokens"])


def _picture(
    fact: Mapping[str, Any], values: Array, picture: Mapping[str, Any], boxes: Mapping[str, Any] | None
) -> None:
    """Draw the picture in its own proportions: of a large one every n-th row and column are here."""
    alt = html.escape(t("own_model.outcome.alt", name=fact["name"]))
    sides = dict(zip(picture["layout"], fact["shape"], strict=True))
    style = f"aspect-ratio: {int(sides['W'])} / {int(sides['H'])}"
    source = palette.png(as_picture(values, picture))
    st.html(detected.over(f'<img class="gb-fed" alt="{alt}" style="{style}" src="{source}">', boxes))


def _tokens(tokens: Sequence[Sequence[Any]]) -> None:
    """Draw the tokens of a text with their numbers; unknown ones are dashed."""
    items = "".join(
        f'<li class="{"" if number is not None else "gb-unknown"}">{html.escape(token) or "␣"}'
        f"<small>{t('own_model.outcome.unknown') if number is None else number}</small></li>"
        for token, number in tokens
    )
    st.html(f'<ol class="gb-tokens" aria-label="{html.escape(t("own_model.outcome.tokens"))}">{items}</ol>')


def as_picture(values: Array, picture: Mapping[str, Any]) -> NDArray[np.uint8]:
    """Return the first picture of an input as colours, uint8 (height, width, 3): its smallest number black, its largest
    white."""
    layout = picture["layout"]
    first = values.reshape(values.shape)[0].astype(np.float64)
    planes = {"NCHW": lambda: np.moveaxis(first, 0, -1), "NHWC": lambda: first, "NHW": lambda: first[..., None]}[
        layout
    ]()
    low, high = float(planes.min()), float(planes.max())
    grey = (planes - low) / (high - low) if high > low else np.zeros_like(planes)
    colours = grey[..., :3] if grey.shape[-1] >= 3 else np.repeat(grey[..., :1], 3, -1)
    return np.asarray(np.rint(255 * colours), np.uint8)


def _output(subject: Subject, found: Answer, name: str) -> None:
    row = next((row for row in found.facts["tensors"] if row["tensor"] == name), None)
    values = found.arrays.get(f"values/{name}")
    if row is None:
        st.markdown(t("own_model.outcome.other", name=asking.words(name)))
        return
    about = f"{asking.words(name)} · {row['type']} {shape_text(tuple(row['shape']))}"
    best = found.facts["largest_at"].get(name)
    labels = subject.facts["labels"]
    ranked = values is not None and (values.ndim <= 2 or len(labels) == values.shape[-1])
    if (
        values is None
        or values.dtype.kind not in "fiub"
        or not values.size
        or best is None
        or not (ranked or values.size <= FEW)
    ):
        if row.get("least") is not None:
            low, high = formats.number(row["least"]), formats.number(row["largest"])
            said = t("own_model.outcome.span", about=about, low=low, high=high)
            largest = t("own_model.outcome.largest_at", place=", ".join(map(str, best))) if best else ""
            st.markdown(sentences(said, largest))
        else:
            st.markdown(about)
        return
    if values.ndim == 0 or values.size <= 1 or values.shape[-1] == 1:
        numbers = ", ".join(formats.number(float(value)) for value in values.reshape(-1)[:FEW])
        st.markdown(f"{about}: **{numbers}**{' …' if values.size > FEW else ''}")
        return
    _ranked(about, values[tuple(best[:-1])].astype(np.float64), best, labels)


def _ranked(about: str, line: NDArray[np.float64], best: Sequence[int], labels: Sequence[str]) -> None:
    """Draw the largest numbers of an output's row, with their labels where the file has one for each."""
    probable = bool(np.isfinite(line).all() and line.min() >= 0 and abs(line.sum() - 1) < 1e-3)
    known = len(labels) == len(line)
    places = np.argsort(-np.nan_to_num(line, nan=-np.inf), kind="stable")[:TOP]
    most = float(np.nan_to_num(np.abs(line[places]), posinf=0.0).max()) or 1.0
    rows = []
    for place in places:
        value = float(line[place])
        label = labels[place] if known else t("own_model.outcome.place", place=place)
        written = formats.percent(value) if probable else formats.number(value) if np.isfinite(value) else str(value)
        told = known and label != str(place)
        small = f"<small>{html.escape(t('own_model.outcome.place', place=place))}</small>" if told else ""
        rows.append((Cell(label.strip() or repr(label), drawn=small), Cell(written, bar=value / most)))
    kind = t(f"own_model.outcome.{'probabilities' if probable else 'scores'}")
    where = (
        "" if len(line) == 1 or not any(best[:-1]) else t("own_model.outcome.row", place=", ".join(map(str, best[:-1])))
    )
    st.markdown(about)
    count = min(TOP, len(line))
    show(Table(t("own_model.outcome.top", kind=kind, count=count, all=f"{len(line):,}", row=where), [], rows))
