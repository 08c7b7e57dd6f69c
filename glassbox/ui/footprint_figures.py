"""Twins by what they cost and how often they are wrong, and weights set to zero, as figures."""

import math
from collections.abc import Callable, Mapping, Sequence

import plotly.graph_objects as go

from glassbox.trust.compression import Cut
from glassbox.trust.footprint import Measured, frontier
from glassbox.ui import figures, formats, style
from glassbox.ui.i18n import t

ALL = "all"
"""Stands for all networks."""
SYMBOLS = {
    "fp32": ("circle", "●"),
    "fp16": ("diamond", "◆"),
    "int8_dynamic": ("triangle-up", "▲"),
    "int8_static": ("square", "■"),
    "pruned": ("x", "✖"),
    "narrow": ("star", "★"),
    "narrow_int8": ("hexagram", "✶"),
}
"""The mark of each kind of twin, as Plotly calls it and as a character."""
_PLACES = {
    "fp32": "top center",
    "fp16": "bottom center",
    "int8_dynamic": "top right",
    "int8_static": "bottom left",
    "pruned": "bottom right",
    "narrow": "top left",
    "narrow_int8": "middle left",
}
"""Where a twin's name stands beside its mark, so that those of a cluster do not cover each other."""
_HEIGHT = 460


def price(one: Measured, axis: str) -> float:
    """What a twin costs on `axis`: "joules", "seconds" or "bytes"."""
    return float(len(one.twin.model)) if axis == "bytes" else float(getattr(one.cost, axis).value)


def cheapest(found: Mapping[str, Measured], axis: str) -> list[str]:
    """The twins that no other beats on `axis` without being wrong more often."""
    return frontier(found, {name: price(one, axis) for name, one in found.items()})


def twins(found: Mapping[str, Measured], axis: str, followed: str) -> go.Figure:
    """Share of digits misread against cost, both logarithmic: the best twins are at the lower left, joined by a line.

    The figure closes in on the twins of the network `followed`, which are named and have their intervals; for ALL
    networks it shows everything. Marks grow with the file.
    """
    figure = go.Figure()
    front = [found[name] for name in cheapest(found, axis)]
    figure.add_scatter(
        x=[_shown(price(one, axis), axis) for one in front],
        y=[_wrong(one) for one in front],
        mode="lines",
        line={"color": figures.GREY, "dash": "dot", "shape": "hv"},
        hoverinfo="skip",
    )
    for of in dict.fromkeys(one.twin.of for one in found.values()):
        own = [one for one in found.values() if one.twin.of == of]
        figure.add_scatter(**_points(own, axis, of == followed, of == followed or followed == ALL))
    near = [one for one in found.values() if followed in (one.twin.of, ALL)]
    figure.update_xaxes(
        title=t(f"footprint.axis_{axis}"), **_axis([_shown(price(one, axis), axis) for one in near], formats.number)
    )
    figure.update_yaxes(title=t("footprint.axis_wrong"), **_axis([_wrong(one) for one in near], _percent))
    return figures.finished(figure, height=_HEIGHT, legend=False)


def marks() -> str:
    """What each mark stands for."""
    return "\u2003".join(f"{mark}\u00a0{t(f'footprint.kind_{kind}')}" for kind, (_, mark) in SYMBOLS.items())


def _axis(values: Sequence[float], write: Callable[[float], str]) -> dict[str, object]:
    """A logarithmic axis with all `values` (above 0), room for their names, and ticks at 1, 2 and 5 times powers of ten
    as `write` puts them."""
    low, high = (math.log10(end(values)) for end in (min, max))
    room = max(0.12 * (high - low), 0.08)
    ticks = [digit * 10.0**power for power in range(math.floor(low) - 1, math.ceil(high) + 1) for digit in (1, 2, 5)]
    return {
        "type": "log",
        "range": [low - room, high + room],
        "tickvals": ticks,
        "ticktext": [write(tick) for tick in ticks],
        "showgrid": True,
    }


def _points(own: Sequence[Measured], axis: str, followed: bool, near: bool) -> dict[str, object]:
    of = own[0].twin.of
    points: dict[str, object] = {
        "x": [_shown(price(one, axis), axis) for one in own],
        "y": [_wrong(one) for one in own],
        "mode": "markers+text",
        "marker": {
            "color": style.COLOURS[of],
            "symbol": [SYMBOLS[one.twin.kind][0] for one in own],
            "size": [_size(one) for one in own],
            "opacity": 1 if near else 0.35,
            "line": {"width": 0},
        },
        "text": [_label(one, followed) for one in own],
        "textposition": [_PLACES[one.twin.kind] for one in own],
        "cliponaxis": False,
        "hovertext": [_hover(one) for one in own],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }
    if followed:
        points["error_y"] = {
            "array": [one.twin.accuracy.value - one.twin.accuracy.low for one in own],
            "arrayminus": [one.twin.accuracy.high - one.twin.accuracy.value for one in own],
            "thickness": 1,
            "width": 3,
        }
        if axis != "bytes":
            readings = [getattr(one.cost, axis) for one in own]
            points["error_x"] = {
                "array": [_shown(r.high - r.value, axis) for r in readings],
                "arrayminus": [_shown(r.value - r.low, axis) for r in readings],
                "thickness": 1,
                "width": 3,
            }
    return points


def cuts(studied: Mapping[str, Sequence[Cut]]) -> go.Figure:
    """Accuracy of each network by the share of its weights that are zero."""
    figure = go.Figure()
    for of, taken in studied.items():
        figure.add_scatter(
            x=[cut.share for cut in taken],
            y=[cut.accuracy.value for cut in taken],
            mode="lines+markers",
            name=t(f"model.{of}"),
            line={"color": style.COLOURS[of], "width": 2},
            customdata=[formats.size(cut.deflated) for cut in taken],
            hovertemplate=t("footprint.cut_hover") + f"<extra>{t(f'model.{of}')}</extra>",
        )
    figure.update_xaxes(title=t("footprint.cut_x"), tickformat=".0%")
    figure.update_yaxes(title=t("footprint.cut_y"), tickformat=".0%", range=[0, 1.03])
    return figures.finished(figure)


def _percent(share: float) -> str:
    return f"{formats.number(100 * share)} %"


def _shown(value: float, axis: str) -> float:
    """In the units of the axis: microjoules, microseconds, kilobytes."""
    return value / 1e3 if axis == "bytes" else value * 1e6


def _wrong(one: Measured) -> float:
    return 1 - one.twin.accuracy.value


def _size(one: Measured) -> float:
    """Marks from 8 to 18 px, their area with the file."""
    return float(8 + 10 * (len(one.twin.model) / 650_000) ** 0.5)


def _label(one: Measured, followed: bool) -> str:
    if followed:
        return t(f"footprint.kind_{one.twin.kind}")
    return t(f"model.{one.twin.of}") if one.twin.kind == "fp32" else ""


def _hover(one: Measured) -> str:
    return t(
        "footprint.twin_hover",
        model=t(f"model.{one.twin.of}"),
        kind=t(f"footprint.kind_{one.twin.kind}"),
        wrong=f"{_wrong(one):.2%}",
        joules=formats.energy(one.cost.joules.value),
        seconds=formats.duration(one.cost.seconds.value),
        size=formats.size(len(one.twin.model)),
    )
