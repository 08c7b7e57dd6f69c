"""Where did this number come from? Every term behind any cell of an ONNX model, checked against ONNX Runtime.

>>> model = Tapped("models/cnn/1/model.onnx")
>>> inside = model.run({"picture": picture})
>>> number = inside.terms("conv2d", (0, 7, 12, 12))
>>> [(term.source, term.source_index, term.weight, term.value) for term in number.terms.largest(3)]

Each term names the cell that it read, which can be asked in turn: so one walks from a verdict back to a pixel.
"""

import math
import operator
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, overload

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto

import glassbox.explain.terms.further  # noqa: F401 (adds to the table of rules)
from glassbox.engine.session import Session
from glassbox.explain.terms.cells import NOTHING, Cell, Cells, Index, Plan
from glassbox.explain.terms.operators import read
from glassbox.explain.terms.sums import Columns, UnknownOperator, term
from glassbox.graph.model import Model
from glassbox.graph.model import read as read_model
from glassbox.graph.taps import name_states, tap

__all__ = ["Explanation", "Inside", "Tapped", "Term", "Terms", "UnknownOperator", "terms"]
KEPT_MODELS, KEPT_RUNS = 8, 8  # what the function `terms` remembers between calls


class Term(NamedTuple):
    """One term: `value`, the number in the cell `source[source_index]`, times `weight` is `product` (in a softmax it is
    the exponential of the value less the row's largest). `weight_source[weight_index]` is the cell that the weight came
    from ("" where it is no cell's); in a GRU's candidate the weight is that cell's times the reset gate."""

    source: str
    source_index: Index
    weight: float
    value: float
    product: float
    weight_source: str
    weight_index: Index


class Terms(Sequence[Term]):
    """All terms of a number, kept as columns: a cell can have thousands, and most are never looked at."""

    def __init__(self, cells: Cells, columns: Columns) -> None:
        self._cells, self._columns = cells, columns

    def __len__(self) -> int:
        return len(self._columns.values)

    @overload
    def __getitem__(self, place: int) -> Term: ...
    @overload
    def __getitem__(self, place: slice) -> list[Term]: ...
    def __getitem__(self, place: int | slice) -> Term | list[Term]:
        if isinstance(place, slice):
            return self._at(np.arange(len(self))[place])
        return self._at(np.array([range(len(self))[place]]))[0]

    def __iter__(self) -> Iterator[Term]:
        return iter(self[:])

    @property
    def weights(self) -> NDArray[np.float64]:
        """The weights (count,)."""
        return self._columns.weights

    @property
    def values(self) -> NDArray[np.float64]:
        """The numbers in the cells that were read, (count,)."""
        return self._columns.values

    @property
    def products(self) -> NDArray[np.float64]:
        """What each term adds to the sum, (count,)."""
        return self._columns.products

    def largest(self, count: int) -> list[Term]:
        """Return the `count` terms whose products weigh most, the heaviest first."""
        return self._at(np.argsort(-np.abs(self.products), kind="stable")[:count])

    def _at(self, places: NDArray[np.int64]) -> list[Term]:
        columns = self._columns
        sources = self._cells.places(columns.sources[places])
        weight_sources = self._cells.places(columns.weight_sources[places])
        numbers = (column[places].tolist() for column in (columns.weights, columns.values, columns.products))
        return list(map(Term._make, zip(*sources, *numbers, *weight_sources, strict=True)))


@dataclass(frozen=True)
class Explanation:
    """Where the number `tensor[index]` came from.

    `kind` says how to read it:
    - "sum": the products and `bias` add up to `before`; `operators`' function (if any) makes `after` of it;
    - "max", "min": the terms that competed; the first winner has the weight 1, the others 0;
    - "softmax": `before` is the sum of the exponentials, `after` the cell's share of it;
    - "gru", "lstm": the new state as a blend, its weights the gates; an LSTM's `before` is the cell state;
    - "copy": only moved here from its one term;
    - "given": an input, a constant or padding; without terms, all of it is `bias`, what no cell accounts for.

    `operators` are those that worked on it, innermost first. `gates` explain the gates of a GRU or LSTM by their names
    in the standard. `engine` is ONNX Runtime's own number, or None for a gate or cell state, which it keeps to itself.
    """

    tensor: str
    index: Index
    kind: str
    operators: tuple[str, ...]
    terms: Terms
    bias: float
    before: float
    after: float
    engine: float | None
    gates: dict[str, "Explanation"]

    @property
    def magnitude(self) -> float:
        """The sum of the sizes of all that was added: what a rounding error is in proportion to."""
        own = float(np.abs(self.terms.products).sum()) + abs(self.bias)
        return own + sum(gate.magnitude for gate in self.gates.values())

    @property
    def error(self) -> float | None:
        """How far `after` is from the engine's number, relative to `magnitude`, or to the number itself where that is
        larger; None where the engine has none."""
        if self.engine is None:
            return None
        if self.after == self.engine or (math.isnan(self.after) and math.isnan(self.engine)):
            return 0.0
        return abs(self.after - self.engine) / max(self.magnitude, abs(self.engine))


