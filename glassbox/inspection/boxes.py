"""The boxes of a detector of the YOLO family, read from its output table.

Redmon, Farhadi, YOLOv3, 2018, https://arxiv.org/abs/1804.02767; the tables as Ultralytics exports them,
https://docs.ultralytics.com/modes/export.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassbox.inspection.answer import text
from glassbox.inspection.labels import labels as labels_of
from glassbox.inspection.opening import Opened
from glassbox.inspection.pictures import guessed

Array = NDArray[Any]
LEAST_SCORE, MOST_OVERLAP = 0.25, 0.45
"""The score from which a box counts, and the share that it may have in common with a better one of its label."""
MOST_CANDIDATES, MOST_BOXES = 1000, 20


@dataclass(frozen=True)
class Table:
    """What a detector's output says, a row for each box: `corners` (rows, 4), left, top, right and bottom in pixels of
    the input; `scores` and the `labels`' places (rows,); whether overlapping boxes are out already."""

    form: str
    corners: NDArray[np.float64]
    scores: NDArray[np.float64]
    labels: NDArray[np.int64]
    final: bool = False


def boxes(model: Opened, fed: Mapping[str, Array], outputs: Mapping[str, Array]) -> dict[str, Any] | None:
    """Return the boxes of a detector's first output as facts; None for what is no detector's output.

    Facts: the `input` with the picture, and its `height` and `width`; the `output`, its `form`, how many `rows` it has
    and how many of them score at least LEAST_SCORE (`above`); the `boxes`, at most MOST_BOXES, the best first: `label`,
    `score`, `corners`. A file without labels for its classes is no detector's: other tables have the same shape.
    """
    known = labels_of(model)
    pictured = next(((name, made) for name, value in fed.items() if (made := guessed(value.shape))), None)
    first = next(iter(outputs.items()), None)
    if not known or pictured is None or first is None:
        return None
    table = _table(first[1], len(known))
    if table is None:
        return None
    kept = _best(table)
    return {
        "input": pictured[0],
        "height": pictured[1]["height"],
        "width": pictured[1]["width"],
        "output": text(first[0]),
        "form": table.form,
        "rows": len(table.scores),
        "above": int((table.scores >= LEAST_SCORE).sum()),
        "boxes": [
            {
                "label": known[int(table.labels[row])],
                "score": float(table.scores[row]),
                "corners": [float(side) for side in table.corners[row]],
            }
            for row in kept[:MOST_BOXES]
        ],
    }


def _table(found: Array, classes: int) -> Table | None:
    """Return a detector's output as a table; None where it has no such form.

    The forms: "columns" (1, 4 + classes, boxes), centre, width, height and a score for each class; "rows" (1, boxes,
    5 + classes), the same with a score for there being an object, which the others are multiplied with; "final"
    (1, boxes, 6), corners, score and class.
    """
    if found.ndim != 3 or len(found) != 1 or found.dtype.kind != "f" or not np.isfinite(found).all():
        return None
    values = found[0].astype(np.float64)
    height, width = values.shape
    if height == 4 + classes and width > height:
        return _scored("columns", values[:4].T, values[4:].T)
    if width == 5 + classes and height > width:
        return _scored("rows", values[:, :4], values[:, 5:] * values[:, 4:5])
    places = values[:, 5] if width == 6 else np.array([-1.0])
    if width == 6 and height and (places == places.round()).all() and 0 <= places.min() <= places.max() < classes:
        return Table("final", values[:, :4], values[:, 4], places.astype(np.int64), final=True)
    return None


def _scored(form: str, middles: NDArray[np.float64], scores: NDArray[np.float64]) -> Table:
    half = middles[:, 2:] / 2
    corners = np.concatenate([middles[:, :2] - half, middles[:, :2] + half], 1)
    return Table(form, corners, scores.max(1), scores.argmax(1))


def _best(table: Table) -> Sequence[int]:
    """Return the rows of the boxes that count, the best first, without those that overlap a better one of their label
    (non-maximum suppression)."""
    rows = [int(row) for row in np.argsort(-table.scores, kind="stable") if table.scores[row] >= LEAST_SCORE]
    if table.final:
        return rows
    kept: list[int] = []
    for row in rows[:MOST_CANDIDATES]:
        rivals = [other for other in kept if table.labels[other] == table.labels[row]]
        if not rivals or _overlap(table.corners[row], table.corners[rivals]).max() <= MOST_OVERLAP:
            kept.append(row)
    return kept


def _overlap(one: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the intersection over union of a box with each of `others`."""
    shared = np.clip(np.minimum(one[2:], others[:, 2:]) - np.maximum(one[:2], others[:, :2]), 0, None).prod(1)
    areas = (others[:, 2:] - others[:, :2]).prod(1) + (one[2:] - one[:2]).prod()
    return np.asarray(shared / np.maximum(areas - shared, 1e-12))
