"""Milestones of AI, accelerators and the shipped networks as figures on logarithmic axes, with the fitted growth."""

from collections.abc import Mapping
from urllib.parse import urlsplit

import numpy as np
import plotly.graph_objects as go

from glassbox.history import milestones as history
from glassbox.history.growth import Growth, decimal_year
from glassbox.history.milestones import Accelerator, Milestone
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import model_colour, model_name
from glassbox.ui.base.palette import TREND
from glassbox.ui.charts.figures import add_curve, finished
from glassbox.ui.charts.marks import Mark, Symbol, add_marks, add_names
from glassbox.zoo.digit_models import Card

UNITS = {
    "compute": "FLOP",
    "parameters": "",
    "examples": "",
    "cost": "US$",
    "per_watt": "FLOP/s/W",
    "per_dollar": "FLOP/s/$",
}
NAMED = {
    "Perceptron Mark I": "Perceptron",
    "Zip CNN": "Zip CNN",
    "AlexNet": "AlexNet",
    "Transformer": "Transformer",
    "AlphaGo Lee": "AlphaGo",
    "GPT-3 175B (davinci)": "GPT-3",
    "Llama 3.1-405B": "Llama 3.1",
    "Grok 4": "Grok 4",
    "DeepSeek-V4-Pro": "DeepSeek-V4",
    "NVIDIA GeForce GTX 580": "GTX 580",
    "NVIDIA Tesla V100 SXM2": "V100",
    "NVIDIA A100": "A100",
    "NVIDIA H100 SXM5 80GB": "H100",
    "Google TPU v7 Ironwood": "TPU v7",
}
"""What is named in the figures; all others when pointed at."""
AWAY = {
    "Transformer": (10, 90),
    "Llama 3.1": (-45, -24),
    "DeepSeek-V4": (-95, -10),
}
"""Names that would stand on other marks, and where they end instead: pixels to the right and down. On a phone there is
hardly room to the right of the last years."""
MAKERS: dict[str, Symbol] = {
    "NVIDIA": "circle",
    "Google": "square",
    "AMD": "triangle-up",
    "Huawei": "diamond-open",
}
MILESTONES_HEIGHT, ACCELERATORS_HEIGHT, NETWORKS_HEIGHT = 460, 420, 360
_FIRST = 1949.0
_LEAST = 1e-5
"""The share of digits misread that stands for none on a logarithmic axis."""


def milestones(
    measure: str, since: float, cards: Mapping[str, Card], *, fitted: tuple[int, int] | None = None
) -> go.Figure:
    """Return `measure` (of MEASURES) of the milestones by year, the fit since 2010 and for compute that before, and our
    networks at the right edge.

    `fitted`: the first and the last year that the growth is fitted to instead; they are shaded.
    """
    rows = history.milestone_growth(measure, since)[0]
    start, end = max(since, _FIRST), max(decimal_year(row.date) for row in history.milestones())
    figure = go.Figure()
    if fitted:
        _add_fitted(figure, measure, max(fitted[0], start), fitted)
    else:
        _add_growth(figure, history.milestone_growth(measure)[1], history.DEEP, end)
        if measure == "compute" and since < history.DEEP:
            _add_growth(figure, history.milestone_growth(measure, 0, history.DEEP)[1], start, history.DEEP)
    sides = {china: [_mark(row, measure) for row in rows if row.china == china] for china in (False, True)}
    add_marks(figure, t("factors.from_elsewhere"), "circle", sides[False])
    add_marks(figure, t("factors.from_china"), "diamond-open", sides[True])
    own = [
        Mark(
            end + 1,
            value,
            f"{model_name(name)} · {t('factors.here')} · {amount(value, measure)}",
            colour=model_colour(name),
        )
        for name, card in cards.items()
        if (value := of_card(card, measure))
    ]
    add_marks(figure, t("factors.ours"), "star", own)
    _over_time(figure, measure, start, end + 1.5, MILESTONES_HEIGHT)
    add_names(figure, sides[False] + sides[True])
    return figure


