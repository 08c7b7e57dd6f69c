"""A convolutional network as choices, tables and pictures: which layer, which cell, which digit."""

import html
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import streamlit as st

from glassbox.explain.convolution import Stage, stages
from glassbox.explain.terms import Explanation, Inside, Term, Terms
from glassbox.ui import formats, palette, style
from glassbox.ui.choice import choice
from glassbox.ui.grid import Place, grid, strongest
from glassbox.ui.i18n import t
from glassbox.ui.inside import inside
from glassbox.ui.shell import Page

NETWORKS = ("cnn", "cnn_deep")
TOLERANCE = 1e-5
"""How far float32 sums may be apart, relative to the sizes of what was added."""
_LARGEST = 9
_TILES = 8


def chosen_stage(found: Sequence[Stage]) -> Stage:
    """Let the visitor choose one of a network's convolutions, where it has several."""
    named = {stage.after: stage for stage in found}
    if len(named) == 1:
        return found[0]
    return named[choice("cnn_layer", t("cnn.layer"), list(named), str)]


def network_stages(page: Page, network: str) -> tuple[Stage, ...]:
    """The convolutions of one of the zoo's networks, read once a version."""
    return _stages(network, page.reader.zoo.cards[network].sha256, _page=page)


@st.cache_resource(max_entries=4, show_spinner=False)
def _stages(network: str, sha256: str, _page: Page) -> tuple[Stage, ...]:
    return stages(_page.reader.zoo.model_bytes(network))


@st.fragment
def maps(page: Page, network: str) -> None:
    """The linked grid of a layer, and below it the picked cell as the library explains it."""
    stage = chosen_stage(network_stages(page, network))
    numbers = inside(page.reader, network, page.picture.digit)
    picked: dict[str, Place] = st.session_state.setdefault("cnn_places", {})  # at most one a layer
    key = f"{network}/{stage.after}"
    place = picked.get(key) or strongest(numbers.tensors[stage.after])
    with st.container(key="gb_grid"):
        grid(stage, numbers.tensors, page.picture.digit, place, lambda chosen: picked.update({key: chosen}))
    st.markdown(f"#### {t('cnn.checked', cell=_cell(stage.after, place.index))}", anchors=False)
    number = numbers.terms(stage.after, place.index)
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown(said(number))
        terms_table(number, "cnn_terms")
    with right:
        _onwards(numbers, stage, place)


def said(number: Explanation) -> str:
    """A sum in one sentence, with the engine's own number and how far the two are apart."""
    values = dict(
        count=formats.count(len(number.terms)),
        products=formats.number(float(number.terms.products.sum())),
        bias=formats.number(number.bias),
        before=formats.number(number.before),
        after=formats.number(number.after),
        engine=formats.number(number.engine or 0.0),
        error=formats.number(number.error or 0.0),
    )
    if (number.error or 0.0) > TOLERANCE:
        return t("cnn.said_apart", **values)
    return t("cnn.said_relu" if "Relu" in number.operators else "cnn.said", **values)


def terms_table(number: Explanation, key: str) -> None:
    """The largest terms of a sum, the rest totalled, the bias, and the sum itself."""
    largest = number.terms.largest(_LARGEST)
    rest = len(number.terms) - len(largest)
    rows = [_row(_cell(term.source, term.source_index), term.weight, term.value, term.product) for term in largest]
    if rest:
        remainder = float(number.terms.products.sum()) - sum(term.product for term in largest)
        rows.append(_row(t("cnn.rest", count=formats.count(rest)), None, None, remainder))
    rows.append(_row(t("cnn.bias"), None, None, number.bias))
    rows.append(_row(t("cnn.total"), None, None, number.before))
    _table(rows, t("cnn.terms_alt", cell=_cell(number.tensor, number.index)), key)


