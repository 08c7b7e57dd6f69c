"""Membership, privacy's price and robustness as Plotly figures. Pure: records in, figure out."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from glassbox.trust import privacy
from glassbox.trust.privacy import Accusation, Curve, Game, Guarantee, Private, Robust
from glassbox.ui import formats, style
from glassbox.ui.figures import GREY, finished
from glassbox.ui.i18n import t
from glassbox.zoo import Accuracy

LEAST = 1e-4
"""Where the logarithmic axes of the ROC begin: half a stranger in five thousand."""
POINTS = 120
"""Of a curve, evenly apart on its axis: more can't be told apart."""
_DASHES = {"loss": "dot", "lira": "solid"}
_ATTACK_DASHES = {"fgsm": "solid", "pgd": "solid", "noise": "dot"}


def roc(games: Mapping[str, Game], guarantee: Guarantee | None) -> go.Figure:
    """True against false positives of both attacks on every network, both axes logarithmic, with the diagonal, and the
    most that the private network's guarantee allows."""
    figure = go.Figure()
    ends = np.array([LEAST, 1.0])
    figure.add_scatter(
        x=ends, y=ends, mode="lines", name=t("privacy.guessing"), line={"color": GREY, "width": 1.5}, hoverinfo="skip"
    )
    if guarantee:
        rates = np.geomspace(LEAST, 1, POINTS)
        figure.add_scatter(
            x=rates,
            y=privacy.bound(guarantee, rates),
            mode="lines",
            name=t("privacy.bound", epsilon=formats.number(round(guarantee.epsilon, 1))),
            line={"color": style.COLOURS["mlp_private"], "width": 1.5, "dash": "dashdot"},
            hovertemplate="%{y:.2%}",
        )
    for name, game in games.items():
        for attack in privacy.ATTACKS:
            rates, caught = _thinned(privacy.roc(*game.scores(attack)))
            figure.add_scatter(
                x=rates,
                y=caught,
                mode="lines",
                name=t("privacy.line", model=t(f"model.{name}"), attack=t(f"privacy.{attack}")),
                line={"color": style.COLOURS[name], "dash": _DASHES[attack], "width": 2.5},
                hovertemplate="%{y:.2%}",
            )
    figure.add_vline(x=privacy.FALSE_POSITIVES, line={"color": GREY, "width": 1, "dash": "dash"})
    figure.update_xaxes(title=t("privacy.false_axis"), **_logarithmic(LEAST, 1.1))
    figure.update_yaxes(title=t("privacy.true_axis"), **_logarithmic(LEAST, 1.2))
    figure = finished(figure, height=500)
    figure.update_layout(legend={"y": -0.2, "yanchor": "top"}, margin={"t": 8})
    return figure


def _thinned(curve: Curve) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The ROC at POINTS rates, as a share of the drawn axis; a share of nothing is drawn at its lower end."""
    rates = np.geomspace(LEAST, 1, POINTS)
    place = np.searchsorted(curve.false, rates, side="right") - 1
    return rates, np.maximum(curve.true[place], LEAST)


def _logarithmic(low: float, high: float) -> dict[str, object]:
    values = [10.0**power for power in range(round(np.log10(low)), 1)]
    return {
        "type": "log",
        "range": [np.log10(low), np.log10(high)],
        "tickvals": values,
        "ticktext": [f"{100 * value:g} %" for value in values],
    }


def losses(games: Mapping[str, Game], accused: Mapping[str, Accusation]) -> go.Figure:
    """The squared errors of every network on its members and on strangers, as bands from the 5th to the 95th hundredth
    (thick: the middle half), with the visitor's as a diamond; the axis is logarithmic."""
    figure = go.Figure()
    for name, game in games.items():
        sides = (("members", game.losses_members), ("strangers", game.losses_strangers))
        for side, values in sides:
            row, colour = [[t(f"model.{name}")], [t(f"privacy.{side}")]], style.COLOURS[name]
            low, lower, middle, upper, high = np.quantile(values, (0.05, 0.25, 0.5, 0.75, 0.95))
            for ends, width in (((low, high), 3), ((lower, upper), 11)):
                figure.add_scatter(
                    x=ends,
                    y=[row[0] * 2, row[1] * 2],
                    mode="lines",
                    line={"color": colour, "width": width},
                    opacity=1 if side == "members" else 0.5,
                    hoverinfo="skip",
                )
            figure.add_scatter(
                x=[middle],
                y=row,
                mode="markers",
                marker={"symbol": "line-ns", "size": 16, "line": {"width": 3, "color": style.PAPER["light"]}},
                hovertemplate=t("privacy.median", value=formats.number(float(middle))) + "<extra></extra>",
            )
            figure.add_scatter(
                x=[accused[name].loss],
                y=row,
                mode="markers",
                marker={"symbol": "diamond", "size": 12, "color": GREY, "line": {"width": 1.5, "color": "white"}},
                hovertemplate=t("privacy.yours_hover", value=formats.number(accused[name].loss)) + "<extra></extra>",
            )
    figure.update_xaxes(title=t("privacy.loss_axis"), type="log", exponentformat="power", dtick=1)
    figure.update_yaxes(autorange="reversed", ticksuffix="  ", showdividers=False)
    return finished(figure, height=90 + 44 * 2 * len(games), legend=False)


