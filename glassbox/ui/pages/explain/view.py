"""The attributions of the visitor's picture as maps, curves, tables and sentences."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from glassbox.digits.tensors import rescaled
from glassbox.explain.attribution import faithfulness, registry
from glassbox.explain.attribution.baseline_pictures import BASELINE_PICTURES
from glassbox.explain.attribution.faithfulness import RandomisedLayer
from glassbox.explain.attribution.methods import SIDE
from glassbox.explain.attribution.registry import ScoredMap
from glassbox.trust import scoreboard
from glassbox.ui.base import formats
from glassbox.ui.base.choice import choice
from glassbox.ui.base.formats import hundredths
from glassbox.ui.base.i18n import sentences, t
from glassbox.ui.base.link import linked
from glassbox.ui.base.models import model_colour, model_name
from glassbox.ui.base.palette import GREY
from glassbox.ui.base.state import Entry, Kind, declare
from glassbox.ui.charts.tables import Cell, Cells, Table
from glassbox.ui.components.erasing import Line, Way, erasing
from glassbox.ui.components.maps import Bar, Row, Tile
from glassbox.ui.components.near_viewport import near_viewport
from glassbox.ui.frame import attributions
from glassbox.ui.frame.attributions import SIMILAR, Compared, explanation_study
from glassbox.ui.frame.networks import attribution_network
from glassbox.ui.frame.plain_softmax import plain_softmax_note
from glassbox.ui.frame.shell import Page

NETWORKS: Entry[Sequence[str]] = declare("explain_networks", Kind.CONTROL, (), parameter="networks")
LABEL = declare("explain_label", Kind.CONTROL, "", parameter="label")
_BASELINE = declare("explain_baseline", Kind.CONTROL, "", parameter="baseline")
LARGE, SMALLER = 300, 165
"""Pixels across of the map that is tested and of each that it is held against: on a phone these two share a row."""
SHOWS_ALL = declare("explain_shows_all", Kind.CONTROL, False)
"""Whether the maps of all methods are shown."""
SELECTED = declare("explain_picked", Kind.CONTROL, "")
"""The network and the method of the map that was pressed, with a space between."""


def map_rows(page: Page, compared: Mapping[str, Compared]) -> list[Row]:
    """Return a row of maps a method, the networks side by side, then the baselines."""
    digit = page.picture.digit
    methods = [
        name
        for name in registry.METHODS
        if any(name in network.found or name in network.blank for network in compared.values())
    ]
    rows = []
    for name in (*methods, *registry.BASELINES):
        tiles = []
        for model, network in compared.items():
            scored = network.found.get(name) or network.baselines.get(name)
            if scored:
                tiles.append(_tile(model, scored, network, digit))
            elif name in network.blank:
                tiles.append(_blank_tile(model, digit))
        limit, link = "", None
        if name in registry.METHODS:
            limit = sentences(t(f"frame.method.{name}_limit"), *_blank_sentences(page, name, list(compared)))
            link = registry.METHODS[name].paper, t(f"frame.method.{name}_paper")
        title, text = t(f"frame.method.{name}"), t(f"frame.method.{name}_help")
        rows.append(Row(tuple(tiles), title=title, text=text, small=limit, link=link))
    return rows


def choose_baseline() -> str:
    """Let the visitor choose what erased pixels are replaced by; it is in the link as ?baseline=."""
    options = list(BASELINE_PICTURES)
    linked(_BASELINE, lambda asked: asked if asked in options else None)
    words, help = (lambda name: t(f"frame.baseline.{name}")), t("explain.baseline_help")
    return choice(_BASELINE, t("explain.baseline"), options, words, help=help)


def summary(compared: Mapping[str, Compared], label: str, baseline: str) -> list[str]:
    """Return a sentence a network: its best map beside the baselines, or why there is nothing to measure.

    Where the network reads the label on the baseline too, that is what it says.
    """
    sentences = []
    for model, network in compared.items():
        best, baselines = network.best, network.baselines
        if best is None:
            sentences.append(t("explain.said_blank", model=model_name(model), label=label))
            continue
        words = {"model": model_name(model), "label": label, "method": t(f"frame.method.{best.name}")}
        share = formats.percent(float(best.scores.insertion.probabilities[-1]))
        numbers = {name: hundredths(scored.faithfulness) for name, scored in {"best": best, **baselines}.items()}
        there, sure = network.on_baseline
        kind = registry.verdict(best, baselines)
        if kind == "nothing" and str(there) == label:
            kind = "baseline"
        read = {"baseline": t(f"frame.baseline.{baseline}_read"), "there": there, "there_share": formats.percent(sure)}
        sentences.append(t(f"explain.said_{kind}", **words, **numbers, **read, share=share))
    return sentences


def selected(compared: Mapping[str, Compared]) -> tuple[str, str] | None:
    """Return the network and the method of the map that the visitor pressed; else the most faithful, of those that beat
    the baselines; None where every map is blank."""
    model, _, method = SELECTED.get().partition(" ")
    if model in compared and method in compared[model].found:
        return model, method

    best = {name: network.best for name, network in compared.items()}

    def rank(name_and_map: tuple[str, ScoredMap]) -> tuple[bool, float]:
        name, scored = name_and_map
        return registry.verdict(scored, compared[name].baselines) == "better", scored.faithfulness

    first = max(((name, scored) for name, scored in best.items() if scored), key=rank, default=None)
    return (first[0], first[1].name) if first else None


def best_row(page: Page, compared: Mapping[str, Compared], picked: tuple[str, str]) -> Row:
    """Return the map that was picked, large, beside the two that know nothing of the network."""
    model, method = picked
    network, digit = compared[model], page.picture.digit
    tiles = []
    for name, scored, width in (
        (method, network.found[method], LARGE),
        *((name, scored, SMALLER) for name, scored in network.baselines.items()),
    ):
        title = t(f"frame.method.{name}")
        tiles.append(replace(_tile(model, scored, network, digit), title=title, width=width, pick=""))
    return Row(tuple(tiles), small=t(f"frame.method.{method}_help"))


def draw_curves(page: Page, compared: Compared, *, model: str, label: str, method: str, baseline: str) -> None:
    """Draw the picture and the label's probability as its pixels go, or come, in the order of a map, beside the
    curves of the baselines."""
    scored, digit = compared.found[method], rescaled(page.picture.digit)
    start, network = BASELINE_PICTURES[baseline](digit), attribution_network(page.reader, model)
    labels = page.reader.zoo.cards[model].labels
    dashes = zip(compared.baselines.values(), ("7 5", "1 4"), strict=True)
    shown = [(scored, model_colour(model), ""), *((other, GREY, dash) for other, dash in dashes)]
    ways = []
    for kind in ("deletion", "insertion"):
        from_, to = (digit, start) if kind == "deletion" else (start, digit)
        curve = getattr(scored.scores, kind)
        _, changed = faithfulness.changes(scored.map, len(curve.shares) - 1)
        read = network.scores(np.where(changed.reshape(-1, SIDE, SIDE), to, from_).astype(np.float32)).argmax(1)
        lines = [
            Line(f"{t(f'frame.method.{one.name}')} {getattr(one.scores, kind).area:.2f}", chances, colour, dash)
            for one, colour, dash in shown
            for chances in [getattr(one.scores, kind).probabilities]
        ]
        area = f"{curve.area:.2f}"
        alt = t(f"explain.{kind}_alt", area=area, model=model_name(model), method=t(f"frame.method.{method}"))
        axis, title = t(f"explain.{kind}_axis"), t(f"explain.{kind}")
        ways.append(Way(title, axis, alt, lines, [labels[i] for i in read], erases=kind == "deletion"))
    order = np.argsort(-scored.map.reshape(-1), kind="stable")
    erasing(digit, start, order, ways, label=label, key="explain_erasing")


def confidence_note(page: Page, model: str, label: int) -> str:
    """Return where the curves end, in a sentence: with the confidence of the first screen, not the plain softmax."""
    scores = attribution_network(page.reader, model).scores(rescaled(page.picture.digit)[None])[0]
    return sentences(t("explain.curves_end"), plain_softmax_note(page.reader.zoo.cards[model], scores, label))


@st.fragment
def draw_shuffled(page: Page, model: str, *, label: int, method: str, baseline: str) -> None:
    """Draw how much of a map stays as the weights are shuffled, once it comes near the window: it takes a network of
    its own a layer, as long as half of the maps together."""
    with st.container(key="gb_explain_shuffled", gap=None):
        if near_viewport("explain_shuffled_near"):
            layers = attributions.shuffled(page, model, label, method, baseline)
            st.html(similarity_table(layers, model))
            st.markdown(shuffle_verdict(layers))


def similarity_table(layers: Sequence[RandomisedLayer], model: str) -> str:
    """Return HTML: how much the map still resembles itself, as the weights are shuffled from the last layer on."""
    rows: list[Cells] = [
        [layer.weight, Cell("", kind="wide"), t("explain.blank_word")]
        if math.isnan(layer.similarity)
        else [layer.weight, Cell("", bar=abs(layer.similarity), kind="wide"), hundredths(layer.similarity)]
        for layer in layers
    ]
    table = Table(t("explain.similarity_axis"), (), rows, dense=True).html()
    return f'<div style="--bar:{model_colour(model)}">{table}</div>'


def shuffle_verdict(layers: Sequence[RandomisedLayer]) -> str:
    """Return whether the map depends on what the network learned, as a sentence."""
    last = layers[-1].similarity
    if math.isnan(last):
        return t("explain.shuffle_blank")
    return t("explain.shuffle_passed" if abs(last) < SIMILAR else "explain.shuffle_failed", value=hundredths(last))


def _blank_sentences(page: Page, method: str, models: Sequence[str]) -> list[str]:
    """Return a sentence for each of `models` on which the study found the method's map blank on some test digits."""
    study = explanation_study()
    recorded = scoreboard.of_zoo(study, page.reader.zoo) if study else {}
    return [
        t("explain.blank_recorded", model=model_name(name), blank=tested.blank, count=recorded[name].pictures)
        for name in models
        if name in recorded and (tested := recorded[name].methods.get(method)) and tested.blank
    ]


