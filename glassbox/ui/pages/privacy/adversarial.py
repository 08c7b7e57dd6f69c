"""Adversarial examples: small changes of the visitor's digit that turn the verdicts, and robustness on test digits."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from glassbox.digits.reader import Reader
from glassbox.digits.tensors import rescaled
from glassbox.explain.attribution.methods import Network
from glassbox.trust.attacks import adversarial
from glassbox.trust.attacks.adversarial import AdversarialExample, Prediction
from glassbox.trust.attacks.robustness import RobustnessStudy, Transfer
from glassbox.ui.base import formats
from glassbox.ui.base.choice import linked_choice
from glassbox.ui.base.i18n import t
from glassbox.ui.base.link import linked
from glassbox.ui.base.models import model_colour, model_name
from glassbox.ui.base.results import Results, kept
from glassbox.ui.base.state import Entry, Kind, declare
from glassbox.ui.charts import privacy as figures
from glassbox.ui.charts.tables import POSITIVE, Cell, Cells, Table, show
from glassbox.ui.components.maps import Row, Tile, maps
from glassbox.ui.frame.interactive import interactive_chart
from glassbox.ui.frame.networks import attribution_network
from glassbox.ui.frame.shell import Page

EPSILONS = np.arange(1, 31) / 100
"""The sizes of change that the slider offers."""
SEARCHED = EPSILONS[1::2]
"""Those among which the smallest that turns a verdict is sought: twice as many take twice as long."""
SHARED, OWN = 300, 60
"""Attacks on samples kept for all visitors, and on a visitor's own digit in the session, some 15 kB each."""
_EPSILON = declare("privacy_epsilon", Kind.CONTROL, 0.1, parameter="epsilon")
_ATTACK = declare("privacy_attack", Kind.CONTROL, "", parameter="attack")
_EXAMPLES: Entry[Results] = declare("privacy_examples", Kind.RESULTS, {})
_SMALLEST: Entry[Results] = declare("privacy_smallest", Kind.RESULTS, {})


