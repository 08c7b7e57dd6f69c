"""A convolutional network as choices, tables and pictures: which layer, which cell, which digit."""

import html
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
from glassbox.ui.frame.shell import Page

_TILES = 8
_LINE = {False: (205, 210, 217), True: (70, 76, 85)}
"""Between the tiles, in the light and the dark theme."""
_DIGIT = declare("cnn_digit", Kind.CONTROL, "")
_READ = declare("cnn_read", Kind.INTERNAL, "")
"""The digit that the network in front read last."""
_LAYER = declare("cnn_layer", Kind.CONTROL, "", parameter="layer")
_CELL: Entry[Cell | None] = declare("cnn_cell_{network}_{layer}", Kind.CONTROL, None, parameter="cell")
NETWORK = declare("cnn_network", Kind.CONTROL, "", parameter="model")


def chosen_stage(found: Sequence[Stage]) -> Stage:
    """Let the visitor choose one of a network's convolutions, where it has several."""
    named = {stage.after: stage for stage in found}
    if len(named) == 1:
        return found[0]
    return named[linked_choice(_LAYER, t("cnn.layer"), list(named), str)]


def figure(page: Page, network: str, numbers: Inside) -> Maps:
    """The maps of the convolution in front, and for the first one its kernels."""
    found = convolutions(page.reader, network)
    stage = next((one for one in found if one.after == _LAYER.get()), found[0])
    maps = {f"{stage.after} {i}": values for i, values in enumerate(numbers.tensors[stage.after][0], 1)}
    kernels = numbers.tensors[stage.kernel]
    if kernels.shape[1] == 1:
        maps |= {f"{stage.kernel} {i}": kernel[0] for i, kernel in enumerate(kernels, 1)}
    return maps


@st.fragment
def maps(page: Page, network: str) -> None:
    """The linked grid of a layer, and below it the picked cell as the library explains it."""
    stage = chosen_stage(convolutions(page.reader, network))
    numbers = inside(page.reader, network, page.picture.digit)
    cells = numbers.tensors[stage.after]
    chosen = _CELL.at(network=network, layer=stage.after)
    linked(chosen, lambda text: _read(text, stage.after, cells.shape[1:]), lambda one: _write(stage.after, one))
    cell = chosen.get() or strongest(cells)
    with st.container(key="gb_grid"):
        convolution(stage, tensors=numbers.tensors, digit=page.picture.digit, cell=cell, on_chosen=chosen.set)
    left, right = st.columns(2, gap="large")
    with left:
        heading = t("cnn.checked", cell=_cell(stage.after, cell.index))
        sum_table(numbers.terms(stage.after, cell.index), heading, _source, "cnn_cell")
    with right:
        _onwards(numbers, stage, cell)


def _read(text: str, tensor: str, shape: tuple[int, ...]) -> Cell | None:
    """ "conv.11.13.7" as in the link, if it is a cell of `tensor` with `shape` (maps, rows, columns)."""
    name, *index = text.rsplit(".", len(shape))
    if name != tensor or not all(one.isascii() and one.isdigit() and len(one) < 6 for one in index):
        return None
    return parse([int(one) - 1 for one in index], shape)


def _write(tensor: str, cell: Cell) -> str:
    return ".".join([tensor, *(str(i + 1) for i in cell.index[1:])])


def _onwards(numbers: Inside, stage: Stage, cell: Cell) -> None:
    """What becomes of a picked cell: its pooling window, and what the pooled number says for each digit."""
    if stage.pooling is None:
        st.markdown(t("cnn.read_next"))
        return
    height, width = numbers.tensors[stage.after].shape[2:]
    pooled = stage.pooling.place(cell.row, cell.column, (height, width))
    if pooled is None:
        st.markdown(t("cnn.left_out"))
        return
    index = (0, cell.map, *pooled)
    number = numbers.terms(stage.pooling.tensor, index)
    values = {
        "cell": _cell(number.tensor, number.index),
        "count": len(number.terms),
        "value": formats.number(number.after),
        "engine": formats.number(number.engine or 0.0),
    }
    if number.kind == "max":
        won = any(term.weight and term.source_index == cell.index for term in number.terms)
        st.markdown(t("cnn.pooled_won" if won else "cnn.pooled_lost", **values))
    else:
        st.markdown(t("cnn.pooled_mean", **values))
    votes = _votes(numbers, number)
    if votes:
        st.markdown(t("cnn.votes"))
        rows = [(str(digit), *map(formats.number, (term.weight, term.product))) for digit, term in enumerate(votes)]
        table(t("cnn.votes_alt"), (t("cnn.digit"), t("charts.sum.weight"), t("charts.sum.product")), rows)


