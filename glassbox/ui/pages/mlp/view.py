"""The MLP from inside: which neuron was picked, which are removed, and what follows from that."""

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

NAME, HIDDEN, LOGITS = "mlp", "hidden", "logits"
SHADES = ("activation", "effect")
_NEURON: Entry[int | None] = declare("mlp_neuron", Kind.CONTROL, None, parameter="neuron")
_REMOVED: Entry[frozenset[int]] = declare("mlp_removed", Kind.CONTROL, frozenset(), parameter="without")
_SHADE = declare("mlp_shade", Kind.CONTROL, "")
_OUTPUT = declare("mlp_output", Kind.CONTROL, "")


@dataclass(frozen=True)
class Seen:
    """The MLP reading a digit: `whole` with all its neurons, `lesser` without those `removed`; probabilities (labels,)
    `before` and `now`; `effects` (units,): the change of the verdict's probability when one neuron more is removed."""

    card: Card
    whole: Inside
    lesser: Inside
    removed: frozenset[int]
    before: NDArray[np.float64]
    now: NDArray[np.float64]
    effects: NDArray[np.float64]

    @property
    def verdict(self) -> int:
        return int(self.before.argmax())

    @property
    def most_needed(self) -> int:
        """The neuron whose removal costs the verdict the most."""
        return int(self.effects.argmin())


def see(page: Page) -> Seen:
    """Read the visitor's digit with all neurons, without the removed ones, and without each further one."""
    card = page.reader.zoo.cards[NAME]
    ablation = networks.ablation(page.reader, NAME, HIDDEN)
    count = ablation.units
    linked(_NEURON, lambda text: next(iter(_units(text, count)), None), lambda unit: str(unit + 1))
    linked(_REMOVED, lambda text: frozenset(_units(text, count)), _written)
    removed = _REMOVED.get()
    (picture,) = feeds(page.reader, NAME, page.picture.digit).values()
    whole, lesser = inside(page.reader, NAME, page.picture.digit), ablation.run(picture, removed)

    def probabilities(output: NDArray[np.float32]) -> NDArray[np.float64]:
        return calibrated(output, card.output.kind, card.calibration.temperature)

    before = probabilities(whole.tensors[ablation.output][0])
    now = probabilities(lesser.tensors[ablation.output][0])
    verdict = int(before.argmax())
    effects = probabilities(ablation.each(picture, removed))[:, verdict] - now[verdict]
    return Seen(card, whole, lesser, removed, before, now, effects)


def picked(seen: Seen) -> int:
    """The neuron that the panel is about: the one clicked, at first the one the verdict needs most."""
    unit = _NEURON.get()
    return seen.most_needed if unit is None else unit


def switch(unit: int) -> None:
    """Remove a neuron, or put it back."""
    _REMOVED.set(_REMOVED.get() ^ {unit})


def pick(unit: int) -> None:
    """Make the panel about a neuron."""
    _NEURON.set(unit)


def shade() -> str:
    """Ask what the neurons' shade is to mean: one of SHADES."""
    return choice(_SHADE, t("mlp.shade"), SHADES, lambda name: t(f"mlp.shade_{name}"))


def switches(seen: Seen) -> None:
    """Remove the neuron that the verdict needs most, as often as it takes to turn it, and put all back."""

    def restore() -> None:
        _REMOVED.set(frozenset())

    def remove_most() -> None:
        switch(seen.most_needed)
        pick(seen.most_needed)

    with st.container(horizontal=True):
        st.button(t("mlp.remove_most"), on_click=remove_most, key="mlp_remove_most", disabled=_hopeless(seen))
        st.button(t("mlp.restore"), on_click=restore, key="mlp_restore", disabled=not seen.removed)


def sentence(seen: Seen) -> str:
    """The verdict, and what it was with all neurons at work."""
    whole = {"label": seen.card.labels[seen.verdict], "share": formats.percent(float(seen.before.max()))}
    if not seen.removed:
        return t("mlp.whole", count=len(seen.effects), **whole)
    label = seen.card.labels[int(seen.now.argmax())]
    return t(
        "mlp.turned" if label != whole["label"] else "mlp.lesser",
        count=len(seen.removed),
        now=label,
        now_share=formats.percent(float(seen.now.max())),
        **whole,
    )


