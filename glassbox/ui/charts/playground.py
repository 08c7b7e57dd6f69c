"""Experiments of the playground as figures: optimisers, learning rates, and the loss around the path of training."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import plotly.graph_objects as go

from glassbox.playground.experiments import Experiment, Surface
from glassbox.ui.base import formats, palette
from glassbox.ui.base.i18n import t
from glassbox.ui.base.palette import GREY
from glassbox.ui.charts.figures import add_curve, add_line_at, finished, paper
from glassbox.ui.charts.tables import Table

SURFACE_HEIGHT = 480
_COLOURS = (palette.NEGATIVE, palette.POSITIVE, "#118A66")
_LEAST = 1e-9
"""What a logarithmic axis shows of a loss of zero."""


def optimisers(runs: Sequence[Experiment], words: Callable[[str], str]) -> go.Figure:
    """Return training loss (solid) and test loss (dotted) by epoch, one colour an optimiser."""
    figure = go.Figure()
    for run, colour in zip(runs, _COLOURS, strict=True):
        for part, dash, width in (("train", "solid", 2.5), ("test", "dot", 1.5)):
            add_curve(
                figure,
                t(f"playground.more.{part}_curve", name=words(run.name)),
                [score.epoch for score in run.scores],
                [max(getattr(score, f"{part}_loss"), _LEAST) for score in run.scores],
                colour=colour,
                dash=dash,
                width=width,
            )
    figure.update_xaxes(title=t("components.training_board.view.epoch"))
    figure.update_layout(hovermode="x unified")
    return finished(_loss_axis(figure))


def learning_rates(runs: Sequence[Experiment], current: float) -> go.Figure:
    """Return the losses at the end by learning rate; crosses where training diverged, a line at the rate in use."""
    figure = go.Figure()
    rates = [float(run.name) for run in runs]
    for part, colour, dash in (("train", palette.NEGATIVE, "solid"), ("test", GREY, "dot")):
        losses = [max(getattr(run.last, f"{part}_loss"), _LEAST) for run in runs]
        figure.add_scatter(
            x=rates,
            y=losses,
            text=[formats.number(loss) if np.isfinite(loss) else "–" for loss in losses],
            mode="lines+markers",
            name=t(f"components.training_board.view.{part}_loss"),
            line={"color": colour, "dash": dash},
            marker={"size": 10, "symbol": ["circle" if run.diverged is None else "x" for run in runs]},
            customdata=[[t("playground.more.stopped", step=run.diverged) if run.diverged else ""] for run in runs],
            hovertemplate="%{x}: %{text} %{customdata[0]}",
        )
    figure.update_xaxes(
        title=t("playground.setting.rate"), type="log", tickvals=rates, ticktext=[f"{r:g}" for r in rates]
    )
    add_line_at(figure, current, t("playground.more.current"))
    return finished(_loss_axis(figure))


def loss_surface(surface: Surface, dark: bool) -> go.Figure:
    """Return contours of the loss, on a logarithmic scale, and the path over them from its start to its end."""
    ink = palette.INK["dark" if dark else "light"]
    figure = go.Figure(
        go.Contour(
            x=surface.along,
            y=surface.across,
            z=np.log10(np.maximum(surface.losses, _LEAST)),
            text=[list(map(formats.number, row)) for row in surface.losses.tolist()],
            colorscale=[[0, paper(dark)], [1, ink]],
            ncontours=24,
            line={"width": 0.4},
            colorbar={
                "title": {"text": t("playground.more.log_loss"), "side": "top"},
                "thickness": 12,
                "orientation": "h",
                "y": 1.02,
                "yanchor": "bottom",
            },
            hovertemplate=t("playground.more.loss_here") + " %{text}<extra></extra>",
        )
    )
    figure.add_scatter(
        x=surface.path[:, 0],
        y=surface.path[:, 1],
        mode="lines+markers",
        line={"color": palette.POSITIVE, "width": 3},
        marker={"size": 6, "color": palette.POSITIVE},
        text=list(map(formats.number, surface.path_losses)),
        hovertemplate=t("playground.more.loss_here") + " %{text}<extra></extra>",
    )
    for place, name in ((surface.path[0], "start"), (surface.path[-1], "end")):
        figure.add_annotation(
            x=place[0],
            y=place[1],
            text=t(f"playground.more.{name}"),
            bgcolor=paper(dark),
            font={"color": ink},
            bordercolor=palette.POSITIVE,
            ax=28,
            ay=-28,
        )
    figure.update_xaxes(title=t("playground.more.along"), constrain="domain")
    figure.update_yaxes(title=t("playground.more.across"), constrain="domain", scaleanchor="x")
    return finished(figure, height=SURFACE_HEIGHT, legend=False)


def path_table(surface: Surface, caption: str) -> Table:
    """Return the path over the surface as a table: where each step stands, and its loss."""
    heads = ["", t("playground.more.along"), t("playground.more.across"), t("playground.more.loss")]
    rows = [
        [str(step), *(formats.number(float(value)) for value in (*place, loss))]
        for step, (place, loss) in enumerate(zip(surface.path, surface.path_losses, strict=True))
    ]
    return Table(caption, heads, rows, show_caption=False)


def _loss_axis(figure: go.Figure) -> go.Figure:
    figure.update_yaxes(title=t("playground.more.loss"), type="log", exponentformat="power")
    return figure
