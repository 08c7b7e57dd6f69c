"""Recurrent networks reading row by row, or token by token: states, gates and verdicts through time, to play and slide.

All rows are sent at once; playing and pointing happen in the browser. A click on a picture's number asks where it came
from.
"""

import base64
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassbox.digits.tensors import rescaled
from glassbox.explain.row_reader import PICTURE, SCORE, STATE, RowCell, RowReading
from glassbox.ui.base import style
from glassbox.ui.base.i18n import t
from glassbox.ui.base.state import held
from glassbox.ui.components.register import register

GATES = ("i", "f", "o", "z", "r")
"""Parts that open between 0 and 1, so that their scale is the same in all pictures."""
INFLUENCE = "influence"
ORDER = (PICTURE, STATE, "h", "c", "C", SCORE, "i", "f", "o", INFLUENCE, "z", "r")
"""What is remembered beside what comes of it, then the gates; so that lines fill on a laptop."""
WORDS = ("play", "pause", "back", "forward", "row", "after", "sure", "hint", "explore")
_component = register(__file__)


def rows(
    readings: Mapping[str, RowReading],
    digit: NDArray[np.uint8],
    said: Mapping[str, str],
    asked: tuple[str, RowCell],
    on_asked: Callable[[str, RowCell], None],
    key: str = "rows",
) -> None:
    """Draw `readings` of `digit`, uint8 (28, 28), by network, each with the sentence `said` of it.

    `asked`: the number that is marked; `on_asked` gets the network and the place of the one clicked.
    """

    def clicked() -> None:
        place = checked(held(key).get("asked"), readings)
        if place:
            on_asked(*place)

    _component(
        key=key,
        data={
            "rows": len(digit),
            "labels": [],
            "networks": [
                _network(name, one, said[name], digit if not i else None)
                for i, (name, one) in enumerate(readings.items())
            ],
            "asked": {"network": asked[0], **asked[1]._asdict()},
            "words": {name: t(f"components.time_film.{name}") for name in WORDS},
        },
        on_asked_change=clicked,
    )


def token_rows(network: Mapping[str, Any], labels: Sequence[str], words: Mapping[str, str], key: str) -> None:
    """Draw one `network` (see `drawn`) reading the tokens `labels`; `words`, by name of WORDS: what stands in for the
    words of a picture's rows."""
    _component(
        key=key,
        data={
            "rows": len(labels),
            "labels": list(labels),
            "networks": [network],
            "asked": None,
            "words": {name: words.get(name) or t(f"components.time_film.{name}") for name in WORDS},
        },
        on_asked_change=lambda: None,
    )


def checked(asked: object, readings: Mapping[str, RowReading]) -> tuple[str, RowCell] | None:
    """What the browser sent, if it is a number of a network that is shown."""
    if not isinstance(asked, dict) or asked.get("network") not in list(readings):
        return None
    part, row, unit = (asked.get(name) for name in RowCell._fields)
    if not isinstance(part, str) or type(row) is not int or type(unit) is not int:
        return None
    place, reading = RowCell(part, row, unit), readings[asked["network"]]
    values = reading.probabilities if place.part == SCORE else reading.parts.get(place.part)
    if values is None or not (0 <= row < len(values) and 0 <= unit < values.shape[1]):
        return None
    return asked["network"], place


def _network(name: str, reading: RowReading, said: str, digit: NDArray[np.uint8] | None) -> dict[str, Any]:
    influence = reading.influence / (reading.influence.max() or 1)
    panels = {part: _panel(part, values) for part, values in reading.parts.items()}
    panels[SCORE] = _panel(SCORE, reading.probabilities) | {"wide": True}
    panels[INFLUENCE] = _panel(INFLUENCE, influence[:, None]) | {"bars": True}
    cell = 8
    if digit is not None:
        panels[PICTURE] = _panel(PICTURE, rescaled(digit))
        cell = 10
    verdicts = [(str(row.argmax()), f"{100 * row.max():.1f}") for row in reading.probabilities]
    return drawn(name, said, verdicts, [panels[part] for part in ORDER if part in panels], (cell, cell))


def drawn(
    name: str,
    said: str,
    verdicts: Sequence[tuple[str, str]],
    panels: Sequence[Mapping[str, Any]],
    cell: tuple[int, int],
) -> dict[str, Any]:
    """The network `name` (a cell of style.COLOURS) as the browser draws it, with the sentence `said` of it.

    `verdicts`: after each row the label and its share in percent; `panels`: see `states`; `cell`: width and height in
    pixels.
    """
    return {
        "name": name,
        "title": t(f"frame.model.{name}"),
        "long_title": t(f"frame.model.{name}_long"),
        "colour": style.COLOURS[name],
        "said": said,
        "cell": cell,
        "verdicts": verdicts,
        "panels": panels,
    }


def states(parts: Mapping[str, NDArray[Any]], hover: str) -> list[dict[str, Any]]:
    """A panel for each of `parts` (state and gates by name, (rows, units)) in the order of ORDER; `hover`: what is said
    of a cell."""
    return [_panel(part, parts[part], hover) for part in ORDER if part in parts]


def _panel(part: str, values: NDArray[Any], hover: str = "") -> dict[str, Any]:
    """Values (rows, units) as float16, which keeps the three digits that are shown, at 2 bytes each."""
    signed = bool(values.min() < 0)
    limit = 1.0 if part in (*GATES, PICTURE, SCORE, INFLUENCE) else float(np.abs(values).max()) or 1.0
    return {
        "part": part,
        "title": t(f"components.time_film.part_{part}"),
        "hover": hover
        or t(
            f"components.time_film.hover_{part}"
            if part in (PICTURE, SCORE, INFLUENCE)
            else "components.time_film.hover"
        ),
        "signed": signed,
        "limit": limit,
        "units": values.shape[1],
        "values": base64.b64encode(values.astype("<f2").tobytes()).decode(),
    }
