"""Explain: which cells of a tensor made a score what it is, by the method that the operators allow, and how far the map
can be trusted."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassbox.explain.attribution.faithfulness import blank, curve, edge_map
from glassbox.explain.attribution.methods import enlarged
from glassbox.explain.attribution.registry import LITTLE, MARGIN
from glassbox.input_error import InputError
from glassbox.inspection.answer import Answer, number
from glassbox.inspection.inputs import feeds
from glassbox.inspection.opening import opened
from glassbox.inspection.pictures import guessed
from glassbox.inspection.requests import Explain
from glassbox.inspection.scored import Floats, Scored, default_source

Array = NDArray[Any]
SECONDS = 1.5
"""About as long as one map takes, and as its curves do: a large model is asked fewer times."""
INTEGRAL, WINDOWS, MASKS, CURVE = (6, 50), (5, 14), (60, 800), (5, 49)
"""The fewest and the most: parts of an integral, windows along the longer side, random masks, points of a curve."""
RANDOM_MAPS = 3
"""Random maps, the middle one of which is chance; one alone of a model that is SLOW, in seconds a run."""
SLOW = 0.02


class Subject:
    """A scored tensor and what one unit of its map is: a pixel of a picture, of which all channels belong together, a
    place of an inner sequence, of which the last axis belongs together, else a cell."""

    def __init__(self, scored: Scored, inner: bool) -> None:
        self.scored = scored
        shape = scored.there.shape
        found = guessed(shape) if not inner and shape[:1] == (1,) else None
        self.layout: str | None = None if found is None else found["layout"]
        if self.layout is not None:
            self.together: tuple[int, ...] = tuple(axis for axis, kind in enumerate(self.layout) if kind in "NC")
        else:
            last = (len(shape) - 1,) if inner and len(shape) > 2 else ()
            self.together = ((0,) if len(shape) > 1 and shape[0] == 1 else ()) + last

    @property
    def shape(self) -> tuple[int, ...]:
        """The map's shape."""
        return tuple(size for axis, size in enumerate(self.scored.there.shape) if axis not in self.together)

    def map(self, cells: Floats) -> Floats:
        """Return the sum over the cells of each unit."""
        return np.asarray(cells.sum(self.together))

    def spread(self, units: Array) -> Array:
        """(n, *map) -> (n, *tensor), each unit's number at all of its cells."""
        placed = np.expand_dims(units, tuple(axis + 1 for axis in self.together))
        return np.broadcast_to(placed, (len(units), *self.scored.there.shape))

    def kept(self, shares: Array) -> Array:
        """(n, *map) from 0 to 1 -> the tensor with so much of each unit kept, (n, *tensor): zeros in the place of the
        rest."""
        there = self.scored.there
        return np.asarray(self.spread(shares) * there.astype(np.float64), there.dtype)


def explain(models: Sequence[bytes], request: Explain, arrays: Mapping[str, Array]) -> Answer:
    """Return the map of a method with its scores.

    Facts: `method`; `methods`, for each why it can't be had, or None; `source`, `score`, `target` and its `value`;
    `layout` of a picture; `runs` of the map; `measured` by probability or score; `faithfulness`, the area of insertion
    less that of deletion, beside those of the `edges` and of `random` maps, and the `verdict`; `missed`, the share that
    the sum of an integrated gradient misses. Arrays: `map`, and `deletion` and `insertion`, (2, points) each.

    Raises InputError: `method_refused` for a method that this model doesn't allow, `blank_map`, and as Scored does.
    """
    model = opened(models[0])
    fed, _ = feeds(model, request, arrays)
    source = request.input or default_source(model)
    scored = Scored(model, fed, source, request.score, request.target)
    subject = Subject(scored, source not in fed)
    refused = {name: _refusal(name, subject) for name in METHODS}
    names = [request.method] if request.method != "auto" else [x for x in METHODS if refused[x] is None]
    if (why := refused[names[0]]) is not None:
        raise InputError("method_refused", f"{names[0]}: {why}", method=names[0], why=why)
    for name in names:
        found, runs = METHODS[name](subject)
        if not blank(found) and np.isfinite(found).all():
            break
    else:
        raise InputError("blank_map", f"{name} gives no map: all cells have the same, or no number.", method=name)
    facts = {
        "method": name,
        "methods": refused,
        "source": source,
        "score": scored.score,
        "target": list(scored.target),
        "value": number(scored.value),
        "layout": subject.layout,
        "runs": runs,
        "missed": _missed(subject, found) if name == "integrated_gradients" else None,
    }
    judged, curves = _judged(subject, found)
    return Answer(facts | judged, {"map": found.astype(np.float32), **curves})


