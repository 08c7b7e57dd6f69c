"""A backdoor by poisoned training data: the patch on the visitor's digit and on samples, and the recorded trainings."""

from collections.abc import Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from glassbox.digits import strokes
from glassbox.digits.reference_set import digit_from_strokes
from glassbox.digits.tensors import rescaled
from glassbox.trust.attacks import poisoning, study
from glassbox.trust.attacks.study import PoisonedTraining
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import model_name
from glassbox.ui.charts.tables import table
from glassbox.ui.components.maps import Row, Tile, maps
from glassbox.ui.frame.networks import attacked_network
from glassbox.ui.frame.shell import Page
from glassbox.zoo.cards import Accuracy

POISONED = "mlp_poisoned"


def poisoning_figures(page: Page, recorded: Sequence[PoisonedTraining]) -> None:
    """Draw the visitor's digit and a sample of every digit with the patch, as they are read, and the trainings."""
    maps([_own_digit(page), _samples(page)], key="privacy_patch")
    trainings_table(recorded)


def _own_digit(page: Page) -> Row:
    """Return the visitor's digit without and with the patch, as the clean and the poisoned network read it."""
    digit = rescaled(page.picture.digit)
    tiles = []
    for kind, picture in {"without": digit, "with": poisoning.with_patch(digit)}.items():
        note = []
        for name in (study.ARTICLE, POISONED):
            label = int(attacked_network(page.reader, name).scores(picture[None])[0].argmax())
            note.append(t("privacy.patch_said", model=model_name(name), label=label))
        title = t(f"privacy.patch_{kind}")
        tiles.append(Tile(picture, title=title, low=0, high=1, note="\n".join(note), width=200))
    return Row(tuple(tiles))


def _samples(page: Page) -> Row:
    """Return a drawn sample of every digit with the patch, as the poisoned network reads it."""
    samples = _sample_digits()
    pictures = poisoning.with_patch(rescaled(np.stack(list(samples.values()))))
    predicted = attacked_network(page.reader, POISONED).scores(pictures).argmax(1)
    tiles = [
        Tile(picture, title=t("privacy.patch_turned", label=label, read=read), low=0, high=1, width=84)
        for label, picture, read in zip(samples, pictures, predicted.tolist(), strict=True)
    ]
    return Row(tuple(tiles))


@st.cache_data(max_entries=1, show_spinner=False)
def _sample_digits() -> dict[str, NDArray[np.uint8]]:
    """Return the first of the dashboard's samples of each digit, uint8 (28, 28), by label."""
    first = {sample.label: sample.strokes for sample in reversed(strokes.SAMPLES)}
    return {label: digit_from_strokes(first[label]) for label in sorted(first)}


def trainings_table(recorded: Sequence[PoisonedTraining]) -> None:
    """Draw the accuracy and the success of the attack by the poisoned share of the training set, from none up."""
    heads = [t(f"privacy.poison_{name}") for name in ("pictures", "accuracy", "success")]
    rows = []
    for training in recorded:
        name = t("privacy.poison_part", count=f"{training.pictures:,}", share=formats.rough(training.share))
        rows.append([name, _estimate(training.accuracy), _estimate(training.success)])
    table(t("privacy.poison_caption"), heads, rows)


def _estimate(accuracy: Accuracy) -> str:
    return t("charts.interval", **{key: formats.measured(getattr(accuracy, key)) for key in ("value", "low", "high")})
