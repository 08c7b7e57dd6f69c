"""The networks' cards as figures: accuracy with its interval, and loss and accuracy by epoch."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import plotly.graph_objects as go

from glassbox.ui.base import formats
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import model_colour, model_name
from glassbox.ui.base.palette import GREY
from glassbox.ui.charts.figures import add_curve, finished, interval
from glassbox.zoo.digit_models import Card


def accuracy(cards: Mapping[str, Card]) -> go.Figure:
    """Return the accuracy of every network on the test digits, with its 95 % interval, the best on top."""
    ranked = sorted(cards.values(), key=lambda card: card.accuracy.value)
    figure = go.Figure()
    for card in ranked:
        a = card.accuracy
        figure.add_scatter(
            x=[a.value],
            y=[model_name(card.name)],
            error_x={"array": [a.high - a.value], "arrayminus": [a.value - a.low], "thickness": 3, "width": 8},
            mode="markers+text",
            marker={"size": 14, "color": model_colour(card.name)},
            text=[f"<b>{formats.measured(a.value, 2)}</b>"],
            textposition="top center",
            hovertemplate=f"{interval(a, 2)}<extra>%{{y}}</extra>",
        )
    figure.update_xaxes(tickformat=formats.axis(1), title=t("model_zoo.accuracy_axis"), nticks=6)
    figure.update_yaxes(ticksuffix="  ", range=[-0.5, len(ranked) - 0.3], fixedrange=True)
    return finished(figure, height=accuracy_height(cards), legend=False)


def accuracy_height(cards: Mapping[str, Card]) -> int:
    """Return the height of `accuracy`, in pixels."""
    return 98 + 54 * len(cards)


def training(card: Card, what: str) -> go.Figure:
    """Return `what` ("loss" or "accuracy") by epoch, on the digits trained on and on those held out."""
    history = card.training.history
    seen: Sequence[float] = getattr(history, what)
    held: Sequence[float] = getattr(history, f"val_{what}")
    said: Callable[[float], str] = partial(formats.measured, decimals=2) if what == "accuracy" else formats.number
    epochs = list(range(1, len(seen) + 1))
    figure = go.Figure()
    for name, values, colour, dash in (
        (t("model_zoo.on_training"), seen, GREY, "dash"),
        (t("model_zoo.on_validation"), held, model_colour(card.name), "solid"),
    ):
        text = list(map(said, values))
        add_curve(figure, name, epochs, values, colour=colour, dash=dash, width=3, markers=True, text=text)
    figure.update_xaxes(title=t("model_zoo.training_x"), dtick=max(1, len(seen) // 8))
    ticks = formats.axis(1) if what == "accuracy" else None
    figure.update_yaxes(title=t(f"model_zoo.training_{what}"), tickformat=ticks)
    figure.update_layout(hovermode="x unified")
    return finished(figure)


def spoken_accuracy(cards: Mapping[str, Card]) -> str:
    """Return the accuracies in words, for those who can't see the chart."""
    return ", ".join(f"{model_name(name)} {formats.percent(card.accuracy.value)}" for name, card in cards.items())
