"""Section "randomisation": what is left of a map once the network's weights are shuffled.

Adebayo et al., "Sanity Checks for Saliency Maps", https://arxiv.org/abs/1810.03292
"""

import streamlit as st

from glassbox.explain.attribution import registry
from glassbox.trust.scoreboard import NetworkExplanations, RandomisationTest
from glassbox.ui.base.formats import hundredths
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import model_colour, model_name
from glassbox.ui.charts.dots import Dot, Row, dots
from glassbox.ui.charts.tables import POSITIVE, Cell, Cells, Table, show
from glassbox.ui.frame.attributions import SIMILAR
from glassbox.ui.pages.explainability.estimates import correlation_cell, interval
from glassbox.ui.pages.explainability.study import Networks, missing_cell, model_names, sample_sizes

AXIS = (-0.2, 1.0)
_LEGEND = (("point", "passed"), ("hollow", "failed"), ("whole", "whole"))
"""The kinds of mark, and the end of the key of their words."""


def randomisation_table(networks: Networks) -> None:
    """Draw, for each method (rows) and network (columns), the rank correlation with the true map once every layer is
    shuffled: over the ink, and over all pixels."""
    rows = []
    for method in registry.METHODS:
        cells: list[Dot | Cell] = []
        for name, network in networks.items():
            tested = network.methods.get(method)
            if tested is None:
                cells.append(missing_cell(method, network))
            else:
                cells.append(_dot(method, name, test=tested.randomised))
        rows.append(Row(t(f"frame.method.{method}"), tuple(cells)))
    legend = [(kind, t(f"explainability.key_{name}")) for kind, name in _LEGEND]
    dots(t("explainability.randomised_caption"), model_names(networks), rows, ends=AXIS, legend=legend)
    counts = {name: network.close for name, network in networks.items()}
    st.caption(t("explainability.randomised_counted", counted=sample_sizes(counts)))


def _dot(method: str, name: str, *, test: RandomisationTest) -> Dot | Cell:
    """Return the point of a method on the network `name`: passed if the maps are no longer SIMILAR over the ink.

    A cell without a point says that no picture could be compared.
    """
    whole, ink = test.whole[-1], test.ink[-1]
    if whole is None or ink is None:
        words = {"method": t(f"frame.method.{method}"), "model": model_name(name)}
        between = t("explainability.method_on_model", **words)
        return Cell("–", said=t("explainability.not_compared", between=between), kind="missing")
    return Dot(
        value=ink.value,
        low=ink.low,
        high=ink.high,
        text=hundredths(ink.value),
        said=t(
            "explainability.randomised_cell",
            method=t(f"frame.method.{method}"),
            model=model_name(name),
            whole=interval(whole),
            ink=interval(ink),
        ),
        colour=model_colour(name),
        good=abs(ink.value) < SIMILAR,
        marks=((whole.value, "whole"),),
    )


def randomisation_sentences(networks: Networks) -> list[str]:
    """Return sentences: how many maps fail the check, and which one depends least on the learned weights.

    Between them, the map that the empty paper makes look most similar; last, maps that could not be compared.
    """
    ends, left_out = [], []
    for name, network in networks.items():
        for method, tested in network.methods.items():
            whole, ink = tested.randomised.whole[-1], tested.randomised.ink[-1]
            if whole and ink:
                ends.append((name, method, whole, ink))
            if not ink or ink.count < network.close:
                words = {"method": t(f"frame.method.{method}"), "model": model_name(name)}
                count = ink.count if ink else 0
                left_out.append(t("explainability.randomised_compared", compared=count, count=network.close, **words))
    failed = sum(abs(ink.value) >= SIMILAR for *_, ink in ends)
    mistaken = sum(abs(whole.value) >= SIMILAR for *_, whole, _ in ends)
    name, method, whole, ink = max(ends, key=lambda end: end[2].value - end[3].value)
    similar_name, similar_method, _, most = max(ends, key=lambda end: end[3].value)
    sentences = [
        t("explainability.randomised_failed", count=len(ends), failed=failed, mistaken=mistaken),
        t(
            "explainability.randomised_said",
            method=t(f"frame.method.{method}"),
            model=model_name(name),
            whole=hundredths(whole.value),
            ink=hundredths(ink.value),
        ),
        t(
            "explainability.randomised_most",
            method=t(f"frame.method.{similar_method}"),
            model=model_name(similar_name),
            ink=interval(most),
        ),
    ]
    if left_out:
        sentences.append(t("explainability.randomised_blank", compared=t("explainability.listed").join(left_out)))
    return sentences


def cascade_table(network: NetworkExplanations) -> None:
    """Draw the rank correlation with the true map over the ink, for each method (rows) after each further layer is
    shuffled (columns)."""
    names = [t(f"frame.method.{name}") for name in network.methods]
    layers = [layer.removesuffix("/kernel").replace("/", " ").replace("_", " ") for layer in network.shuffled]
    rows: list[Cells] = [
        [
            name,
            *(
                correlation_cell(correlation, f"{name}, {layer}")
                for layer, correlation in zip(layers, tested.randomised.ink, strict=True)
            ),
        ]
        for name, tested in zip(names, network.methods.values(), strict=True)
    ]
    show(Table(t("explainability.cascade"), ["", *layers], rows, colour=POSITIVE, upright=True))