@st.fragment
def adversarial_section(page: Page, record: RobustnessStudy) -> None:
    """Let the visitor choose attack and epsilon; draw the attacked digit, how it transfers, and the robust accuracy."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        attack, epsilon = _choose_attack(), _choose_epsilon()
    examples = attack_networks(page, attack, epsilon)
    examples_figure(examples, page.picture.digit, epsilon)
    smallest = smallest_sentence(page, attack)
    st.markdown(smallest)
    left, right = st.columns(2, gap="large")
    with left:
        own_transfer_table(examples)
    with right:
        recorded_transfer_table(record.transfer)
    st.markdown(f"{t('privacy.robust_lead', count=record.pictures)}\n\n{robust_sentence(record, attack)}")
    interactive_chart(
        lambda: figures.robust_accuracy(record.networks, record.epsilons, attack=attack, size=epsilon),
        key="privacy_robust",
        alt=t("privacy.robust_alt", said=smallest),
        height=figures.ROBUST_HEIGHT,
    )


def _choose_attack() -> str:
    label, offered = t("privacy.attack"), list(adversarial.ATTACKS)
    return linked_choice(_ATTACK, label, offered, words=lambda name: t(f"privacy.{name}", steps=adversarial.STEPS))


def _choose_epsilon() -> float:
    """Let the visitor choose the size of the change; it is in the link."""
    offered = {f"{epsilon:.2f}": epsilon for epsilon in EPSILONS.tolist()}
    linked(_EPSILON, offered.get, "{:.2f}".format)
    _EPSILON.settle()
    chosen: float = st.select_slider(
        t("privacy.epsilon"),
        EPSILONS.tolist(),
        format_func="{:.2f}".format,
        key=_EPSILON.key,
        persist_state="session",
        width=320,
    )
    return chosen


def attack_networks(page: Page, attack: str, epsilon: float) -> dict[str, AdversarialExample]:
    """Return the adversarial example made of the visitor's digit against each of the article's networks."""
    attacked = _attack_networks.of(page.picture.everybodys)
    return attacked(_key(page), attack, epsilon, page.reader, page.picture.digit)


def smallest_epsilons(page: Page, attack: str) -> dict[str, float]:
    """Return the smallest epsilon that turns each network's verdict on the visitor's digit, where one does."""
    smallest = _smallest_epsilons.of(page.picture.everybodys)
    return smallest(_key(page), attack, page.reader, page.picture.digit)


def examples_figure(examples: Mapping[str, AdversarialExample], digit: NDArray[np.uint8], epsilon: float) -> None:
    """Draw a column for each network: its verdicts before and after, the change enlarged, and the changed digit."""
    for column, (name, example) in zip(st.columns(len(examples), gap="medium"), examples.items(), strict=True):
        before, after = example.before, example.after[name]
        kind = "fooled" if after.label != before.label else "held_out"
        sentence = t(f"privacy.{kind}", before=_reading(before), after=_reading(after))
        change = Tile(example.picture - rescaled(digit), title=t("privacy.change"), low=-epsilon, high=epsilon)
        changed = Tile(example.picture, title=t("privacy.attacked"), low=0, high=1)
        with column:
            st.markdown(f"**{model_name(name)}** {sentence}")
            tiles = tuple(replace(tile, colour=model_colour(name), width=150) for tile in (change, changed))
            maps([Row(tiles)], key=f"privacy_attacked_{name}")


def own_transfer_table(examples: Mapping[str, AdversarialExample]) -> None:
    """Draw what each network (columns) reads in the example made against each (rows)."""

    def cell(attacked: str, reader: str, prediction: Prediction) -> Cell:
        models = {"made": model_name(attacked), "reader": model_name(reader)}
        return Cell(
            t("privacy.reads", label=prediction.label, share=formats.percent(prediction.probability)),
            said=t("privacy.cell", said=_reading(prediction), **models),
            shade=0.35 * (prediction.label != examples[reader].before.label),
        )

    rows = [
        [cell(attacked, reader, prediction) for reader, prediction in example.after.items()]
        for attacked, example in examples.items()
    ]
    _transfer_table(t("privacy.cross_yours"), list(examples), rows)


def recorded_transfer_table(recorded: Transfer) -> None:
    """Draw the accuracy of each network (columns) on the test digits attacked against each (rows)."""
    rows = [
        [
            Cell(
                formats.measured(accuracy.value),
                said=t("privacy.interval", low=formats.measured(accuracy.low), high=formats.measured(accuracy.high)),
                shade=0.7 * (1 - accuracy.value),
            )
            for accuracy in row
        ]
        for row in recorded.accuracy
    ]
    caption = t("privacy.cross_all", epsilon=f"{recorded.epsilon:.2f}", count=recorded.accuracy[0][0].count)
    _transfer_table(caption, recorded.networks, rows)


def _transfer_table(caption: str, networks: Sequence[str], cells: Sequence[Sequence[Cell]]) -> None:
    """Draw `cells`: the networks that the pictures were made against by those that read them."""
    names = [model_name(name) for name in networks]
    rows: list[Cells] = [[name, *row] for name, row in zip(names, cells, strict=True)]
    show(Table(caption, [t("privacy.cross_corner"), *names], rows, colour=POSITIVE))


def robust_sentence(record: RobustnessStudy, attack: str) -> str:
    """Return sentences: what the lines of `attack` are, and how PGD was checked by an attack without gradients."""
    if attack != "pgd":
        return t("privacy.robust_fgsm")
    left = sum(rows.correct for one in record.networks.values() for rows in one.pgd[1:])
    saved = sum(rows.correct for one in record.networks.values() for rows in one.worst[1:])
    return t(
        "privacy.robust_pgd",
        steps=record.steps,
        starts=record.starts,
        queries=formats.count(record.queries),
        left=formats.count(left),
        fooled=formats.count(left - saved),
    )


def smallest_sentence(page: Page, attack: str) -> str:
    """Return a sentence: the smallest epsilon that turns each network's verdict on the visitor's digit."""
    epsilons = smallest_epsilons(page, attack)
    parts = [
        t("privacy.least_one", model=model_name(name), epsilon=f"{epsilons[name]:.2f}")
        if name in epsilons
        else t("privacy.least_none", model=model_name(name))
        for name in page.reader.zoo.article
    ]
    return t("privacy.least", said=t("privacy.listed").join(parts))


@kept(_EXAMPLES, shared=SHARED, own=OWN)
def _attack_networks(
    key: tuple[str, str], attack: str, epsilon: float, _reader: Reader, _digit: NDArray[np.uint8]
) -> dict[str, AdversarialExample]:
    return adversarial.attack_each(_targets(_reader), rescaled(_digit), attack=attack, epsilon=epsilon)


@kept(_SMALLEST, shared=SHARED, own=OWN)
def _smallest_epsilons(
    key: tuple[str, str], attack: str, _reader: Reader, _digit: NDArray[np.uint8]
) -> dict[str, float]:
    picture = rescaled(_digit)
    epsilons = {
        name: adversarial.smallest_epsilon(target, picture, attack=attack, epsilons=SEARCHED)
        for name, target in _targets(_reader).items()
    }
    return {name: epsilon for name, epsilon in epsilons.items() if epsilon is not None}


def _key(page: Page) -> tuple[str, str]:
    """Return what an attack on the visitor's digit depends on, for the caches."""
    return page.reader.provider.name, page.picture.link


def _targets(reader: Reader) -> dict[str, Network]:
    """Return the article's networks, which are attacked."""
    return {name: attribution_network(reader, name) for name in reader.zoo.article}


def _reading(prediction: Prediction) -> str:
    return t("privacy.reading", label=prediction.label, share=formats.percent(prediction.probability))
