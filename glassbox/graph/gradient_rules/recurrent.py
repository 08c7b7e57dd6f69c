"""RNN, GRU and LSTM: back-propagation through time (Werbos 1990, https://doi.org/10.1109/5.58337) as one `Scan`.

The cell is written out in plain operators (`unrolling`) and differentiated like any other graph. What does not depend
on the carried cotangents is computed for all steps at once, outside of the loop, so that the loop keeps a handful of
nodes: 3 for the RNN. N is the batch, H the hidden size, T the number of steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from glassbox.graph.backpropagation import Node, backpropagate, rule_for_all_outputs
from glassbox.graph.builder import Builder, Value
from glassbox.graph.model import reads
from glassbox.graph.scan import State, dependents, partition, scan, stacked
from glassbox.graph.unrolling import INPUTS, Direction, Unrolled, directions, unroll


@rule_for_all_outputs("RNN", "GRU", "LSTM")
def recurrent(g: Builder, node: Node, *cotangents: Value | None) -> Sequence[Value | None]:
    """(h_t, c_t) = cell(x_t, h_(t-1), c_(t-1)). From the last step to the first, the derivative of the cell turns

    dh_t = dY_t + the dh carried back from step t + 1, and dc_t, into dx_t and what is carried to step t - 1.
    The weights' gradients are sums over the steps. dh_t of every step is also the gradient of the output Y.
    """
    given = {role: x for role, x in zip(INPUTS, node.inputs, strict=False) if x is not None}
    before = g.nested()
    sides = directions(before, node, given)
    g.nodes += before.nodes
    y = node.optional_output(0, node.x.dtype, None)
    seeds: dict[str, Value] = {}
    through_time = []
    for at in sides:
        found, states = _through_time(g, at, unroll(g, node, at, y), cotangents)
        seeds |= found
        through_time.append(g.op("Unsqueeze", states, [1]))
    node.whole[y.name] = through_time[0] if len(through_time) == 1 else g.op("Concat", *through_time, axis=1)
    wanted = [x.name for role, x in given.items() if role != "lengths"]
    grads = backpropagate(g, before.nodes, g.values, seeds, dict.fromkeys(wanted))
    return [grads.get(x.name) if x is not None else None for x in node.inputs]


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
    sequences = dependents(outside, cell.sequences | set(from_outside[len(carried) :]))
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