def saliency(subject: Subject) -> tuple[Floats, int]:
    """Return |dS/dx|. Simonyan et al., https://arxiv.org/abs/1312.6034"""
    return subject.map(np.abs(subject.scored.gradients(subject.scored.there[None])[0])), 1


def integrated_gradients(subject: Subject) -> tuple[Floats, int]:
    """Return x times the mean of dS/dx on the straight way from 0 to x, at the middles of equal parts.

    Sundararajan et al., https://arxiv.org/abs/1703.01365
    """
    there = subject.scored.there
    parts = _count(INTEGRAL, 3 * subject.scored.seconds)
    total = np.zeros(there.shape)
    for part in range(parts):
        total += subject.scored.gradients((there * there.dtype.type((part + 0.5) / parts))[None])[0]
    return subject.map(there * total / parts), parts


def grad_cam(subject: Subject) -> tuple[Floats, int]:
    """Return relu(sum of a_c A_c), a_c the mean of dS/dA_c, of the last convolution's maps A, enlarged.

    Selvaraju et al., https://arxiv.org/abs/1610.02391
    """
    maps, gradients = subject.scored.feature_maps()
    weighed = np.maximum((gradients.mean((1, 2))[:, None, None] * maps).sum(0), 0)
    height, width = subject.shape
    return enlarged(weighed, (height, width)), 1


def occlusion(subject: Subject) -> tuple[Floats, int]:
    """Return what the score loses when a window of units is erased, averaged over the windows that cover a unit.

    A window of a picture spans a seventh to a third of a side, at steps of half; of anything else it is one unit, or a
    run of neighbours where there are too many. Zeiler & Fergus, https://arxiv.org/abs/1311.2901
    """
    masks = _windows(subject)
    losses = subject.scored.value - _by_batches(subject, 1 - masks, subject.scored.scores)
    covered = masks.sum(0)
    return np.tensordot(losses, masks, 1) / np.maximum(covered, 1), len(masks)


def rise(subject: Subject) -> tuple[Floats, int]:
    """Return the mean of random masks, each weighed by the share of the score that is left under it.

    Petsiuk et al., https://arxiv.org/abs/1806.07421
    """
    count = _count(MASKS, subject.scored.seconds)
    rng = np.random.default_rng(0)
    shape, coarse = subject.shape, tuple(min(size, 8) for size in subject.shape)
    if len(shape) == 2:
        masks = np.stack([_shifted(enlarged(rng.random(coarse).round(), shape), rng) for _ in range(count)])
    else:
        masks = (rng.random((count, *shape)) < 0.5).astype(float)
    shares = _by_batches(subject, masks, subject.scored.shares)
    return np.tensordot(shares, masks, 1) / np.maximum(masks.sum(0), 1e-9), count


METHODS: Mapping[str, Callable[[Subject], tuple[Floats, int]]] = {
    "integrated_gradients": integrated_gradients,
    "occlusion": occlusion,
    "saliency": saliency,
    "grad_cam": grad_cam,
    "rise": rise,
}
"""The methods, in the order in which one is chosen."""


def _refusal(name: str, subject: Subject) -> str | None:
    """Return why a method can't be had of this model; None if it can."""
    if name in ("integrated_gradients", "saliency", "grad_cam"):
        if subject.scored.there.dtype.kind != "f":
            return f"{subject.scored.source!r} holds whole numbers, which have no gradient"
        if subject.scored.no_gradient is not None:
            return subject.scored.no_gradient
    if name == "grad_cam":
        if subject.layout is None:
            return "the input is no picture"
        return subject.scored.no_feature_maps
    return None


