"""The whole network at a glance: the picture, the maps of each layer before and after pooling, scores and shares.

As in CNN Explainer: Wang et al., 2021, https://arxiv.org/abs/2004.15004.
"""

from collections.abc import Sequence

import numpy as np

from glassbox.calibration import calibrated
from glassbox.explain.convolution import Stage
from glassbox.explain.terms.explain import Inside
from glassbox.ui.base import formats, palette, style
from glassbox.ui.base.i18n import t
from glassbox.ui.charts import stage_pictures
from glassbox.ui.charts.stage_pictures import Drawn
from glassbox.ui.components.convolution import Cell
from glassbox.ui.components.network_overview import LayerPicture, network_overview
from glassbox.ui.frame.networks import convolutions, inside
from glassbox.ui.frame.shell import Page
from glassbox.ui.pages.cnn import view

ACROSS = 8
"""Maps side by side."""
GRID, VERDICT = "gb_grid", "gb_verdict"
"""The containers of a layer's grids, and of what the scores come from."""


def overview(page: Page, network: str) -> None:
    """Draw the layers of `network` as it reads the digit; a map that is clicked becomes the one that is worked out."""
    stages = convolutions(page.reader, network)
    numbers = inside(page.reader, network, page.picture.digit)
    temperature = page.reader.zoo.cards[network].calibration.temperature
    layers, shown = _layers(numbers, stages, temperature, style.dark())

    def picked(layer: int, part: int) -> None:
        stage = shown[layer]
        if stage is not None:
            _choose_map(network, numbers, stage, part)
        elif layers[layer].leads_to == VERDICT:
            view.DIGIT.set(str(part))

    network_overview(layers, on_picked=picked)


def _choose_map(network: str, numbers: Inside, stage: Stage, part: int) -> None:
    """Have the largest number of a map of `stage` worked out."""
    values = numbers.tensors[stage.after][0, part]
    row, column = (int(place) for place in np.unravel_index(int(values.argmax()), values.shape))
    view.LAYER.set(stage.after)
    view.CELL.at(network=network, layer=stage.after).set(Cell(part, row, column))


def _layers(
    numbers: Inside, stages: Sequence[Stage], temperature: float, dark: bool
) -> tuple[list[LayerPicture], list[Stage | None]]:
    """Return the pictures, and for each the convolution whose maps it shows, pooled or not; None for the others."""
    picture = numbers.tensors[stages[0].source]
    title, alt = t("cnn.picture"), t("cnn.picture_alt")
    layers = [_picture(stage_pictures.digit(picture), title, picture.shape, alt, GRID)]
    shown: list[Stage | None] = [None]
    for stage in stages:
        pooled = [stage.pooling.tensor] if stage.pooling and stage.pooling.window else []
        for tensor in (stage.after, *pooled):
            values = numbers.tensors[tensor]
            alt = t("cnn.maps_alt", count=values.shape[1], tensor=tensor)
            drawn = stage_pictures.maps(values, dark, ACROSS)
            layers.append(_picture(drawn, tensor, values.shape, alt, GRID, parts=values.shape[1], across=ACROSS))
            shown.append(stage)
    scores = numbers.tensors["logits"][0]
    shares = calibrated(scores, "logits", temperature)
    for title, values, full in ((t("cnn.scores"), scores, None), (t("cnn.shares"), shares, 1.0)):
        alt = t("cnn.bars_alt", label=int(scores.argmax()))
        drawn = stage_pictures.bars(values, dark, full)
        layers.append(_picture(drawn, title, values.shape, alt, VERDICT, parts=len(values), across=len(values)))
        shown.append(None)
    return layers, shown


def _picture(
    drawn: Drawn, title: str, shape: Sequence[int], alt: str, leads_to: str, *, parts: int = 1, across: int = 1
) -> LayerPicture:
    height, width, _ = drawn.colours.shape
    sizes = " × ".join(formats.count(size) for size in shape if size > 1)
    source = palette.png(drawn.colours)
    return LayerPicture(title, sizes, source, width, height, alt, leads_to, parts=parts, across=across)
