"""Training a copy of a network on the visitor's picture: what it learns, and what it forgets for that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from glassbox.digits.reader import Reader
from glassbox.digits.reference_set import ReferenceChange, ReferenceSet, reference_set
from glassbox.digits.tensors import rescaled
from glassbox.explain.backward_pass import Array
from glassbox.graph.training import with_weights
from glassbox.training.learner import Divergence
from glassbox.training.teacher import gentle_rate
from glassbox.ui.base import formats
from glassbox.ui.base.choice import choice
from glassbox.ui.base.i18n import t
from glassbox.ui.base.link import linked
from glassbox.ui.base.models import model_colour, model_name
from glassbox.ui.base.state import Entry, Kind, bound, declare
from glassbox.ui.charts.tables import Cell, Cells, Table
from glassbox.ui.components.curves import Axis, Curve, curves
from glassbox.ui.components.maps import Row, Tile
from glassbox.ui.frame import networks
from glassbox.ui.frame.shell import Page
from glassbox.ui.pages.backprop.phases import label_map
from glassbox.ui.pages.backprop.training_step import MODEL, RATE, RATES, most_to_learn, network_input

MOST_SHOWN = 8
"""Pictures shown of those learned, and of those forgotten."""
MOST_LOSSES = 1000
"""Points of the loss curve that are kept."""
STEPS = declare("teach_steps", Kind.CONTROL, 5, parameter="steps")


@dataclass(frozen=True)
class TrainedCopy:
    """A visitor's copy of one network, kept with the visit alone: its weights, and the losses of its training.

    `sha256`: that of the network; `stopped`: why the last training ended early.
    """

    sha256: str
    weights: dict[str, Array]
    losses: NDArray[np.float64]
    stopped: Divergence | None = None


_COPIES: Entry[Mapping[str, TrainedCopy]] = declare("taught", Kind.NETWORKS, {})


def trained_copy(page: Page, model: str) -> TrainedCopy | None:
    """Return this visitor's copy of `model`; None before it is trained, and once the network's file is another."""
    found = _COPIES.get().get(model)
    return found if found and found.sha256 == page.reader.zoo.cards[model].sha256 else None


def choose_network(page: Page, offered: Sequence[str], label: int) -> str:
    """Let the visitor choose one of the networks `offered`, at first the one that has most to learn of the picture."""
    linked(MODEL, lambda asked: asked if asked in offered else None)
    if not MODEL.is_set:
        MODEL.set(most_to_learn(page, offered, label))
    return choice(MODEL, t("backprop.network"), offered, model_name)


def choose_rate(page: Page, model: str) -> float:
    """Let the visitor choose the learning rate, at first the largest that teaches `model` without ruin."""
    linked(RATE, {f"{rate:g}": rate for rate in RATES}.get, "{:g}".format)
    chosen = RATE.get()
    rate = _gentle_rate(page.reader.zoo.cards[model].sha256, model, page.reader) if chosen is None else chosen
    st.select_slider(
        t("backprop.rate"), RATES, help=t("backprop.rate_help"), **bound(RATE.widget, rate, RATE.set, RATES)
    )
    return rate


@st.cache_resource(max_entries=16, show_spinner=False)
def _gentle_rate(sha256: str, model: str, _reader: Reader) -> float:
    network, teacher = networks.backward_pass(_reader, model), networks.teacher(_reader, model)
    return gentle_rate(teacher, network, _reference_set(), RATES)


def train(page: Page, model: str, *, label: int, steps: int, rate: float) -> None:
    """Train the visitor's copy of `model` by `steps` more on the visitor's picture."""
    copy, picture = trained_copy(page, model), network_input(page)
    lesson = networks.teacher(page.reader, model).teach(
        picture, label, steps=steps, learning_rate=rate, weights=copy.weights if copy else None
    )
    loss = networks.backward_pass(page.reader, model).run(picture, label, lesson.weights).loss
    earlier = copy.losses[:-1] if copy else np.zeros(0)
    losses = np.concatenate([earlier, lesson.losses, [loss]])[-MOST_LOSSES:]
    trained = TrainedCopy(
        sha256=page.reader.zoo.cards[model].sha256, weights=lesson.weights, losses=losses, stopped=lesson.stopped
    )
    _COPIES.set({**_COPIES.get(), model: trained})


def discard(model: str) -> None:
    """Drop the visitor's copy of `model`."""
    _COPIES.set({name: copy for name, copy in _COPIES.get().items() if name != model})


