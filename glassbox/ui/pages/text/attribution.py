"""Which characters or words decided: two attributions of the text, each put to the test beside chance."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from glassbox.explain.attribution import text as attribution
from glassbox.explain.attribution.faithfulness import Scores
from glassbox.explain.attribution.registry import LITTLE, MARGIN
from glassbox.text.reader import TextReader, TextReading
from glassbox.ui.base import formats, palette
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import model_colour
from glassbox.ui.charts.tables import table
from glassbox.ui.components.curves import Axis, Curve, curves
from glassbox.ui.components.passage import Passage, passages
from glassbox.ui.pages.text import view
from glassbox.zoo.text_models import TextCard

KEPT = 64
"""Texts with their attributions that are kept for all visitors, some 20 kB each at most."""
_DASHES = {"integrated_gradients": "", "occlusion": "6 4"}


@dataclass(frozen=True)
class Decided:
    """The attributions (tokens,) of one text by method, their scores, and what chance scores. `missed`: by which share
    of the difference in score the integrated gradients' sum misses it."""

    maps: dict[str, NDArray[np.float64]]
    scores: dict[str, Scores]
    baseline: Scores
    missed: float


@st.fragment
def decided(reader: TextReader, found: Mapping[str, TextReading]) -> None:
    """The attributions of one network's verdict, coloured, scored and drawn as curves."""
    if not found:
        st.info(t("text.nothing"))
        return
    name, card, reading = view.network(reader, found)
    with st.spinner(t("text.attribution.busy")):
        made = attribute(name, card.sha256, reading.text, reading.label, reader, reading)
    label = t(f"text.label.{reading.label}")
    st.markdown(t("text.attribution.lead", model=card.cell.upper(), label=label))
    passages(
        [_passage(card, reading, method, made) for method in made.maps],
        hint=t("text.attribution.hint"),
        key="text_decided",
    )
    st.markdown(verdict(made, label))
    rows = [_row(t(f"frame.method.{method}"), scores) for method, scores in made.scores.items()]
    heads = [t(f"text.attribution.column_{column}") for column in ("method", "insertion", "deletion", "score")]
    table(
        t("text.attribution.table"), heads, [*rows, _row(t("frame.method.random"), made.baseline)], show_caption=False
    )
    for column, which in zip(st.columns(2, gap="large"), ("deletion", "insertion"), strict=True):
        with column:
            st.markdown(f"#### {t(f'text.attribution.{which}')}", anchors=False)
            _curves(card, made, which)
    st.caption(t("text.attribution.note", missed=f"{made.missed:.1%}"))


@st.cache_data(max_entries=KEPT, show_spinner=False)
def attribute(name: str, sha256: str, text: str, label: str, _reader: TextReader, _reading: TextReading) -> Decided:
    """All attributions of `text`, read as `label` by the network `name`, with their scores."""
    network, ids = _reader.network(name), [token.id for token in _reading.tokens]
    index = _reader.zoo.cards[name].labels.index(label)
    integrated = attribution.integrated_gradients(network, ids, index)
    maps = {"integrated_gradients": integrated.map, "occlusion": attribution.occlusion(network, ids, index)}
    return Decided(
        maps=maps,
        scores={method: attribution.scores(network, ids, index, one) for method, one in maps.items()},
        baseline=attribution.baseline(network, ids, index),
        missed=abs(integrated.error) / max(abs(integrated.difference), 1e-9),
    )


def score(scores: Scores) -> float:
    """Area of insertion less area of deletion, -1 to 1: large if the first tokens of a map both suffice and matter."""
    return scores.insertion.area - scores.deletion.area


def verdict(made: Decided, label: str) -> str:
    """Whether an attribution tells more than chance, in a sentence."""
    curve = made.baseline.insertion.probabilities
    best = max(made.scores, key=lambda method: score(made.scores[method]))
    ahead = score(made.scores[best]) - score(made.baseline)
    gained = abs(float(curve[-1] - curve[0]))
    kind = "nothing" if gained < LITTLE else "better" if ahead >= MARGIN else "chance"
    numbers = {"best": f"{score(made.scores[best]):.2f}", "random": f"{score(made.baseline):.2f}"}
    return t(f"text.attribution.said_{kind}", method=t(f"frame.method.{best}"), label=label, **numbers)


def _passage(card: TextCard, reading: TextReading, method: str, made: Decided) -> Passage:
    values = made.maps[method]
    most = float(np.abs(values).max()) or 1.0
    return Passage(
        name=method,
        title=t(f"frame.method.{method}"),
        note=t(
            "text.attribution.score", score=f"{score(made.scores[method]):.2f}", random=f"{score(made.baseline):.2f}"
        ),
        colour=model_colour(card.name),
        tokens=reading.tokens,
        shades=values / most,
        signed=True,
        said=[
            t("text.attribution.token", token=view.visible(token), value=_signed(float(value)))
            for token, value in zip(reading.tokens, values, strict=True)
        ],
    )


def _curves(card: TextCard, made: Decided, which: str) -> None:
    drawn = [
        Curve(
            t(f"frame.method.{method}"), getattr(scores, which).probabilities, model_colour(card.name), _DASHES[method]
        )
        for method, scores in made.scores.items()
    ]
    baseline = getattr(made.baseline, which)
    drawn.append(Curve(t("frame.method.random"), baseline.probabilities, palette.GREY, "2 4"))
    spoken = ", ".join(f"{t(f'frame.method.{m}')} {getattr(s, which).area:.2f}" for m, s in made.scores.items())
    curves(
        baseline.shares,
        drawn,
        across=Axis(t(f"text.attribution.{which}_axis"), "share", low=0.0, high=1.0),
        up=Axis(t("charts.probability_axis"), "share", low=0.0, high=1.0),
        alt=t(f"text.attribution.{which}_alt", areas=spoken, random=f"{baseline.area:.2f}"),
        key=f"text_{which}",
        height=220,
    )


def _row(name: str, scores: Scores) -> tuple[str, ...]:
    return name, f"{scores.insertion.area:.2f}", f"{scores.deletion.area:.2f}", f"{score(scores):.2f}"


def _signed(value: float) -> str:
    return formats.number(value) if value <= 0 else f"+{formats.number(value)}"
