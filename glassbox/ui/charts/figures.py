"""Arrays and cards -> Plotly figures. Pure: nothing here knows the page; the words come from locale/."""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from glassbox.ui.base import formats, style
from glassbox.ui.base.i18n import t
from glassbox.zoo.digit_models import Bin, Calibration, Card

CONFIG = {
    "displayModeBar": "hover",
    "modeBarButtons": [["toImage"]],
    "toImageButtonOptions": {"format": "png", "scale": 2, "filename": "glassbox"},
    "displaylogo": False,
    "scrollZoom": False,
}
"""Options for st.plotly_chart: of the tool bar only the button for a PNG, and the page scrolls, not the chart."""
GREY = "#7D8794"
"""For what is compared against: 3.5 : 1 and more on the paper of both themes."""
HEIGHT = 340


def accuracy(cards: Mapping[str, Card]) -> go.Figure:
    """Accuracy of every network on the test digits, with its 95 % interval, the best on top."""
    ranked = sorted(cards.values(), key=lambda card: card.accuracy.value)
    figure = go.Figure()
    for card in ranked:
        a = card.accuracy
        figure.add_scatter(
            x=[a.value],
            y=[t(f"frame.model.{card.name}")],
            error_x={"array": [a.high - a.value], "arrayminus": [a.value - a.low], "thickness": 3, "width": 8},
            mode="markers+text",
            marker={"size": 14, "color": style.COLOURS[card.name]},
            text=[f"<b>{a.value:.2%}</b>"],
            textposition="top center",
            hovertemplate=t("model_zoo.interval", value=f"{a.value:.2%}", low=f"{a.low:.2%}", high=f"{a.high:.2%}")
            + "<extra>%{y}</extra>",
        )
    figure.update_xaxes(tickformat=".1%", title=t("model_zoo.accuracy_axis"), nticks=6)
    figure.update_yaxes(ticksuffix="  ", range=[-0.5, len(ranked) - 0.3])
    return finished(figure, height=70 + 54 * len(ranked), legend=False)


def calibration(measured: Calibration, colour: str) -> go.Figure:
    """Reliability diagram: accuracy against confidence in 15 bins, before and after temperature scaling.

    Guo et al., "On Calibration of Modern Neural Networks", 2017, https://arxiv.org/abs/1706.04599
    """
    figure = go.Figure()
    figure.add_scatter(
        x=[0, 1],
        y=[0, 1],
        mode="lines",
        name=t("model_zoo.honest"),
        line={"color": GREY, "dash": "dot"},
        hoverinfo="skip",
    )
    confidence, right = t("model_zoo.calibration_x"), t("model_zoo.calibration_y")
    series = (
        ("before", measured.bins_before, GREY, "circle-open"),
        ("after", measured.bins_after, colour, "circle"),
    )
    for name, bins, colour, symbol in series:
        full = [one for one in bins if one.count]
        figure.add_scatter(
            x=[one.confidence for one in full],
            y=[one.accuracy for one in full],
            mode="lines+markers",
            name=t(f"model_zoo.{name}"),
            line={"color": colour, "width": 2},
            marker={"symbol": symbol, "size": _sizes(full), "opacity": 1},
            customdata=[one.count for one in full],
            hovertemplate=f"{confidence} %{{x:.1%}}<br>{right} %{{y:.1%}}<br>n = %{{customdata:,}}",
        )
    figure.update_xaxes(title=confidence, tickformat=".0%", range=[0, 1.03])
    figure.update_yaxes(title=right, tickformat=".0%", range=[0, 1.05])
    return finished(figure)


def confusion(counts: Sequence[Sequence[int]], labels: Sequence[str], colour: str, dark: bool) -> go.Figure:
    """True labels by rows, labels read by columns. Shades follow the mistakes: the diagonal would outshine them."""
    rows = [[0 if i == j else times for j, times in enumerate(row)] for i, row in enumerate(counts)]
    paper = style.PAPER["dark" if dark else "light"]
    figure = go.Figure(
        go.Heatmap(
            z=rows,
            x=list(labels),
            y=list(labels),
            text=[[str(times) if times else "" for times in row] for row in counts],
            texttemplate="%{text}",
            customdata=counts,
            hovertemplate=t("model_zoo.confusion_hover", true="%{y}", read="%{x}", times="%{text}") + "<extra></extra>",
            colorscale=[[0, paper], [1, colour]],
            showscale=False,
            xgap=1,
            ygap=1,
        )
    )
    figure.update_xaxes(title=t("model_zoo.confusion_x"), type="category", side="bottom", showgrid=False)
    figure.update_yaxes(title=t("model_zoo.confusion_y"), type="category", autorange="reversed", showgrid=False)
    return finished(figure, height=max(420, 90 + 26 * len(labels)), legend=False)


def training(card: Card, what: str) -> go.Figure:
    """`what` ("loss" or "accuracy") by epoch, on the digits trained on and on those held out."""
    history, colour = card.training.history, style.COLOURS[card.name]
    seen: Sequence[float] = getattr(history, what)
    held: Sequence[float] = getattr(history, f"val_{what}")
    kind = ".2%" if what == "accuracy" else ".3g"
    figure = go.Figure()
    for name, values, line in (
        (t("model_zoo.on_training"), seen, {"color": GREY, "dash": "dash"}),
        (t("model_zoo.on_validation"), held, {"color": colour, "width": 3}),
    ):
        figure.add_scatter(
            x=list(range(1, len(values) + 1)),
            y=list(values),
            mode="lines+markers",
            name=name,
            line=line,
            hovertemplate=f"%{{y:{kind}}}",
        )
    figure.update_xaxes(title=t("model_zoo.training_x"), dtick=max(1, len(seen) // 8))
    figure.update_yaxes(title=t(f"model_zoo.training_{what}"), tickformat=".1%" if what == "accuracy" else None)
    figure.update_layout(hovermode="x unified")
    return finished(figure)


def spoken_accuracy(cards: Mapping[str, Card]) -> str:
    """The accuracies in words, for those who can't see the chart."""
    return ", ".join(
        f"{t(f'frame.model.{name}')} {formats.percent(card.accuracy.value)}" for name, card in cards.items()
    )


def _sizes(bins: Sequence[Bin]) -> list[float]:
    """Marker sizes: area grows with the number of digits in a bin, from 7 to 16 px."""
    most = max((one.count for one in bins), default=1)
    return [7 + 9 * (one.count / most) ** 0.5 for one in bins]


def finished(figure: go.Figure, height: int = HEIGHT, legend: bool = True) -> go.Figure:
    """What all figures share: the page scrolls and not the figure, and its words have room."""
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 8, "t": 32 if legend else 8, "b": 8},
        showlegend=legend,
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "title": None},
        dragmode=False,
    )
    figure.update_xaxes(fixedrange=True, automargin=True)
    figure.update_yaxes(fixedrange=True, automargin=True)
    return figure
