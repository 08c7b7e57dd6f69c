"""A slider for the temperature that scores are divided by before the softmax; the browser computes the ten shares."""

from collections.abc import Callable, Sequence
from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from glassbox.ui.base import payload
from glassbox.ui.base.i18n import t
from glassbox.ui.components.register import register

LOWEST, HIGHEST, STEP = 0.1, 3.0, 0.01
"""The ends of the slider, and the distance of its places."""
_WORDS = ("name", "own", "plain", "share")
_component = register(__file__)


class _Chosen(msgspec.Struct):
    temperature: Annotated[float, Meta(ge=LOWEST, le=HIGHEST)] | None


def temperature_slider(
    scores: NDArray[np.floating],
    *,
    labels: Sequence[str],
    colour: str,
    own: float,
    chosen: float | None,
    on_chosen: Callable[[float | None], None],
    key: str = "temperature",
) -> None:
    """Draw the shares of `labels` by the softmax of `scores` (labels,) divided by `chosen`, and the slider.

    `own`: the temperature of the network's card, in use while `chosen` is None; `on_chosen` gets the one that the
    visitor lets go of, None for the network's own.
    """

    def moved() -> None:
        sent = payload.parse(payload.sent(key, "chosen"), _Chosen)
        if sent is not None:
            on_chosen(sent.temperature)

    _component(
        key=key,
        data={
            "scores": [float(score) for score in scores],
            "labels": list(labels),
            "colour": colour,
            "own": own,
            "chosen": chosen,
            "ends": [LOWEST, HIGHEST, STEP],
            "words": {name: t(f"components.temperature.{name}") for name in _WORDS},
        },
        on_chosen_change=moved,
    )