def drawing(seen: Seen, shade: str) -> None:
    """The network as a picture. `shade`: one of SHADES."""
    tensors = seen.whole.tensors
    shown = Network(
        digit=tensors["picture"].reshape(-1),
        hidden=seen.lesser.tensors[HIDDEN][0],
        logits=seen.lesser.tensors[LOGITS][0],
        kernel=tensors["hidden/kernel"],
        head=tensors["logits/kernel"],
        now=seen.now,
        before=seen.before,
        effects=seen.effects,
        removed=seen.removed,
    )
    mlp_diagram(shown, picked=picked(seen), shade=shade, on_picked=pick, on_switched=switch)


def panel(seen: Seen) -> None:
    """The neuron picked: its switch, its weights over the digit, its sum."""
    unit = picked(seen)
    st.subheader(t("mlp.one", number=unit + 1, count=len(seen.effects)), anchor=False)
    st.toggle(t("mlp.works"), **bound("mlp_switch", unit not in seen.removed, lambda _: switch(unit)))
    st.markdown(_effect(seen, unit))
    neuron_weights(seen.whole.tensors["hidden/kernel"][:, unit], seen.whole.tensors["picture"].reshape(-1))
    heading = t("mlp.sum", number=unit + 1)
    sum_table(seen.whole.terms(HIDDEN, (0, unit)), heading, _pixel, key="mlp_hidden_sum")


def figure(seen: Seen) -> Maps:
    """What the page draws as heat maps: the digit, the picked neuron's weights and products, the hidden layer."""
    unit, digit = picked(seen), seen.whole.tensors["picture"][0]
    kernel = seen.whole.tensors["hidden/kernel"][:, unit].reshape(digit.shape)
    return {
        t("mlp.figure_digit"): digit,
        t("mlp.figure_weights", number=unit + 1): kernel,
        t("mlp.figure_products", number=unit + 1): kernel * digit,
        t("mlp.figure_hidden"): seen.lesser.tensors[HIDDEN].reshape(-1, 8),
    }


def verdict_sum(seen: Seen) -> None:
    """The sum behind an output: what each neuron adds to it."""
    labels = seen.card.labels
    label = choice(_OUTPUT, t("mlp.which"), _best_first(seen), str)
    number: Explanation = seen.lesser.terms(LOGITS, (0, labels.index(label)))
    sum_table(number, t("components.mlp_diagram.output_sum", label=label), _neuron, key="mlp_output_sum")


def _best_first(seen: Seen) -> list[str]:
    return [seen.card.labels[k] for k in np.argsort(-seen.before, kind="stable")]


def _effect(seen: Seen, unit: int) -> str:
    if unit in seen.removed:
        return t("mlp.is_removed")
    label, now = seen.card.labels[seen.verdict], float(seen.now[seen.verdict])
    after = formats.percent(now + float(seen.effects[unit]))
    return t("mlp.would", label=label, now=formats.percent(now), after=after)


def _hopeless(seen: Seen) -> bool:
    """No neuron is left whose removal would cost the verdict anything."""
    return bool(seen.effects.min() >= 0)


def _pixel(term: Term) -> str:
    *_, row, column = term.source_index
    return t("mlp.pixel", row=row + 1, column=column + 1)


def _neuron(term: Term) -> str:
    return t("mlp.unit", number=term.source_index[-1] + 1)


def _units(text: str, count: int) -> list[int]:
    """ "12.40", neurons as people count them, as in the link -> [11, 39]; numbers that no neuron has are left out."""
    numbers = [int(one) for one in text.split(".") if one.isascii() and one.isdigit() and len(one) < 6]
    return [number - 1 for number in numbers if 1 <= number <= count]


def _written(units: frozenset[int]) -> str:
    return ".".join(str(unit + 1) for unit in sorted(units))
