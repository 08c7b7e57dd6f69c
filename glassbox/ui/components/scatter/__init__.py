"""Marks on logarithmic axes with the trend through them, drawn by the browser itself: each mark says what it is and
leads to its source, by mouse, finger and keyboard, without a charting library to load."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from glassbox.ui.base.i18n import t
from glassbox.ui.components.register import register

_component = register(__file__)
MAX_MARKS = 500
Shape = Literal["circle", "square", "triangle", "diamond", "cross", "star", "hexagon"]


@dataclass(frozen=True)
class Axis:
    """What an axis shows, from `low` to `high`: years, or on a logarithmic axis a share of one or a number, written as
    it is ("number") or as a power of ten ("log")."""

    title: str
    low: float
    high: float
    kind: Literal["year", "log", "number", "share"] = "log"


@dataclass(frozen=True)
class Mark:
    """One mark. `kind`: its entry in the legend; `said`: what it is, in a line; `link`: its source; `name`: written
    beside it where there is room; `ends`: of its interval upwards; `colour`: CSS, else that of all."""

    x: float
    y: float
    kind: str
    said: str
    link: str = ""
    name: str = ""
    colour: str = ""
    ends: tuple[float, float] | None = None


@dataclass(frozen=True)
class Trend:
    """A fitted line with the ends of its interval, at the places `x`."""

    x: Sequence[float]
    middle: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]


@dataclass(frozen=True)
class Scatter:
    """A figure. `kinds`: name in the legend and shape of each kind of mark; those without a name are not listed;
    `line`: the corners of a dotted line."""

    marks: Sequence[Mark]
    kinds: Mapping[str, tuple[str, Shape]]
    across: Axis
    up: Axis
    trends: Sequence[Trend] = ()
    line: Sequence[tuple[float, float]] = ()
    height: int = 420


def scatter(figure: Scatter, *, alt: str, key: str) -> None:
    """Draw `figure`. Raises ValueError for more than MAX_MARKS marks."""
    if len(figure.marks) > MAX_MARKS:
        raise ValueError(f"a figure has at most {MAX_MARKS} marks, here are {len(figure.marks)}")
    _component(
        key=key,
        data={
            "marks": [vars(mark) for mark in figure.marks],
            "kinds": {name: {"name": words, "shape": shape} for name, (words, shape) in figure.kinds.items()},
            "trends": [{name: list(values) for name, values in vars(trend).items()} for trend in figure.trends],
            "line": [list(corner) for corner in figure.line],
            "across": vars(figure.across),
            "up": vars(figure.up),
            "height": figure.height,
            "alt": alt,
            "words": {name: t(f"components.scatter.{name}") for name in ("hint", "fit", "source")},
        },
    )
