"""Which terms add up to a state or a gate of an RNN, GRU or LSTM, at one step of one sequence.

The index of a state, a gate or a cell state is (t, direction, n, unit). What reads the state before names the cells of
step t - 1 (t + 1 where the sequence is read backwards), so that one can walk back through time.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from glassbox.explain.terms.cells import Addresses, Cell, Cells, Index, Maker
from glassbox.explain.terms.recurrence import GATES, Recurrence
from glassbox.explain.terms.sums import Columns, Sum, product, term
from glassbox.graph.recurrent_cells import PEEPHOLES

ALL = slice(None)


def state(cells: Cells, maker: Maker, tensor: str, index: Index) -> Sum:
    """Return the sum behind the state h, a cell of the operator's Y.

    An RNN's is one weighted sum. A GRU's blends the candidate with the state before. An LSTM's is its cell state
    (`before`) as the output gate lets it through (`after`).
    """
    recurrence = cells.recurrences[maker.label]
    if _ended(recurrence, index):
        return Sum.total(recurrence.kind, [])
    if recurrence.kind == "RNN":
        return _gate(cells, maker, recurrence, "", index)
    gates = _gates_at(cells, maker, index, *GATES[recurrence.kind])
    if recurrence.kind == "GRU":
        update, candidate = cells.gates[maker.label, "z"], cells.gates[maker.label, "h"]
        z, source = float(cells.values(update, index)), cells.addresses(update, index)
        parts = [term(cells, candidate, index, 1 - z, source)]
        parts += _earlier(cells, recurrence, tensor, _input(maker, 5), index, z, source)
        return replace(Sum.total("GRU", parts, kind="gru"), gates=gates)
    total = _cell_state(cells, maker, recurrence, index)
    opened = float(cells.values(cells.gates[maker.label, "o"], index))
    seen = float(recurrence.function("state", index[1], np.array(total.before)))
    return replace(total, kind="lstm", after=opened * seen, gates=gates)


def replayed(cells: Cells, tensor: str, index: Index) -> Sum:
    """Return the sum behind a gate, or a cell state, which the engine keeps to itself."""
    maker, gate = cells.replayed[tensor]
    recurrence = cells.recurrences[maker.label]
    if _ended(recurrence, index):
        return Sum.total(recurrence.kind, [])
    if gate == "C":
        total = _cell_state(cells, maker, recurrence, index)
        return replace(total, gates=_gates_at(cells, maker, index, "i", "f", "c"))
    if gate == "f" and recurrence.coupled:
        return Sum.total("LSTM", [term(cells, cells.gates[maker.label, "i"], index, -1.0)], bias=1.0)
    return _gate(cells, maker, recurrence, gate, index)


def _gate(cells: Cells, maker: Maker, recurrence: Recurrence, gate: str, index: Index) -> Sum:
    """f(W x + R h + biases); a GRU's candidate reads h through the reset gate, an LSTM may have peepholes."""
    x, w, r = maker.node.input[:3]
    t, direction, n, unit = index
    row = recurrence.rows(gate).start + unit
    reset = np.array(1.0)
    if gate == "h":  # one gate over the whole sum, or a gate on each state in it
        which = unit if recurrence.linear_before_reset else ALL
        reset = cells.values(cells.gates[maker.label, "r"], (t, direction, n, which))
    weights, sources = cells.values(r, (direction, row)), cells.addresses(r, (direction, row))
    parts = [product(cells, x, (t, n), w, (direction, row))]
    states = maker.node.output[0]
    parts += _earlier(cells, recurrence, states, _input(maker, 5), (t, direction, n, ALL), reset * weights, sources)
    if (peepholes := _input(maker, 7)) and gate in PEEPHOLES:
        place = (direction, PEEPHOLES.index(gate) * recurrence.units + unit)
        weight, source = cells.values(peepholes, place), cells.addresses(peepholes, place)
        memory = cells.gates[maker.label, "C"]
        if gate == "o":  # the output gate looks at the new cell state
            parts.append(term(cells, memory, index, weight, source))
        else:
            parts += _earlier(cells, recurrence, memory, _input(maker, 6), index, weight, source)
    beside_w, beside_r = (float(bias[unit]) for bias in recurrence.bias(gate, direction))
    scaled = float(reset) * beside_r if gate == "h" and recurrence.linear_before_reset else beside_r
    total = Sum.total(recurrence.kind, parts, beside_w + scaled)
    return replace(total, after=float(recurrence.function(gate, direction, np.array(total.before))))


def _cell_state(cells: Cells, maker: Maker, recurrence: Recurrence, index: Index) -> Sum:
    """C = f * C before + i * c."""
    let_in, _, kept, candidate = (cells.gates[maker.label, gate] for gate in GATES["LSTM"])
    f, i = float(cells.values(kept, index)), float(cells.values(let_in, index))
    memory = cells.gates[maker.label, "C"]
    parts = _earlier(cells, recurrence, memory, _input(maker, 6), index, f, cells.addresses(kept, index))
    parts.append(term(cells, candidate, index, i, cells.addresses(let_in, index)))
    return Sum.total("LSTM", parts)


def _earlier(
    cells: Cells,
    recurrence: Recurrence,
    tensor: str,
    initial: str,
    index: Sequence[Any],
    weights: ArrayLike,
    sources: Addresses,
) -> list[Columns]:
    """Terms over `tensor` one step before `index`: at the first step over the tensor `initial`, or none if that is "",
    as the operator then begins with zeros."""
    t, direction, n, units = index
    step = recurrence.before(t, direction, n)
    if step is not None:
        return [term(cells, tensor, (step, direction, n, units), weights, sources)]
    return [term(cells, initial, (direction, n, units), weights, sources)] if initial else []


def _gates_at(cells: Cells, maker: Maker, index: Index, *gates: str) -> tuple[Cell, ...]:
    return tuple(Cell(cells.gates[maker.label, gate], index) for gate in gates)


def _ended(recurrence: Recurrence, index: Index) -> bool:
    """Return whether the sequence is over at this step: the engine then fills up with zeros."""
    t, _, n, _ = index
    return bool(t >= recurrence.lengths[n])


def _input(maker: Maker, place: int) -> str:
    return maker.node.input[place] if place < len(maker.node.input) else ""
