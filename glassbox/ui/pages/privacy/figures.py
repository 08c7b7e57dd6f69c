"""Membership, privacy's price and robustness as curves and dots. Pure: records in, what is drawn out."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from glassbox.trust.attacks import membership
from glassbox.trust.attacks.membership import (
    Guarantee,
    MembershipGame,
    MembershipVerdict,
    PrivateTraining,
    RobustAccuracy,
)
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import model_colour, model_name
from glassbox.ui.base.palette import GREY
from glassbox.ui.charts.dots import Dot, Row
from glassbox.ui.components.curves import Curve
from glassbox.zoo.cards import Accuracy

LEAST = 1e-4
"""Where the logarithmic axes of the ROC begin: half a stranger in five thousand."""
POINTS = 120
"""Of a curve, evenly apart on its axis: more can't be told apart."""
FLOOR = 1e-12
"""Errors are drawn by their powers of ten above this."""
QUANTILES = {"low": 0.05, "lower": 0.25, "middle": 0.5, "upper": 0.75, "high": 0.95}
DOTTED, DASHED = "1 5", "8 5"

Drawing = tuple[NDArray[np.float64], list[Curve]]
"""The places along the axis, (n,), and the curves over them."""


def roc(games: Mapping[str, MembershipGame], guarantee: Guarantee | None) -> Drawing:
    """True against false positives, both in hundredths, of both attacks on every network; a share of nothing is drawn
    at the axis' lower end. Beside them guessing, and the most that the private network's guarantee allows."""
    rates = np.geomspace(LEAST, 1, POINTS)
    drawn = []
    for name, game in games.items():
        for attack, dash in zip(membership.ATTACKS, (DOTTED, ""), strict=True):
            curve = membership.roc(*game.scores(attack))
            caught = curve.true_positive_rate[np.searchsorted(curve.false_positive_rate, rates, side="right") - 1]
            words = t("privacy.line", model=model_name(name), attack=t(f"privacy.{attack}"))
            drawn.append(Curve(words, 100 * np.maximum(caught, LEAST), model_colour(name), dash))
    if guarantee:
        words = t("privacy.bound", epsilon=formats.number(round(guarantee.epsilon, 1)))
        drawn.append(
            Curve(words, 100 * membership.privacy_bound(guarantee, rates), model_colour("mlp_private"), DASHED)
        )
    drawn.append(Curve(t("privacy.guessing"), 100 * rates, GREY, DASHED))
    return 100 * rates, drawn


def losses(
    games: Mapping[str, MembershipGame], accused: Mapping[str, MembershipVerdict]
) -> tuple[list[Row], tuple[float, float]]:
    """The squared errors of every network on members and strangers: median, middle half and nine tenths, with the
    visitor's own, by powers of ten. The second value: the ends of the axis."""
    rows, powers = [], [_power(one.loss) for one in accused.values()]
    for name, game in games.items():
        sides = {"members": game.losses_members, "strangers": game.losses_nonmembers}
        cells = tuple(_bands(name, side, values, accused[name].loss) for side, values in sides.items())
        powers += [end for cell in cells for end in cell.band or ()]
        rows.append(Row(model_name(name), cells))
    return rows, (min(powers) - 0.1, max(powers) + 0.1)


def _bands(name: str, side: str, losses: Sequence[float], yours: float) -> Dot:
    """The `losses` (n,) of a network on one side, and the visitor's."""
    values = dict(zip(QUANTILES, np.quantile(losses, list(QUANTILES.values())).tolist(), strict=True))
    words = {key: formats.number(value) for key, value in (values | {"yours": yours}).items()}
    at = {key: _power(value) for key, value in values.items()}
    return Dot(
        at["middle"],
        at["lower"],
        at["upper"],
        words["middle"],
        t(f"privacy.{side}_said", model=model_name(name), **words),
        model_colour(name),
        good=side == "members",
        band=(at["low"], at["high"]),
        yours=_power(yours),
    )


def _power(value: float) -> float:
    return math.log10(max(value, FLOOR) / FLOOR)


def price(private: Sequence[PrivateTraining], article: Accuracy) -> Drawing:
    """Accuracy against epsilon, with its interval as a band, between clipping alone and the dashboard's own MLP."""
    kept = [(one.guarantee.epsilon, one.accuracy) for one in private if one.guarantee]
    alone = [one.accuracy for one in private if not one.guarantee]
    epsilons, found = np.array([epsilon for epsilon, _ in kept]), [accuracy for _, accuracy in kept]
    colour = model_colour("mlp_private")
    drawn = [_banded(model_name("mlp_private"), found, colour)]
    drawn += [Curve(t("privacy.clipped"), np.full(len(kept), one.value), colour, DOTTED) for one in alone]
    drawn.append(Curve(t("privacy.shipped"), np.full(len(kept), article.value), model_colour("mlp"), DASHED))
    return epsilons, drawn


def robust(found: Mapping[str, RobustAccuracy], epsilons: Sequence[float], attack: str) -> Drawing:
    """Accuracy against the size of the change, under `attack`, with its interval, and under noise of the same size."""
    drawn = []
    for name, one in found.items():
        words = model_name(name)
        under: tuple[Accuracy, ...] = getattr(one, attack)
        attacked = t("privacy.line", model=words, attack=t(f"privacy.{attack}"))
        noisy = t("privacy.line", model=words, attack=t("privacy.noise"))
        drawn.append(_banded(attacked, under, model_colour(name)))
        drawn.append(_banded(noisy, one.noise, model_colour(name), DOTTED))
    return np.array(epsilons), drawn


def _banded(name: str, found: Sequence[Accuracy], colour: str, dash: str = "") -> Curve:
    low, value, high = (np.array([getattr(one, key) for one in found]) for key in ("low", "value", "high"))
    return Curve(name, value, colour, dash, low=low, high=high)
