"""Twins by what they cost and how often they are wrong, and weights set to zero, as figures."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

from glassbox.trust.cost.compression import PrunedAccuracy
from glassbox.trust.cost.footprint import MeasuredVersion, pareto_front
from glassbox.ui.base import formats, style
from glassbox.ui.base.i18n import t
from glassbox.ui.components.curves import Curve
from glassbox.ui.components.scatter import Axis, Mark, Scatter, Shape
from glassbox.ui.pages.sustainability import facts

ALL = "all"
"""Stands for all networks."""
SHAPES: dict[str, Shape] = {
    "fp32": "circle",
    "fp16": "diamond",
    "int8_dynamic": "triangle",
    "int8_static": "square",
    "pruned": "cross",
    "narrow": "star",
    "narrow_int8": "hexagon",
}
_UNITS = {"joules": 1e6, "seconds": 1e6, "bytes": 1e-3}
"""The axes are in microjoules, microseconds and kilobytes."""


def price(one: MeasuredVersion, axis: str) -> float:
    """What a twin costs on `axis`: "joules", "seconds" or "bytes"."""
    return float(len(one.version.model)) if axis == "bytes" else float(getattr(one.cost, axis).value)


def cheapest(found: Mapping[str, MeasuredVersion], axis: str) -> list[str]:
    """The twins that no other beats on `axis` without being wrong more often."""
    return pareto_front(found, {name: price(one, axis) for name, one in found.items()})


def twins(found: Mapping[str, MeasuredVersion], axis: str, followed: str) -> Scatter:
    """Share of digits misread against cost, both logarithmic: the best twins are at the lower left, on a dotted line.

    The figure closes in on the twins of the network `followed`, which are named and have their intervals; for ALL
    networks it shows everything and names the networks themselves.
    """
    near = [one for one in found.values() if followed in (one.version.of, ALL)]
    front = [found[name] for name in cheapest(found, axis)]
    marks = [_mark(one, axis, followed) for one in near]
    across = _ends([mark.x for mark in marks])
    up = _ends([height for mark in marks for height in (mark.y, *(mark.ends or ()))])
    return Scatter(
        marks,
        {kind: (t(f"sustainability.kind_{kind}"), shape) for kind, shape in SHAPES.items()},
        Axis(t(f"sustainability.axis_{axis}"), *across, "number"),
        Axis(t("sustainability.axis_wrong"), *up, "share"),
        line=_within(_stairs([place(one, axis) for one in front]), across, up),
    )


def place(one: MeasuredVersion, axis: str) -> tuple[float, float]:
    """Where a twin stands: its cost in the unit of the axis, and the share of digits that it misreads."""
    return price(one, axis) * _UNITS[axis], 1 - one.version.accuracy.value


def cuts(taken: Mapping[str, Sequence[PrunedAccuracy]]) -> list[Curve]:
    """Accuracy of each network by the share of its weights that are zero."""
    return [
        Curve(t(f"frame.model.{of}"), np.array([cut.accuracy.value for cut in made]), style.COLOURS[of])
        for of, made in taken.items()
    ]


def _mark(one: MeasuredVersion, axis: str, followed: str) -> Mark:
    twin, right = one.version, one.version.accuracy
    own = t(f"frame.model.{twin.of}") if twin.kind == "fp32" else ""
    said = t(
        "sustainability.twin_said",
        twin=facts.twin(twin.of, twin.kind),
        wrong=f"{1 - right.value:.2%}",
        low=f"{1 - right.high:.2%}",
        high=f"{1 - right.low:.2%}",
        joules=formats.energy(one.cost.joules.value),
        between=facts.interval(one.cost.joules, "energy"),
        seconds=formats.duration(one.cost.seconds.value),
        size=formats.size(len(twin.model)),
    )
    return Mark(
        *place(one, axis),
        twin.kind,
        said,
        name=own if followed == ALL else t(f"sustainability.kind_{twin.kind}"),
        colour=style.COLOURS[twin.of],
        ends=None if followed == ALL else (1 - right.high, 1 - right.low),
    )


def _ends(values: Sequence[float]) -> tuple[float, float]:
    """The ends of a logarithmic axis with all `values` (above 0) and room for their names."""
    low, high = min(values), max(values)
    room = max((high / low) ** 0.1, 1.1)
    return low / room, high * room


def _stairs(corners: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Along each corner's height as far as the next one, then down."""
    steps = list(corners[:1])
    for (_, y), (x, below) in pairwise(corners):
        steps += [(x, y), (x, below)]
    return steps


def _within(
    line: Sequence[tuple[float, float]], across: tuple[float, float], up: tuple[float, float]
) -> list[tuple[float, float]]:
    """The part of `line`, which goes to the right and down, that is in the figure."""
    seen = [
        x < across[1] and further > across[0] and y > up[0] and below < up[1]
        for (x, y), (further, below) in pairwise(line)
    ]
    kept = [corner for corner, near in zip(line, pairwise([False, *seen, False]), strict=True) if any(near)]
    return [(min(max(x, across[0]), across[1]), min(max(y, up[0]), up[1])) for x, y in kept]
