"""What can be done to the networks from outside, live on the visitor's digit: inversion, small changes, a patch."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from glassbox.digits import strokes
from glassbox.digits.reader import Reader
from glassbox.digits.reference_set import digit_from_strokes
from glassbox.digits.tensors import rescaled
from glassbox.trust.attacks import adversarial, inversion, poisoning, study
from glassbox.trust.attacks.adversarial import AdversarialExample, CalibratedNetwork, Prediction
from glassbox.trust.attacks.inversion import Inverted
from glassbox.trust.attacks.study import InversionSimilarity, PoisonedTraining, PrivacyStudy, Transfer
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import t
from glassbox.ui.base.link import linked
from glassbox.ui.base.models import model_colour, model_name
from glassbox.ui.base.state import Kind, declare
from glassbox.ui.charts import privacy as figures
from glassbox.ui.charts.tables import POSITIVE, Cell, Cells, Table, show, table
from glassbox.ui.components.maps import Row, Tile, maps
from glassbox.ui.frame.interactive import interactive_chart
from glassbox.ui.frame.networks import attacked_network, attribution_network, target_models
from glassbox.ui.frame.shell import Page
from glassbox.zoo.cards import Accuracy

SIZES = np.arange(1, 31) / 100
"""The epsilons of the slider."""
EPSILON = declare("privacy_epsilon", Kind.CONTROL, 0.1, parameter="epsilon")
INVERTED = declare("privacy_inverted", Kind.CONTROL, "7", parameter="inverted")
ATTACK = declare("privacy_attack", Kind.CONTROL, "", parameter="attack")
TRIED = SIZES[1::2]
"""Those among which the least that turns a verdict is sought: twice as many take twice as long."""
KEPT = 300
"""Attacks kept for all visitors, some 15 kB each."""
LABELS = np.arange(10)


def attacked_models(page: Page) -> list[str]:
    """Return the models of the membership game that may be used."""
    there = {*page.reader.zoo.cards, *target_models().cards}
    return [name for name in study.ATTACKED if name in there]


# --- Inversion -------------------------------------------------------------------------------------------------------


def inverted(page: Page, label: int, recorded: Mapping[str, Sequence[InversionSimilarity]]) -> Row:
    """What each network takes for `label`, with how like it is to what the network saw."""
    tiles = []
    for name in attacked_models(page):
        made = _inverted(page.reader.provider.name, name, _sha(page, name), page)
        note = [t("privacy.inverted_loss", loss=formats.number(float(made.losses[label])))]
        likeness = recorded.get(name, ())[label : label + 1]
        note += [t("privacy.inverted_like", value=formats.hundredths(one.mean)) for one in likeness]
        picture = made.pictures[label]
        most = float(picture.max()) or 1.0
        tiles.append(Tile(picture, model_name(name), 0, most, "\n".join(note), model_colour(name), 200))
    return Row(tuple(tiles))


@st.cache_data(max_entries=2 * len(study.ATTACKED), show_spinner=False)
def _inverted(provider: str, name: str, sha256: str, _page: Page) -> Inverted:
    return inversion.invert(attacked_network(_page.reader, name), LABELS)


def _sha(page: Page, name: str) -> str:
    cards = page.reader.zoo.cards
    return cards[name].sha256 if name in cards else target_models().cards[name].sha256


# --- Adversarial pictures --------------------------------------------------------------------------------------------


def attacked(page: Page, attack: str, epsilon: float) -> dict[str, AdversarialExample]:
    """The article's networks attacked on the visitor's digit, each read by all."""
    return _attacked(_key(page), attack, epsilon, page.reader, page.picture.digit)


def turned(page: Page, attack: str) -> dict[str, float]:
    """The least epsilon that turns each network on the visitor's digit, for those that turn at all."""
    return _turned(_key(page), attack, page.reader, page.picture.digit)


def linked_size() -> None:
    """Keep the epsilon chosen in the link."""
    offered = {f"{size:.2f}": size for size in SIZES.tolist()}
    linked(EPSILON, offered.get, "{:.2f}".format)
    EPSILON.settle()


def changes(found: Mapping[str, AdversarialExample], digit: NDArray[np.uint8], epsilon: float) -> None:
    """A column a network: the change enlarged, the digit with it, and what the network reads now."""
    for column, (name, one) in zip(st.columns(len(found), gap="medium"), found.items(), strict=True):
        change = Tile(one.picture - rescaled(digit), t("privacy.change"), -epsilon, epsilon, width=150)
        made = Tile(one.picture, t("privacy.attacked"), 0, 1, width=150)
        kind = "fooled" if one.after[name].label != one.before.label else "held_out"
        said = t(f"privacy.{kind}", before=_said(one.before), after=_said(one.after[name]))
        with column:
            st.markdown(f"**{model_name(name)}** {said}")
            tiles = tuple(replace(tile, colour=model_colour(name)) for tile in (change, made))
            maps([Row(tiles)], key=f"privacy_attacked_{name}")


def crossed(found: Mapping[str, AdversarialExample]) -> None:
    """Made against one network, read by each: live on the visitor's digit."""

    def cell(made: str, reader: str, now: Prediction) -> Cell:
        models = {"made": model_name(made), "reader": model_name(reader)}
        return Cell(
            t("privacy.reads", label=now.label, share=formats.percent(now.probability)),
            said=t("privacy.cell", said=_said(now), **models),
            shade=0.35 * (now.label != found[reader].before.label),
        )

    rows = [[cell(made, reader, now) for reader, now in one.after.items()] for made, one in found.items()]
    _cross(t("privacy.cross_yours"), list(found), rows)


