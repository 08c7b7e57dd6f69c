"""Run: every tensor inside a model as it computes one input, with statistics, and the first that holds no number."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto

from glassbox.engine.node_timing import node_seconds
from glassbox.engine.session import Optimised, Session
from glassbox.graph.model import RECURRENT, STANDARD, attributes, labels, operator, tensor_names
from glassbox.graph.shapes import skeleton
from glassbox.graph.taps import tap, tappable
from glassbox.input_error import InputError
from glassbox.inspection import statistics as s
from glassbox.inspection.answer import Answer, text, texts
from glassbox.inspection.inputs import feeds
from glassbox.inspection.opening import Opened, opened, session
from glassbox.inspection.requests import MOST_CELLS, Run, View
from glassbox.inspection.timing import warm_seconds

Array = NDArray[Any]
BOUNDS: Mapping[str, tuple[float, float]] = {
    "Sigmoid": (0, 1),
    "HardSigmoid": (0, 1),
    "Tanh": (-1, 1),
    "Softsign": (-1, 1),
}
"""The ranges of operators that saturate."""
PIECE_BYTES = 200e6
UNKNOWN_SIZE = 16
"""What counts for a size that nobody can tell before the run."""
TIMES_LIMIT = 3.0
"""Seconds for measuring the nodes of a model one by one."""
TIMED = 0.1
"""Seconds for measuring how long the whole model takes."""
_CHANNELS_FIRST = {"Conv", "ConvTranspose", "QLinearConv", "ConvInteger", "BatchNormalization", "InstanceNormalization"}
_CHANNELS_FIRST |= {"MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool", "LRN", "GroupNormalization"}
_CHANNELS_LAST = {"MatMul", "Gemm", "LayerNormalization", "RMSNormalization", "MatMulInteger", "Attention", *RECURRENT}
_MAY_DIE = {"Relu", "LeakyRelu", "PRelu", "Elu", "Selu", "Celu", "Gelu", "Clip", "HardSwish", "HardSigmoid", "Mish"}
_MAY_DIE |= {"ThresholdedRelu", "Shrink", "Softplus", "Sigmoid"}
"""Activations, whose units are dead where they are 0 everywhere."""
_ELEMENTWISE = {*_MAY_DIE, "Add", "Mul", "Sub", "Div", "Dropout", "Identity", "Cast", "Tanh", "Pad"}


@dataclass(frozen=True)
class Made:
    """The node that makes a tensor: its name, its operator, and the operator's bounds if it saturates."""

    node: str
    operator: str
    bounds: tuple[float, float] | None
    units: int | None
    """The axis of units or channels, as far as operators tell."""


class Tapped:
    """A model with every tensor that can be seen as an output."""

    def __init__(self, model: Opened, optimised: Optimised = "extended") -> None:
        """Raises InputError `cannot_load`."""
        self.model = model
        whole = tap(model.proto)
        # The layout that ONNX Runtime's last optimisations give to convolutions would be undone for each tensor given.
        self.session: Session = session(whole.SerializeToString(), optimised, arena=True)
        self.proto = skeleton(whole)

    @cached_property
    def makers(self) -> dict[str, Made]:
        """What makes each tensor of the outer graph."""
        graph, axes = self.proto.graph, dict[str, int | None]()
        found = {}
        for node, name in zip(graph.node, labels(self.model.proto.graph), strict=True):
            axis = _units(node, axes)
            bounds = BOUNDS.get(node.op_type) if node.domain in STANDARD else None
            for tensor in filter(None, node.output):
                axes[tensor] = axis
                found[tensor] = Made(name, operator(node), bounds, axis)
        return found

    @cached_property
    def unseen(self) -> list[str]:
        """Tensors that no run gives: sequences, maps, and those inside the bodies of If, Loop and Scan."""
        seen = {*tappable(self.proto), *(value.name for value in self.proto.graph.output)}
        return sorted(tensor_names(self.proto.graph) - seen)

    def run(self, fed: Mapping[str, Array], names: Sequence[str] | None = None) -> tuple[dict[str, Any], float]:
        """Return what every tensor, or those of `names`, holds, the inputs first, and the seconds. Raises InputError
        `cannot_run`."""
        values, seconds = ran(self.session, fed, names)
        return {**fed, **values}, seconds

    def pieces(self, fed: Mapping[str, Array]) -> list[list[str]]:
        """Return the tensors that can be seen, in order, in pieces of about PIECE_BYTES: what a large picture makes of
        a network is never all in memory, at the price of a run for each piece."""
        free = {
            size: given
            for name, value in fed.items()
            for size, given in zip(self.model.shape(name) or (), value.shape, strict=False)
            if isinstance(size, str)
        }
        pieces: list[list[str]] = [[]]
        taken, given = 0.0, set(self.session.outputs)
        for name in (name for name in self.makers if name in given):
            shape = self.model.shape(name) or (None,)
            sizes = [size if isinstance(size, int) else free.get(size or "", UNKNOWN_SIZE) for size in shape]
            size = 4.0 * math.prod(sizes)
            if pieces[-1] and taken + size > PIECE_BYTES:
                pieces.append([])
                taken = 0.0
            pieces[-1].append(name)
            taken += size
        return pieces


