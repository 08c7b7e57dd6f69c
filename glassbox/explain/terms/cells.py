"""The cells of one run: every number inside a model has a tensor and an index, a value, and an address.

Addresses number the cells of all tensors one after another, so that a whole window of them is one integer array, and an
operator that only moves numbers can move addresses instead (see moves.py). Address 0 is no cell: a padded zero.
"""

from collections import ChainMap
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto

from glassbox.explain.terms.copies import MOVES, Move
from glassbox.explain.terms.recurrence import Recurrence
from glassbox.graph.model import (
    RECURRENT,
    STANDARD,
    attributes,
    constants,
    fresh,
    labels,
    opset,
    subgraphs,
    tensor_names,
)

Addresses = NDArray[np.int64]
Array = NDArray[np.float64]
Index = tuple[int, ...]
NOTHING = 0


class Cell(NamedTuple):
    """One number's place. `tensor` is "" for a padded zero, which has none."""

    tensor: str
    at: Index


class Maker(NamedTuple):
    """What makes a tensor: the node, its label and attributes, and which of its outputs the tensor is."""

    node: NodeProto
    label: str
    attributes: dict[str, Any]
    output: int
    opset: int

    @property
    def operator(self) -> str | None:
        """The standard operator; None outside the standard."""
        return self.node.op_type if self.node.domain in STANDARD else None


class Replayed(NamedTuple):
    """A tensor that the engine keeps to itself: a gate ("i", "z"...) or the cell state ("C") of a recurrent node, given
    by the maker of its states."""

    maker: Maker
    gate: str


class Plan:
    """What all runs of a model share: its constants, the makers of its tensors, which tensors no input can change."""

    def __init__(self, model: ModelProto) -> None:
        graph = model.graph
        self.opset = opset(model)
        self.constants = constants(graph)
        self.names = tensor_names(graph)
        self.nodes = [(node, label, attributes(node)) for node, label in zip(graph.node, labels(graph), strict=True)]
        self.makers = {
            name: Maker(node, label, values, place, self.opset)
            for node, label, values in self.nodes
            for place, name in enumerate(node.output)
            if name and name not in self.constants
        }

    def fixed(self, fed: set[str]) -> set[str]:
        """Return the tensors that come out of constants alone, when the tensors `fed` do not."""
        found = self.constants.keys() - fed
        for node, _, _ in self.nodes:
            if all(name in found for name in node.input if name) and not any(True for _ in subgraphs(node)):
                found.update(filter(None, node.output))
        return found


