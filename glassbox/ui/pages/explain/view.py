"""The attributions of the visitor's picture, computed once and kept, as rows of maps and as sentences."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from glassbox.explain.attribution import registry
from glassbox.explain.attribution.faithfulness import RandomisedLayer
from glassbox.explain.attribution.registry import ScoredMap
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import model_colour, model_name
from glassbox.ui.base.palette import GREY
from glassbox.ui.base.state import Entry, Kind, declare
from glassbox.ui.charts.tables import Cell, Cells, Table
from glassbox.ui.components.curves import Axis, Curve, curves
from glassbox.ui.components.maps import Bar, Row, Tile
from glassbox.ui.frame.attributions import SIMILAR, Compared

NETWORKS: Entry[Sequence[str]] = declare("explain_networks", Kind.CONTROL, (), parameter="networks")
LABEL = declare("explain_label", Kind.CONTROL, "", parameter="label")
PICKED = declare("explain_picked", Kind.CONTROL, "")
"""The network and the method of the map that was pressed, with a space between."""


def rows(compared: Mapping[str, Compared], digit: NDArray[np.uint8]) -> list[Row]:
    """A row a method, the networks side by side, then the baselines."""
    methods = [name for name in registry.METHODS if any(name in one.found for one in compared.values())]
    result = []
    for name in (*methods, *registry.BASELINES):
        tiles = []
        for model, one in compared.items():
            scored = one.found.get(name) or one.baselines.get(name)
            if scored:
                tiles.append(_tile(model, scored, one, digit))
        limit, link = "", None
        if name in registry.METHODS:
            limit = t(f"frame.method.{name}_limit")
            link = registry.METHODS[name].paper, t(f"frame.method.{name}_paper")
        title, text = t(f"frame.method.{name}"), t(f"frame.method.{name}_help")
        result.append(Row(tuple(tiles), title, text, limit, link))
    return result


def summary(compared: Mapping[str, Compared], label: str) -> list[str]:
    """A sentence a network: its best map beside the baselines, or why there is nothing to measure."""
    said = []
    for model, one in compared.items():
        best, baselines = one.best, one.baselines
        words = {"model": model_name(model), "label": label, "method": t(f"frame.method.{best.name}")}
        share = formats.percent(float(best.scores.insertion.probabilities[-1]))
        numbers = {name: _two(scored.faithfulness) for name, scored in {"best": best, **baselines}.items()}
        said.append(t(f"explain.said_{registry.verdict(best, baselines)}", **words, **numbers, share=share))
    return said


def picked(compared: Mapping[str, Compared]) -> tuple[str, str]:
    """The network and the method whose map the visitor pressed; else the best, of those that beat the baselines."""
    model, _, method = PICKED.get().partition(" ")
    if model in compared and method in compared[model].found:
        return model, method

    def rank(name: str) -> tuple[bool, float]:
        best = compared[name].best
        return registry.verdict(best, compared[name].baselines) == "better", best.faithfulness

    first = max(compared, key=rank)
    return first, compared[first].best.name


def draw_curve(one: Compared, model: str, method: str, which: str) -> None:
    """The label's probability as pixels go or come (`which`: "deletion" or "insertion"), beside the baselines."""
    scored = one.found[method]
    shown = [
        *((baseline, GREY, dash) for baseline, dash in zip(one.baselines.values(), ("7 5", "1 4"), strict=True)),
        (scored, model_colour(model), ""),
    ]
    drawn = [(getattr(other.scores, which), other.name, colour, dash) for other, colour, dash in shown]
    area = f"{getattr(scored.scores, which).area:.2f}"
    curves(
        drawn[0][0].shares,
        [
            Curve(f"{t(f'frame.method.{name}')} {curve.area:.2f}", curve.probabilities, colour, dash, filled=not dash)
            for curve, name, colour, dash in drawn
        ],
        across=Axis(t(f"explain.{which}_axis"), "share"),
        up=Axis(t("charts.probability_axis"), "share", low=0.0, high=1.0),
        alt=t(f"explain.{which}_alt", area=area, model=model_name(model), method=t(f"frame.method.{method}")),
        key=f"explain_{which}",
    )


def randomised(steps: Sequence[RandomisedLayer], model: str) -> str:
    """HTML: how much the map still resembles itself, as the weights are shuffled from the last layer to the first."""
    rows: list[Cells] = [
        [step.weight, Cell("", bar=abs(step.similarity), kind="wide"), _two(step.similarity)] for step in steps
    ]
    made = Table(t("explain.similarity_axis"), (), rows, dense=True).html()
    return f'<div style="--bar:{model_colour(model)}">{made}</div>'


def shuffle_verdict(steps: Sequence[RandomisedLayer]) -> str:
    """Whether the map depends on what the network learned."""
    last = steps[-1].similarity
    return t("explain.shuffle_passed" if abs(last) < SIMILAR else "explain.shuffle_failed", value=_two(last))


def _tile(model: str, scored: ScoredMap, one: Compared, digit: NDArray[np.uint8]) -> Tile:
    low, high = registry.limits(scored.map, scored.name)
    verdict = registry.verdict(scored, one.baselines)
    baseline = scored.name in registry.BASELINES
    deletion, insertion = scored.scores.deletion.area, scored.scores.insertion.area
    notes = [t("explain.note", deletion=f"{deletion:.2f}", insertion=f"{insertion:.2f}")]
    if scored.scores.sensitivity is not None:
        notes.append(t("explain.sensitivity", change=f"{scored.scores.sensitivity:.0%}"))
    if scored.missed is not None:
        notes.append(t("explain.completeness", error=f"{scored.missed:.1%}"))
    judged = "" if baseline else t("explain.dot") + t(f"frame.faithfulness.verdict_{verdict}")
    return Tile(
        scored.map,
        model_name(model),
        low,
        high,
        note="\n".join(notes),
        colour=model_colour(model),
        outline=digit,
        bar=Bar(
            scored.faithfulness,
            f"{_two(scored.faithfulness)}{judged}",
            good=None if baseline else verdict == "better",
            marks=tuple((other.faithfulness, t(f"frame.method.{name}")) for name, other in one.baselines.items()),
        ),
        pick="" if baseline else f"{model} {scored.name}",
    )


def _two(score: float) -> str:
    """Two decimals: scores and correlations are no more certain than that."""
    return f"{score:.2f}".replace("-", "−")
