"""Section "confidence": whether the networks are as often right as they say, without and with a temperature."""

from collections.abc import Mapping

import streamlit as st

from glassbox.ui.base import formats
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import model_colour, model_name
from glassbox.ui.charts.tables import table
from glassbox.ui.frame.interactive import reliability_chart
from glassbox.zoo.digit_models import Card

_COLUMNS = ("network", "temperature", "before", "after", "held_out")


def reliability_figure(card: Card) -> None:
    """Draw the accuracy by confidence in equal bins, without and with the temperature where one is used."""
    model, colour = model_name(card.name), model_colour(card.name)
    reliability_chart(card.calibration, model, colour=colour, key="explainability_reliability")
    counts = [bin.count for bin in card.calibration.bins_after]
    st.caption(
        t(
            "explainability.reliability_counts",
            top=formats.count(counts[-1]),
            count=formats.count(sum(counts)),
            limit=formats.measured(1 - 1 / len(counts), 0),
        )
    )


def held_out(cards: Mapping[str, Card]) -> str:
    """Return how many digits the temperatures were fitted on."""
    return formats.count(next(iter(cards.values())).calibration.held_out.count)


def calibration_table(cards: Mapping[str, Card]) -> None:
    """Draw a row for each network: its temperature, its calibration error without and with it, and what the held-out
    digits said of it."""
    rows = []
    for name, card in cards.items():
        measured = card.calibration
        held_out = measured.held_out
        rows.append(
            [
                model_name(name),
                formats.temperature(measured.temperature) if held_out.helps else "1",
                formats.measured(measured.ece_before, 2),
                formats.measured(measured.ece_after, 2),
                t(
                    "explainability.calibration_helps" if held_out.helps else "explainability.calibration_left",
                    fitted=f"{held_out.fitted:.2f}",
                ),
            ]
        )
    heads = [t(f"explainability.column_{name}") for name in _COLUMNS]
    table(t("explainability.calibration_caption"), heads, rows)


def calibration_sentences(cards: Mapping[str, Card]) -> list[str]:
    """Return sentences: whose error on the test digits the temperature made smaller, whose larger, and who has none.

    One trained with squared errors has a sentence of its own on its temperature.
    """
    changes: dict[str, list[str]] = {"improved": [], "worsened": [], "left": []}
    for name, card in cards.items():
        measured = card.calibration
        kind = "improved" if measured.ece_after < measured.ece_before else "worsened"
        kind = kind if measured.held_out.helps else "left"
        changes[kind].append(
            t(
                "explainability.left_at" if kind == "left" else "explainability.from_to",
                model=model_name(name),
                before=formats.measured(measured.ece_before, 2),
                after=formats.measured(measured.ece_after, 2),
            )
        )
    listed = t("explainability.listed")
    sentences = [t(f"explainability.{kind}", networks=listed.join(said)) for kind, said in changes.items() if said]
    for name, card in cards.items():
        if card.training.loss == "mean_squared_error" and card.output.kind == "logits":
            temperature = formats.temperature(card.calibration.temperature)
            sentences.append(t("explainability.squared", model=model_name(name), temperature=temperature))
    return sentences
