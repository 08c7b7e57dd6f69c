"""RNN, GRU and LSTM: back-propagation through time (Werbos 1990, https://doi.org/10.1109/5.58337) as one `Scan`.

The cell is written out in plain operators (`cells`) and differentiated like any other graph. What does not depend on
the carried cotangents is computed for all steps at once, outside of the loop, so that the loop keeps a handful of
nodes: 3 for the RNN. N is the batch, H the hidden size, T the number of steps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from onnx import NodeProto

from glassbox.graph.backpropagation import Node, backpropagate, rule_for_all_outputs
from glassbox.graph.builder import Builder, Value, reads
from glassbox.graph.gradient_rules.recurrent_cells import CELLS, activations, input_bias
from glassbox.graph.scan import State, depending, partition, scan, stacked

INPUTS = ("X", "W", "R", "B", "lengths", "h", "c", "P")


@rule_for_all_outputs("RNN", "GRU", "LSTM")
def recurrent(g: Builder, node: Node, *cotangents: Value | None) -> Sequence[Value | None]:
    """(h_t, c_t) = cell(x_t, h_(t-1), c_(t-1)). From the last step to the first, the derivative of the cell turns

    dh_t = dY_t + the dh carried back from step t + 1, and dc_t, into dx_t and what is carried to step t - 1.
    The weights' gradients are sums over the steps. dh_t of every step is also the gradient of the output Y.
    """
    if node["layout"]:
        raise node.error("has its batch first (layout=1), which ONNX Runtime does not run on its CPU provider either")
    given = {role: x for role, x in zip(INPUTS, node.inputs, strict=False) if x is not None}
    before = g.nested()
    backwards = {"forward": [False], "reverse": [True], "bidirectional": [False, True]}[node["direction"]]
    directions = [_prepare(before, node, given, index, turn, len(backwards)) for index, turn in enumerate(backwards)]
    g.nodes += before.nodes
    y = node.optional_output(0, node.x.dtype, None)
    seeds: dict[str, Value] = {}
    through_time = []
    for direction in directions:
        found, states = _through_time(g, direction, _unroll(g, node, direction, y), cotangents)
        seeds |= found
        through_time.append(g.op("Unsqueeze", states, [1]))
    node.whole[y.name] = through_time[0] if len(through_time) == 1 else g.op("Concat", *through_time, axis=1)
    wanted = [x.name for role, x in given.items() if role != "lengths"]
    grads = backpropagate(g, before.nodes, g.values, seeds, dict.fromkeys(wanted))
    return [grads.get(x.name) if x is not None else None for x in node.inputs]


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
        """This direction's part of a tensor that has an axis for the directions."""
        if self.count == 1:
            return g.op("Squeeze", x, [axis])
        return g.op("Gather", x, np.array(self.index), axis=axis)

    def turned(self, g: Builder, x: Value) -> Value:
        """(T, N, H) in the order of this direction's time, or back."""
        return x if self.turn is None else g.op("ReverseSequence", x, self.turn, time_axis=0, batch_axis=1)


def _prepare(g: Builder, node: Node, given: Mapping[str, Value], index: int, backwards: bool, count: int) -> Direction:
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
    r = replace(g.op("Transpose", parts["R"], perm=[1, 0]), shape=(size, cell.gates * size))
    p = replace(parts["P"], shape=(3 * size,)) if "P" in parts else None
    weights = cell.weights(g, node, r, recurrent_bias, p)
    shape = g.op("Concat", batch, [size], axis=0)
    first = [parts[state] if state in parts else g.zeros(x, shape) for state in cell.states]
    return replace(start, z=z, weights=weights, first=first)


@dataclass(frozen=True)
class Unrolled:
    """The cell written out, its tensors known outside of the loop for all steps."""

    nodes: list[NodeProto]
    now: list[Value]
    """The states before a step."""
    after: tuple[Value, ...]
    given: dict[str, Value]
    """What the cell reads from elsewhere, each in the shape that it has in one step."""
    sequences: set[str]
    """The tensors that differ from step to step."""


