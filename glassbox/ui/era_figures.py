"""Milestones, accelerators and the shipped networks -> Plotly figures on logarithmic axes."""

import math
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

import numpy as np
import plotly.graph_objects as go

from glassbox import era
from glassbox.era import Accelerator, Growth, Milestone
from glassbox.ui import figures, formats, style
from glassbox.ui.i18n import t
from glassbox.zoo import Card

UNITS = {
    "compute": "FLOP",
    "parameters": "",
    "examples": "",
    "cost": "US$",
    "per_watt": "FLOP/s/W",
    "per_dollar": "FLOP/s/$",
}
LANDMARKS = {
    "Perceptron Mark I": "Perceptron",
    "Zip CNN": "LeNet-1",
    "AlexNet": "AlexNet",
    "Transformer": "Transformer",
    "GPT-3 175B (davinci)": "GPT-3",
    "Grok 4": "Grok 4",
    "DeepSeek-V4-Pro": "DeepSeek-V4",
}
"""Milestones whose names stand in the figure; all others are named when pointed at."""
CHIPS = {
    "NVIDIA GeForce GTX 580": "GTX 580",
    "NVIDIA Tesla V100 SXM2": "V100",
    "NVIDIA H100 SXM5 80GB": "H100",
    "Google TPU v7 Ironwood": "TPU v7",
}
_MAKERS = {"NVIDIA": "circle", "Google": "square", "AMD": "triangle-up", "Huawei": "diamond"}
_BESIDE = {"gru": "middle left", "lstm": "bottom right"}
"""Where names stand that would cover their neighbours."""
_LINE = "#7A6BB5"
"""The fitted line: none of the networks' colours, 3.5 : 1 and more on both papers."""


def milestones(measure: str, since: float, cards: Mapping[str, Card]) -> go.Figure:
    """`measure` (of era.MEASURES) of the milestones by date, the fit since 2010 and for compute that before, and our
    six networks at the right edge."""
    figure = go.Figure()
    end = max(era.year(row.date) for row in era.milestones())
    if measure == "compute" and since < era.DEEP:
        _trend(figure, era.of_milestones(measure, 0, era.DEEP)[1], since, era.DEEP, shown=False)
    _trend(figure, era.of_milestones(measure)[1], era.DEEP, end)
    rows, _ = era.of_milestones(measure, since)
    for china, symbol in ((False, "circle"), (True, "diamond-open")):
        group = [row for row in rows if row.china is china]
        figure.add_scatter(
            x=[row.date for row in group],
            y=[getattr(row, measure) for row in group],
            mode="markers",
            name=t("era.from_china" if china else "era.from_elsewhere"),
            marker={"color": figures.GREY, "size": 8, "symbol": symbol, "line": {"width": 1.5 if china else 0}},
            text=[_about(row, measure) for row in group],
            hovertemplate="%{text}<extra></extra>",
        )
    start = max(since, 1949)
    _names(figure, [row for row in rows if row.name in LANDMARKS], measure, LANDMARKS, start + (end - start) / 5)
    ours = {name: value for name, card in cards.items() if (value := of_card(card, measure))}
    for name, value in ours.items():
        figure.add_scatter(
            x=[_day(end + 1)],
            y=[value],
            mode="markers",
            showlegend=False,
            marker={"color": style.COLOURS[name], "size": 11, "symbol": "star"},
            text=[f"<b>{t(f'model.{name}')}</b><br>{amount(value, measure)}<br>{t('era.here')}"],
            hovertemplate="%{text}<extra></extra>",
        )
    if ours:
        figure.add_annotation(
            x=_day(end + 1),
            y=math.log10(max(ours.values())),
            text=t("era.ours"),
            showarrow=False,
            xanchor="right",
            yanchor="bottom",
            yshift=6,
        )
    figure.update_xaxes(range=[_day(start), _day(end + 2)], nticks=8)
    return _logarithmic(figure, t(f"era.{measure}"), [getattr(row, measure) for row in rows] + list(ours.values()))


def accelerators(measure: str) -> go.Figure:
    """`measure`, "per_watt" or "per_dollar", of the accelerators by date, with the fit."""
    rows, trend = era.of_accelerators(measure)
    figure = go.Figure()
    _trend(figure, trend, era.year(rows[0].date), era.year(rows[-1].date))
    for maker, symbol in (*_MAKERS.items(), ("", "x-thin")):
        group = [row for row in rows if row.maker == maker or (not maker and row.maker not in _MAKERS)]
        if group:
            figure.add_scatter(
                x=[row.date for row in group],
                y=[getattr(row, measure) for row in group],
                mode="markers",
                name=maker or t("era.other_makers"),
                marker={"color": figures.GREY, "size": 9, "symbol": symbol},
                text=[_about(row, measure) for row in group],
                hovertemplate="%{text}<extra></extra>",
            )
    _names(figure, [row for row in rows if row.name in CHIPS], measure, CHIPS, era.year(rows[0].date) + 4)
    ends = trend.at(np.array([era.year(row.date) for row in (rows[0], rows[-1])]))
    return _logarithmic(figure, t(f"era.{measure}"), [getattr(row, measure) for row in rows] + [*ends[1], *ends[2]])


