"""The MLP from inside: the selected neuron, the neurons that are removed, and the effect on the verdict."""

from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from glassbox.calibration import calibrated
from glassbox.explain.terms.explain import Explanation, Inside, Term
from glassbox.ui.base import formats
from glassbox.ui.base.choice import choice
from glassbox.ui.base.i18n import t
from glassbox.ui.base.link import linked
from glassbox.ui.base.state import Entry, Kind, bound, declare
from glassbox.ui.charts.heatmaps import Maps
from glassbox.ui.charts.sum_table import sum_table
from glassbox.ui.components.mlp_diagram import Network, mlp_diagram
from glassbox.ui.components.neuron_weights import neuron_weights
from glassbox.ui.frame import networks
from glassbox.ui.frame.networks import feeds, inside
from glassbox.ui.frame.shell import Page
from glassbox.zoo.digit_models import Card

MODEL, HIDDEN, LOGITS = "mlp", "hidden", "logits"
SHADES = ("activation", "effect")
ORDERS = 21
"""Random orders to compare with, always the same ones."""


@dataclass(frozen=True)
class Spent:
    """What was found of a digit among the neurons that fire on it: those `removed` without which the verdict stands,
    the `last` one that then turns it, None where it stands without any, and how many go in a random order before it
    turns, the median of ORDERS."""

    removed: frozenset[int]
    last: int | None
    at_random: int


_NEURON: Entry[int | None] = declare("mlp_neuron", Kind.CONTROL, None, parameter="neuron")
_REMOVED: Entry[frozenset[int]] = declare("mlp_removed", Kind.CONTROL, frozenset(), parameter="without")
_SPENT: Entry[Spent | None] = declare("mlp_spent", Kind.CONTROL, None)
_SHADE = declare("mlp_shade", Kind.CONTROL, "")
_OUTPUT = declare("mlp_output", Kind.CONTROL, "")


@dataclass(frozen=True)
class AblatedReading:
    """The MLP reading a digit, `intact` and `ablated`, that is without the neurons `removed`: probabilities (labels,)
    `before` and `after` the removal; `effects` (neurons,): the change of the verdict's probability when one neuron more
    is removed."""

    card: Card
    intact: Inside
    ablated: Inside
    removed: frozenset[int]
    before: NDArray[np.float64]
    after: NDArray[np.float64]
    effects: NDArray[np.float64]

    @property
    def verdict(self) -> int:
        return int(self.before.argmax())

    @property
    def most_needed(self) -> int:
        """The neuron whose removal costs the verdict the most."""
        return int(self.effects.argmin())


def read_digit(page: Page) -> AblatedReading:
    """Read the visitor's digit with all neurons, without the removed ones, and without each further one."""
    card = page.reader.zoo.cards[MODEL]
    ablation = networks.ablation(page.reader, MODEL, HIDDEN)
    count = ablation.units
    linked(_NEURON, lambda text: next(iter(_from_link(text, count)), None), lambda unit: str(unit + 1))
    linked(_REMOVED, lambda text: frozenset(_from_link(text, count)), _to_link)
    removed = _REMOVED.get()
    (picture,) = feeds(page.reader, MODEL, page.picture.digit).values()
    intact, ablated = inside(page.reader, MODEL, page.picture.digit), ablation.run(picture, removed)

    def probabilities(output: NDArray[np.float32]) -> NDArray[np.float64]:
        return calibrated(output, card.output.kind, card.calibration.temperature)

    before = probabilities(intact.tensors[ablation.output][0])
    after = probabilities(ablated.tensors[ablation.output][0])
    verdict = int(before.argmax())
    effects = probabilities(ablation.each(picture, removed))[:, verdict] - after[verdict]
    return AblatedReading(
        card=card, intact=intact, ablated=ablated, removed=removed, before=before, after=after, effects=effects
    )


def selected_neuron(reading: AblatedReading) -> int:
    """Return the neuron that the panel is about: the one clicked, at first the one that the verdict needs most."""
    unit = _NEURON.get()
    return reading.most_needed if unit is None else unit


def toggle_removed(unit: int) -> None:
    """Remove a neuron, or put it back."""
    _REMOVED.set(_REMOVED.get() ^ {unit})


def select_neuron(unit: int) -> None:
    """Show the panel of a neuron."""
    _NEURON.set(unit)


def shade_choice() -> str:
    """Ask what the neurons' shade is to mean: one of SHADES."""
    return choice(_SHADE, t("mlp.shade"), SHADES, lambda name: t(f"mlp.shade_{name}"))


def removal_buttons(page: Page, reading: AblatedReading) -> None:
    """Draw three buttons: one removes the neuron that the verdict needs most, one as many as it can do without, one
    puts all back."""

    def restore() -> None:
        _REMOVED.set(frozenset())

    def remove_most_needed() -> None:
        toggle_removed(reading.most_needed)
        select_neuron(reading.most_needed)

    def remove_dispensable() -> None:
        ablation = networks.ablation(page.reader, MODEL, HIDDEN)
        (picture,) = feeds(page.reader, MODEL, page.picture.digit).values()
        firing = np.flatnonzero(reading.intact.tensors[HIDDEN][0] > 0)  # without the others nothing changes
        order = [unit for unit in ablation.dispensable(picture) if unit in firing]
        stands = ablation.survived(picture, order)
        rng = np.random.default_rng(0)
        at_random = [ablation.survived(picture, rng.permutation(firing).tolist()) for _ in range(ORDERS)]
        last = order[stands] if stands < len(order) else None
        _REMOVED.set(frozenset(order[:stands]))
        _SPENT.set(Spent(_REMOVED.get(), last, int(np.median(at_random))))
        if last is not None:
            select_neuron(last)

    with st.container(horizontal=True):
        st.button(t("mlp.lose"), on_click=remove_dispensable, key="mlp_lose")
        st.button(
            t("mlp.remove_most"), on_click=remove_most_needed, key="mlp_remove_most", disabled=_none_needed(reading)
        )
        st.button(t("mlp.restore"), on_click=restore, key="mlp_restore", disabled=not reading.removed)


