"""Training a copy of a network on the visitor's picture: what it learns, and what it forgets for that."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from glassbox.digits.reader import Reader
from glassbox.digits.reference_set import ReferenceChange, ReferenceSet
from glassbox.graph.training import with_weights
from glassbox.training.lesson import Frames, joined
from glassbox.training.teacher import gentle_rate
from glassbox.ui.base import formats
from glassbox.ui.base.choice import choice
from glassbox.ui.base.i18n import t
from glassbox.ui.base.link import linked
from glassbox.ui.base.models import model_colour, model_name
from glassbox.ui.base.state import Kind, bound, declare
from glassbox.ui.components.lesson_film import Wall, lesson_film
from glassbox.ui.frame import taught
from glassbox.ui.frame.shell import Page
from glassbox.ui.frame.taught import TaughtCopy
from glassbox.ui.pages.backprop.training_step import MODEL, RATE, RATES, most_to_learn, network_input

STEPS = declare("teach_steps", Kind.CONTROL, 5, parameter="steps")


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
    lessons = taught.lessons(_reader, model)
    return gentle_rate(lessons.teacher, lessons.network, lessons.reference, RATES)


def train(page: Page, model: str, *, label: int, steps: int, rate: float, rehearse: bool = False) -> None:
    """Train the visitor's copy of `model` by `steps` more on the visitor's picture, with `rehearse` on old ones too."""
    copy, link = taught.copies(page.reader).get(model), page.picture.link
    lesson = taught.lessons(page.reader, model).teach(
        network_input(page), label, steps=steps, rate=rate, weights=copy.weights if copy else None, rehearse=rehearse
    )
    goes_on = copy is not None and (copy.picture, copy.label) == (link, label)
    trained = TaughtCopy(
        sha256=page.reader.zoo.cards[model].sha256,
        weights=lesson.weights,
        picture=link,
        label=label,
        frames=joined(copy.frames if copy and goes_on else (), lesson.frames),
        rehearsed=rehearse or (copy is not None and copy.rehearsed),
        stopped=lesson.stopped,
    )
    taught.keep(model, trained)


def film_frames(page: Page, model: str, label: int) -> Frames:
    """Return what the network reads before the lesson and after each step; for another picture or label than that of
    the lesson, before and after it alone."""
    copy, lessons, picture = (
        taught.copies(page.reader).get(model),
        taught.lessons(page.reader, model),
        network_input(page),
    )
    if copy and (copy.picture, copy.label) == (page.picture.link, label):
        return copy.frames
    first = lessons.frame(picture, label)
    return (
        (first, lessons.frame(picture, label, copy.weights)._replace(step=copy.frames[-1].step)) if copy else (first,)
    )


def film(page: Page, model: str, frames: Frames, label: int) -> None:
    """Draw the lesson as a film: the picture's probabilities and loss, and which old pictures are forgotten."""
    copy, lessons = taught.copies(page.reader).get(model), taught.lessons(page.reader, model)
    practised = lessons.rehearsed.tolist() if copy and copy.rehearsed else ()
    wall = Wall(lessons.reference.digits, lessons.reference.labels, practised)
    identity = f"{model} {label} {page.picture.link}"
    lesson_film(frames, wall, label=label, of=identity, colour=model_colour(model))


def summary(model: str, frames: Frames, reference: ReferenceSet) -> str:
    """Return what the network reads in the picture before and after, and what it still knows, in sentences."""
    before, after = (frame.probabilities for frame in (frames[0], frames[-1]))
    change = ReferenceChange(reference.labels, *(frame.read.astype(np.int64) for frame in (frames[0], frames[-1])))
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


def rehearsal(frames: Frames, reference: ReferenceSet, count: int) -> str:
    """Return what practising `count` old pictures is, and how many that were forgotten have come back, in sentences."""
    before = frames[0].read == reference.labels
    forgotten = [int((before & (frame.read != reference.labels)).sum()) for frame in frames]
    back = max(forgotten) - forgotten[-1]
    return t("backprop.teach.rehearsed_back" if back else "backprop.teach.rehearsed", count=count, back=back)


def onnx_file(page: Page, model: str) -> bytes:
    """Return the visitor's copy of `model` as an ONNX file."""
    copy, data = taught.copies(page.reader).get(model), page.reader.zoo.model_bytes(model)
    return bytes(with_weights(data, copy.weights).SerializeToString()) if copy else data
