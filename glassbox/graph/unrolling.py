"""Unroll a recurrent operator: its cell in plain operators, with the tensors of all steps known.

The operator has given the state h after every step, Y, so the cell can run once for all steps instead of step by step.
What Y keeps back, the cell state c of an LSTM, is added up again in a `Scan`, by as little of the cell as that takes.
N is the batch, H the hidden size, T the number of steps, D the number of directions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from onnx import NodeProto

from glassbox.graph.builder import Builder, Value
from glassbox.graph.node import Node
from glassbox.graph.recurrent_cells import CELLS, activations, input_bias
from glassbox.graph.scan import State, dependents, partition, scan

INPUTS = ("X", "W", "R", "B", "lengths", "h", "c", "P")


@dataclass(frozen=True)
class Direction:
    """What one direction of a node starts from, in the order of its own time."""

    index: int
    count: int
    turn: Value | None
    """How many steps of each example to read in reverse, (N,); None: none."""
    z: Value
    """W x + b for all steps, (T, N, gates H)."""
    weights: dict[str, Value]
    first: list[Value]
    """The states before the first step, (N, H)."""
    mask: Value | None
    """1 at the steps that an example has, 0 behind its end, (T, N, 1); None: all run to the end."""

    def part(self, g: Builder, x: Value, axis: int) -> Value:
        """Return this direction's part of a tensor that has an axis for the directions."""
        if self.count == 1:
            return g.op("Squeeze", x, [axis])
        return g.op("Gather", x, np.array(self.index), axis=axis)

    def turned(self, g: Builder, x: Value) -> Value:
        """Return (T, N, H) in the order of this direction's time, or back."""
        return x if self.turn is None else g.op("ReverseSequence", x, self.turn, time_axis=0, batch_axis=1)


@dataclass(frozen=True)
class Unrolled:
    """The cell written out for one step; outside of a loop, the same tensors hold all steps."""

    nodes: list[NodeProto]
    now: list[Value]
    """The states before a step."""
    after: tuple[Value, ...]
    gates: dict[str, Value]
    given: dict[str, Value]
    """What the cell reads from elsewhere, each in the shape that it has in one step."""
    sequences: set[str]
    """The tensors that differ from step to step."""


def directions(g: Builder, node: Node, given: Mapping[str, Value]) -> list[Direction]:
    """Emit what the directions of a recurrent node start from; `given` holds its inputs by their names in INPUTS."""
    if node["layout"]:
        raise node.error("has its batch first (layout=1), which ONNX Runtime does not run on its CPU provider either")
    backwards = {"forward": [False], "reverse": [True], "bidirectional": [False, True]}[node["direction"]]
    return [_direction(g, node, given, index, turn, len(backwards)) for index, turn in enumerate(backwards)]


def unroll(g: Builder, node: Node, at: Direction, y: Value) -> Unrolled:
    """Emit the cell of one direction for all steps at once, from `y`, the states (T, D, N, H)."""
    size = int(node["hidden_size"])
    past = g.op("Slice", at.turned(g, at.part(g, y, 1)), [0], [-1], [0])
    h = g.op("Concat", g.op("Unsqueeze", at.first[0], [0]), past, axis=0)
    z = replace(at.z, shape=("N", len(CELLS[node.operator].gates) * size))
    now = [replace(h, shape=("N", size))]
    if len(at.first) > 1:
        now.append(g.value(g.fresh("c"), h.dtype, ("N", size)))
    mask = None if at.mask is None else replace(at.mask, shape=("N", 1))
    given = {x.name: x for x in (z, *now, mask) if x is not None}
    cell = g.nested()
    after, gates = _step(cell, node, at, z, now)
    sequences = dependents(cell.nodes, given)
    rest = cell.nodes
    if len(now) > 1:
        outside, rest = partition(cell.nodes, [now[1].name])
        g.nodes += outside
        state = State(at.first[1], now[1].name, after[1].name)
        scan(g, {**g.values, **given}, rest, [state], sequences, [now[1].name], names=[now[1].name])
    g.nodes += rest
    return Unrolled(cell.nodes, now, after, gates, given, sequences)


def _direction(
    g: Builder, node: Node, given: Mapping[str, Value], index: int, backwards: bool, count: int
) -> Direction:
    cell, x, lengths = CELLS[node.operator], given["X"], given.get("lengths")
    steps, batch, size = g.sizes(x, 0, 1), g.sizes(x, 1, 2), int(node["hidden_size"])
    turn = mask = None
    if backwards:
        turn = g.op("Expand", steps, batch) if lengths is None else g.op("Cast", lengths, to=steps.dtype)
    if lengths is not None:
        clock = g.op("Range", np.array(0), g.op("Squeeze", steps), np.array(1))
        ends = g.op("Cast", lengths, to=steps.dtype)
        runs = g.op("Less", g.op("Reshape", clock, [-1, 1, 1]), g.op("Reshape", ends, [1, -1, 1]))
        mask = g.op("Cast", runs, to=x.dtype)
    start = Direction(index, count, turn, x, {}, [], mask)
    parts = {role: start.part(g, given[role], 0) for role in ("W", "R", "B", "P", *cell.states) if role in given}
    z = g.op("MatMul", start.turned(g, x), g.op("Transpose", parts["W"], perm=[1, 0]))
    recurrent_bias = None
    if "B" in parts:
        bias, recurrent_bias = input_bias(g, node, parts["B"])
        z = z + bias
    # Within a step all sizes but the batch are known, so that nothing there has to ask for a shape.
    r = replace(g.op("Transpose", parts["R"], perm=[1, 0]), shape=(size, len(cell.gates) * size))
    p = replace(parts["P"], shape=(3 * size,)) if "P" in parts else None
    weights = cell.weights(g, node, r, recurrent_bias, p)
    shape = g.op("Concat", batch, [size], axis=0)
    first = [parts[state] if state in parts else g.zeros(x, shape) for state in cell.states]
    return replace(start, z=z, weights=weights, first=first)


def _step(
    g: Builder, node: Node, at: Direction, z: Value, now: Sequence[Value]
) -> tuple[tuple[Value, ...], dict[str, Value]]:
    """Return the states after a step, those of an example that has ended as before, and the gates."""
    kind = CELLS[node.operator]
    chosen = activations(node, at.index, kind.activations)
    local = [replace(x, builder=g) for x in (z, *now)]
    weights = {role: replace(x, builder=g) for role, x in at.weights.items()}
    after, gates = kind.step(g, node, chosen, weights, *local)
    if at.mask is None:
        return after, gates
    runs = replace(at.mask, builder=g, shape=("N", 1))
    ended = 1 - runs
    return tuple(runs * new + ended * old for new, old in zip(after, local[1:], strict=True)), gates
