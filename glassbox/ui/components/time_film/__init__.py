"""Recurrent networks reading row by row, or token by token: states, gates and verdicts through time.

All rows are sent at once; playing and pointing happen in the browser. A click on a number asks where it came from.
"""

import base64
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from glassbox.digits.tensors import rescaled
from glassbox.explain.row_reader import PICTURE, SCORE, STATE, RowCell, RowReading
from glassbox.ui.base import formats, payload
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import long_model_name, model_colour, model_name
from glassbox.ui.components.register import register

GATES = ("i", "f", "o", "z", "r")
"""Parts with values from 0 to 1: their scale is the same in all films."""
INFLUENCE = "influence"
ORDER = (PICTURE, STATE, "h", "c", "C", SCORE, "i", "f", "o", INFLUENCE, "z", "r")
"""Panels from left to right: the states beside the scores that come of them, then the gates."""
WORDS = ("play", "pause", "back", "forward", "row", "after", "sure", "hint", "explore")
_component = register(__file__)


def time_film(
    readings: Mapping[str, RowReading],
    *,
    digit: NDArray[np.uint8],
    said: Mapping[str, str],
    asked: tuple[str, RowCell],
    on_asked: Callable[[str, RowCell], None],
    key: str = "rows",
) -> None:
    """Draw how each network reads `digit`, uint8 (28, 28), row by row: first as a race of the labels from the first row
    on, then its states; the sentence `said` of it is told at the last row.

    `readings` and `said`: by network; `asked`: the cell that is marked, with its network: its row is the last one read;
    `on_asked` gets the one clicked, and the one of the row that the visitor goes on to.
    """

    def clicked() -> None:
        place = checked(payload.sent(key, "asked"), readings)
        if place:
            on_asked(*place)

    _component(
        key=key,
        data={
            "rows": len(digit),
            "race": True,
            "labels": [],
            "networks": [
                _network(name, one, said[name], digit if not i else None)
                for i, (name, one) in enumerate(readings.items())
            ],
            "asked": {"network": asked[0], **asked[1]._asdict()},
            "words": {name: t(f"components.time_film.{name}") for name in (*WORDS, "gates")},
        },
        on_asked_change=clicked,
    )


def token_film(network: Mapping[str, Any], *, labels: Sequence[str], words: Mapping[str, str], key: str) -> None:
    """Draw how a network (see `film_network`) reads the tokens `labels`.

    `words`: what is said instead of the words for the rows of a picture, by their names in WORDS.
    """
    _component(
        key=key,
        data={
            "rows": len(labels),
            "race": False,
            "labels": list(labels),
            "networks": [network],
            "asked": None,
            "words": {name: words.get(name) or t(f"components.time_film.{name}") for name in WORDS},
        },
        on_asked_change=lambda: None,
    )


class _Asked(msgspec.Struct):
    network: str
    part: str
    row: payload.Index
    unit: payload.Index


def checked(asked: object, readings: Mapping[str, RowReading]) -> tuple[str, RowCell] | None:
    """Return the network and the cell that the browser sent, if that network is shown and has it; else None."""
    sent = payload.parse(asked, _Asked)
    if sent is None or sent.network not in readings:
        return None
    reading = readings[sent.network]
    values = reading.probabilities if sent.part == SCORE else reading.parts.get(sent.part)
    if values is None or sent.row >= len(values) or sent.unit >= values.shape[1]:
        return None
    return sent.network, RowCell(sent.part, sent.row, sent.unit)


def _network(name: str, reading: RowReading, said: str, digit: NDArray[np.uint8] | None) -> dict[str, Any]:
    influence = reading.influence / (reading.influence.max() or 1)
    panels = {part: _panel(part, values) for part, values in reading.parts.items()}
    panels[SCORE] = _panel(SCORE, reading.probabilities) | {"wide": True}
    panels[INFLUENCE] = _panel(INFLUENCE, influence[:, None]) | {"bars": True}
    cell = 8
    if digit is not None:
        panels[PICTURE] = _panel(PICTURE, rescaled(digit))
        cell = 10
    verdicts = [(str(row.argmax()), formats.percent(float(row.max()))) for row in reading.probabilities]
    shown = [panels[part] for part in ORDER if part in panels]
    return film_network(name, title=model_name(name), said=said, verdicts=verdicts, panels=shown, cell=(cell, cell))


def film_network(
    name: str,
    *,
    title: str,
    said: str,
    verdicts: Sequence[tuple[str, str]],
    panels: Sequence[Mapping[str, Any]],
    cell: tuple[int, int],
) -> dict[str, Any]:
    """Return the network `name` as the browser draws it, below its `title` and with the sentence `said` of it.

    `verdicts`: the label after each row and its probability as it is written; `panels`: see `state_panels`; `cell`: the
    width and height of a cell in pixels.
    """
    return {
        "name": name,
        "title": title,
        "long_title": long_model_name(name),
        "colour": model_colour(name),
        "said": said,
        "cell": cell,
        "verdicts": verdicts,
        "panels": panels,
    }


def state_panels(parts: Mapping[str, NDArray[Any]], hover: str) -> list[dict[str, Any]]:
    """Return a panel for each state and gate of `parts`, (rows, units) by name, in the order of ORDER.

    `hover`: the sentence about a cell that is pointed at.
    """
    return [_panel(part, parts[part], hover) for part in ORDER if part in parts]


def _panel(part: str, values: NDArray[Any], hover: str = "") -> dict[str, Any]:
    """Return the values (rows, units) of a part: as float16, which may be off in the third digit that is shown, but the
    probabilities, which are shown elsewhere too, as float32."""
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
        "values": base64.b64encode(values.astype("<f4" if part == SCORE else "<f2").tobytes()).decode(),
    }
