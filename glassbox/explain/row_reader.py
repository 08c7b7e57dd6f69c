"""A recurrent network reading a picture row by row: its states and gates, and what it would say after each row."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from glassbox.calibration import calibrated
from glassbox.engine.session import Session
from glassbox.explain.terms.explain import Explanation, Inside, Tapped
from glassbox.graph.gradient import differentiate, score_tensor
from glassbox.graph.model import RECURRENT, Model, attributes, operator, read
from glassbox.graph.recurrent_cells import CELLS
from glassbox.graph.submodel import submodel_from

STATE, SCORE, PICTURE = "state", "score", "picture"
"""Names of parts beside the gates', which are the ONNX standard's: z, r, h of a GRU; i, o, f, c and C of an LSTM."""


class RowCell(NamedTuple):
    """A number of a `RowReading`: `unit` of `part` after `row`, all counted from 0; `unit` of PICTURE is a column."""

    part: str
    row: int
    unit: int


@dataclass(frozen=True)
class Decision:
    """When a network made up its mind: from `row` (counted from 0) on it says `label` and nothing else.

    `changes`: how often its verdict changed on the whole way.
    """

    row: int
    label: int
    changes: int


class RowReader:
    """A recurrent classifier taken apart: its recurrent node, and the head that turns a state into a verdict.

    Threads may share it.
    """

    def __init__(self, model: Model, kind: str, temperature: float = 1.0, provider: str = "cpu") -> None:
        """`model`: (N, rows, columns) -> (N, labels), with one RNN, GRU or LSTM of one direction whose last state the
        rest reads; `kind` and `temperature` as `calibrated` takes them. Raises ValueError for another model."""
        proto = read(model)
        graph = proto.graph
        cells = [node for node in graph.node if operator(node) in RECURRENT]
        if len(cells) != 1 or not cells[0].output[0] or len(cells[0].output) < 2:
            raise ValueError(f"one recurrent node with all states and the last is needed; there are {len(cells)}")
        cell = cells[0]
        self.operator = operator(cell)
        given = attributes(cell)
        self.activations = tuple(given.get("activations", CELLS[self.operator].activations))
        self.input, self.states = graph.input[0].name, cell.output[0]
        # The head begins where the last state has lost the axis of directions.
        self.head_input = next(node.output[0] for node in graph.node if cell.output[1] in node.input)
        self.score = score_tensor(graph)
        self._kind, self._temperature = kind, temperature
        self._output = graph.output[0].name
        self._whole = Tapped(proto, provider)
        self._head = Tapped(submodel_from(proto, self.head_input), provider)
        derivative = differentiate(proto, self.score, [self.input])
        self._derivative = Session(derivative.SerializeToString(), provider)

    def read(self, picture: NDArray[np.float32]) -> "RowReading":
        """Read `picture`, float32 (rows, columns) in [0, 1]."""
        feeds = {self.input: np.ascontiguousarray(picture[None], np.float32)}
        inside = self._whole.run(feeds)
        states = _flat(inside.tensors[self.states])
        head = self._head.run({self.head_input: np.ascontiguousarray(states, np.float32)})
        probabilities = calibrated(head.tensors[self._output], self._kind, self._temperature)
        parts = {STATE: states} | {gate: _flat(values) for gate, values in inside.gates(self.states).items()}
        influence = self._influence(feeds, head.tensors[self.score][-1])
        return RowReading(self, inside, head, parts, probabilities, influence)

    def _influence(self, feeds: dict[str, NDArray[Any]], scores: NDArray[Any]) -> NDArray[np.float64]:
        """|dS/dx| of the best score S for each row x, through all states that follow."""
        seed = (np.arange(scores.size) == scores.argmax()).astype(np.float32)[None]
        gradient = f"grad_{self.input}"
        run = self._derivative.run(feeds | {f"grad_{self.score}": seed}, [gradient])
        return np.asarray(np.linalg.norm(run.outputs[gradient][0], axis=1), np.float64)


@dataclass(frozen=True)
class RowReading:
    """One picture, read row by row.

    `parts`: STATE and the gates by name, each (rows, units). `probabilities`: float64 (rows, labels), calibrated, what
    the head makes of the state after each row; the last is the verdict. `influence`: float64 (rows,), how strongly the
    score of that verdict depends on each row: the length of its gradient, which reaches early rows through time.
    """

    reader: RowReader
    inside: Inside
    head: Inside
    parts: dict[str, NDArray[Any]]
    probabilities: NDArray[np.float64]
    influence: NDArray[np.float64]

    def decision(self) -> Decision:
        """Return the row from which on the verdict stays as it is."""
        best = self.probabilities.argmax(axis=1)
        changed = np.flatnonzero(np.diff(best))
        return Decision(row=int(changed[-1]) + 1 if changed.size else 0, label=int(best[-1]), changes=int(changed.size))

    def terms(self, cell: RowCell) -> Explanation:
        """Explain the number in `cell`. Raises ValueError, naming what exists, for a cell that doesn't."""
        if cell.part == SCORE:
            return self.head.terms(self.reader.score, (cell.row, cell.unit))
        if cell.part not in self.parts:
            raise ValueError(f"no part is named {cell.part!r}; there are {', '.join([*self.parts, SCORE])}")
        tensor = self.reader.states + ("" if cell.part == STATE else f".{cell.part}")
        return self.inside.terms(tensor, (cell.row, 0, 0, cell.unit))

    def cell_of(self, source: str, index: tuple[int, ...]) -> RowCell | None:
        """Return the cell of the reading that a term calls `source[index]`; None where it is no part of the reading."""
        reader = self.reader
        if source == reader.input:
            return RowCell(PICTURE, index[-2], index[-1])
        if source in (reader.states, reader.head_input):
            return RowCell(STATE, index[0], index[-1])
        gate = source.removeprefix(f"{reader.states}.")
        return RowCell(gate, index[0], index[-1]) if gate in self.parts else None

    def tensors(self) -> dict[str, NDArray[Any]]:
        """Return the arrays of the reading by name: the parts, `probabilities` and `influence`."""
        return {**self.parts, "probabilities": self.probabilities, "influence": self.influence}


def _flat(values: NDArray[Any]) -> NDArray[Any]:
    """(rows, 1 direction, batch of 1, units) -> (rows, units)."""
    return values[:, 0, 0, :]
