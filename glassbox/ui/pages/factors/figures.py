"""Milestones, accelerators and the shipped networks -> figures on logarithmic axes. Pure: arrays and cards in."""

import math
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

import numpy as np

from glassbox.history import milestones as history
from glassbox.history.growth import Growth, decimal_year
from glassbox.history.milestones import Accelerator, Milestone
from glassbox.ui.base import formats, style
from glassbox.ui.base.i18n import t
from glassbox.ui.components.scatter import Axis, Mark, Scatter, Shape, Trend
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
MAKERS: dict[str, Shape] = {"NVIDIA": "circle", "Google": "square", "AMD": "triangle", "Huawei": "diamond"}
_FIRST = 1949.0


def milestones(measure: str, since: float, cards: Mapping[str, Card]) -> Scatter:
    """`measure` (of MEASURES) of the milestones by year, the fit since 2010 and for compute that before, and our six
    networks at the right edge."""
    rows, trend = history.milestone_growth(measure, since)[0], history.milestone_growth(measure)[1]
    start, end = max(since, _FIRST), max(decimal_year(row.date) for row in history.milestones())
    trends = [_trend(trend, history.DEEP, end)]
    if measure == "compute" and since < history.DEEP:
        trends.append(_trend(history.milestone_growth(measure, 0, history.DEEP)[1], start, history.DEEP))
    marks = [_mark(row, measure, "china" if row.china else "model") for row in rows]
    for name, card in cards.items():
        if value := of_card(card, measure):
            model = t(f"frame.model.{name}")
            said = f"{model} · {t('factors.here')} · {amount(value, measure)}"
            marks.append(Mark(end + 1, value, "ours", said, colour=style.COLOURS[name]))
    kinds: dict[str, tuple[str, Shape]] = {
        "model": (t("factors.from_elsewhere"), "circle"),
        "china": (t("factors.from_china"), "diamond"),
        "ours": (t("factors.ours") if any(mark.kind == "ours" for mark in marks) else "", "star"),
    }
    up = _axis(t(f"factors.{measure}"), marks, trends)
    return Scatter(marks, kinds, Axis("", start, end + 1.5, "year"), up, trends)


def accelerators(measure: str) -> Scatter:
    """`measure`, "per_watt" or "per_dollar", of the accelerators by year, with the fit."""
    rows, trend = history.accelerator_growth(measure)
    start, end = decimal_year(rows[0].date), decimal_year(rows[-1].date)
    trends = [_trend(trend, start, end)]
    marks = [_mark(row, measure, row.maker if row.maker in MAKERS else "") for row in rows]
    kinds: dict[str, tuple[str, Shape]] = {maker: (maker, shape) for maker, shape in MAKERS.items()}
    others = any(not mark.kind for mark in marks)
    kinds[""] = (t("factors.other_makers") if others else "", "cross")
    up = _axis(t(f"factors.{measure}"), marks, trends)
    return Scatter(marks, kinds, Axis("", start - 0.5, end + 0.5, "year"), up, trends, height=380)


def ours(cards: Mapping[str, Card]) -> Scatter:
    """The share of digits misread, with its 95 % interval, against training compute."""
    marks = []
    for name, card in cards.items():
        a, compute, model = card.accuracy, history.training_compute(card), t(f"frame.model.{name}")
        said = t("factors.ours_one", model=model, compute=amount(compute, "compute"), wrong=f"{1 - a.value:.2%}")
        ends = (max(1 - a.high, 1e-5), max(1 - a.low, 1e-5))
        misread = max(1 - a.value, 1e-5)
        marks.append(Mark(compute, misread, "", said, name=model, colour=style.COLOURS[name], ends=ends))
    across = [mark.x for mark in marks] or [1.0, 10.0]
    up = [end for mark in marks for end in mark.ends or ()] or [0.01, 0.1]
    return Scatter(
        marks,
        {"": ("", "circle")},
        Axis(t("factors.compute"), min(across) / 2, max(across) * 2),
        Axis(t("factors.mistakes"), min(up) / 1.3, max(up) * 1.3, "share"),
        height=320,
    )


def of_card(card: Card, measure: str) -> float | None:
    """Where a shipped network stands on the axis `measure`; None for cost, which was not recorded."""
    return {
        "compute": history.training_compute(card),
        "parameters": float(card.parameters),
        "examples": float(card.dataset.train),
    }.get(measure)


def amount(value: float, measure: str) -> str:
    """A number with its unit: '3.14 × 10²³ FLOP'."""
    text = formats.number(value) if value < 1e5 else formats.scientific(value)
    return f"{text}{formats.NO_BREAK}{UNITS[measure]}".rstrip()


def _mark(row: Milestone | Accelerator, measure: str, kind: str) -> Mark:
    who = row.organisation.split(";")[0] if isinstance(row, Milestone) else row.maker
    value: float = getattr(row, measure)
    parts = (row.name, who if who not in row.name else "", f"{row.date:%Y-%m-%d}", amount(value, measure))
    host = (urlsplit(row.source).hostname or "").removeprefix("www.")
    said = " · ".join(part for part in (*parts, host) if part)
    return Mark(decimal_year(row.date), value, kind, said, row.source, NAMED.get(row.name, ""))


def _trend(trend: Growth, start: float, end: float) -> Trend:
    years = np.linspace(start, end, 24)
    middle, low, high = trend.at(years)
    return Trend(*([float(f"{value:.7g}") for value in values.tolist()] for values in (years, middle, low, high)))


def _axis(title: str, marks: Sequence[Mark], trends: Sequence[Trend]) -> Axis:
    """An axis with room for all marks and the ends of the trends."""
    values = [mark.y for mark in marks] + [end for trend in trends for band in (trend.low, trend.high) for end in band]
    low, high = math.log10(min(values)), math.log10(max(values))
    room = 0.04 * (high - low)
    return Axis(title, float(10 ** (low - room)), float(10 ** (high + room)))