class Cells:
    """All tensors of one run.

    `arrays` maps each to its values: constants, inputs, what the nodes gave, then the gates and cell states of
    recurrent nodes, which are replayed (`replayed` says what each is, `gates` the tensor of a node's gate) and named
    after the node's states: "STATES.i".
    """

    def __init__(self, plan: Plan, feeds: Mapping[str, NDArray[Any]], given: Mapping[str, NDArray[Any]]) -> None:
        """`given`: the outputs of a run of the tapped model on `feeds`."""
        self.plan = plan
        self.makers: ChainMap[str, Maker] = ChainMap({}, plan.makers)
        """The makers of the tensors; those of nodes that were written out come first, see `opening`."""
        self.equal: dict[str, str] = {}
        """The outputs of nodes that were written out, and the inner tensors that equal them."""
        computed = {name: given[name] for name in plan.makers if name in given}  # in the order of the graph
        values = {**plan.constants, **feeds, **computed}  # of which sequences and absent optionals are no tensors
        self.arrays = {name: value for name, value in values.items() if isinstance(value, np.ndarray)}
        self.fixed = plan.fixed(set(feeds))
        self.recurrences: dict[str, Recurrence] = {}
        self.replayed: dict[str, Replayed] = {}
        self.gates: dict[tuple[str, str], str] = {}
        for node, label, values in plan.nodes:
            if node.op_type in RECURRENT and node.domain in STANDARD:
                self._replay(node, label, values)
        self._names = list(self.arrays)
        ends = np.cumsum([1, *(array.size for array in self.arrays.values())])
        self._offsets, self._end = ends[:-1], int(ends[-1])
        self._offset = dict(zip(self._names, map(int, self._offsets), strict=True))
        self._moved: dict[str, Addresses] = {}
        for name, maker in plan.makers.items():  # in the order of the graph, so that chains of moves come out resolved
            if name in self.arrays and name not in feeds and (moved := self._move(name, maker)) is not None:
                self._moved[name] = moved

    def add(self, arrays: Mapping[str, NDArray[Any]], makers: Mapping[str, Maker]) -> None:
        """Add the tensors of nodes that were written out, in the order of the nodes."""
        for name, array in arrays.items():
            self.arrays[name], self._offset[name] = array, self._end
            self._names.append(name)
            self._offsets = np.append(self._offsets, self._end)
            self._end += array.size
        self.makers.update(makers)
        for name, maker in makers.items():
            if name in arrays and (moved := self._move(name, maker)) is not None:
                self._moved[name] = moved
            if all(read in self.fixed for read in maker.node.input if read):
                self.fixed.add(name)

    def equate(self, tensor: str, inner: str) -> None:
        """Let `tensor` be explained as `inner`, which equals it, is: by what made it or as a copy."""
        self.equal[tensor] = inner
        if self.is_moved(inner) or inner not in self.makers:
            self._moved[tensor] = self.addresses(inner)
        else:
            self.makers[tensor] = self.makers[inner]

    def addresses(self, tensor: str, selection: Any = ()) -> Addresses:
        """Return the addresses of the cells that `tensor[selection]` shows, in its shape: its own, or those copied."""
        if tensor in self._moved:
            return np.asarray(self._moved[tensor][selection])
        array, offset = self.arrays[tensor], self._offset[tensor]
        own: Addresses = np.arange(offset, offset + array.size).reshape(array.shape)
        return np.asarray(own[selection])

    def values(self, tensor: str, selection: Any = ()) -> Array:
        """Return `tensor[selection]` as float64: sums are made in it, so that what differs is the engine's rounding."""
        return np.asarray(self.arrays[tensor][selection], dtype=np.float64)

    def is_moved(self, tensor: str) -> bool:
        """Return whether `tensor` only holds copies of other cells."""
        return tensor in self._moved

    def recurrent_label(self, tensor: str) -> str | None:
        """Return the recurrent node whose states `tensor` holds or copies."""
        first = self.origin(tensor, (0,) * self.arrays[tensor].ndim).tensor if self.arrays[tensor].size else tensor
        maker = self.replayed[first].maker if first in self.replayed else self.makers.get(first)
        return maker.label if maker and maker.label in self.recurrences else None

    def origin(self, tensor: str, index: Index) -> Cell:
        """Return the cell that `tensor[index]` is a copy of; the cell itself where nothing was only moved."""
        (name,), (at,) = self.places(self.addresses(tensor, index).reshape(1))
        return Cell(name, at)

    def places(self, addresses: Addresses) -> tuple[list[str], list[Index]]:
        """Return the tensors and the indices of the cells at one-dimensional `addresses`; "" and () for no cell."""
        names: list[str] = [""] * len(addresses)
        indices: list[Index] = [()] * len(addresses)
        owners = np.where(addresses == NOTHING, -1, np.searchsorted(self._offsets, addresses, side="right") - 1)
        for owner in np.unique(owners[owners >= 0]):
            name, which = self._names[owner], np.flatnonzero(owners == owner).tolist()
            shape, flat = self.arrays[name].shape, addresses[which] - self._offsets[owner]
            at = list(zip(*(axis.tolist() for axis in np.unravel_index(flat, shape)), strict=True)) if shape else None
            for count, place in enumerate(which):
                names[place] = name
                indices[place] = at[count] if at else ()
        return names, indices

    def _move(self, name: str, maker: Maker) -> Addresses | None:
        node, inputs = maker.node, maker.node.input
        if maker.operator in RECURRENT:
            return self._last(maker) if maker.output > 0 else None
        rule = MOVES.get(maker.operator or "")
        if rule is None or (maker.output > 0 and maker.operator != "Split"):
            return None
        if maker.operator == "Dropout" and len(inputs) > 2 and inputs[2] and self.arrays[inputs[2]].any():
            return None  # in training it drops and scales
        move = Move(
            operator=node.op_type,
            attributes=maker.attributes,
            values=[self.arrays.get(tensor) for tensor in inputs],
            trace=lambda place: self.addresses(inputs[place]),
            output=maker.output,
            outputs=len(node.output),
            shape=self.arrays[name].shape,
        )
        moved = rule(move)
        return None if moved is None else np.asarray(moved, dtype=np.int64)

    def _last(self, maker: Maker) -> Addresses:
        """Y_h and Y_c: the state, or the LSTM's cell state, after each sequence's last step."""
        source = maker.node.output[0] if maker.output == 1 else self.gates[maker.label, "C"]
        recurrence, every = self.recurrences[maker.label], self.addresses(source)
        last = np.zeros(every.shape[1:], np.int64)
        for direction in range(recurrence.directions):
            for n in range(recurrence.batch):
                step = recurrence.last(direction, n)
                last[direction, n] = NOTHING if step is None else every[step, direction, n]
        return last

    def _replay(self, node: NodeProto, label: str, values: dict[str, Any]) -> None:
        inputs = [self.arrays.get(name) for name in node.input]
        recurrence = self.recurrences[label] = Recurrence(node.op_type, values, inputs, self.arrays[node.output[0]])
        for gate, array in recurrence.gates().items():
            name = fresh(f"{node.output[0]}.{gate}", self.plan.names)
            self.arrays[name] = array
            self.replayed[name] = Replayed(self.makers[node.output[0]], gate)
            self.gates[label, gate] = name
