"""Smaller versions of the networks by what they cost and how often they are wrong, and weights set to zero."""

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import plotly.graph_objects as go

from glassbox.trust.cost.compression import PrunedAccuracy
from glassbox.trust.cost.footprint import MeasuredVersion, pareto_front
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import model_colour, model_name
from glassbox.ui.base.palette import GREY
from glassbox.ui.charts.figures import add_curve, finished
from glassbox.ui.charts.marks import Mark, Symbol, add_marks, add_names, add_slanted_names

ALL = "all"
"""Stands for all networks."""
SYMBOLS: dict[str, Symbol] = {
    "fp32": "circle",
    "fp16": "diamond-open",
    "int8_dynamic": "triangle-up",
    "int8_static": "square",
    "pruned": "x-thin-open",
    "narrow": "star",
    "narrow_int8": "hexagon",
}
VERSIONS_HEIGHT = 460
WIDE = 0.8
"""Powers of ten."""
_UNITS = {"joules": 1e6, "seconds": 1e6, "bytes": 1e-3}
"""The axes are in microjoules, microseconds and kilobytes."""


def price(one: MeasuredVersion, axis: str) -> float:
    """Return what a version costs on `axis`: "joules", "seconds" or "bytes"."""
    return float(len(one.version.model)) if axis == "bytes" else float(getattr(one.cost, axis).value)


def cheapest(found: Mapping[str, MeasuredVersion], axis: str) -> list[str]:
    """Return the versions that no other beats on `axis` without being wrong more often."""
    return pareto_front(found, {name: price(one, axis) for name, one in found.items()})


def versions(
    found: Mapping[str, MeasuredVersion], axis: str, followed: str, said: Callable[[MeasuredVersion], str]
) -> go.Figure:
    """Return the share of digits misread against cost, both logarithmic: the best are at the lower left, on a dotted
    line. `said`: a version in words.

    The figure closes in on the versions of the network `followed`, which are named and have their intervals; for ALL
    networks it shows everything and names the networks themselves.
    """
    near = [one for one in found.values() if followed in (one.version.of, ALL)]
    marks = {one.version.name: _mark(one, axis, followed, said(one)) for one in near}
    front = _stairs([place(found[name], axis) for name in cheapest(found, axis)])
    figure = go.Figure()
    figure.add_scatter(
        x=[x for x, _ in front],
        y=[y for _, y in front],
        mode="lines",
        name=t("sustainability.front"),
        line={"color": GREY, "dash": "dot", "width": 1.5},
        hoverinfo="skip",
    )
    for kind, symbol in SYMBOLS.items():
        of_kind = [marks[one.version.name] for one in near if one.version.kind == kind]
        add_marks(figure, t(f"sustainability.kind_{kind}"), symbol, of_kind)
    across = _axis([mark.x for mark in marks.values()], named=followed == ALL)
    up = _axis([height for mark in marks.values() for height in (mark.y, *(mark.ends or ()))])
    figure.update_xaxes(title=t(f"sustainability.axis_{axis}"), tickformat=",.3~r", **across)
    figure.update_yaxes(title=t("sustainability.axis_wrong"), tickformat=formats.axis(2, trim=True), **up)
    finished(figure, height=VERSIONS_HEIGHT)
    if followed == ALL:
        add_names(figure, list(marks.values()), beside="right")
    else:
        add_slanted_names(figure, list(marks.values()))
    return figure


def place(one: MeasuredVersion, axis: str) -> tuple[float, float]:
    """Return where a version stands: its cost in the unit of the axis, and the share of digits that it misreads."""
    return price(one, axis) * _UNITS[axis], 1 - one.version.accuracy.value


def pruning(taken: Mapping[str, Sequence[PrunedAccuracy]]) -> go.Figure:
    """Return the accuracy of each network by the share of its weights that are zero."""
    figure = go.Figure()
    for of, made in taken.items():
        add_curve(
            figure,
            model_name(of),
            [cut.share for cut in made],
            [cut.accuracy.value for cut in made],
            colour=model_colour(of),
            markers=True,
            text=[formats.measured(cut.accuracy.value, 2) for cut in made],
        )
    figure.update_xaxes(title=t("sustainability.cut_x"), tickformat=formats.axis())
    figure.update_yaxes(title=t("sustainability.cut_y"), tickformat=formats.axis(), range=[0, 1.03])
    figure.update_layout(hovermode="x unified")
    return finished(figure)


def _mark(one: MeasuredVersion, axis: str, followed: str, said: str) -> Mark:
    version, right = one.version, one.version.accuracy
    own = model_name(version.of) if version.kind == "fp32" else ""
    return Mark(
        *place(one, axis),
        said,
        name=own if followed == ALL else t(f"sustainability.kind_{version.kind}"),
        colour=model_colour(version.of),
        ends=None if followed == ALL else (1 - right.high, 1 - right.low),
    )


def _axis(values: Sequence[float], *, named: bool = False) -> dict[str, Any]:
    """Return a logarithmic axis with all `values` (above 0), behind them room for what is `named` to the right, on a
    phone too: lines at 1, 2 and 5 where it reaches over most of a power of ten."""
    low, high = math.log10(min(values)), math.log10(max(values))
    room = max(0.1 * (high - low), math.log10(1.1))
    ends = {"type": "log", "range": [low - room, high + (3 * room if named else room)]}
    return ends | {"dtick": "D2"} if high - low > WIDE else ends


def _stairs(corners: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Along each corner's height as far as the next one, then down."""
    steps = list(corners[:1])
    for (_, y), (x, below) in pairwise(corners):
        steps += [(x, y), (x, below)]
    return steps