def _unroll(g: Builder, node: Node, at: Direction, y: Value) -> Unrolled:
    size = int(node["hidden_size"])
    past = g.op("Slice", at.turned(g, at.part(g, y, 1)), [0], [-1], [0])
    h = g.op("Concat", g.op("Unsqueeze", at.first[0], [0]), past, axis=0)
    z = replace(at.z, shape=("N", CELLS[node.operator].gates * size))
    now = [replace(h, shape=("N", size))]
    if len(at.first) > 1:
        now.append(g.value(g.fresh("c"), h.dtype, ("N", size)))
    mask = None if at.mask is None else replace(at.mask, shape=("N", 1))
    given = {x.name: x for x in (z, *now, mask) if x is not None}
    cell = g.nested()
    after = _step(cell, node, at, z, now)
    sequences = depending(cell.nodes, given)
    rest = cell.nodes
    if len(now) > 1:
        # Y holds every h but not every c. They are computed again, by as little of the cell as that takes.
        outside, rest = partition(cell.nodes, [now[1].name])
        g.nodes += outside
        state = State(at.first[1], now[1].name, after[1].name)
        scan(g, {**g.values, **given}, rest, [state], sequences, [now[1].name], names=[now[1].name])
    g.nodes += rest  # with the states of all steps known the cell runs once for all steps
    return Unrolled(cell.nodes, now, after, given, sequences)


def _through_time(
    g: Builder, at: Direction, cell: Unrolled, cotangents: Sequence[Value | None]
) -> tuple[dict[str, Value], Value]:
    """The cotangents of z, of the weights and of the first states, by name, and dh_t of all steps (T, N, H)."""
    body, given = g.nested(), dict(cell.given)
    carried = [body.value(body.fresh(f"d{role}"), x.dtype, x.shape) for role, x in zip("hc", cell.now, strict=False)]
    arriving, from_outside = carried[0], [x.name for x in carried]
    if cotangents[0] is not None:
        dy = at.turned(g, at.part(g, cotangents[0], 1))
        dy = dy if at.mask is None else dy * at.mask
        given[dy.name] = replace(dy, builder=body, shape=carried[0].shape)
        arriving = given[dy.name] + carried[0]
        from_outside.append(dy.name)
    weights = {x.name for x in at.weights.values()}
    products = [product for product in cell.nodes if weights & reads(product)]
    wanted = [at.z.name, *(product.output[0] for product in products)]
    seeds = dict(zip([x.name for x in cell.after], [arriving, *carried[1:]], strict=True))
    now = [x.name for x in cell.now]
    grads = backpropagate(body, cell.nodes, {**g.values, **given}, seeds, dict.fromkeys([*wanted, *now]))
    outside, inside = partition(body.nodes, from_outside)
    g.nodes += outside
    sequences = depending(outside, cell.sequences | set(from_outside[len(carried) :]))
    ends = [*cotangents[1:], None, None][: len(carried)]
    states = [
        State(g.zeros(first) if end is None else at.part(g, end, 0), x.name, grads[name].name)
        for first, end, x, name in zip(at.first, ends, carried, now, strict=True)
    ]
    collect = list(dict.fromkeys([arriving.name, *(grads[name].name for name in wanted)]))
    names = [g.fresh(f"{name}_steps") for name in collect]
    results = scan(g, {**g.values, **given}, inside, states, sequences, collect, names, backwards=True)
    steps = dict(zip(collect, results[len(states) :], strict=True))

    found = {x.name: end for x, end in zip(at.first, results, strict=False)} | {at.z.name: steps[grads[at.z.name].name]}
    wide = {name: stacked(x) if name in sequences else x for name, x in {**g.values, **given}.items()}
    for product in products:  # the weights' gradients are sums over the steps: one product for all of them
        seed = {product.output[0]: steps[grads[product.output[0]].name]}
        for name, part in backpropagate(g, [product], wide, seed, weights & reads(product)).items():
            found[name] = part if name not in found else found[name] + part
    whole = steps[arriving.name]
    return found, at.turned(g, whole if at.mask is None else whole * at.mask)


def _step(g: Builder, node: Node, at: Direction, z: Value, now: Sequence[Value]) -> tuple[Value, ...]:
    """The states after a step; those of an example that has ended stay."""
    kind = CELLS[node.operator]
    chosen = activations(node, at.index, kind.activations)
    local = [replace(x, builder=g) for x in (z, *now)]
    weights = {role: replace(x, builder=g) for role, x in at.weights.items()}
    after = kind.step(g, node, chosen, weights, *local)
    if at.mask is None:
        return after
    runs = replace(at.mask, builder=g, shape=("N", 1))
    ended = 1 - runs
    return tuple(runs * new + ended * old for new, old in zip(after, local[1:], strict=True))
