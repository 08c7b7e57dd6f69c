"""A network at a glance: a picture of each of its layers in a row, from what it reads to what it says; a click on one
leads to where it is worked out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from glassbox.ui.base import payload
from glassbox.ui.base.i18n import t
from glassbox.ui.components.register import register

_component = register(__file__)


@dataclass(frozen=True)
class LayerPicture:
    """One layer: its `title`, its `shape` in words, and its picture with crisp pixels, which `alt` describes.

    `source`: the picture as a data: address, `width` by `height` pixels; `parts`: the maps or bars in it, `across` of
    them in a row; `leads_to`: the key of the container that a click scrolls to.
    """

    title: str
    shape: str
    source: str
    width: int
    height: int
    alt: str
    leads_to: str
    parts: int = 1
    across: int = 1


class _Picked(msgspec.Struct):
    layer: payload.Index
    part: payload.Index


def network_overview(
    layers: Sequence[LayerPicture], *, on_picked: Callable[[int, int], None], key: str = "overview"
) -> None:
    """Draw `layers`; `on_picked` gets the layer and the part of it that was clicked, both counted from 0."""

    def picked() -> None:
        sent = payload.parse(payload.sent(key, "picked"), _Picked)
        if sent is not None and sent.layer < len(layers) and sent.part < layers[sent.layer].parts:
            on_picked(sent.layer, sent.part)

    _component(
        key=key,
        data={"layers": [vars(layer) for layer in layers], "about": t("components.network_overview.about")},
        on_picked_change=picked,
    )
