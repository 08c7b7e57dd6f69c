"""Views: the numbers of a tensor, or so many of them as may be sent; and what is no tensor as facts."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassbox.input_error import InputError
from glassbox.inspection import statistics as s
from glassbox.inspection.answer import text, texts
from glassbox.inspection.requests import MOST_CELLS, View

Array = NDArray[Any]


def views(asked: Sequence[View], values: Mapping[str, Any]) -> tuple[list[dict[str, Any]], dict[str, Array]]:
    """Return what is given of each view, as facts and as arrays `values/TENSOR`: text in the facts.

    Raises InputError: `unknown_tensor`, `view_rank` for more numbers than the tensor has axes, `views_too_large`.
    """
    facts, arrays, left = [], {}, MOST_CELLS
    for view in asked:
        value = values.get(view.tensor)
        if not isinstance(value, np.ndarray):
            raise InputError(
                "unknown_tensor", f"A run computes no tensor named {text(view.tensor)!r}.", name=text(view.tensor)
            )
        part, start, step = cut(value, view)
        left -= part.size
        if left < 0:
            raise InputError(
                "views_too_large", f"These tensors have more than {MOST_CELLS} numbers together.", limit=MOST_CELLS
            )
        fact = {"tensor": view.tensor, "shape": list(value.shape), "start": start, "step": step}
        if part.dtype.kind in "OUS":
            facts.append(fact | {"texts": texts(part.reshape(-1).tolist()), "part": list(part.shape)})
        else:
            facts.append(fact)
            arrays[f"values/{view.tensor}"] = part
    return facts, arrays


def cut(value: Array, view: View) -> tuple[Array, list[int], list[int]]:
    """Return what `view` shows of a tensor, where each axis starts and in which steps it goes on."""
    if max(len(view.start), len(view.stop)) > value.ndim:
        raise InputError(
            "view_rank",
            f"Tensor {text(view.tensor)!r} has {value.ndim} axes.",
            name=text(view.tensor),
            axes=value.ndim,
        )
    starts = [*view.start, *[0] * (value.ndim - len(view.start))]
    stops: list[int | None] = [*view.stop, *[None] * (value.ndim - len(view.stop))]
    spans = [
        range(*slice(begin, end).indices(size)) for begin, end, size in zip(starts, stops, value.shape, strict=True)
    ]
    steps = [1] * value.ndim
    counts = [len(span) for span in spans]
    while np.prod([-(-count // step) for count, step in zip(counts, steps, strict=True)], dtype=float) > view.most:
        longest = int(np.argmax([-(-count // step) for count, step in zip(counts, steps, strict=True)]))
        steps[longest] *= 2
    places = tuple(slice(span.start, span.stop, step) for span, step in zip(spans, steps, strict=True))
    part = np.asarray(value[places], value.dtype)  # of text without axes NumPy gives a str
    if part.dtype.kind not in "fiubcOUS":  # ONNX's small types, which NumPy knows by no name of its own
        part = part.astype(np.float32)
    return np.ascontiguousarray(part).reshape(part.shape), [span.start for span in spans], steps


def other(value: Any, depth: int = 0) -> Any:
    """Return an output that is no tensor as facts: of a sequence or a map the first entries."""
    if isinstance(value, np.ndarray):
        return s.statistics(value)
    if depth > 2:
        return text(value)
    if isinstance(value, list):
        return {"kind": "sequence", "length": len(value), "entries": [other(one, depth + 1) for one in value[:16]]}
    if isinstance(value, dict):
        pairs = [[text(key), other(one, depth + 1)] for key, one in list(value.items())[:64]]
        return {"kind": "map", "length": len(value), "entries": pairs}
    if isinstance(value, float):
        return value if np.isfinite(value) else str(value)
    return value if value is None or isinstance(value, (bool, int)) else text(value)
