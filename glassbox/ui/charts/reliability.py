"""Reliability diagrams: is a network's confidence the share of its answers that are right?

Guo et al., "On Calibration of Modern Neural Networks", 2017, https://arxiv.org/abs/1706.04599
"""

from collections.abc import Sequence

import plotly.graph_objects as go

from glassbox.ui.base import formats
from glassbox.ui.base.i18n import sentences, t
from glassbox.ui.base.palette import GREY
from glassbox.ui.charts.figures import finished
from glassbox.ui.charts.tables import Table
from glassbox.zoo.cards import Bin, Calibration


def reliability(measured: Calibration, colour: str) -> go.Figure:
    """Return accuracy against confidence by bins, before and after temperature scaling, or once where there is none.

    The marks' areas are counts.
    """
    figure = go.Figure()
    figure.add_scatter(
        x=[0, 1],
        y=[0, 1],
        mode="lines",
        name=t("charts.calibration.honest"),
        line={"color": GREY, "dash": "dot"},
        hoverinfo="skip",
    )
    confidence, right = t("charts.calibration.confidence"), t("charts.calibration.accuracy")
    looks = {"before": (GREY, "circle-open"), "after": (colour, "circle"), "as_it_is": (colour, "circle")}
    for side, bins in _sides(measured).items():
        name, (drawn, symbol) = t(f"charts.calibration.{side}"), looks[side]
        full = [one for one in bins if one.count]
        figure.add_scatter(
            x=[one.confidence for one in full],
            y=[one.accuracy for one in full],
            mode="lines+markers",
            name=name,
            line={"color": drawn, "width": 2},
            marker={"symbol": symbol, "size": _sizes(full), "opacity": 1},
            customdata=[_bin(one) for one in full],
            hovertemplate=f"{confidence} %{{customdata[1]}}<br>{right} %{{customdata[2]}}<br>n = %{{customdata[0]}}",
        )
    figure.update_xaxes(title=confidence, tickformat=formats.axis(), range=[0, 1.03])
    figure.update_yaxes(title=right, tickformat=formats.axis(), range=[0, 1.05])
    return finished(figure)


def reliability_table(measured: Calibration, caption: str) -> Table:
    """Return the bins as a table: how many answers, their mean confidence and accuracy, before and after temperature
    scaling, or once where there is none."""
    sides = [(t(f"charts.calibration.{side}"), bins) for side, bins in _sides(measured).items()]
    columns = [t(f"charts.calibration.{name}") for name in ("count", "confidence", "accuracy")]
    heads = [t("charts.calibration.bin"), *(f"{column}, {name}" for name, _ in sides for column in columns)]
    count = len(measured.bins_after)
    rows = [
        [
            f"{formats.measured(place / count, 0)} – {formats.measured((place + 1) / count, 0)}",
            *(text for _, bins in sides for text in _bin(bins[place])),
        ]
        for place in range(count)
    ]
    return Table(caption, heads, rows, show_caption=False)


def calibration_note(measured: Calibration) -> str:
    """Return what a reliability diagram shows, and whether a temperature is used, in sentences."""
    held_out = measured.held_out
    said = t(
        "charts.calibration.helps" if held_out.helps else "charts.calibration.left",
        temperature=formats.temperature(held_out.fitted),
        count=formats.count(held_out.count),
        before=formats.measured(measured.ece_before, 2),
        after=formats.measured(measured.ece_after, 2),
    )
    return sentences(t("charts.calibration.note"), said)


def _sides(measured: Calibration) -> dict[str, Sequence[Bin]]:
    """Return the bins before and after temperature scaling, or once "as_it_is" where no temperature is used."""
    if not measured.held_out.helps:
        return {"as_it_is": measured.bins_after}
    return {"before": measured.bins_before, "after": measured.bins_after}


def _bin(one: Bin) -> tuple[str, str, str]:
    if one.confidence is None or one.accuracy is None:
        return "0", "–", "–"
    return f"{one.count:,}", formats.measured(one.confidence), formats.measured(one.accuracy)


def _sizes(bins: Sequence[Bin]) -> list[float]:
    """Marker sizes: area grows with the number of answers in a bin, from 7 to 16 px."""
    most = max((one.count for one in bins), default=1)
    return [7 + 9 * (one.count / most) ** 0.5 for one in bins]