def accelerators(measure: str) -> go.Figure:
    """Return `measure`, "per_watt" or "per_dollar", of the accelerators by year, with the fit."""
    rows, growth = history.accelerator_growth(measure)
    start, end = decimal_year(rows[0].date), decimal_year(rows[-1].date)
    figure = go.Figure()
    _add_growth(figure, growth, start, end)
    for maker, symbol in MAKERS.items():
        add_marks(figure, maker, symbol, [_mark(row, measure) for row in rows if row.maker == maker])
    others = [_mark(row, measure) for row in rows if row.maker not in MAKERS]
    add_marks(figure, t("factors.other_makers"), "x-thin-open", others)
    _over_time(figure, measure, start - 0.5, end + 0.5, ACCELERATORS_HEIGHT)
    add_names(figure, [_mark(row, measure) for row in rows])
    return figure


def networks(cards: Mapping[str, Card]) -> go.Figure:
    """Return the share of digits that each network misreads, with its 95 % interval, against training compute."""
    figure, marks = go.Figure(), []
    for name, card in cards.items():
        a, compute, model = card.accuracy, history.training_compute(card), model_name(name)
        said = t(
            "factors.ours_one", model=model, compute=amount(compute, "compute"), wrong=formats.measured(1 - a.value, 2)
        )
        low, wrong, high = (max(1 - value, _LEAST) for value in (a.high, a.value, a.low))
        marks.append(Mark(compute, wrong, said, name=model, colour=model_colour(name), ends=(low, high)))
        add_marks(figure, "", "circle", marks[-1:])
    figure.update_xaxes(title=t("factors.compute"), type="log", exponentformat="power", dtick=1)
    figure.update_yaxes(title=t("factors.mistakes"), type="log", tickformat=formats.axis(2, trim=True), dtick="D2")
    finished(figure, height=NETWORKS_HEIGHT, legend=False)
    add_names(figure, marks, beside="right")
    return figure


def of_card(card: Card, measure: str) -> float | None:
    """Return where a shipped network stands on the axis `measure`; None for cost, which was not recorded."""
    return {
        "compute": history.training_compute(card),
        "parameters": float(card.parameters),
        "examples": float(card.dataset.train),
    }.get(measure)


def amount(value: float, measure: str) -> str:
    """Return a number with its unit: '3.14 × 10²³ FLOP'."""
    text = formats.number(value) if value < 1e5 else formats.scientific(value)
    return f"{text}{formats.NO_BREAK}{UNITS[measure]}".rstrip()


def _mark(row: Milestone | Accelerator, measure: str) -> Mark:
    who = row.organisation.split(";")[0] if isinstance(row, Milestone) else row.maker
    value: float = getattr(row, measure)
    parts = (row.name, who if who not in row.name else "", f"{row.date:%Y-%m-%d}", amount(value, measure))
    host = (urlsplit(row.source).hostname or "").removeprefix("www.")
    said = " · ".join(part for part in (*parts, host) if part)
    name = NAMED.get(row.name, "")
    return Mark(decimal_year(row.date), value, said, link=row.source, name=name, away=AWAY.get(name))


def _add_growth(figure: go.Figure, growth: Growth, start: float, end: float) -> None:
    """Add a fitted line with its 95 % interval; one entry of the legend stands for all of them."""
    years = np.linspace(start, end, 24)
    middle, low, high = (values.tolist() for values in growth.at(years))
    add_curve(figure, t("charts.fit"), years.tolist(), middle, colour=TREND, band=(low, high), hover=None)


def _add_fitted(figure: go.Figure, measure: str, start: float, years: tuple[int, int]) -> None:
    """Shade `years` from `start` on, and add the growth fitted to them; none where there are too few points."""
    end = years[1] + 1
    figure.add_vrect(x0=start, x1=end, fillcolor=TREND, opacity=0.1, line_width=0, layer="below")
    try:
        growth = history.milestone_growth(measure, years[0], end)[1]
    except ValueError:
        return
    _add_growth(figure, growth, start, end)


def _over_time(figure: go.Figure, measure: str, start: float, end: float, height: int) -> go.Figure:
    figure.update_xaxes(range=[start, end], tickformat="d")
    figure.update_yaxes(title=t(f"factors.{measure}"), type="log", exponentformat="power")
    return finished(figure, height=height)