def _blank_tile(model: str, digit: NDArray[np.uint8]) -> Tile:
    """Return a map that gives every pixel the same: without a score, as it names none before another."""
    return Tile(
        np.zeros((SIDE, SIDE)),
        model_name(model),
        low=0,
        high=1,
        note=t("explain.blank"),
        colour=model_colour(model),
        outline=digit,
    )


def _tile(model: str, scored: ScoredMap, compared: Compared, digit: NDArray[np.uint8]) -> Tile:
    low, high = registry.limits(scored.map, scored.name)
    verdict = registry.verdict(scored, compared.baselines)
    baseline = scored.name in registry.BASELINES
    deletion, insertion = scored.scores.deletion.area, scored.scores.insertion.area
    notes = [t("explain.note", deletion=f"{deletion:.2f}", insertion=f"{insertion:.2f}")]
    if compared.sensitivity is not None and not baseline:
        notes.append(t("explain.sensitivity", change=formats.measured(compared.sensitivity(scored), 0)))
    if scored.missed is not None:
        notes.append(t("explain.completeness", error=formats.measured(scored.missed)))
    verdict_text = "" if baseline else t("explain.dot") + t(f"frame.faithfulness.verdict_{verdict}")
    return Tile(
        scored.map,
        model_name(model),
        low=low,
        high=high,
        note="\n".join(notes),
        colour=model_colour(model),
        outline=digit,
        bar=Bar(
            scored.faithfulness,
            f"{hundredths(scored.faithfulness)}{verdict_text}",
            good=None if baseline else verdict == "better",
            marks=tuple((other.faithfulness, t(f"frame.method.{name}")) for name, other in compared.baselines.items()),
        ),
        pick="" if baseline else f"{model} {scored.name}",
    )
