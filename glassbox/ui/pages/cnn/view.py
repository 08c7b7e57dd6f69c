"""A convolutional network from inside: the sum behind a cell of a layer, and the sum behind an output."""

import html
import math
from collections.abc import Iterable, Sequence

import numpy as np
import streamlit as st

from glassbox.explain.convolution import Stage
from glassbox.explain.terms.explain import Explanation, Inside, Term, Terms
from glassbox.ui.base import formats, palette, style
from glassbox.ui.base.choice import choice, linked_choice
from glassbox.ui.base.i18n import t
from glassbox.ui.base.link import linked
from glassbox.ui.base.state import Entry, Kind, declare
from glassbox.ui.charts.heatmaps import Maps
from glassbox.ui.charts.sum_table import CLOSE, sum_table
from glassbox.ui.charts.tables import table
from glassbox.ui.components.convolution import Cell, convolution, parse, strongest
from glassbox.ui.frame.networks import convolutions, inside
from glassbox.ui.frame.plain_softmax import plain_softmax_note
from glassbox.ui.frame.shell import Page
from glassbox.zoo.digit_models import Card

_TILES = 8
"""Maps side by side in the picture of a sum."""
_TENSORS = ("conv", "pool", "flatten", "logits", "probabilities")
"""The tensors whose names are words of a language; they may be numbered."""
_GRID_COLOUR = {False: (205, 210, 217), True: (70, 76, 85)}
"""Between the maps, in the light and the dark theme."""
DIGIT = declare("cnn_digit", Kind.CONTROL, "")
LAST_VERDICT = declare("cnn_read", Kind.INTERNAL, "")
"""The digit that the network in front read last."""
LAYER = declare("cnn_layer", Kind.CONTROL, "", parameter="layer")
CELL: Entry[Cell | None] = declare("cnn_cell_{network}_{layer}", Kind.CONTROL, None, parameter="cell")
NETWORK = declare("cnn_network", Kind.CONTROL, "", parameter="model")


def choose_stage(stages: Sequence[Stage]) -> Stage:
    """Let the visitor choose one of a network's convolutions, where it has several, and return it."""
    named = {stage.after: stage for stage in stages}
    if len(named) == 1:
        return stages[0]
    return named[linked_choice(LAYER, t("cnn.layer"), list(named), str)]


def figure(page: Page, network: str, numbers: Inside) -> Maps:
    """Return the maps of the chosen convolution to download, and for the first one its kernels."""
    stages = convolutions(page.reader, network)
    stage = next((stage for stage in stages if stage.after == LAYER.get()), stages[0])
    maps = {f"{stage.after} {i}": values for i, values in enumerate(numbers.tensors[stage.after][0], 1)}
    kernels = numbers.tensors[stage.kernel]
    if kernels.shape[1] == 1:
        maps |= {f"{stage.kernel} {i}": kernel[0] for i, kernel in enumerate(kernels, 1)}
    return maps


@st.fragment
def layer(page: Page, network: str) -> None:
    """Draw a layer: the linked grids of its input and output, and below them the sum behind the chosen cell."""
    stage = choose_stage(convolutions(page.reader, network))
    numbers = inside(page.reader, network, page.picture.digit)
    cells = numbers.tensors[stage.after]
    chosen = CELL.at(network=network, layer=stage.after)
    linked(
        chosen, lambda text: _from_link(text, stage.after, cells.shape[1:]), lambda cell: _to_link(stage.after, cell)
    )
    cell = chosen.get() or strongest(cells)
    with st.container(key="gb_grid"):
        convolution(stage, tensors=numbers.tensors, digit=page.picture.digit, cell=cell, on_chosen=chosen.set)
    _pooling(numbers, stage, cell)


def _from_link(text: str, tensor: str, shape: tuple[int, ...]) -> Cell | None:
    """Return the cell of a link, "conv.11.13.7", which counts from 1, if it is one of `tensor`.

    `shape`: maps, rows and columns.
    """
    name, *index = text.rsplit(".", len(shape))
    if name != tensor or not all(one.isascii() and one.isdigit() and len(one) < 6 for one in index):
        return None
    return parse([int(one) - 1 for one in index], shape)


def _to_link(tensor: str, cell: Cell) -> str:
    return ".".join([tensor, *(str(i + 1) for i in cell.index[1:])])


def _pooling(numbers: Inside, stage: Stage, cell: Cell) -> None:
    """Draw what becomes of a cell: its pooling window, and what the pooled cell adds to the score of each digit."""
    goes, terms = _goes(numbers, stage, cell)
    if not terms:
        st.markdown(goes)
        return
    left, right = st.columns([2, 3], gap="large")
    left.markdown(goes)
    left.markdown(t("cnn.votes"))
    heads = (t("cnn.digit"), t("charts.sum.weight"), t("charts.sum.product"))
    rows = [(str(digit), *map(formats.number, (term.weight, term.product))) for digit, term in enumerate(terms)]
    with right:
        table(t("cnn.votes_alt"), heads, rows)


def _goes(numbers: Inside, stage: Stage, cell: Cell) -> tuple[str, list[Term]]:
    """Return where a cell goes, as a sentence, and the term that its pooled cell adds to the score of each digit."""
    if stage.pooling is None:
        return t("cnn.read_next"), []
    height, width = numbers.tensors[stage.after].shape[2:]
    pooled = stage.pooling.place(cell.row, cell.column, (height, width))
    if pooled is None:
        return t("cnn.left_out"), []
    pooled_cell = numbers.terms(stage.pooling.tensor, (0, cell.map, *pooled))
    values = {
        "cell": _cell_name(pooled_cell.tensor, pooled_cell.index),
        "count": len(pooled_cell.terms),
        "value": formats.number(pooled_cell.after),
    }
    kind = "pooled_mean"
    if pooled_cell.kind == "max":
        won = any(term.weight and term.source_index == cell.index for term in pooled_cell.terms)
        kind = "pooled_won" if won else "pooled_lost"
    return t(f"cnn.{kind}", **values), _terms_by_digit(numbers, pooled_cell)


