"""Attributions' scores as Plotly figures. Pure: arrays in, figure out."""

from collections.abc import Mapping

import plotly.graph_objects as go

from glassbox.explain.comparison import Scored
from glassbox.explain.faithfulness import Randomised
from glassbox.ui.figures import GREY, finished
from glassbox.ui.i18n import t

_DASHES = {"edges": "dash", "random": "dot"}


def curve(scored: Scored, rivals: Mapping[str, Scored], which: str, colour: str) -> go.Figure:
    """The label's probability as pixels go or come (`which`: "deletion" or "insertion"), beside the rivals."""
    figure = go.Figure()
    for name, one in {**rivals, scored.name: scored}.items():
        drawn = getattr(one.scores, which)
        own = name == scored.name
        figure.add_scatter(
            x=drawn.shares,
            y=drawn.probabilities,
            mode="lines",
            name=f"{t(f'method.{name}')} {drawn.area:.2f}",
            line={"color": colour, "width": 3} if own else {"color": GREY, "dash": _DASHES[name], "width": 2},
            fill="tozeroy" if own else None,
            hovertemplate="%{x:.0%}: %{y:.1%}",
        )
    figure.update_xaxes(title=t(f"explain.{which}_axis"), tickformat=".0%", range=[0, 1])
    figure.update_yaxes(title=t("explain.probability_axis"), tickformat=".0%", range=[0, 1.02])
    return finished(figure, height=300)


def randomised(steps: list[Randomised], colour: str) -> go.Figure:
    """How much the map still resembles itself, as the weights are shuffled from the last layer to the first."""
    figure = go.Figure(
        go.Bar(
            x=[step.similarity for step in steps],
            y=[step.weight for step in steps],
            orientation="h",
            marker={"color": colour},
            text=[f"{step.similarity:.2f}" for step in steps],
            hovertemplate="%{y}: %{x:.2f}<extra></extra>",
        )
    )
    figure.update_xaxes(title=t("explain.similarity_axis"), range=[-1.05, 1.05])
    figure.update_yaxes(autorange="reversed", ticksuffix="  ")
    return finished(figure, height=80 + 34 * len(steps), legend=False)