def _onwards(numbers: Inside, stage: Stage, place: Place) -> None:
    """What becomes of a picked cell: its pooling window, and what the pooled number says for each digit."""
    if stage.pooling is None:
        st.markdown(t("cnn.read_next"))
        return
    height, width = numbers.tensors[stage.after].shape[2:]
    pooled = stage.pooling.place(place.row, place.column, (height, width))
    if pooled is None:
        st.markdown(t("cnn.left_out"))
        return
    index = (0, place.map, *pooled)
    number = numbers.terms(stage.pooling.tensor, index)
    values = {
        "cell": _cell(number.tensor, number.index),
        "count": len(number.terms),
        "value": formats.number(number.after),
        "engine": formats.number(number.engine or 0.0),
    }
    if number.kind == "max":
        won = any(term.weight and term.source_index == place.index for term in number.terms)
        st.markdown(t("cnn.pooled_won" if won else "cnn.pooled_lost", **values))
    else:
        st.markdown(t("cnn.pooled_mean", **values))
    rows = [_vote(digit, term) for digit, term in enumerate(_votes(numbers, number))]
    if rows:
        st.markdown(t("cnn.votes"))
        _table(rows, t("cnn.votes_alt"), "cnn_votes")


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
    if "cnn_digit" not in st.session_state:
        st.session_state["cnn_digit"] = labels[int(numbers.tensors["logits"].argmax())]
    digit = choice("cnn_digit", t("cnn.which_digit"), labels, str)
    number = scores[int(digit)]
    pooled = numbers.tensors[number.terms[0].source].shape
    shape = " × ".join(str(size) for size in pooled[1:])
    st.markdown(t("cnn.flatten", shape=shape, count=formats.count(len(number.terms)), digit=digit))
    left, right = st.columns(2, gap="large")
    with left:
        st.html(evidence(number, pooled, style.dark()))
    with right:
        st.markdown(said(number))
        terms_table(number, "cnn_evidence")
    st.markdown(f"#### {t('cnn.softmax')}", anchors=False)
    softmax_table(numbers)


def evidence(number: Explanation, shape: tuple[int, ...], dark: bool) -> str:
    """HTML: the products behind a score as small maps of `shape` (1, maps, rows, columns), blue against, orange for."""
    products = number.terms.products.reshape(shape[1:])
    maps_, rows, columns = products.shape
    across = _TILES if rows > 1 else min(maps_, 4 * _TILES)
    down = -(-maps_ // across)
    gap = 1 if rows > 1 else 0
    wall = np.zeros((down * (rows + gap), across * (columns + gap)))
    for place, one in enumerate(products):
        y, x = place // across * (rows + gap), place % across * (columns + gap)
        wall[y : y + rows, x : x + columns] = one
    limit = float(np.abs(products).max())
    source = palette.png(palette.signed(wall, dark, limit))
    legend = t("cnn.legend", limit=formats.number(limit))
    alt = html.escape(t("cnn.evidence_alt", maps=maps_))
    return f'<img class="gb-evidence" src="{source}" alt="{alt}"><p class="gb-legend">{legend}</p>'


def softmax_table(numbers: Inside) -> None:
    """Ten scores, their exponentials, and the shares that these are of their sum, beside the engine's own."""
    shares = [numbers.terms("probabilities", (0, digit)) for digit in range(numbers.tensors["probabilities"].shape[1])]
    rows = [
        {
            t("cnn.digit"): str(digit),
            t("cnn.score"): formats.number(term.value),
            t("cnn.exponential"): formats.number(term.product),
            t("cnn.share"): formats.probability(share.after),
            t("cnn.engine"): formats.probability(share.engine or 0.0),
        }
        for digit, (share, term) in enumerate(zip(shares, shares[0].terms, strict=True))
    ]
    _table(rows, t("cnn.softmax_alt"), "cnn_softmax")
    st.markdown(t("cnn.softmax_sum", sum=formats.number(shares[0].before)))


def _vote(digit: int, term: Term) -> dict[str, str]:
    return {
        t("cnn.digit"): str(digit),
        t("cnn.weight"): formats.number(term.weight),
        t("cnn.product"): formats.number(term.product),
    }


def _row(source: str, weight: float | None, value: float | None, product: float) -> dict[str, str]:
    return {
        t("cnn.source"): source,
        t("cnn.value"): "" if value is None else formats.number(value),
        t("cnn.weight"): "" if weight is None else formats.number(weight),
        t("cnn.product"): formats.number(product),
    }


def _table(rows: Sequence[Mapping[str, str]], alt: str, key: str) -> None:
    columns = {name: st.column_config.TextColumn(name, alignment="right") for name in list(rows[0])[1:]}
    st.dataframe(rows, hide_index=True, height="content", column_config=columns, alt=alt, key=key)


def _cell(tensor: str, index: Iterable[int]) -> str:
    """A cell as people count, from 1, without the batch: conv[8, 13, 13]."""
    return f"{tensor}[{', '.join(str(i + 1) for i in list(index)[1:])}]"