def _judged(subject: Subject, found: Floats) -> tuple[dict[str, Any], dict[str, Array]]:
    """Return how faithful a map is, beside maps that know nothing of the model."""
    maps = 1 if subject.scored.seconds > SLOW else RANDOM_MAPS
    points = _count(CURVE, 2 * (2 + maps) * subject.scored.seconds)

    def area(attribution: Floats) -> tuple[float, Array, Array]:
        def erased(changed: NDArray[np.bool_]) -> Floats:
            return _by_batches(subject, ~changed.reshape(-1, *subject.shape), subject.scored.shares)

        def shown(changed: NDArray[np.bool_]) -> Floats:
            return _by_batches(subject, changed.reshape(-1, *subject.shape), subject.scored.shares)

        deletion, insertion = curve(attribution, points, erased), curve(attribution, points, shown)
        removed, added = (np.stack([one.shares, one.probabilities]) for one in (deletion, insertion))
        return insertion.area - deletion.area, removed, added

    faithfulness, deletion, insertion = area(found)
    rng = np.random.default_rng(0)
    chance = sorted(area(rng.random(subject.shape))[0] for _ in range(maps))[maps // 2]
    edges = area(edge_map(_grey(subject)))[0] if len(subject.shape) == 2 and subject.layout is not None else None
    if abs(float(insertion[1, -1] - insertion[1, 0])) < LITTLE:
        verdict = "nothing"
    elif faithfulness < chance + MARGIN:
        verdict = "chance"
    else:
        verdict = "edges" if edges is not None and faithfulness < edges + MARGIN else "better"
    facts = {
        "measured": "probability" if subject.scored.probable else "score",
        "faithfulness": number(faithfulness),
        "random": number(chance),
        "edges": None if edges is None else number(edges),
        "verdict": verdict,
    }
    return facts, {"deletion": deletion, "insertion": insertion}


def _missed(subject: Subject, found: Floats) -> float | None:
    empty = float(subject.scored.scores(np.zeros_like(subject.scored.there)[None])[0])
    way = subject.scored.value - empty
    return number(abs(float(found.sum()) - way) / max(abs(way), 1e-9))


def _grey(subject: Subject) -> NDArray[np.float32]:
    mean = subject.scored.there.astype(np.float64).mean(subject.together)
    return np.asarray(mean, np.float32)


def _by_batches(subject: Subject, units: Array, measure: Callable[[Array], Floats]) -> Floats:
    """Return the measure of the tensor with only so much of each unit kept, a few at a time."""
    parts = [measure(subject.kept(units[start : start + 16])) for start in range(0, len(units), 16)]
    return np.concatenate(parts)


def _windows(subject: Subject) -> Floats:
    """Return the masks of occlusion, (n, *map), 1 where the tensor is erased."""
    shape = subject.shape
    least, most = WINDOWS
    budget = SECONDS / subject.scored.seconds
    if len(shape) != 2 or subject.layout is None:
        count = math.prod(shape)
        size = max(1, math.ceil(count / max(least, min(budget, 256))))
        starts = range(0, count, size)
        masks = np.zeros((len(starts), count))
        for row, start in enumerate(starts):
            masks[row, start : start + size] = 1
        return masks.reshape(-1, *shape)
    steps = int(np.clip(math.sqrt(budget), least, most))
    height, width = (max(1, math.ceil(size / steps)) for size in shape)  # steps; a window is two of them
    corners = [(r, c) for r in range(-height, shape[0], height) for c in range(-width, shape[1], width)]
    masks = np.zeros((len(corners), *shape))
    for row, (r, c) in enumerate(corners):
        masks[row, max(r, 0) : r + 2 * height, max(c, 0) : c + 2 * width] = 1
    return masks


def _shifted(mask: Floats, rng: np.random.Generator) -> Floats:
    return np.roll(mask, tuple(int(rng.integers(0, max(size // 8, 1))) for size in mask.shape), (0, 1))


def _count(limits: tuple[int, int], seconds: float) -> int:
    """Return how often something that takes `seconds` can be done in SECONDS, within the limits."""
    return int(np.clip(SECONDS / seconds, *limits))