def price(private: Sequence[Private], article: Accuracy) -> go.Figure:
    """Accuracy against epsilon, each with its interval; the network that is shipped is filled, the line is the MLP."""
    figure = go.Figure()
    names = [formats.number(round(one.guarantee.epsilon, 1)) if one.guarantee else "∞" for one in private]
    found = [one.accuracy for one in private]
    figure.add_scatter(
        x=names,
        y=[one.value for one in found],
        error_y={
            "array": [one.high - one.value for one in found],
            "arrayminus": [one.value - one.low for one in found],
            "thickness": 2,
            "width": 6,
        },
        mode="lines+markers",
        line={"color": style.COLOURS["mlp_private"], "width": 2.5},
        marker={"size": 10},
        customdata=[t("privacy.price_hover", value=f"{one.area:.3f}") for one in private],
        hovertemplate="ε = %{x}: %{y:.2%}<br>%{customdata}<extra></extra>",
    )
    figure.add_hline(
        y=article.value,
        line={"color": style.COLOURS["mlp"], "dash": "dash"},
        annotation={"text": t("privacy.shipped_line", value=formats.percent(article.value)), "yanchor": "bottom"},
        annotation_position="top left",
    )
    figure.update_xaxes(title=t("privacy.epsilon_axis"), type="category")
    figure.update_yaxes(title=t("privacy.accuracy_axis"), tickformat=".0%")
    return finished(figure, height=320, legend=False)


def robust(
    found: Mapping[str, Robust], epsilons: Sequence[float], attack: str, chosen: float, turned: Mapping[str, float]
) -> go.Figure:
    """Accuracy against the size of the change, under `attack` and under noise of the same size (dotted), each with its
    interval; `chosen`: the visitor's epsilon; `turned`: the least that turned each network on the visitor's digit."""
    figure = go.Figure()
    for name, one in found.items():
        for kind in (attack, "noise"):
            values: tuple[Accuracy, ...] = getattr(one, kind)
            figure.add_scatter(
                x=list(epsilons),
                y=[value.value for value in values],
                error_y={
                    "array": [value.high - value.value for value in values],
                    "arrayminus": [value.value - value.low for value in values],
                    "thickness": 1,
                    "width": 3,
                },
                mode="lines",
                name=t("privacy.line", model=t(f"model.{name}"), attack=t(f"privacy.{kind}")),
                line={"color": style.COLOURS[name], "width": 2.5, "dash": _ATTACK_DASHES[kind]},
                hovertemplate="%{y:.1%}",
            )
    figure.add_scatter(
        x=list(turned.values()),
        y=[0.03 * row for row in range(len(turned))],  # apart, as two may turn at the same size
        mode="markers",
        name=t("privacy.turned"),
        marker={
            "symbol": "diamond",
            "size": 12,
            "color": [style.COLOURS[name] for name in turned],
            "line": {"width": 1.5, "color": "white"},
        },
        text=[t(f"model.{name}") for name in turned],
        hovertemplate="%{text}: ε = %{x:.2f}",
        cliponaxis=False,
    )
    figure.add_vline(x=chosen, line={"color": GREY, "width": 1.5, "dash": "dash"})
    figure.update_xaxes(title=t("privacy.size_axis"), range=[-0.005, max(epsilons) + 0.005])
    figure.update_yaxes(title=t("privacy.right_axis"), tickformat=".0%", range=[-0.03, 1.02])
    figure = finished(figure, height=400)
    figure.update_layout(legend={"y": -0.22, "yanchor": "top"}, margin={"t": 8}, hovermode="x unified")
    return figure
