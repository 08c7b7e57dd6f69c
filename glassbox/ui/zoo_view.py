"""The model cards as tables and sentences."""

from collections.abc import Mapping

import streamlit as st

from glassbox.ui import formats
from glassbox.ui.choice import linked_choice
from glassbox.ui.i18n import t
from glassbox.zoo import Card

_COLUMNS = ("accuracy", "pictures", "ece", "parameters", "flops", "bytes", "training")


def chosen(cards: Mapping[str, Card]) -> str:
    """Let the visitor choose a network; it is in the page's link (?model=)."""
    return linked_choice("model", "model", t("zoo.networks"), list(cards), lambda name: t(f"model.{name}"))


def comparison(cards: Mapping[str, Card]) -> None:
    """One row a network: how good, how honest, how large, how costly."""
    rows = [
        {
            "name": t(f"model.{name}"),
            "accuracy": f"{card.accuracy.value:.2%}",
            "pictures": f"{card.pictures.accuracy:.1%}" if card.pictures else "–",
            "ece": f"{card.calibration.ece_after:.2%}",
            "parameters": formats.count(card.parameters),
            "flops": formats.count(card.flops),
            "bytes": formats.size(card.bytes),
            "training": formats.duration(card.training.seconds),
        }
        for name, card in cards.items()
    ]
    helped = {"pictures": t("zoo.pictures_help"), "ece": t("zoo.ece_help")}
    st.dataframe(
        rows,
        hide_index=True,
        height="content",
        column_config={"name": st.column_config.TextColumn(t("zoo.column_name"), pinned=True)}
        | {
            column: st.column_config.TextColumn(t(f"zoo.column_{column}"), help=helped.get(column), alignment="right")
            for column in _COLUMNS
        },
        alt=t("zoo.all"),
    )


def layers(card: Card) -> None:
    """One row a layer: its output, its parameters, its work and how far ONNX Runtime and Keras are apart on it."""
    rows = [
        {
            "name": layer.name,
            "type": layer.type,
            "output": " × ".join(str(size) for size in layer.output if isinstance(size, int)),
            "parameters": formats.count(layer.parameters),
            "multiply_adds": formats.count(layer.multiply_adds),
            "difference": formats.scientific(layer.keras_difference) if layer.keras_difference else "0",
        }
        for layer in card.layers
    ]
    st.dataframe(
        rows,
        hide_index=True,
        height="content",
        column_config={name: st.column_config.TextColumn(t(f"zoo.layer_{name}")) for name in rows[0]} if rows else None,
        alt=t("zoo.layers"),
    )


def calibration_note(card: Card) -> str:
    """What the calibration plot shows, with its numbers."""
    c = card.calibration
    return t(
        "zoo.calibration_note",
        temperature=f"{c.temperature:.2f}",
        before=f"{c.ece_before:.2%}",
        after=f"{c.ece_after:.2%}",
    )


def confusion_note(card: Card) -> str:
    """What the confusion matrix shows: how many are right, and the most common mistake."""
    mistakes = [(times, i, j) for i, row in enumerate(card.confusion) for j, times in enumerate(row) if i != j]
    times, true, read = max(mistakes, key=lambda mistake: mistake[0])
    return t(
        "zoo.confusion_note" if times else "zoo.confusion_none",
        count=formats.count(card.accuracy.count),
        correct=formats.count(card.accuracy.correct),
        true=card.labels[true],
        read=card.labels[read],
        times=times,
    )


def training_note(card: Card) -> str:
    """How the network was trained."""
    how = card.training
    return t(
        "zoo.training_note",
        epochs=how.epochs,
        count=formats.count(card.dataset.train),
        time=formats.duration(how.seconds),
        optimizer=how.optimizer,
        loss=how.loss,
    )


def provenance(card: Card) -> str:
    """Where the data came from, and how to tell that the file is the one described."""
    data = card.dataset
    return t(
        "zoo.provenance",
        dataset=data.name,
        licence=data.licence,
        source=data.source,
        seed=card.seed,
        sha256=card.sha256,
    )
