"""Operators that only move numbers: which cell of their input each cell of their output is a copy of.

Each works on any array in place of its data, so that it can move addresses as ONNX Runtime moved the values, and a sum
further on can name the cell that a number really came from. Definitions: https://onnx.ai/onnx/operators/.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Addresses = NDArray[np.int64]


@dataclass(frozen=True)
class Move:
    """One use of such an operator: its name, its attributes, the values of its inputs (None for one left out), what
    gives the addresses of an input's cells, which of its outputs is meant, and the shape of that."""

    operator: str
    attributes: Mapping[str, Any]
    values: Sequence[NDArray[Any] | None]
    trace: Callable[[int], Addresses]
    output: int
    outputs: int
    shape: tuple[int, ...]

    def given(self, place: int, attribute: str) -> list[int] | None:
        """A list of numbers that newer operator sets take as an input and older ones as an attribute."""
        if place < len(self.values) and (value := self.values[place]) is not None:
            return [int(number) for number in value.reshape(-1)]
        return self.attributes.get(attribute)


Rule = Callable[[Move], Addresses | None]
MOVES: dict[str, Rule] = {}


def moves(*operators: str) -> Callable[[Rule], Rule]:
    """Register a rule for standard operators: the addresses that each cell of the output is a copy of."""

    def register(function: Rule) -> Rule:
        MOVES.update(dict.fromkeys(operators, function))
        return function

    return register


@moves("Identity", "Dropout", "Flatten", "Reshape", "Squeeze", "Unsqueeze")
def same_order(move: Move) -> Addresses:
    """The same cells in another shape, or as they are."""
    return move.trace(0).reshape(move.shape)


@moves("Transpose")
def transpose(move: Move) -> Addresses:
    """The axes in another order."""
    return move.trace(0).transpose(move.attributes.get("perm"))


@moves("Concat")
def concat(move: Move) -> Addresses:
    """Tensors side by side along an axis."""
    parts = [move.trace(place) for place in range(len(move.values))]
    return np.concatenate(parts, axis=move.attributes.get("axis", 1))


@moves("Split")
def split(move: Move) -> Addresses:
    """One of the parts that a tensor is cut into along an axis."""
    data, axis = move.trace(0), move.attributes.get("axis", 0)
    sizes = move.given(1, "split") or [math.ceil(data.shape[axis] / move.outputs)] * move.outputs
    start = sum(sizes[: move.output])
    return np.take(data, range(start, start + move.shape[axis]), axis=axis)


@moves("Slice")
def slice_(move: Move) -> Addresses:
    """A block of a tensor, perhaps every nth cell or backwards."""
    data = move.trace(0)
    starts, ends = move.given(1, "starts") or [], move.given(2, "ends") or []
    axes = move.given(3, "axes") or list(range(len(starts)))
    steps = move.given(4, "steps") or [1] * len(starts)
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        size = data.shape[axis]
        if step < 0 and end in (2**31 - 1, 2**63 - 1):  # the engine takes "as far as it goes" for either way
            end = -(2**63)
        low, high = (0, size) if step > 0 else (-1, size - 1)
        first, last = (min(max(edge + size if edge < 0 else edge, low), high) for edge in (start, end))
        data = np.take(data, range(max(first, 0), last, step), axis=axis)
    return data


@moves("Gather")
def gather(move: Move) -> Addresses:
    """Slices along an axis, taken by index."""
    return np.take(move.trace(0), _required(move, 1), axis=move.attributes.get("axis", 0))


@moves("GatherElements")
def gather_elements(move: Move) -> Addresses:
    """A cell for each index along an axis."""
    axis, data = move.attributes.get("axis", 0), move.trace(0)
    places = _required(move, 1)
    read: list[NDArray[Any]] = list(np.indices(places.shape))
    read[axis] = places
    return np.asarray(data[tuple(read)])


@moves("GatherND")
def gather_nd(move: Move) -> Addresses:
    """Slices at coordinates, of which the first `batch_dims` are those of the place."""
    places, shared = _required(move, 1), move.attributes.get("batch_dims", 0)
    batch = np.indices(places.shape[:-1])[:shared]
    return np.asarray(move.trace(0)[(*batch, *np.moveaxis(places, -1, 0))])


@moves("ScatterElements", "ScatterND", "Scatter")
def scatter(move: Move) -> Addresses | None:
    """Cells written over others; None where they are added to them or compared with them."""
    if move.attributes.get("reduction", "none") != "none":
        return None
    data = move.trace(0).copy()
    data[written(move.operator, _required(move, 1), move.attributes)] = move.trace(2)
    return data