def tapped(model: Opened) -> Tapped:
    """Return the model with every tensor as an output, kept with it."""
    if "tapped" not in model.kept:
        model.kept["tapped"] = Tapped(model)
    made: Tapped = model.kept["tapped"]
    return made


def ran(ready: Session, fed: Mapping[str, Array], names: Sequence[str] | None = None) -> tuple[dict[str, Any], float]:
    """Return the outputs of a run, or those of `names`, and its seconds. Raises InputError `cannot_run` with the
    reason."""
    try:
        done = ready.run(fed, names)
    except Exception as error:  # the engine raises its own errors, none of them a ValueError
        why = text(str(error))
        raise InputError("cannot_run", f"ONNX Runtime can't run this model on these inputs: {why}", why=why) from None
    return done.outputs, done.seconds


def run(models: Sequence[bytes], request: Run, arrays: Mapping[str, Array]) -> Answer:
    """Return what happens inside a model on one input.

    Facts: `inputs`; `seconds` of the plain run and `tapped_seconds` of the one that gives all, warm ones where they
    are short, see `timing`; `tensors`, in topological order, with their statistics; `first_bad`, the first that holds
    NaN or infinities; `unseen` ones; `values`, what is given of each view; on request `times`, the seconds that each
    node takes by itself, None where that can't be measured. Arrays: `histograms` (tensors, BINS), and `values/TENSOR`
    for each view.
    """
    model = opened(models[0])
    fed, inputs = feeds(model, request, arrays)
    outputs, seconds = ran(model.session, fed)
    inside = tapped(model)
    pieces = inside.pieces(fed)
    wanted = {view.tensor for view in request.views}
    kept: dict[str, Any] = dict(fed)
    summed, tapped_seconds = [*_summed(inside, [*fed], fed)], 0.0
    for names in pieces:
        values, took = inside.run(fed, names)
        tapped_seconds += took
        summed += _summed(inside, names, values)
        kept |= values if len(pieces) == 1 else {name: values[name] for name in wanted & values.keys()}
    if len(pieces) == 1:
        timed = warm_seconds([(model.session, fed), (inside.session, fed)], [seconds, tapped_seconds], TIMED)
        seconds, tapped_seconds = timed.seconds
    rows = [row for row, _ in summed]
    facts: dict[str, Any] = {
        "inputs": inputs,
        "outputs": [text(name) for name in outputs],
        "others": {text(name): other(value) for name, value in outputs.items() if not isinstance(value, np.ndarray)},
        "seconds": seconds,
        "tapped_seconds": tapped_seconds,
        "tensors": rows,
        "first_bad": next((row["tensor"] for row in rows if row.get("nan") or row.get("infinite")), None),
        "unseen": texts(inside.unseen),
    }
    if request.times:
        facts["times"] = dict(node_seconds(model.proto, kept, TIMES_LIMIT))
    shown, given = views(request.views, kept)
    counts = np.array([counts for _, counts in summed], np.int64).reshape(-1, s.BINS)
    return Answer(facts | {"values": shown}, {"histograms": counts, **given})


def views(asked: Sequence[View], values: Mapping[str, Any]) -> tuple[list[dict[str, Any]], dict[str, Array]]:
    """Return what is given of each view, as facts and as arrays `values/TENSOR`: text in the facts.

    Raises InputError: `unknown_tensor`, `view_rank` for more numbers than the tensor has axes, `views_too_large`.
    """
    facts, arrays, left = [], {}, MOST_CELLS
    for view in asked:
        value = values.get(view.tensor)
        if not isinstance(value, np.ndarray):
            raise InputError(
                "unknown_tensor", f"No run gives a tensor named {text(view.tensor)!r}.", name=text(view.tensor)
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


def _summed(
    inside: Tapped, names: Sequence[str], values: Mapping[str, Any]
) -> Iterator[tuple[dict[str, Any], NDArray[np.int64]]]:
    """Yield the statistics and the histogram of each tensor of `names`."""
    for name in names:
        value, made = values.get(name), inside.makers.get(name)
        if not isinstance(value, np.ndarray):
            continue
        row: dict[str, Any] = {
            "tensor": name,
            "node": None if made is None else text(made.node),
            "operator": None if made is None else text(made.operator),
            **s.statistics(value),
        }
        if made is not None and value.size and value.dtype.kind == "f":
            if made.bounds is not None:
                row["saturated"] = s.saturated(value, *made.bounds)
            if made.operator in _MAY_DIE and made.units is not None and -value.ndim <= made.units < value.ndim:
                row["dead"], row["units"] = s.dead_units(value, made.units)
        yield row, s.histogram(value, row.get("least"), row.get("largest"))


def _units(node: NodeProto, axes: Mapping[str, int | None]) -> int | None:
    """Return the axis of the units or channels that a node's outputs have, from its inputs' `axes`."""
    if node.domain not in STANDARD:
        return None
    if node.op_type in _CHANNELS_FIRST:
        return 1
    if node.op_type in _CHANNELS_LAST:
        return -1
    if node.op_type in _ELEMENTWISE:
        return next((axes[name] for name in node.input if axes.get(name) is not None), None)
    if node.op_type == "Transpose" and attributes(node).get("perm") == [0, 2, 3, 1]:
        return -1
    if node.op_type == "Transpose" and attributes(node).get("perm") == [0, 3, 1, 2]:
        return 1
    return None
