"""Which tokens decided: two attributions of the text, scored by deletion and insertion and compared with chance."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from glassbox.explain.attribution import text as attribution
from glassbox.explain.attribution.faithfulness import PerturbationCurve, Scores
from glassbox.explain.attribution.registry import LITTLE, MARGIN
from glassbox.text.reader import TextReader, TextReading
from glassbox.ui.base import formats, palette
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import model_colour
from glassbox.ui.base.results import Results, kept
from glassbox.ui.base.state import Entry, Kind, declare
from glassbox.ui.charts.tables import table
from glassbox.ui.components.curves import Axis, Curve, curves
from glassbox.ui.components.passage import Passage, passages
from glassbox.ui.pages.text import state, view
from glassbox.zoo.text_models import TextCard

SHARED, OWN = 64, 16
"""Example texts whose attributions are kept for all visitors, and a visitor's own texts in the session, some 20 kB each
at most."""
_ATTRIBUTED: Entry[Results] = declare("text_attributions", Kind.RESULTS, {})
_DASHES = {"integrated_gradients": "", "occlusion": "6 4"}
_RANDOM_DASH = "2 4"
_COLUMNS = ("method", "insertion", "deletion", "score")

Test = Literal["deletion", "insertion"]


@dataclass(frozen=True)
class Attributions:
    """Attributions of one text, by method: `maps` of float64 (tokens,) and their `scores`.

    `baseline`: what random maps score. `completeness_error`: by which share of the difference in the label's score,
    between the text and unknown tokens only, the sum of the integrated gradients misses it.
    """

    maps: dict[str, NDArray[np.float64]]
    scores: dict[str, Scores]
    baseline: Scores
    completeness_error: float


@st.fragment
def attribution_section(reader: TextReader, readings: Mapping[str, TextReading]) -> None:
    """Draw the attributions of one network's verdict: the coloured text, their scores and the curves behind these."""
    if not readings:
        st.info(t("text.nothing"))
        return
    name, card, reading = view.choose_network(reader, readings)
    with st.spinner(t("text.attribution.busy")):
        attributed = attribute.of(state.is_example(state.text()))
        found = attributed(name, card.sha256, reading.text, reading.label, reader, reading)
    label = t(f"text.label.{reading.label}")
    st.markdown(t("text.attribution.lead", model=card.cell.upper(), label=label))
    passages(
        [_passage(card, reading, method=method, found=found) for method in found.maps],
        hint=t("text.attribution.hint"),
        key="text_decided",
    )
    st.markdown(comparison_with_chance(found, label))
    rows = [_row(method, scores) for method, scores in found.scores.items()]
    heads = [t(f"text.attribution.column_{column}") for column in _COLUMNS]
    table(t("text.attribution.table"), heads, [*rows, _row("random", found.baseline)], show_caption=False)
    tests: tuple[Test, ...] = ("deletion", "insertion")
    for column, test in zip(st.columns(2, gap="large"), tests, strict=True):
        with column:
            st.markdown(f"### {t(f'text.attribution.{test}')}", anchors=False)
            _curves(card, found, test)
    st.caption(t("text.attribution.note", missed=formats.measured(found.completeness_error)))


@kept(_ATTRIBUTED, shared=SHARED, own=OWN)
def attribute(
    name: str, sha256: str, text: str, label: str, _reader: TextReader, _reading: TextReading
) -> Attributions:
    """Return all attributions of `text`, classified as `label` by the network `name`, with their scores."""
    network, ids = _reader.network(name), [token.id for token in _reading.tokens]
    index = _reader.zoo.cards[name].labels.index(label)
    integrated = attribution.integrated_gradients(network, ids, index)
    maps = {"integrated_gradients": integrated.map, "occlusion": attribution.occlusion(network, ids, index)}
    return Attributions(
        maps=maps,
        scores={
            method: attribution.scores(network, ids, label=index, attribution=values) for method, values in maps.items()
        },
        baseline=attribution.baseline(network, ids, index),
        completeness_error=abs(integrated.error) / max(abs(integrated.difference), 1e-9),
    )


def score(scores: Scores) -> float:
    """Return the area under insertion less that under deletion, -1 to 1: large if the first tokens of a map both
    suffice and matter."""
    return scores.insertion.area - scores.deletion.area


def comparison_with_chance(found: Attributions, label: str) -> str:
    """Return a sentence: whether the best attribution of `label` scores better than chance."""
    curve = found.baseline.insertion.probabilities
    best = max(found.scores, key=lambda method: score(found.scores[method]))
    ahead = score(found.scores[best]) - score(found.baseline)
    effect = abs(float(curve[-1] - curve[0]))
    kind = "nothing" if effect < LITTLE else "better" if ahead >= MARGIN else "chance"
    return t(
        f"text.attribution.said_{kind}",
        method=t(f"frame.method.{best}"),
        label=label,
        best=f"{score(found.scores[best]):.2f}",
        random=f"{score(found.baseline):.2f}",
    )


def _passage(card: TextCard, reading: TextReading, *, method: str, found: Attributions) -> Passage:
    values = found.maps[method]
    own, random = (f"{score(scores):.2f}" for scores in (found.scores[method], found.baseline))
    return Passage(
        name=method,
        title=t(f"frame.method.{method}"),
        note=t("text.attribution.score", score=own, random=random),
        colour=model_colour(card.name),
        tokens=reading.tokens,
        shades=values / (float(np.abs(values).max()) or 1.0),
        signed=True,
        said=[
            t("text.attribution.token", token=view.visible(token), value=_with_sign(float(value)))
            for token, value in zip(reading.tokens, values, strict=True)
        ],
    )


def _curves(card: TextCard, found: Attributions, test: Test) -> None:
    """Draw the curves of one test, a method each, and that of chance."""
    by_method: dict[str, PerturbationCurve] = {method: getattr(scores, test) for method, scores in found.scores.items()}
    random: PerturbationCurve = getattr(found.baseline, test)
    drawn = [
        Curve(
            name=t(f"frame.method.{method}"),
            values=curve.probabilities,
            colour=model_colour(card.name),
            dash=_DASHES[method],
        )
        for method, curve in by_method.items()
    ]
    drawn.append(
        Curve(name=t("frame.method.random"), values=random.probabilities, colour=palette.GREY, dash=_RANDOM_DASH)
    )
    areas = ", ".join(f"{t(f'frame.method.{method}')} {curve.area:.2f}" for method, curve in by_method.items())
    curves(
        random.shares,
        drawn,
        across=Axis(t(f"text.attribution.{test}_axis"), kind="share", low=0, high=1),
        up=Axis(t("charts.probability_axis"), kind="share", low=0, high=1),
        alt=t(f"text.attribution.{test}_alt", areas=areas, random=f"{random.area:.2f}"),
        key=f"text_{test}",
        height=220,
    )


def _row(method: str, scores: Scores) -> tuple[str, ...]:
    """Return a row of the table, whose columns are _COLUMNS."""
    areas = f"{scores.insertion.area:.2f}", f"{scores.deletion.area:.2f}"
    return t(f"frame.method.{method}"), *areas, f"{score(scores):.2f}"


def _with_sign(value: float) -> str:
    return formats.number(value) if value <= 0 else f"+{formats.number(value)}"
