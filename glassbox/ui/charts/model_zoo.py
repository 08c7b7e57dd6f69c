"""The networks' cards as figures: accuracy with its interval, and loss and accuracy by epoch."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import plotly.graph_objects as go

from glassbox.ui.base import formats
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import model_colour, model_name
from glassbox.ui.base.palette import GREY
from glassbox.ui.charts.dots import Dot, Row
from glassbox.ui.charts.figures import add_curve, finished, interval
from glassbox.zoo.digit_models import Card


def accuracy(cards: Mapping[str, Card]) -> tuple[list[Row], tuple[float, float]]:
    """Return the accuracy of every network on the test digits, with its 95 % interval, the best on top, and the ends
    of their common axis."""
    ranked = sorted(cards.values(), key=lambda card: card.accuracy.value, reverse=True)
    rows = [
        Row(
            model_name(card.name),
            (
                Dot(
                    value=card.accuracy.value,
                    low=card.accuracy.low,
                    high=card.accuracy.high,
                    text=formats.measured(card.accuracy.value, 2),
                    said=f"{model_name(card.name)}: {interval(card.accuracy, 2)}",
                    colour=model_colour(card.name),
                    good=True,
                ),
            ),
        )
        for card in ranked
    ]
    ends = [end for card in ranked for end in (card.accuracy.low, card.accuracy.high)]
    return rows, (min(ends), max(ends))


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
