"""A network at steps of its training: what its heads look at in one text, and the curves that its training made.

All steps are sent at once; the slider, the playing and the pointing happen in the browser. A click switches a head off.
"""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from glassbox.ui.base import formats, payload
from glassbox.ui.base.i18n import t
from glassbox.ui.components.register import register

_WORDS = ("play", "pause", "step", "read", "says", "hint", "explore", "off", "on", "curve", "pattern", "guess", "axis")
_component = register(__file__)


@dataclass(frozen=True)
class FilmCurve:
    """A curve over the steps, (steps,): its `name`, its heights, a CSS colour; `dash` as in SVG's stroke-dasharray."""

    name: str
    values: NDArray[np.floating]
    colour: str
    dash: str = ""


@dataclass(frozen=True)
class FilmChart:
    """Curves on one axis from 0 to `high`; `share`: they are written in per cent."""

    title: str
    curves: Sequence[FilmCurve]
    high: float
    share: bool = False


@dataclass(frozen=True)
class FilmHead:
    """A head: its `name`; whether it is `off`; its `role` in words where it has one, else ""; what is said of it at
    each step."""

    name: str
    off: bool
    role: str
    said: Sequence[str]


@dataclass(frozen=True)
class Film:
    """A text of T letters, read by a network after each of the training's `steps`.

    `letters` (T,) are read; `following` (T,) should be foreseen, and can be where `told`. `guesses` (steps, T): the
    likeliest letters; `shares` (steps, T): the probability of the right one; `patterns` (steps, heads, T, T); `said`:
    of each step, in a sentence.
    """

    steps: Sequence[int]
    letters: Sequence[str]
    following: Sequence[str]
    told: Sequence[bool]
    guesses: Sequence[Sequence[str]]
    shares: NDArray[np.floating]
    patterns: NDArray[np.floating]
    heads: Sequence[FilmHead]
    charts: Sequence[FilmChart]
    said: Sequence[str]


def head_film(
    film: Film,
    *,
    step: int,
    on_step: Callable[[int], None],
    on_switched: Callable[[int], None],
    key: str = "head_film",
) -> None:
    """Draw `film`, at first at the step number `step`, from 0.

    `on_step` gets the number of the step that the visitor stops at, `on_switched` that of the head clicked.
    """

    def moved() -> None:
        asked = payload.parse(payload.sent(key, "step"), _Asked)
        if asked is not None and asked.number < len(film.steps):
            on_step(asked.number)

    def switched() -> None:
        asked = payload.parse(payload.sent(key, "switched"), _Asked)
        if asked is not None and asked.number < len(film.heads):
            on_switched(asked.number)

    _component(key=key, data=_data(film, step), on_step_change=moved, on_switched_change=switched)


class _Asked(msgspec.Struct):
    number: payload.Index


def _data(film: Film, step: int) -> dict[str, Any]:
    return {
        "steps": list(film.steps),
        "step": step,
        "letters": list(film.letters),
        "following": list(film.following),
        "told": list(film.told),
        "guesses": ["".join(row) for row in film.guesses],
        "shares": _bytes(film.shares),
        "patterns": _bytes(film.patterns),
        "heads": [vars(head) | {"said": list(head.said)} for head in film.heads],
        "charts": [
            vars(chart) | {"curves": [vars(one) | {"values": _shown(one.values, chart)} for one in chart.curves]}
            for chart in film.charts
        ],
        "said": list(film.said),
        "words": {name: t(f"components.head_film.{name}") for name in _WORDS},
    }


def _bytes(shares: NDArray[np.floating]) -> str:
    """Return shares, 0 to 1, as bytes in base64: to 1/255, more than a shade shows."""
    return base64.b64encode(np.rint(255 * shares).astype(np.uint8).tobytes()).decode()


def _shown(values: NDArray[np.floating], chart: FilmChart) -> list[float]:
    return [formats.shown(value) if chart.share else float(f"{value:.4g}") for value in values.tolist()]
