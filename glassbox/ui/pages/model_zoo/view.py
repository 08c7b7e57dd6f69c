"""The networks compared by their cards, and one network's card in tables, figures and sentences."""

from collections.abc import Callable, Mapping
from functools import partial

import streamlit as st

from glassbox.ui.base import formats
from glassbox.ui.base.choice import linked_choice
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import model_colour, model_name
from glassbox.ui.base.state import Kind, declare
from glassbox.ui.charts import model_zoo as figures
from glassbox.ui.charts.confusion import confusion as confusion_matrix
from glassbox.ui.charts.dots import dots
from glassbox.ui.charts.figures import interval
from glassbox.ui.charts.reliability import calibration_note
from glassbox.ui.charts.tables import show, table
from glassbox.ui.frame.interactive import interactive_chart, reliability_chart
from glassbox.zoo.digit_models import Card

_COLUMNS = ("name", "accuracy", "pictures", "ece", "temperature", "parameters", "flops", "bytes", "training")
_CALIBRATION_WIDTH = 560
"""Pixels; the diagram is square."""
_LAYER_COLUMNS = ("name", "type", "output", "parameters", "multiply_adds", "difference")
_MODEL = declare("model", Kind.CONTROL, "", parameter="model")


def choose_network(cards: Mapping[str, Card]) -> str:
    """Let the visitor choose a network, which is in the page's link (?model=); return its name."""
    return linked_choice(_MODEL, t("frame.networks"), list(cards), words=model_name)


def comparison_table(cards: Mapping[str, Card]) -> None:
    """Draw a row for each network: accuracy, calibration error, size and cost."""
    rows = [
        (
            model_name(name),
            interval(card.accuracy, 2),
            formats.measured(card.pictures.accuracy) if card.pictures else "–",
            formats.measured(card.calibration.ece_after, 2),
            formats.temperature(card.calibration.temperature) if card.calibration.held_out.helps else "1",
            formats.count(card.parameters),
            formats.count(card.flops),
            formats.size(card.bytes),
            formats.duration(card.training.cpu_seconds),
        )
        for name, card in cards.items()
    ]
    heads = [t(f"model_zoo.column_{column}") for column in _COLUMNS]
    table(t("model_zoo.all"), heads, rows, show_caption=False)
    st.caption(t("model_zoo.columns"))


def part_titles() -> list[str]:
    """Return the titles of PARTS in the visitor's language."""
    return [
        t("charts.calibration.title"),
        t("charts.confusion.title"),
        t("model_zoo.training"),
        t("model_zoo.layers"),
    ]


def accuracy_figure(cards: Mapping[str, Card]) -> None:
    """Draw the accuracy of each network, with its interval."""
    rows, ends = figures.accuracy(cards)
    low, high = (formats.measured(end, 1) for end in ends)
    with st.container(key="gb_accuracy"):
        dots(
            t("model_zoo.accuracy_alt"),
            [t("model_zoo.accuracy_axis")],
            rows,
            ends,
            [("point", t("model_zoo.accuracy_key", low=low, high=high))],
        )


def calibration(card: Card) -> None:
    """Draw the reliability diagram of a network, and its calibration in words."""
    st.markdown(calibration_note(card.calibration))
    model, colour = model_name(card.name), model_colour(card.name)
    reliability_chart(card.calibration, model, colour=colour, key="calibration", width=_CALIBRATION_WIDTH)


def confusion(card: Card) -> None:
    """Draw the confusion matrix of a network, and its most common mistake in words."""
    st.markdown(confusion_note(card))
    caption = t("model_zoo.confusion_alt", model=model_name(card.name))
    show(confusion_matrix(card.confusion, card.labels, caption=caption, colour=model_colour(card.name)))


def training(card: Card) -> None:
    """Draw loss and accuracy of a network by epoch, and how it was trained in words."""
    st.markdown(training_note(card))
    alt = t("model_zoo.training_alt", model=model_name(card.name))
    for column, measure in zip(st.columns(2, gap="large"), ("loss", "accuracy"), strict=True):
        with column:
            interactive_chart(partial(figures.training, card, measure), key=f"training_{measure}", alt=alt)


def layers(card: Card) -> None:
    """Draw a row for each layer: output shape, parameters, multiply-adds, and the difference between ONNX Runtime and
    Keras."""
    rows = [
        (
            layer.name,
            layer.type,
            " × ".join(str(size) for size in layer.output if isinstance(size, int)),
            formats.count(layer.parameters),
            formats.count(layer.multiply_adds),
            formats.scientific(layer.keras_difference) if layer.keras_difference else "0",
        )
        for layer in card.layers
    ]
    heads = [t(f"model_zoo.layer_{name}") for name in _LAYER_COLUMNS]
    table(t("model_zoo.layers"), heads, rows, words=(0, 1, 2), show_caption=False)


def confusion_note(card: Card) -> str:
    """Return what the confusion matrix shows: how many are right, and the most common mistake."""
    mistakes = [
        (times, true, read) for true, row in enumerate(card.confusion) for read, times in enumerate(row) if true != read
    ]
    times, true, read = max(mistakes, key=lambda mistake: mistake[0])
    return t(
        "model_zoo.confusion_note" if times else "model_zoo.confusion_none",
        count=formats.count(card.accuracy.count),
        correct=formats.count(card.accuracy.correct),
        true=card.labels[true],
        read=card.labels[read],
        times=times,
    )


def training_note(card: Card) -> str:
    """Return how the network was trained."""
    settings = card.training
    return t(
        "model_zoo.training_note",
        epochs=settings.epochs,
        count=formats.count(card.dataset.train),
        time=formats.duration(settings.cpu_seconds),
        optimizer=settings.optimizer,
        loss=settings.loss,
    )


def provenance(card: Card) -> str:
    """Return where the data came from, and the SHA-256 by which to tell the file."""
    data = card.dataset
    return t(
        "model_zoo.provenance",
        dataset=data.name,
        licence=data.licence,
        source=data.source,
        seed=card.seed,
        sha256=card.sha256,
    )


PARTS: dict[str, Callable[[Card], None]] = {
    "calibration": calibration,
    "confusion": confusion,
    "training": training,
    "layers": layers,
}
"""The parts of one network's card, by their keys; `part_titles` has their titles in the same order."""
