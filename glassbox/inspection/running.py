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
from glassbox.inspection import statistics as s
from glassbox.inspection.answer import Answer, text, texts
from glassbox.inspection.boxes import boxes
from glassbox.inspection.branches import Settled, settled
from glassbox.inspection.inputs import feeds
from glassbox.inspection.labels import labels as labels_of
from glassbox.inspection.labels import read_off
from glassbox.inspection.opening import Opened, opened, ran, session
from glassbox.inspection.requests import MOST_CELLS, Run, View
from glassbox.inspection.timing import warm_seconds
from glassbox.inspection.views import other, views

Array = NDArray[Any]
BOUNDS: Mapping[str, tuple[float, float]] = {
    "Sigmoid": (0, 1),
    "HardSigmoid": (0, 1),
    "Tanh": (-1, 1),
    "Softsign": (-1, 1),
}
"""The ranges of operators that saturate."""
PIECE_BYTES = 200e6
MOST_ROWS = 512
"""Rows of an output that are read off by their labels."""
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


def run(models: Sequence[bytes], request: Run, arrays: Mapping[str, Array]) -> Answer:
    """Return what happens inside a model on one input.

    Facts: `inputs`; `seconds` of the plain run and `tapped_seconds` of the one that gives all, warm ones where they
    are short, see `timing`; `tensors`, in topological order, with their statistics; `first_bad`, the first that holds
    NaN or infinities; `unseen` ones; the branches `taken` of each If, whose tensors and nodes tell their `path`, see
    `branches.Settled`; `read_off`, what outputs say row by row; `boxes` of a detector; `values`, what is given of each
    view; on request `times`, the seconds that each node takes by itself, None where that can't be measured. Arrays:
    `histograms` (tensors, BINS), and `values/TENSOR` for each view.
    """
    model = opened(models[0])
    fed, inputs = feeds(model, request, arrays)
    outputs, seconds = ran(model.session, fed)
    whole = settled(model, fed)
    inside = tapped(whole.model)
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
    arrays_out = {name: value for name, value in outputs.items() if isinstance(value, np.ndarray)}
    rows = [{**row, **whole.place(row["tensor"])} for row, _ in summed]
    facts: dict[str, Any] = {
        "inputs": inputs,
        "outputs": [text(name) for name in outputs],
        "others": {text(name): other(value) for name, value in outputs.items() if not isinstance(value, np.ndarray)},
        "seconds": seconds,
        "tapped_seconds": tapped_seconds,
        "tensors": rows,
        "first_bad": next((row["tensor"] for row in rows if row.get("nan") or row.get("infinite")), None),
        "unseen": texts(_unseen(model, rows)),
        "taken": [list(path) for path in whole.taken],
        "largest_at": {name: s.largest_at(value) for name, value in arrays_out.items()},
        "read_off": _read_off(model, arrays_out),
        "boxes": boxes(model, fed, arrays_out),
    }
    if request.times:
        facts |= _times(whole, kept)
    shown, given = views([*request.views, *_ends(request, fed, outputs)], {**outputs, **kept})
    counts = np.array([counts for _, counts in summed], np.int64).reshape(-1, s.BINS)
    return Answer(facts | {"values": shown}, {"histograms": counts, **given})


def _read_off(model: Opened, outputs: Mapping[str, Array]) -> dict[str, str]:
    """Return what the outputs say row by row whose places the file has labels for."""
    known = labels_of(model)
    rows = {
        name: s.largest_in_rows(value, MOST_ROWS)
        for name, value in outputs.items()
        if known and value.ndim > 2 and value.shape[-1] == len(known)
    }
    return {name: text(read_off(model, found, known)) for name, found in rows.items() if found}


def _unseen(model: Opened, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the names of the file's tensors that no run gives."""
    seen = {*model.weights, *(row.get("called", row["tensor"]) for row in rows)}
    held = {node.output[0] for node in model.nodes if node.op_type == "Constant" and node.output}
    return sorted(tensor_names(model.proto.graph) - seen - held - {""})


def _times(whole: Settled, kept: Mapping[str, Any]) -> dict[str, Any]:
    """Return the seconds of each node of the main graph, an If with what is in its branch, and those of the nodes in
    branches: (path, label, seconds) each."""
    inner, times = [], dict[str, float | None]()
    nodes = whole.model.proto.graph.node
    origins = [whole.origins.get(next(filter(None, node.output), ""), ((), "")) for node in nodes]
    names = labels(whole.model.proto.graph)
    places = {name: origin for name, origin in zip(names, origins, strict=True)}
    for name, seconds in node_seconds(whole.model.proto, kept, TIMES_LIMIT):
        path, label = places[name]
        if path:
            inner.append([list(path), text(label), seconds])
        outer = path[0].rpartition(":")[0] if path else label or name
        times[outer] = _sum(times.get(outer, 0.0), seconds)
    return {"times": times, "inner_times": inner}


def _sum(total: float | None, more: float | None) -> float | None:
    return None if total is None or more is None else total + more


def _ends(request: Run, fed: Mapping[str, Array], outputs: Mapping[str, Any]) -> Iterator[View]:
    """Yield views of inputs and outputs that are given unasked: of a large input every n-th number."""
    left, seen = MOST_CELLS // 2, {view.tensor for view in request.views}
    for name, value in {**fed, **outputs}.items():
        if not isinstance(value, np.ndarray) or name in seen or not request.ends:
            continue
        size = min(value.size, request.ends) if name in fed else value.size
        if size <= min(request.ends, left):
            left -= size
            yield View(tensor=name, most=max(size, 1))


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
