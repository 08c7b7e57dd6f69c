"""The errors of the networks on members and non-members as bands on a common axis, and those on the visitor's digit."""

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


def loss_rows(
    games: Mapping[str, MembershipGame], verdicts: Mapping[str, MembershipVerdict]
) -> tuple[list[Row], tuple[float, float]]:
    """Return a row for each network, and the ends of the axis, which shows squared errors by their powers of ten.

    Its cells are members and non-members: median, middle half and nine tenths, and the error on the visitor's digit.
    """
    rows, powers = [], [_power(verdict.loss) for verdict in verdicts.values()]
    for name, game in games.items():
        sides = {"members": game.losses_members, "nonmembers": game.losses_nonmembers}
        cells = tuple(_quantiles(name, side, losses=losses, own=verdicts[name].loss) for side, losses in sides.items())
        powers += [end for cell in cells for end in cell.band or ()]
        rows.append(Row(model_name(name), cells))
    return rows, (min(powers) - 0.1, max(powers) + 0.1)


def _quantiles(name: str, side: str, *, losses: Sequence[float], own: float) -> Dot:
    """Return the `losses` (n,) of a network on one side, and its `own` on the visitor's digit, as one cell."""
    values = dict(zip(QUANTILES, np.quantile(losses, list(QUANTILES.values())).tolist(), strict=True))
    words = {key: formats.number(value) for key, value in (values | {"yours": own}).items()}
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
        yours=_power(own),
    )


def _power(value: float) -> float:
    """Return by how many powers of ten `value` is above FLOOR."""
    return math.log10(max(value, FLOOR) / FLOOR)
