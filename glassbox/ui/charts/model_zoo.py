"""The networks' cards as figures: accuracy with its interval, and loss and accuracy by epoch."""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from glassbox.ui.base import formats
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import model_colour, model_name
from glassbox.ui.base.palette import GREY
from glassbox.ui.charts.figures import add_curve, finished
from glassbox.zoo.cards import Accuracy
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
            text=[f"<b>{a.value:.2%}</b>"],
            textposition="top center",
            hovertemplate=f"{interval(a)}<extra>%{{y}}</extra>",
        )
    figure.update_xaxes(tickformat=".1%", title=t("model_zoo.accuracy_axis"), nticks=6)
    figure.update_yaxes(ticksuffix="  ", range=[-0.5, len(ranked) - 0.3], fixedrange=True)
    return finished(figure, height=accuracy_height(cards), legend=False)


def interval(a: Accuracy) -> str:
    """Return an accuracy with its 95 % interval: '98.53% (98.27% – 98.75%)'."""
    return t("charts.interval", value=f"{a.value:.2%}", low=f"{a.low:.2%}", high=f"{a.high:.2%}")


def accuracy_height(cards: Mapping[str, Card]) -> int:
    """Return the height of `accuracy`, in pixels."""
    return 98 + 54 * len(cards)


def training(card: Card, what: str) -> go.Figure:
    """Return `what` ("loss" or "accuracy") by epoch, on the digits trained on and on those held out."""
    history = card.training.history
    seen: Sequence[float] = getattr(history, what)
    held: Sequence[float] = getattr(history, f"val_{what}")
    hover = "%{y:.2%}" if what == "accuracy" else "%{y:.3g}"
    epochs = list(range(1, len(seen) + 1))
    figure = go.Figure()
    add_curve(figure, t("model_zoo.on_training"), epochs, seen, colour=GREY, dash="dash", markers=True, hover=hover)
    held_out = t("model_zoo.on_validation")
    add_curve(figure, held_out, epochs, held, colour=model_colour(card.name), width=3, markers=True, hover=hover)
    figure.update_xaxes(title=t("model_zoo.training_x"), dtick=max(1, len(seen) // 8))
    figure.update_yaxes(title=t(f"model_zoo.training_{what}"), tickformat=".1%" if what == "accuracy" else None)
    figure.update_layout(hovermode="x unified")
    return finished(figure)


def spoken_accuracy(cards: Mapping[str, Card]) -> str:
    """Return the accuracies in words, for those who can't see the chart."""
    return ", ".join(f"{model_name(name)} {formats.percent(card.accuracy.value)}" for name, card in cards.items())