class Inside:
    """Every number inside a model as it reads one input."""

    def __init__(self, cells: Cells, seconds: float) -> None:
        self._cells = cells
        self.seconds = seconds  # of the run, inside ONNX Runtime

    @property
    def tensors(self) -> Mapping[str, NDArray[Any]]:
        """All arrays by name: constants, inputs, what the nodes gave, gates and cell states ("STATES.i").

        Sequences, maps and optional values that are absent are no arrays, and not among them.
        """
        return self._cells.arrays

    def gates(self, tensor: str) -> dict[str, NDArray[Any]]:
        """Return the gates, each (T, D, N, H), of the GRU or LSTM whose states, or last state, `tensor` holds or
        copies: "z", "r", "h", or "i", "o", "f", "c" and the cell state "C". Empty for any other tensor.
        """
        self._known(tensor)
        label = self._cells.recurrent_label(tensor)
        return {gate: self.tensors[name] for (node, gate), name in self._cells.gates.items() if node == label}

    def origin(self, tensor: str, index: Sequence[int]) -> Cell:
        """Return the cell that `tensor[index]` is a copy of, where Reshape and its like only moved it; else itself."""
        return self._cells.origin(tensor, self._checked(tensor, index))

    def terms(self, tensor: str, index: Sequence[int]) -> Explanation:
        """Explain one number. Raises ValueError, naming what exists, for a tensor or an index that doesn't, and
        UnknownOperator (a ValueError) where no rule explains the operator that made it."""
        return self._explain(tensor, self._checked(tensor, index))

    def products(
        self, tensor: str, selection: Any, weights: NDArray[np.float64], factor: tuple[str, Any] | None = None
    ) -> Terms:
        """Return the cells `tensor[selection]`, each times its weight, as the terms of a sum that no node makes.

        `factor`: the tensor and the selection of the cells that the weights are multiples of, if they are any's.

        Raises ValueError, naming what exists, for a tensor that doesn't.
        """
        self._known(tensor)
        sources = NOTHING if factor is None else self._cells.addresses(*factor)
        return Terms(self._cells, term(self._cells, tensor, selection, weights, sources))

    def _explain(self, tensor: str, index: Index) -> Explanation:
        found = read(self._cells, tensor, index)
        return Explanation(
            tensor=tensor,
            index=index,
            kind=found.kind,
            operators=found.operators,
            terms=Terms(self._cells, found.columns),
            bias=found.bias,
            before=found.before,
            after=found.after,
            engine=None if tensor in self._cells.replayed else float(self.tensors[tensor][index]),
            gates={self._cells.replayed[gate.tensor].gate: self._explain(*gate) for gate in found.gates},
        )

    def _known(self, tensor: str) -> NDArray[Any]:
        if tensor not in self.tensors:
            raise ValueError(f"no tensor is named {tensor!r}; there are {', '.join(self.tensors)}")
        return self.tensors[tensor]

    def _checked(self, tensor: str, index: Sequence[int]) -> Index:
        array = self._known(tensor)
        if array.dtype.kind not in "fiub":
            raise ValueError(f"tensor {tensor!r} holds {array.dtype}, no numbers")
        try:
            place = tuple(operator.index(i) for i in index)
        except TypeError:
            raise ValueError(f"an index is a sequence of whole numbers, one an axis; got {index!r}") from None
        if len(place) != array.ndim or not all(0 <= i < size for i, size in zip(place, array.shape, strict=True)):
            raise ValueError(f"tensor {tensor!r} has no cell {place}; its shape is {array.shape}, counted from 0")
        return place


class Tapped:
    """A model prepared for looking inside, once: then each run gives all its inner tensors."""

    def __init__(self, model: Model, provider: str = "cpu", threads: int = 1) -> None:
        """Raises ValueError for what is no ONNX model or can't be loaded."""
        named = read_model(model)
        name_states(named.graph)
        self._plan = Plan(named)
        self.session = Session(tap(named).SerializeToString(), provider, threads)

    def run(self, feeds: Mapping[str, NDArray[Any]]) -> Inside:
        """Run the model on `feeds` (arrays by input name). Raises ValueError, naming what the model takes, where a
        name, shape or dtype doesn't fit."""
        run = self.session.run(feeds)
        return Inside(Cells(self._plan, feeds, run.outputs), run.seconds)


def terms(model: Model, feeds: Mapping[str, NDArray[Any]], tensor: str, index: Sequence[int]) -> Explanation:
    """Explain the number `tensor[index]` of `model` (a file's bytes, its path or the parsed model) run on `feeds`.

    The last models and runs are remembered (KEPT_MODELS, KEPT_RUNS), so that asking on costs no run. Raises
    ValueError, naming what exists, for feeds, a tensor or an index that don't fit, and UnknownOperator for an operator
    without a rule.
    """
    if isinstance(model, ModelProto):
        data = model.SerializeToString(deterministic=True)
    else:
        data = model if isinstance(model, bytes) else Path(model).read_bytes()
    arrays = {name: np.asarray(value) for name, value in feeds.items()}
    if any(array.dtype.kind == "O" for array in arrays.values()):  # text: its bytes in memory don't tell it apart
        return _tapped(data).run(arrays).terms(tensor, index)
    key = tuple((name, array.dtype.str, array.shape, array.tobytes()) for name, array in sorted(arrays.items()))
    return _inside(data, key).terms(tensor, index)


@lru_cache(KEPT_MODELS)
def _tapped(model: bytes) -> Tapped:
    return Tapped(model)


@lru_cache(KEPT_RUNS)
def _inside(model: bytes, feeds: tuple[tuple[str, str, tuple[int, ...], bytes], ...]) -> Inside:
    arrays = {name: np.frombuffer(data, dtype).reshape(shape) for name, dtype, shape, data in feeds}
    return _tapped(model).run(arrays)
