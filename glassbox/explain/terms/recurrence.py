"""RNN, GRU and LSTM replayed from the states that ONNX Runtime gave: every gate at every step, which it keeps back.

A step reads a row x of the input and the state h before it, both known, so each gate is one sum and no error builds up
from step to step (but in the LSTM's cell state, which is itself a running sum). Equations and the order of gates:
https://onnx.ai/onnx/operators/onnx__LSTM.html and its neighbours; the LSTM is that of Hochreiter and Schmidhuber (1997)
with the forget gate of Gers et al. (2000), the GRU that of Cho et al. (2014).

Shapes: T steps, N sequences, D directions, H units, I inputs a step.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassbox.explain.terms import activations
from glassbox.graph.recurrent_cells import CELLS, PEEPHOLES

Array = NDArray[np.float64]
GATES: Mapping[str, tuple[str, ...]] = {kind: cell.gates for kind, cell in CELLS.items()}
_WHICH = {"": 0, "z": 0, "r": 0, "h": 1, "i": 0, "o": 0, "f": 0, "c": 1, "state": 2}
"""Which of a direction's activations each gate has."""


class Recurrence:
    """One recurrent node in one run: its inputs by role, and where each step leads."""

    def __init__(
        self, kind: str, attributes: Mapping[str, Any], inputs: Sequence[NDArray[Any] | None], y: NDArray[Any]
    ) -> None:
        """`kind` is a key of GATES; `inputs` the node's inputs in ONNX's order, None for one left out; `y` (T, D, N, H)
        the states that the engine gave. Raises ValueError for an activation that ONNX doesn't have."""
        x, w, r, b, lengths, first, first_cell, peepholes = (*inputs, *(None,) * 8)[:8]
        assert x is not None and w is not None and r is not None  # the engine ran the node, so these were there
        self.kind, self.x, self.w, self.r, self.b, self.y = kind, x, w, r, b, y
        self.first, self.first_cell, self.peepholes = first, first_cell, peepholes
        self.steps, self.directions, self.batch, self.units = y.shape
        self.lengths = np.full(self.batch, self.steps) if lengths is None else lengths
        self.backward = attributes.get("direction", "forward") == "reverse"
        self.clip = float(attributes.get("clip") or np.inf)
        self.linear_before_reset = bool(attributes.get("linear_before_reset", 0))
        self.coupled = bool(attributes.get("input_forget", 0))
        default = CELLS[kind].activations * self.directions
        self._functions = activations.recurrent(attributes, default)

    def function(self, gate: str, direction: int, x: Array) -> Array:
        """Return the activation of `gate` at `x`, clipped; "" is the RNN's, "state" that over the LSTM's cell state."""
        per_direction = len(CELLS[self.kind].activations)
        held = x if gate == "state" else np.clip(x, -self.clip, self.clip)
        return self._functions[direction * per_direction + _WHICH[gate]](held)

    def reversed(self, direction: int) -> bool:
        """Whether the direction reads from the last step to the first."""
        return self.backward or direction == 1

    def before(self, t: int, direction: int, n: int) -> int | None:
        """Return the step whose state step `t` reads; None for the first one."""
        step = t + 1 if self.reversed(direction) else t - 1
        return step if 0 <= step < self.lengths[n] else None

    def last(self, direction: int, n: int) -> int | None:
        """Return the last step of sequence `n`; None if it has no steps."""
        if self.lengths[n] == 0:
            return None
        return 0 if self.reversed(direction) else int(self.lengths[n]) - 1

    def rows(self, gate: str) -> slice:
        """Return the rows of W, R and both halves of B that belong to `gate`."""
        place = GATES[self.kind].index(gate) * self.units
        return slice(place, place + self.units)

    def bias(self, gate: str, direction: int) -> tuple[Array, Array]:
        """Return the bias beside W and the one beside R, each (H,)."""
        if self.b is None:
            return np.zeros(self.units), np.zeros(self.units)
        beside_w, beside_r = np.split(self.b[direction].astype(np.float64), 2)
        return beside_w[self.rows(gate)], beside_r[self.rows(gate)]

    def peephole(self, gate: str, direction: int) -> Array:
        """Return the weights (H,) from the cell state to `gate`."""
        if self.peepholes is None or gate not in PEEPHOLES:
            return np.zeros(self.units)
        place = PEEPHOLES.index(gate) * self.units
        return self.peepholes[direction, place : place + self.units].astype(np.float64)

    def gates(self) -> dict[str, Array]:
        """Every gate's value (after its activation) and the LSTM's cell state "C", each (T, D, N, H), 0 where a
        sequence has ended. For an RNN nothing: its one gate is its state."""
        if self.kind == "RNN":
            return {}
        names = [*GATES[self.kind], *(["C"] if self.kind == "LSTM" else [])]
        found = {name: np.zeros(self.y.shape) for name in names}
        for direction in range(self.directions):
            for n in range(self.batch):
                replay = self._gru if self.kind == "GRU" else self._lstm
                for name, steps, values in replay(direction, n):
                    found[name][steps, direction, n] = values
        return found

    def _order(self, direction: int, n: int) -> NDArray[np.int64]:
        steps = np.arange(self.lengths[n])
        return steps[::-1] if self.reversed(direction) else steps

    def _initial(self, states: NDArray[Any] | None, direction: int, n: int) -> Array:
        return np.zeros(self.units) if states is None else states[direction, n].astype(np.float64)

    def _read(self, direction: int, n: int) -> tuple[NDArray[np.int64], Array, Array]:
        """Return the steps in the order they are taken, W x of all gates, and the state h before each step."""
        order = self._order(direction, n)
        fed = self.x[order, n].astype(np.float64) @ self.w[direction].astype(np.float64).T
        states = self.y[order, direction, n].astype(np.float64)
        return order, fed, np.vstack([self._initial(self.first, direction, n)[None], states])[: len(order)]

    def _gru(self, direction: int, n: int) -> Iterator[tuple[str, NDArray[np.int64], Array]]:
        order, fed, state = self._read(direction, n)
        weights = self.r[direction].astype(np.float64)
        reset = np.zeros_like(state)
        for gate in ("z", "r", "h"):
            rows = self.rows(gate)
            beside_w, beside_r = self.bias(gate, direction)
            if gate != "h":
                recurrent = state @ weights[rows].T + beside_r
            elif self.linear_before_reset:
                recurrent = reset * (state @ weights[rows].T + beside_r)
            else:
                recurrent = (reset * state) @ weights[rows].T + beside_r
            values = self.function(gate, direction, fed[:, rows] + beside_w + recurrent)
            reset = values if gate == "r" else reset
            yield gate, order, values

    def _lstm(self, direction: int, n: int) -> Iterator[tuple[str, NDArray[np.int64], Array]]:
        order, fed, state = self._read(direction, n)
        sums = fed + state @ self.r[direction].astype(np.float64).T
        plain = {g: sums[:, self.rows(g)] + np.add(*self.bias(g, direction)) for g in GATES["LSTM"]}
        cell = self._initial(self.first_cell, direction, n)
        replay = self._lstm_gates if self.peepholes is None else self._peeping_gates
        for gate, values in replay(direction, plain, cell).items():
            yield gate, order, values

    def _lstm_gates(self, direction: int, plain: Mapping[str, Array], cell: Array) -> dict[str, Array]:
        """No gate waits for the cell state: each is computed for all steps at once, and the loop only adds up."""
        i, o, c = (self.function(gate, direction, plain[gate]) for gate in ("i", "o", "c"))
        f = 1 - i if self.coupled else self.function("f", direction, plain["f"])
        new, cells = i * c, np.zeros_like(c)
        for step in range(len(c)):
            cells[step] = cell = f[step] * cell + new[step]
        return {"i": i, "o": o, "f": f, "c": c, "C": cells}

    def _peeping_gates(self, direction: int, plain: Mapping[str, Array], cell: Array) -> dict[str, Array]:
        peephole = {gate: self.peephole(gate, direction) for gate in PEEPHOLES}
        steps = len(plain["i"])
        taken = {gate: np.zeros((steps, self.units)) for gate in (*GATES["LSTM"], "C")}
        for step in range(steps):
            i = self.function("i", direction, plain["i"][step] + peephole["i"] * cell)
            f = 1 - i if self.coupled else self.function("f", direction, plain["f"][step] + peephole["f"] * cell)
            c = self.function("c", direction, plain["c"][step])
            cell = f * cell + i * c
            o = self.function("o", direction, plain["o"][step] + peephole["o"] * cell)
            for gate, values in zip(taken, (i, o, f, c, cell), strict=True):
                taken[gate][step] = values
        return taken