def written(operator: str, indices: NDArray[Any], attributes: Mapping[str, Any]) -> tuple[NDArray[Any], ...]:
    """Return where ScatterND or ScatterElements writes, as an index into its data."""
    if operator == "ScatterND":
        return tuple(np.moveaxis(indices, -1, 0))
    places: list[NDArray[Any]] = list(np.indices(indices.shape))
    places[attributes.get("axis", 0)] = indices
    return tuple(places)


@moves("MaxUnpool")
def unpool(move: Move) -> Addresses:
    """Cells at the flat places that MaxPool took them from, zeros between them."""
    cells = np.zeros(math.prod(move.shape), np.int64)
    cells[_required(move, 1).reshape(-1)] = move.trace(0).reshape(-1)
    return cells.reshape(move.shape)


@moves("ReverseSequence")
def reverse_sequence(move: Move) -> Addresses:
    """The first steps of each example in reverse order."""
    data, time = move.trace(0), move.attributes.get("time_axis", 0)
    turned = np.moveaxis(data, (time, move.attributes.get("batch_axis", 1)), (0, 1)).copy()
    for example, length in enumerate(_required(move, 1)):
        turned[:length, example] = turned[:length, example][::-1]
    return np.moveaxis(turned, (0, 1), (time, move.attributes.get("batch_axis", 1)))


@moves("Expand")
def expand(move: Move) -> Addresses:
    """Axes of size 1 repeated, as in broadcasting."""
    return np.broadcast_to(move.trace(0), move.shape)


@moves("Tile")
def tile(move: Move) -> Addresses:
    """The whole tensor repeated along its axes."""
    return np.tile(move.trace(0), move.given(1, "repeats") or [1])


@moves("Where")
def where(move: Move) -> Addresses:
    """Cells of one tensor where a condition holds, else of another."""
    return np.where(_required(move, 0), move.trace(1), move.trace(2))


@moves("Pad")
def pad(move: Move) -> Addresses:
    """Cells added around or, where a pad is negative, taken away."""
    data, mode = move.trace(0), move.attributes.get("mode", "constant")
    pads = move.given(1, "pads") or []
    axes = move.given(3, "axes") or list(range(len(pads) // 2))
    widths = [(0, 0)] * data.ndim
    for axis, before, after in zip(axes, pads[: len(axes)], pads[len(axes) :], strict=True):
        widths[axis] = (before, after)
    for axis, (before, after) in enumerate(widths):  # a negative pad takes cells away
        data = np.take(data, range(max(-before, 0), data.shape[axis] - max(-after, 0)), axis=axis)
    added = [(max(before, 0), max(after, 0)) for before, after in widths]
    if mode != "constant":
        return np.pad(data, added, mode=mode)
    fill = move.trace(2).reshape(()) if len(move.values) > 2 and move.values[2] is not None else 0
    return np.pad(data, added, constant_values=fill)


@moves("Trilu")
def triangle(move: Move) -> Addresses:
    """The cells of matrices on and above a diagonal, or on and below it; the others become 0."""
    kept = np.triu if move.attributes.get("upper", 1) else np.tril
    diagonal = 0 if len(move.values) < 2 or move.values[1] is None else int(move.values[1].reshape(()))
    return kept(move.trace(0), diagonal)


@moves("DepthToSpace")
def depth_to_space(move: Move) -> Addresses:
    """Channels made into blocks of cells."""
    data, block = move.trace(0), move.attributes["blocksize"]
    n, c, h, w = data.shape
    if move.attributes.get("mode", "DCR") == "DCR":
        blocks = data.reshape(n, block, block, c // block**2, h, w).transpose(0, 3, 4, 1, 5, 2)
    else:
        blocks = data.reshape(n, c // block**2, block, block, h, w).transpose(0, 1, 4, 2, 5, 3)
    return blocks.reshape(move.shape)


@moves("SpaceToDepth")
def space_to_depth(move: Move) -> Addresses:
    """Blocks of cells made into channels."""
    data, block = move.trace(0), move.attributes["blocksize"]
    n, c, h, w = data.shape
    cells = data.reshape(n, c, h // block, block, w // block, block)
    order = (0, 3, 5, 1, 2, 4) if move.attributes.get("mode", "DCR") == "DCR" else (0, 1, 3, 5, 2, 4)
    return cells.transpose(order).reshape(move.shape)


def _required(move: Move, place: int) -> NDArray[Any]:
    value = move.values[place]
    assert value is not None  # the engine ran the node, so a required input was there
    return value
