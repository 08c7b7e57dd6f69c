"""Section "confidence": whether the networks are as often right as they say, without and with the temperature."""

from collections.abc import Mapping

import streamlit as st

from glassbox.ui.base import formats
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import model_colour, model_name
from glassbox.ui.charts.tables import table
from glassbox.ui.frame.interactive import reliability_chart
from glassbox.zoo.digit_models import Card

_COLUMNS = ("network", "temperature", "before", "after", "change")


def reliability_figure(card: Card) -> None:
    """Draw the accuracy by confidence in equal bins, without and with the temperature."""
    model, colour = model_name(card.name), model_colour(card.name)
    reliability_chart(card.calibration, model, colour=colour, key="explainability_reliability")
    counts = [bin.count for bin in card.calibration.bins_after]
    st.caption(
        t(
            "explainability.reliability_counts",
            top=formats.count(counts[-1]),
            count=formats.count(sum(counts)),
            limit=f"{1 - 1 / len(counts):.0%}",
        )
    )


def calibration_table(cards: Mapping[str, Card]) -> None:
    """Draw a row for each network: its temperature, and its calibration error without and with it."""
    rows = []
    for name, card in cards.items():
        measured = card.calibration
        change = "better" if measured.ece_after < measured.ece_before else "worse"
        rows.append(
            [
                model_name(name),
                f"{measured.temperature:.2f}",
                f"{measured.ece_before:.2%}",
                f"{measured.ece_after:.2%}",
                t(f"explainability.calibration_{change}"),
            ]
        )
    heads = [t(f"explainability.column_{name}") for name in _COLUMNS]
    table(t("explainability.calibration_caption"), heads, rows)


def calibration_sentences(cards: Mapping[str, Card]) -> list[str]:
    """Return sentences: which networks the temperature made better calibrated on the test digits, and which worse.

    One trained with squared errors has a sentence of its own on its temperature.
    """
    sentences = []
    for kind, worse in (("improved", False), ("worsened", True)):
        changes = [
            t(
                "explainability.from_to",
                model=model_name(name),
                before=f"{card.calibration.ece_before:.2%}",
                after=f"{card.calibration.ece_after:.2%}",
            )
            for name, card in cards.items()
            if (card.calibration.ece_after >= card.calibration.ece_before) == worse
        ]
        if changes:
            sentences.append(t(f"explainability.{kind}", networks=t("explainability.listed").join(changes)))
    for name, card in cards.items():
        if card.training.loss == "mean_squared_error" and card.output.kind == "logits":
            temperature = f"{card.calibration.temperature:.2f}"
            sentences.append(t("explainability.squared", model=model_name(name), temperature=temperature))
    return sentences
