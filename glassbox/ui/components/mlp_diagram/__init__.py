"""An MLP with one hidden layer as a picture: the pixels, the hidden neurons, the ten outputs and the strongest links.

What each neuron reads and gives on goes to the browser once; pointing at it needs no server.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glassbox.ui.base import formats, payload
from glassbox.ui.base.i18n import t
from glassbox.ui.components.register import register

LINKS_OF_ONE, LINKS_OF_ALL = 16, 60
"""How many links are drawn between two layers: of one neuron, and of all of them together."""

_component = register(__file__)
_WORDS = ("pixels", "hidden", "outputs", "neuron", "without", "explore", "output")


@dataclass(frozen=True)
class Network:
    """What is drawn.

    `digit` (784,) in [0, 1]; `hidden` (units,) and `logits` (labels,) without the neurons `removed`; `kernel`
    (784, units) and `head` (units, labels): the weights; `now` and `before` (labels,): the probabilities without the
    neurons removed and with them; `effects` (units,): how much the removal of each neuron changes the probability of
    the verdict. `temperature`: what the logits are divided by before the softmax.
    """

    digit: NDArray[np.float32]
    hidden: NDArray[np.float32]
    logits: NDArray[np.float32]
    kernel: NDArray[np.float32]
    head: NDArray[np.float32]
    now: NDArray[np.float64]
    before: NDArray[np.float64]
    effects: NDArray[np.float64]
    removed: frozenset[int]
    temperature: float


def mlp_diagram(
    shown: Network, *, picked: int, shade: str, on_picked: Callable[[int], None], on_switched: Callable[[int], None]
) -> None:
    """Draw the network with the neuron `picked`. `shade`: what colours the neurons, "activation" or "effect".

    `on_picked` gets the neuron clicked, `on_switched` the one to be removed or put back.
    """
    units = len(shown.hidden)

    def received(name: str, then: Callable[[int], None]) -> Callable[[], None]:
        def changed() -> None:
            unit = payload.parse(payload.sent("network", name), payload.Index)
            if unit is not None and unit < units:
                then(unit)

        return changed

    into, out = shown.digit[:, None] * shown.kernel, shown.hidden[:, None] * shown.head
    into[:, sorted(shown.removed)] = 0
    _component(
        key="network",
        data={
            "digit": [round(255 * float(value)) for value in shown.digit],
            "hidden": _rounded(shown.hidden),
            "effects": _rounded(shown.effects),
            "effect_words": [points(effect) for effect in shown.effects],
            "removed": sorted(shown.removed),
            "logits": _rounded(shown.logits),
            "now": _rounded(shown.now),
            "before": _rounded(shown.before),
            "temperature": formats.temperature(shown.temperature),
            "now_words": [formats.probability(float(p)) for p in shown.now],
            "into": _strongest_of_each(into, LINKS_OF_ONE),
            "out": [_rounded(row) for row in out],
            "all_into": strongest(into * (shown.hidden > 0), LINKS_OF_ALL),  # a silent neuron passes nothing on
            "all_out": strongest(out, LINKS_OF_ALL),
            "most_into": float(np.abs(into).max()),
            "most_out": float(np.abs(out).max()),
            "picked": picked,
            "shade": shade,
            "words": {name: t(f"components.mlp_diagram.{name}") for name in _WORDS},
        },
        on_picked_change=received("picked", on_picked),
        on_switched_change=received("switched", on_switched),
    )


def strongest(products: NDArray[np.float32], count: int) -> list[tuple[int, int, float]]:
    """Return the `count` largest of `products` (from, to) in size as (from, to, product), the largest last.

    Products that are 0 are left out.
    """
    flat = np.abs(products).ravel()
    most = np.argpartition(-flat, min(count, flat.size - 1))[:count]
    rows, columns = np.unravel_index(most[flat[most] > 0], products.shape)
    numbers = _rounded(products[rows, columns])
    links = list(zip(rows.tolist(), columns.tolist(), numbers, strict=True))
    return sorted(links, key=lambda link: abs(link[2]))  # the last is drawn on top


def _strongest_of_each(products: NDArray[np.float32], count: int) -> list[list[tuple[int, int, float]]]:
    """Return what `strongest` returns of each column of `products` by itself."""
    columns = np.ascontiguousarray(products.T)
    sizes, count = np.abs(columns), min(count, len(products))
    rows = np.argpartition(sizes, -count)[:, -count:]
    rows = np.take_along_axis(rows, np.take_along_axis(sizes, rows, 1).argsort(1, kind="stable"), 1)
    numbers = _rounded(np.take_along_axis(columns, rows, 1).reshape(-1))
    links = [(row, 0, number) for row, number in zip(rows.reshape(-1).tolist(), numbers, strict=True)]
    return [[link for link in links[i : i + count] if link[2]] for i in range(0, len(links), count)]


def points(change: float) -> str:
    """Return a change of probability in percentage points, with its sign: "+1.25"; in words if it rounds to none."""
    if abs(change) < 0.5e-4:
        return t("components.mlp_diagram.hardly")
    return formats.points(change, 2)


def _rounded(values: NDArray[np.floating]) -> list[float]:
    return [float(f"{value:.4g}") for value in values.tolist()]