def _probabilities(page: Page, model: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the calibrated probabilities (labels,) of the visitor's picture: the network's, and its trained copy's."""
    backward, picture = networks.backward_pass(page.reader, model), network_input(page)[None]
    copy, temperature = trained_copy(page, model), page.reader.zoo.cards[model].calibration.temperature
    before, after = (
        backward.probabilities(picture, weights, temperature)[0] for weights in (None, copy.weights if copy else None)
    )
    return before, after


def probability_maps(page: Page, model: str, label: int) -> list[Row]:
    """Return the probabilities of the visitor's picture as maps: before the training and, if there was any, after."""
    before, after = _probabilities(page, model)
    colour = model_colour(model)
    tiles = [label_map(t("backprop.teach.before"), before, label=label, colour=colour)]
    if trained_copy(page, model):
        tiles.append(label_map(t("backprop.teach.after"), after, label=label, colour=colour))
    return [Row(tuple(tiles))]


def summary(page: Page, model: str, change: ReferenceChange) -> str:
    """Return what the network reads in the picture before and after, and what it still knows, in sentences."""
    before, after = _probabilities(page, model)
    shares = [formats.percent(float(probabilities.max())) for probabilities in (before, after)]
    kind = "turned" if before.argmax() != after.argmax() else "stayed" if shares[0] != shares[1] else "level"
    return t(
        f"backprop.teach.{kind}",
        model=model_name(model),
        before=int(before.argmax()),
        before_share=shares[0],
        after=int(after.argmax()),
        after_share=shares[1],
        right_before=change.right_before,
        right_after=change.right_after,
        count=len(change.labels),
        forgotten=len(change.forgotten),
        learned=len(change.learned),
    )


def reference_change(page: Page, model: str) -> ReferenceChange:
    """Return what is read in the pictures of the reference set, by the network and by its trained copy."""
    copy, backward, reference = trained_copy(page, model), networks.backward_pass(page.reader, model), _reference_set()
    before = backward.probabilities(reference.pictures()).argmax(1)
    after = backward.probabilities(reference.pictures(), copy.weights).argmax(1) if copy else before
    return ReferenceChange(reference.labels, before, after)


def draw_losses(losses: NDArray[np.float64], model: str) -> None:
    """Draw the loss on the visitor's picture before each step, and after the last."""
    curves(
        np.arange(len(losses)),
        [Curve(t("backprop.teach.loss_axis"), losses, model_colour(model))],
        across=Axis(t("backprop.teach.step_axis")),
        up=Axis(t("backprop.teach.loss_axis"), low=0.0),
        alt=t("backprop.teach.loss_alt", loss=formats.number(float(losses[-1]))),
        key="teach_loss",
        height=220,
    )


def accuracy_table(change: ReferenceChange) -> str:
    """Return HTML: of each digit, how many pictures of the reference set are read rightly, before and after."""
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


def changed_pictures(change: ReferenceChange, model: str) -> list[Row]:
    """Return some of the pictures that were forgotten and that were learned, with what is read in them now."""
    reference, rows = _reference_set(), []
    for kind, pictures in (("forgotten", change.forgotten), ("learned", change.learned)):
        if not len(pictures):
            continue
        shown = pictures[np.unique(np.linspace(0, len(pictures) - 1, MOST_SHOWN).astype(int))]
        tiles = tuple(
            Tile(
                rescaled(reference.digits[i]),
                t("backprop.teach.reads", before=int(change.before[i]), after=int(change.after[i])),
                low=0.0,
                high=1.0,
                colour=model_colour(model),
                width=84,
            )
            for i in shown
        )
        rows.append(Row(tiles, t(f"backprop.teach.{kind}", count=len(pictures)), t(f"backprop.teach.{kind}_help")))
    return rows


def onnx_file(page: Page, model: str) -> bytes:
    """Return the visitor's copy of `model` as an ONNX file."""
    copy, data = trained_copy(page, model), page.reader.zoo.model_bytes(model)
    return bytes(with_weights(data, copy.weights).SerializeToString()) if copy else data


@st.cache_resource(max_entries=1, show_spinner=False)
def _reference_set() -> ReferenceSet:
    return reference_set()