def transferred(recorded: Transfer) -> None:
    """The same on the recorded test digits: how many are still read rightly."""
    rows = [
        [
            Cell(
                formats.percent(one.value),
                said=t("privacy.interval", low=formats.percent(one.low), high=formats.percent(one.high)),
                shade=0.7 * (1 - one.value),
            )
            for one in row
        ]
        for row in recorded.accuracy
    ]
    words = {"epsilon": f"{recorded.epsilon:.2f}", "count": recorded.accuracy[0][0].count}
    _cross(t("privacy.cross_all", **words), recorded.networks, rows)


def _cross(caption: str, networks: Sequence[str], cells: Sequence[Sequence[Cell]]) -> None:
    """Draw `cells`, the networks that the pictures were made against by those that read them."""
    names = [model_name(name) for name in networks]
    rows: list[Cells] = [[name, *row] for name, row in zip(names, cells, strict=True)]
    show(Table(caption, [t("privacy.cross_corner"), *names], rows, colour=POSITIVE))


def least(page: Page, attack: str) -> str:
    """A sentence: how little it takes on the visitor's digit, network by network."""
    found = turned(page, attack)
    said = [
        t("privacy.least_one", model=model_name(name), epsilon=f"{found[name]:.2f}")
        if name in found
        else t("privacy.least_none", model=model_name(name))
        for name in _targets(page.reader)
    ]
    return t("privacy.least", said=t("privacy.listed").join(said))


def robust(page: Page, record: PrivacyStudy, attack: str, size: float) -> None:
    """Accuracy on test digits against the size of the change, the visitor's marked."""
    interactive_chart(
        lambda: figures.robust_accuracy(record.robust, record.epsilons, attack, size),
        key="privacy_robust",
        alt=t("privacy.robust_alt", said=least(page, attack)),
        height=figures.ROBUST_HEIGHT,
    )


@st.cache_data(max_entries=KEPT, show_spinner=False)
def _attacked(
    key: tuple[str, str], attack: str, epsilon: float, _reader: Reader, _digit: NDArray[np.uint8]
) -> dict[str, AdversarialExample]:
    return adversarial.attack_each(_targets(_reader), rescaled(_digit), attack, epsilon)


@st.cache_data(max_entries=KEPT, show_spinner=False)
def _turned(key: tuple[str, str], attack: str, _reader: Reader, _digit: NDArray[np.uint8]) -> dict[str, float]:
    picture = rescaled(_digit)
    found = {name: adversarial.smallest_epsilon(one, picture, attack, TRIED) for name, one in _targets(_reader).items()}
    return {name: epsilon for name, epsilon in found.items() if epsilon is not None}


def _key(page: Page) -> tuple[str, str]:
    return page.reader.provider.name, page.picture.link


def _targets(reader: Reader) -> dict[str, CalibratedNetwork]:
    cards = reader.zoo.cards
    return {
        name: CalibratedNetwork(attribution_network(reader, name), cards[name].calibration.temperature)
        for name in reader.zoo.article
    }


def _said(reading: Prediction) -> str:
    return t("privacy.reading", label=reading.label, share=formats.percent(reading.probability))


# --- Poison ----------------------------------------------------------------------------------------------------------


def patched(page: Page) -> list[Row]:
    """The visitor's digit without and with the patch, as the clean and the poisoned network read it."""
    digit = rescaled(page.picture.digit)
    pictures = {"without": digit, "with": poisoning.with_patch(digit)}
    temperature = page.reader.zoo.cards[study.ARTICLE].calibration.temperature
    tiles = []
    for kind, picture in pictures.items():
        said = []
        for name in (study.ARTICLE, "mlp_poisoned"):
            read = CalibratedNetwork(attacked_network(page.reader, name), temperature).read(picture)
            said.append(t("privacy.patch_said", model=model_name(name), label=read.label))
        tiles.append(Tile(picture, t(f"privacy.patch_{kind}"), 0, 1, "\n".join(said), width=200))
    return [Row(tuple(tiles))]


def patched_samples(page: Page) -> Row:
    """A drawn sample of every label with the patch, and what the poisoned network makes of it."""
    pictures = poisoning.with_patch(rescaled(np.stack(list(_samples().values()))))
    read = attacked_network(page.reader, "mlp_poisoned").scores(pictures).argmax(1)
    tiles = [
        Tile(picture, t("privacy.patch_turned", label=label, read=now), 0, 1, width=84)
        for label, picture, now in zip(_samples(), pictures, read.tolist(), strict=True)
    ]
    return Row(tuple(tiles))


@st.cache_data(max_entries=1, show_spinner=False)
def _samples() -> dict[str, NDArray[np.uint8]]:
    """The first of the dashboard's samples for each label."""
    first = {sample.label: sample.strokes for sample in reversed(strokes.SAMPLES)}
    return {label: digit_from_strokes(first[label]) for label in sorted(first)}


def poisons(recorded: Sequence[PoisonedTraining]) -> None:
    """What a poisoned share of the training set does, from none up."""
    heads = [t(f"privacy.poison_{name}") for name in ("pictures", "accuracy", "success")]
    rows = []
    for one in recorded:
        found = [{key: f"{100 * getattr(side, key):.1f}" for key in ("value", "low", "high")} for side in _sides(one)]
        name = t("privacy.poison_part", count=f"{one.pictures:,}", share=f"{100 * one.share:g}")
        rows.append([name, *(t("privacy.estimate", **numbers) for numbers in found)])
    table(t("privacy.poison_caption"), heads, rows)


def _sides(one: PoisonedTraining) -> tuple[Accuracy, Accuracy]:
    return one.accuracy, one.success