def _votes(numbers: Inside, pooled: Explanation) -> list[Term]:
    """The term that a pooled cell adds to the score of each digit, if the dense layer reads it."""
    place = int(np.ravel_multi_index(pooled.index, numbers.tensors[pooled.tensor].shape))
    found = [_term(scores.terms, place) for scores in logits(numbers)]
    return [term for term in found if term and (term.source, term.source_index) == (pooled.tensor, pooled.index)]


def _term(terms: Terms, place: int) -> Term | None:
    return terms[place] if place < len(terms) else None


def logits(numbers: Inside) -> list[Explanation]:
    """The ten sums that the softmax reads."""
    return [numbers.terms("logits", (0, digit)) for digit in range(numbers.tensors["logits"].shape[1])]


@st.fragment
def verdict(numbers: Inside) -> None:
    """From the last maps to a digit's probability: flatten, the dense sum of a chosen digit, softmax."""
    scores = logits(numbers)
    labels = [str(digit) for digit in range(len(scores))]
    read = labels[int(numbers.tensors["logits"].argmax())]
    if _READ.get() != read:  # another picture or network: begin with what it reads
        _DIGIT.set(read)
        _READ.set(read)
    digit = choice(_DIGIT, t("cnn.which_digit"), labels, str)
    number = scores[int(digit)]
    pooled = numbers.tensors[number.terms[0].source].shape
    shape = " × ".join(str(size) for size in pooled[1:])
    st.markdown(t("cnn.flatten", shape=shape, count=formats.count(len(number.terms)), digit=digit))
    left, right = st.columns(2, gap="large")
    with left:
        st.html(evidence(number, pooled, style.dark()))
        softmax(numbers)
    with right:
        sum_table(number, t("cnn.score_of", digit=digit), _source, "cnn_score")


def evidence(number: Explanation, shape: tuple[int, ...], dark: bool) -> str:
    """HTML: the products behind a score as small maps of `shape` (1, maps, rows, columns), blue against, orange for."""
    products = number.terms.products.reshape(shape[1:])
    count, rows, columns = products.shape
    across = _TILES if rows > 1 else min(count, 4 * _TILES)
    gap = 1 if rows > 1 else 0
    limit = float(np.abs(products).max())
    wall = np.full((-(-count // across) * (rows + gap) - gap, across * (columns + gap) - gap, 3), _LINE[dark], np.uint8)
    for place, colours in enumerate(palette.signed(products, dark, limit)):
        y, x = place // across * (rows + gap), place % across * (columns + gap)
        wall[y : y + rows, x : x + columns] = colours
    source = palette.png(wall)
    legend = t("cnn.legend", limit=formats.number(limit))
    alt = html.escape(t("cnn.evidence_alt", maps=count))
    return f'<img class="gb-evidence" src="{source}" alt="{alt}"><p class="gb-legend">{legend}</p>'


def softmax(numbers: Inside) -> None:
    """Ten scores, their exponentials, and the shares that these are of their sum, beside the engine's own."""
    shares = [numbers.terms("probabilities", (0, digit)) for digit in range(numbers.tensors["probabilities"].shape[1])]
    rows = [
        (
            str(digit),
            formats.number(term.value),
            formats.number(term.product),
            formats.probability(share.after),
            f"{'✓' if (share.error or 0.0) <= CLOSE else '✗'} {formats.probability(share.engine or 0.0)}",
        )
        for digit, (share, term) in enumerate(zip(shares, shares[0].terms, strict=True))
    ]
    heads = (t("cnn.digit"), t("cnn.score"), t("cnn.exponential"), t("cnn.share"), t("cnn.engine"))
    table(t("cnn.softmax"), heads, rows)
    st.markdown(t("cnn.softmax_sum", sum=formats.number(shares[0].before)))


def _source(term: Term) -> str:
    return _cell(term.source, term.source_index)


def _cell(tensor: str, index: Iterable[int]) -> str:
    """A cell as people count, from 1, without the batch: conv[8, 13, 13]."""
    return f"{tensor}[{', '.join(str(i + 1) for i in list(index)[1:])}]"