def ours(cards: Mapping[str, Card]) -> go.Figure:
    """Mistakes in a hundred against training compute, both logarithmic, with the 95 % interval of the mistakes."""
    figure = go.Figure()
    for name, card in cards.items():
        wrong, a, model = 1 - card.accuracy.value, card.accuracy, t(f"model.{name}")
        compute = era.training_compute(card)
        figure.add_scatter(
            x=[compute],
            y=[wrong],
            error_y={"array": [1 - a.low - wrong], "arrayminus": [wrong - (1 - a.high)]},
            mode="markers+text",
            marker={"color": style.COLOURS[name], "size": 13},
            text=[f"<b>{model}</b>"],
            textposition=_BESIDE.get(name, "middle right"),
            hovertemplate=f"{amount(compute, 'compute')}<br>{wrong:.2%}<extra>{model}</extra>",
        )
    figure.update_xaxes(type="log", exponentformat="power", dtick=1, title=t("era.compute"), range=[11.6, 14.9])
    figure.update_yaxes(type="log", tickformat=".1%", tickvals=[0.003, 0.01, 0.03], title=t("era.mistakes"))
    return figures.finished(figure, height=320, legend=False)


def of_card(card: Card, measure: str) -> float | None:
    """Where a shipped network stands on the axis `measure`; None for cost, which was not recorded."""
    return {
        "compute": era.training_compute(card),
        "parameters": float(card.parameters),
        "examples": float(card.dataset.train),
    }.get(measure)


def amount(value: float, measure: str) -> str:
    """A number with its unit: '3.14 × 10²³ FLOP'."""
    text = formats.number(value) if value < 1e5 else formats.scientific(value)
    return f"{text}{formats.NO_BREAK}{UNITS[measure]}".rstrip()


def _about(row: Milestone | Accelerator, measure: str) -> str:
    who = row.organisation if isinstance(row, Milestone) else row.maker
    lines = (f"<b>{row.name}</b>", who, f"{row.date:%Y-%m-%d}", amount(getattr(row, measure), measure))
    return "<br>".join(line for line in (*lines, urlsplit(row.source).hostname or "") if line)


def _names(
    figure: go.Figure, rows: Sequence[Milestone | Accelerator], measure: str, names: Mapping[str, str], left: float
) -> None:
    """Write the `names` beside their points: to the left of them, but to the right before the year `left`."""
    figure.add_scatter(
        x=[row.date for row in rows],
        y=[getattr(row, measure) for row in rows],
        mode="text",
        text=[f"<b>{names[row.name]}</b>" for row in rows],
        textposition=["top right" if era.year(row.date) < left else "top left" for row in rows],
        showlegend=False,
        hoverinfo="skip",
    )


def _trend(figure: go.Figure, trend: Growth, start: float, end: float, shown: bool = True) -> None:
    years = np.linspace(max(start, 1949), end, 30)
    middle, low, high = trend.at(years)
    days = [_day(year) for year in years]
    figure.add_scatter(
        x=days + days[::-1],
        y=[*high, *low[::-1]],
        fill="toself",
        fillcolor="rgba(122, 107, 181, 0.22)",
        line={"width": 0},
        hoverinfo="skip",
        showlegend=False,
    )
    figure.add_scatter(
        x=days,
        y=middle,
        mode="lines",
        name=t("era.fit"),
        line={"color": _LINE, "width": 2.5},
        hoverinfo="skip",
        showlegend=shown,
    )


def _day(year: float) -> str:
    whole = math.floor(year)
    return str(np.datetime64(f"{whole}-01-01") + int((year - whole) * 365))


def _logarithmic(figure: go.Figure, title: str, values: Sequence[float]) -> go.Figure:
    """A logarithmic axis with a tick every power of ten, or every third where that were too many."""
    low, high = math.log10(min(values)), math.log10(max(values))
    room = 0.06 * (high - low)
    figure.update_yaxes(
        type="log",
        exponentformat="power",
        dtick=1 if high - low < 7 else 3,
        range=[low - room, high + room],
        title=title,
    )
    return figures.finished(figure, height=420)