def summary(reading: AblatedReading) -> str:
    """Return the verdict, and what it was with all neurons at work, as a sentence."""
    intact = {"label": reading.card.labels[reading.verdict], "share": formats.percent(float(reading.before.max()))}
    if not reading.removed:
        return t("mlp.whole", count=len(reading.effects), **intact)
    label, share = reading.card.labels[int(reading.after.argmax())], formats.percent(float(reading.after.max()))
    spent = _SPENT.get()
    if spent and spent.removed == reading.removed and label == intact["label"]:
        return t(
            "mlp.spent" if spent.last is not None else "mlp.spent_all",
            active=int((reading.intact.tensors[HIDDEN] > 0).sum()),
            all=len(reading.effects),
            count=len(spent.removed),
            next=(spent.last or 0) + 1,
            random=spent.at_random,
            orders=ORDERS,
            **intact,
        )
    kind = "turned" if label != intact["label"] else "lesser" if share != intact["share"] else "level"
    return t(
        f"mlp.{kind}",
        count=len(reading.removed),
        now=label,
        now_share=share,
        **intact,
    )


def diagram(reading: AblatedReading, shade: str) -> None:
    """Draw the network. `shade`: one of SHADES."""
    tensors = reading.intact.tensors
    network = Network(
        digit=tensors["picture"].reshape(-1),
        hidden=reading.ablated.tensors[HIDDEN][0],
        logits=reading.ablated.tensors[LOGITS][0],
        kernel=tensors["hidden/kernel"],
        head=tensors["logits/kernel"],
        now=reading.after,
        before=reading.before,
        effects=reading.effects,
        removed=reading.removed,
        temperature=reading.card.calibration.temperature,
    )
    mlp_diagram(
        network, picked=selected_neuron(reading), shade=shade, on_picked=select_neuron, on_switched=toggle_removed
    )


def neuron_panel(reading: AblatedReading) -> None:
    """Draw the selected neuron: its switch, its weights over the digit, its sum."""
    unit = selected_neuron(reading)
    st.header(t("mlp.one", number=unit + 1, count=len(reading.effects)), anchor=False)
    st.toggle(t("mlp.works"), **bound("mlp_switch", unit not in reading.removed, lambda _: toggle_removed(unit)))
    st.markdown(_effect_of_removal(reading, unit))
    neuron_weights(reading.intact.tensors["hidden/kernel"][:, unit], reading.intact.tensors["picture"].reshape(-1))
    heading = t("mlp.sum", number=unit + 1)
    sum_table(reading.intact.terms(HIDDEN, (0, unit)), heading, _pixel_name, key="mlp_hidden_sum")


def figure(reading: AblatedReading) -> Maps:
    """Return the maps to download: the digit, the selected neuron's weights and products, the hidden layer."""
    unit, digit = selected_neuron(reading), reading.intact.tensors["picture"][0]
    kernel = reading.intact.tensors["hidden/kernel"][:, unit].reshape(digit.shape)
    return {
        t("mlp.figure_digit"): digit,
        t("mlp.figure_weights", number=unit + 1): kernel,
        t("mlp.figure_products", number=unit + 1): kernel * digit,
        t("mlp.figure_hidden"): reading.ablated.tensors[HIDDEN].reshape(-1, 8),
    }


def output_sum(reading: AblatedReading) -> None:
    """Draw the sum behind an output: what each neuron adds to it."""
    labels = reading.card.labels
    label = choice(_OUTPUT, t("mlp.which"), _labels_by_probability(reading), str)
    explanation: Explanation = reading.ablated.terms(LOGITS, (0, labels.index(label)))
    sum_table(explanation, t("components.mlp_diagram.output_sum", label=label), _neuron_name, key="mlp_output_sum")
    st.caption(
        t(
            "mlp.divided",
            temperature=formats.temperature(reading.card.calibration.temperature),
            label=label,
            share=formats.percent(float(reading.after[labels.index(label)])),
        )
    )


def _labels_by_probability(reading: AblatedReading) -> list[str]:
    return [reading.card.labels[k] for k in np.argsort(-reading.before, kind="stable")]


def _effect_of_removal(reading: AblatedReading, unit: int) -> str:
    if unit in reading.removed:
        return t("mlp.is_removed")
    label, now = reading.card.labels[reading.verdict], float(reading.after[reading.verdict])
    said, after = formats.percent(now), formats.percent(now + float(reading.effects[unit]))
    return (
        t("mlp.would", label=label, now=said, after=after)
        if after != said
        else t("mlp.would_stay", label=label, now=said)
    )


def _none_needed(reading: AblatedReading) -> bool:
    """Return whether no neuron is left whose removal would lower the verdict's probability."""
    return bool(reading.effects.min() >= 0)


def _pixel_name(term: Term) -> str:
    *_, row, column = term.source_index
    return t("mlp.pixel", row=row + 1, column=column + 1)


def _neuron_name(term: Term) -> str:
    return t("mlp.unit", number=term.source_index[-1] + 1)


def _from_link(text: str, count: int) -> list[int]:
    """Return the neurons of a link, which counts from 1: "12.40" -> [11, 39]; those beyond `count` are left out."""
    numbers = [int(one) for one in text.split(".") if one.isascii() and one.isdigit() and len(one) < 6]
    return [number - 1 for number in numbers if 1 <= number <= count]


def _to_link(units: frozenset[int]) -> str:
    return ".".join(str(unit + 1) for unit in sorted(units))