def _terms_by_digit(numbers: Inside, pooled: Explanation) -> list[Term]:
    """Return the term that a pooled cell adds to the score of each digit, if the dense layer reads it."""
    place = int(np.ravel_multi_index(pooled.index, numbers.tensors[pooled.tensor].shape))
    terms = [_term(score.terms, place) for score in scores(numbers)]
    return [term for term in terms if term and (term.source, term.source_index) == (pooled.tensor, pooled.index)]


def _term(terms: Terms, place: int) -> Term | None:
    return terms[place] if place < len(terms) else None


def scores(numbers: Inside) -> list[Explanation]:
    """Return the ten sums that the softmax reads."""
    return [numbers.terms("logits", (0, digit)) for digit in range(numbers.tensors["logits"].shape[1])]


@st.fragment
def output_layer(card: Card, numbers: Inside) -> None:
    """Draw the way from the last maps to a probability: flatten, the dense sum of a chosen digit, softmax."""
    digit_scores = scores(numbers)
    labels = [str(digit) for digit in range(len(digit_scores))]
    verdict = labels[int(numbers.tensors["logits"].argmax())]
    if LAST_VERDICT.get() != verdict:  # another picture or network: begin with what it reads
        DIGIT.set(verdict)
        LAST_VERDICT.set(verdict)
    digit = choice(DIGIT, t("cnn.which_digit"), labels, str)
    score = digit_scores[int(digit)]
    pooled_shape = numbers.tensors[score.terms[0].source].shape
    shape = " × ".join(str(size) for size in pooled_shape[1:])
    st.markdown(t("cnn.flatten", shape=shape, count=formats.count(len(score.terms)), digit=digit))
    left, right = st.columns(2, gap="large")
    with left:
        st.html(product_maps(score, pooled_shape, style.dark()))
        softmax_table(card, numbers)
    with right:
        sum_table(score, t("cnn.score_of", digit=digit), _source_name, key="cnn_score")


def product_maps(score: Explanation, shape: tuple[int, ...], dark: bool) -> str:
    """Return HTML: the products behind a score as small maps, those against it blue, those for it orange.

    `shape`: 1, maps, rows, columns.
    """
    products = score.terms.products.reshape(shape[1:])
    count, rows, columns = products.shape
    across = _TILES if rows > 1 else min(count, 4 * _TILES)
    gap = 1 if rows > 1 else 0
    limit = float(np.abs(products).max())
    down = math.ceil(count / across)
    height, width = down * (rows + gap) - gap, across * (columns + gap) - gap
    pixels = np.full((height, width, 3), _GRID_COLOUR[dark], np.uint8)
    for place, colours in enumerate(palette.signed(products, dark, limit)):
        y, x = place // across * (rows + gap), place % across * (columns + gap)
        pixels[y : y + rows, x : x + columns] = colours
    source = palette.png(pixels)
    legend = t("cnn.legend", limit=formats.number(limit))
    alt = html.escape(t("cnn.evidence_alt", maps=count))
    return f'<img class="gb-evidence" src="{source}" alt="{alt}"><p class="gb-legend">{legend}</p>'


def softmax_table(card: Card, numbers: Inside) -> None:
    """Draw ten scores, their exponentials, and the shares that these are of their sum; say if the engine agrees."""
    shares = [numbers.terms("probabilities", (0, digit)) for digit in range(numbers.tensors["probabilities"].shape[1])]
    rows = [
        (
            str(digit),
            formats.number(term.value),
            formats.number(term.product),
            formats.probability(share.after),
        )
        for digit, (share, term) in enumerate(zip(shares, shares[0].terms, strict=True))
    ]
    heads = (t("cnn.digit"), t("cnn.score"), t("cnn.exponential"), t("cnn.share"))
    table(t("cnn.softmax"), heads, rows)
    error = max(share.error or 0.0 for share in shares)
    agrees, largest = error <= CLOSE, html.escape(t("cnn.shares_error", error=formats.scientific(error)))
    words = html.escape(t("cnn.shares_agree" if agrees else "cnn.shares_differ"))
    st.html(f'<p class="gb-check" title="{largest}">{"✓" if agrees else "✗"} {words}</p>')
    scores = numbers.tensors["logits"][0]
    confidence = plain_softmax_note(card, scores, int(scores.argmax()))
    st.markdown(t("cnn.softmax_sum", sum=formats.number(shares[0].before), confidence=confidence))


def _source_name(term: Term) -> str:
    return _cell_name(term.source, term.source_index)


def _cell_name(tensor: str, index: Iterable[int]) -> str:
    """Return a cell as visitors count, from 1, without the batch: "map 8, row 13, column 13 of conv"."""
    place = [i + 1 for i in list(index)[1:]]
    if len(place) != 3:
        return t("cnn.number_of", tensor=_tensor_name(tensor), number=", ".join(map(str, place)))
    map_, row, column = place
    if tensor == "picture":
        return t("cnn.pixel_of", row=row, column=column)
    return t("cnn.cell_of", tensor=_tensor_name(tensor), map=map_, row=row, column=column)


def _tensor_name(tensor: str) -> str:
    """Return what a tensor of the graph is called in the visitor's language: "conv2", "卷积层 2"."""
    kind = tensor.rstrip("0123456789")
    return t(f"cnn.tensor.{kind}", number=tensor[len(kind) :]).strip() if kind in _TENSORS else tensor
