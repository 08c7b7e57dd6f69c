"""The errors of the networks on members and strangers as points on a common axis, the visitor's own among them."""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from glassbox.trust.attacks.membership import MembershipVerdict
from glassbox.trust.attacks.study import MembershipGame
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import model_colour, model_name
from glassbox.ui.charts.dots import Dot, Row

FLOOR = 1e-12
"""Errors are drawn by their powers of ten above this."""
QUANTILES = {"low": 0.05, "lower": 0.25, "middle": 0.5, "upper": 0.75, "high": 0.95}


def losses_by_side(
    games: Mapping[str, MembershipGame], accused: Mapping[str, MembershipVerdict]
) -> tuple[list[Row], tuple[float, float]]:
    """Return the squared errors of every network on members and strangers (median, middle half and nine tenths) with
    the visitor's own, by powers of ten, and the ends of the axis."""
    rows, powers = [], [_power(one.loss) for one in accused.values()]
    for name, game in games.items():
        sides = {"members": game.losses_members, "strangers": game.losses_nonmembers}
        cells = tuple(_bands(name, side, values, accused[name].loss) for side, values in sides.items())
        powers += [end for cell in cells for end in cell.band or ()]
        rows.append(Row(model_name(name), cells))
    return rows, (min(powers) - 0.1, max(powers) + 0.1)


def _bands(name: str, side: str, losses: Sequence[float], yours: float) -> Dot:
    """Return the `losses` (n,) of a network on one side, and the visitor's, as one cell."""
    values = dict(zip(QUANTILES, np.quantile(losses, list(QUANTILES.values())).tolist(), strict=True))
    words = {key: formats.number(value) for key, value in (values | {"yours": yours}).items()}
    at = {key: _power(value) for key, value in values.items()}
    return Dot(
        value=at["middle"],
        low=at["lower"],
        high=at["upper"],
        text=words["middle"],
        said=t(f"privacy.{side}_said", model=model_name(name), **words),
        colour=model_colour(name),
        good=side == "members",
        band=(at["low"], at["high"]),
        yours=_power(yours),
    )


def _power(value: float) -> float:
    return math.log10(max(value, FLOOR) / FLOOR)
