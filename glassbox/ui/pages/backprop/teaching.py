"""Teaching a network the visitor's own picture: a few steps, what they taught, and what was forgotten for it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from glassbox.digits.reference_set import ReferenceChange, ReferenceSet, reference_set
from glassbox.digits.tensors import rescaled
from glassbox.explain.backward_pass import Array
from glassbox.graph.training import with_weights
from glassbox.training.learner import Diverged
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import model_colour, model_name
from glassbox.ui.base.state import Entry, Kind, declare
from glassbox.ui.charts.tables import Cell, Cells, Table
from glassbox.ui.components.curves import Axis, Curve, curves
from glassbox.ui.components.maps import Row, Tile
from glassbox.ui.frame import networks
from glassbox.ui.frame.shell import Page
from glassbox.ui.pages.backprop import view

MOST_SHOWN = 8
"""Pictures shown of those learned, and of those forgotten."""
MOST_LOSSES = 1000
"""Points of the loss curve that are kept."""
STEPS = declare("teach_steps", Kind.CONTROL, 5, parameter="steps")


@dataclass(frozen=True)
class Taught:
    """What a visitor has made of one network; kept with the visit alone, a copy of its weights at most."""

    sha256: str
    weights: dict[str, Array]
    losses: NDArray[np.float64]
    stopped: Diverged | None = None


_TAUGHT: Entry[Mapping[str, Taught]] = declare("taught", Kind.NETWORKS, {})


def taught(page: Page, model: str) -> Taught | None:
    """What this visitor has taught `model` so far, if anything."""
    found = _TAUGHT.get().get(model)
    return found if found and found.sha256 == page.reader.zoo.cards[model].sha256 else None


def teach(page: Page, model: str, label: int, steps: int, rate: float) -> None:
    """Go `steps` steps on from where the visitor's network is."""
    so_far = taught(page, model)
    student, picture = view.student(page.reader, model), view.picture_of(page)
    lesson = student.teacher.teach(picture, label, steps, rate, so_far.weights if so_far else None)
    loss = student.backward.run(picture, label, lesson.weights).loss
    earlier = so_far.losses[:-1] if so_far else np.zeros(0)
    losses = np.concatenate([earlier, lesson.losses, [loss]])[-MOST_LOSSES:]
    made = Taught(page.reader.zoo.cards[model].sha256, lesson.weights, losses, lesson.stopped)
    _TAUGHT.set({**_TAUGHT.get(), model: made})


def reset(model: str) -> None:
    """Forget what the visitor taught `model`."""
    _TAUGHT.set({name: made for name, made in _TAUGHT.get().items() if name != model})


def verdicts(page: Page, model: str, label: int) -> list[Row]:
    """The ten probabilities for the visitor's picture, before and after."""
    so_far, colour = taught(page, model), model_colour(model)
    backward, picture = networks.backward_pass(page.reader, model), view.picture_of(page)
    tiles = [view.bars(t("backprop.teach.before"), backward.probabilities(picture[None])[0], label, colour)]
    if so_far:
        after = backward.probabilities(picture[None], so_far.weights)[0]
        tiles.append(view.bars(t("backprop.teach.after"), after, label, colour))
    return [Row(tuple(tiles))]


def said(page: Page, model: str, change: ReferenceChange) -> str:
    """What the network reads in the picture before and after, and what it still knows, in sentences."""
    so_far = taught(page, model)
    backward, picture = networks.backward_pass(page.reader, model), view.picture_of(page)
    before = backward.probabilities(picture[None])[0]
    after = backward.probabilities(picture[None], so_far.weights if so_far else None)[0]
    return t(
        "backprop.teach.turned" if before.argmax() != after.argmax() else "backprop.teach.stayed",
        model=model_name(model),
        before=int(before.argmax()),
        before_share=formats.percent(float(before.max())),
        after=int(after.argmax()),
        after_share=formats.percent(float(after.max())),
        right_before=change.right_before,
        right_after=change.right_after,
        count=len(change.labels),
        forgotten=len(change.forgotten),
        learned=len(change.learned),
    )


def probed(page: Page, model: str) -> ReferenceChange:
    """What the network reads in the probe's pictures, before and after it was taught."""
    so_far, backward, fixed = taught(page, model), networks.backward_pass(page.reader, model), _probe()
    before = backward.probabilities(fixed.pictures()).argmax(1)
    after = backward.probabilities(fixed.pictures(), so_far.weights).argmax(1) if so_far else before
    return ReferenceChange(fixed.labels, before, after)


def draw_losses(losses: NDArray[np.float64], model: str) -> None:
    """The loss on the visitor's picture before each step, and after the last."""
    curves(
        np.arange(len(losses)),
        [Curve(t("backprop.teach.loss_axis"), losses, model_colour(model))],
        across=Axis(t("backprop.teach.step_axis")),
        up=Axis(t("backprop.teach.loss_axis"), low=0.0),
        alt=t("backprop.teach.loss_alt", loss=formats.number(float(losses[-1]))),
        key="teach_loss",
        height=220,
    )


def kept(change: ReferenceChange) -> str:
    """HTML: how many of the probe's pictures of each digit are read rightly, before and after; changes stand out."""
    before, after = change.by_label()

    def cell(count: int, was: int) -> Cell:
        return Cell(str(count), kind="more" if count > was else "fewer" if count < was else "")

    rows: list[Cells] = [
        [t(f"backprop.teach.{name}"), *map(cell, counts.tolist(), before.tolist())]
        for name, counts in (("before", before), ("after", after))
    ]
    caption = t("backprop.teach.kept", count=int((change.labels == change.labels[0]).sum()))
    heads = [t("backprop.teach.digit"), *map(str, np.unique(change.labels))]
    return Table(caption, heads, rows, dense=True).html()


def changed(change: ReferenceChange, model: str) -> list[Row]:
    """Pictures that were forgotten and that were learned, with what is read in them now: a few, from all labels."""
    fixed, rows = _probe(), []
    for what in ("forgotten", "learned"):
        places = getattr(change, what)
        if not len(places):
            continue
        tiles = tuple(
            Tile(
                rescaled(fixed.digits[place]),
                t("backprop.teach.reads", before=int(change.before[place]), after=int(change.after[place])),
                0.0,
                1.0,
                colour=model_colour(model),
                width=84,
            )
            for place in places[np.unique(np.linspace(0, len(places) - 1, MOST_SHOWN).astype(int))]
        )
        rows.append(Row(tiles, t(f"backprop.teach.{what}", count=len(places)), t(f"backprop.teach.{what}_help")))
    return rows


def onnx_file(page: Page, model: str) -> bytes:
    """The network with the visitor's weights, as an ONNX file."""
    so_far = taught(page, model)
    data = page.reader.zoo.model_bytes(model)
    return bytes(with_weights(data, so_far.weights).SerializeToString()) if so_far else data


@st.cache_resource(max_entries=1, show_spinner=False)
def _probe() -> ReferenceSet:
    return reference_set()
