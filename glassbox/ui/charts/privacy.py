"""Attacks as figures: ROC curves of membership inference, accuracy by privacy budget and by the size of a change."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from glassbox.trust.attacks import membership
from glassbox.trust.attacks.robustness import RobustAccuracy
from glassbox.trust.attacks.study import Guarantee, MembershipGame, PrivateTraining
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import model_colour, model_name
from glassbox.ui.base.palette import GREY
from glassbox.ui.charts.figures import add_curve, add_line_at, finished, interval
from glassbox.zoo.cards import Accuracy

LEAST = 1e-4
"""Where the logarithmic axes of the ROC begin: half a stranger in five thousand."""
POINTS = 120
"""Of a curve, evenly apart on its axis: more can't be told apart."""
ROC_HEIGHT, ROBUST_HEIGHT = 520, 400


def roc(games: Mapping[str, MembershipGame], guarantee: Guarantee | None) -> go.Figure:
    """Return true against false positives of both attacks on every network; a share of nothing is drawn at the axis'
    lower end. Beside them guessing, and the most that the private network's guarantee allows."""
    rates = np.geomspace(LEAST, 1, POINTS)
    figure, places = go.Figure(), rates.tolist()

    def add(words: str, caught: np.ndarray, colour: str, dash: str) -> None:
        text = [formats.measured(share, 2) for share in caught]
        add_curve(figure, words, places, caught.tolist(), colour=colour, dash=dash, text=text, hover="%{x}: %{text}")

    for name, game in games.items():
        for attack, dash in zip(membership.ATTACKS, ("dot", "solid"), strict=True):
            curve = membership.roc(*game.scores(attack))
            caught = curve.true_positive_rate[np.searchsorted(curve.false_positive_rate, rates, side="right") - 1]
            words = t("privacy.line", model=model_name(name), attack=t(f"privacy.{attack}"))
            add(words, np.maximum(caught, LEAST), model_colour(name), dash)
    if guarantee:
        words = t("privacy.bound", epsilon=formats.number(round(guarantee.epsilon, 1)))
        add(words, membership.privacy_bound(guarantee, rates), model_colour("mlp_private"), "dash")
    add(t("privacy.guessing"), rates, GREY, "dash")
    axis = {"type": "log", "range": [np.log10(LEAST), 0.02], "dtick": 1, "tickformat": formats.axis(2, trim=True)}
    figure.update_xaxes(title=t("privacy.false_axis"), **axis)
    figure.update_yaxes(title=t("privacy.true_axis"), **axis)
    add_line_at(figure, membership.FALSE_POSITIVE_RATE)
    return finished(figure, height=ROC_HEIGHT)


def accuracy_by_budget(private: Sequence[PrivateTraining], article: Accuracy) -> go.Figure:
    """Return accuracy against epsilon, with its interval as a band, between clipping alone and the dashboard's own
    MLP."""
    kept = [(one.guarantee.epsilon, one.accuracy) for one in private if one.guarantee]
    epsilons, colour, figure = [epsilon for epsilon, _ in kept], model_colour("mlp_private"), go.Figure()
    _add_accuracy(figure, model_name("mlp_private"), epsilons, [found for _, found in kept], colour)
    levels = [(t("privacy.clipped"), one.accuracy, colour, "dot") for one in private if not one.guarantee]
    for name, accuracy, drawn, dash in [*levels, (t("privacy.shipped"), article, model_colour("mlp"), "dash")]:
        text = [formats.measured(accuracy.value, 2)] * len(kept)
        add_curve(figure, name, epsilons, [accuracy.value] * len(kept), colour=drawn, dash=dash, text=text)
    ticks = [f"{epsilon:.2g}" for epsilon in epsilons]
    figure.update_xaxes(title=t("privacy.epsilon_axis"), type="log", tickvals=epsilons, ticktext=ticks)
    figure.update_yaxes(title=t("privacy.accuracy_axis"), tickformat=formats.axis())
    figure.update_layout(hovermode="x unified")
    return finished(figure)


def robust_accuracy(
    found: Mapping[str, RobustAccuracy], epsilons: Sequence[float], attack: str, size: float
) -> go.Figure:
    """Return accuracy against the size of the change, under `attack`, with its interval, and under noise of the same
    size; a line stands at `size`. For "pgd" it is the accuracy under the worse of PGD and the Square attack."""
    figure, shown = go.Figure(), "worst" if attack == "pgd" else attack
    for name, one in found.items():
        model = model_name(name)
        attacked = t("privacy.line", model=model, attack=t(f"privacy.{shown}"))
        noisy = t("privacy.line", model=model, attack=t("privacy.noise"))
        _add_accuracy(figure, attacked, epsilons, getattr(one, shown), model_colour(name))
        _add_accuracy(figure, noisy, epsilons, one.noise, model_colour(name), dash="dot")
    figure.update_xaxes(title=t("privacy.size_axis"))
    figure.update_yaxes(title=t("privacy.right_axis"), tickformat=formats.axis(), range=[0, 1.03])
    figure.update_layout(hovermode="x unified")
    add_line_at(figure, size)
    return finished(figure, height=ROBUST_HEIGHT)


def _add_accuracy(
    figure: go.Figure, name: str, x: Sequence[float], found: Sequence[Accuracy], colour: str, dash: str = "solid"
) -> None:
    low, value, high = ([getattr(one, key) for one in found] for key in ("low", "value", "high"))
    add_curve(figure, name, x, value, colour=colour, dash=dash, band=(low, high), text=list(map(interval, found)))
