"""Gates: a GRU or LSTM keeps to itself what its gates did; here the graph gives them too.

Each gate reads the input and the state before a step. Both are known for all steps once the operator has run, so the
gates take one product for the whole text instead of one a step; the LSTM's cell state alone is added up in a `Scan`.
https://onnx.ai/onnx/operators/onnx__GRU.html, https://onnx.ai/onnx/operators/onnx__LSTM.html

Shapes: T steps, N texts, D directions, H units.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto

from glassbox.graph.builder import Builder, Value, info
from glassbox.graph.model import Model, array, attributes, operator, read
from glassbox.graph.rewriting import close_graph, open_graph
from glassbox.graph.scan import State, scan

GATES = {"GRU": ("z", "r", "h"), "LSTM": ("i", "o", "f", "c", "C")}
"""By the names of the ONNX standard; C is the cell state."""
_PLAIN = {"hidden_size", "direction", "linear_before_reset"}


def with_gates(model: Model) -> tuple[ModelProto, dict[str, str]]:
    """`model` with the gates of its GRU or LSTM as further outputs, (T, D, N, H), and their tensors' names by gate.

    None for an RNN, whose one gate is its state. Behind a text's end they mean nothing. Raises ValueError for a node
    with other activations than the standard's, or that does not start from zeros or hold its weights, and for several.
    """
    proto = read(model)
    cells = [node for node in proto.graph.node if operator(node) in GATES]
    if not cells:
        return proto, {}
    if len(cells) > 1 or not _is_plain(cells[0]):
        raise ValueError("gates are given for one GRU or LSTM with the standard activations that starts from zeros")
    cell = cells[0]
    held = {tensor.name: array(tensor) for tensor in proto.graph.initializer}
    weights = [held[name] for name in cell.input[1:4]]
    g = open_graph(proto)
    x, y = g.values[cell.input[0]], g.values[cell.output[0]]
    sides: dict[str, list[Value]] = {gate: [] for gate in GATES[operator(cell)]}
    for direction in range(len(weights[0])):
        backwards = attributes(cell).get("direction") == "reverse" or direction == 1
        states = g.op("Gather", y, np.array(direction), axis=1)
        shift = [-1, 0, 0, 1, 0, 0] if backwards else [1, 0, 0, -1, 0, 0]  # a zero goes in before, the last one out
        before = g.op("Pad", states, shift)
        side = _gru if operator(cell) == "GRU" else _lstm
        for gate, values in side(g, cell, x, before, [part[direction] for part in weights], backwards):
            sides[gate].append(g.op("Unsqueeze", values, [1]))
    names = {gate: f"{y.name}.{gate}" for gate in sides}
    for gate, parts in sides.items():
        g.ops("Concat", *parts, names=[names[gate]], axis=1)
    outputs = [*proto.graph.output, *(info(g.values[name]) for name in names.values())]
    return close_graph(proto, g, list(proto.graph.node), list(proto.graph.input), outputs), names


def _is_plain(cell: NodeProto) -> bool:
    starts = any(cell.input[5:])
    return not starts and set(attributes(cell)) <= _PLAIN and len(cell.input) > 3 and bool(cell.output[0])


Side = Iterator[tuple[str, Value]]


def _gru(
    g: Builder, cell: NodeProto, x: Value, before: Value, weights: list[NDArray[np.float32]], backwards: bool
) -> Side:
    w, r, b = weights
    size = len(b) // 6
    fed, own = g.op("MatMul", x, w.T) + b[: 3 * size], g.op("MatMul", before, r.T) + b[3 * size :]
    parts = [g.fresh("gate") for _ in range(3)], [g.fresh("gate") for _ in range(3)]
    x_z, x_r, x_h = g.ops("Split", fed, names=parts[0], axis=-1, num_outputs=3)
    h_z, h_r, h_h = g.ops("Split", own, names=parts[1], axis=-1, num_outputs=3)
    z, reset = g.op("Sigmoid", x_z + h_z), g.op("Sigmoid", x_r + h_r)
    if attributes(cell).get("linear_before_reset"):
        recurrent = reset * h_h
    else:
        recurrent = g.op("MatMul", reset * before, r[2 * size :].T) + b[5 * size :]
    yield from {"z": z, "r": reset, "h": g.op("Tanh", x_h + recurrent)}.items()


def _lstm(
    g: Builder, cell: NodeProto, x: Value, before: Value, weights: list[NDArray[np.float32]], backwards: bool
) -> Side:
    w, r, b = weights
    size = len(b) // 8
    sums = g.op("MatMul", x, w.T) + g.op("MatMul", before, r.T) + (b[: 4 * size] + b[4 * size :])
    i, o, f, c = g.ops("Split", sums, names=[g.fresh("gate") for _ in range(4)], axis=-1, num_outputs=4)
    i, o, f, c = (g.op("Tanh" if part is c else "Sigmoid", part) for part in (i, o, f, c))
    new = i * c
    if backwards and len(cell.input) > 4 and cell.input[4]:  # it begins behind the text's end, with nothing to add
        clock = g.op("Range", 0, g.op("Squeeze", g.sizes(x, 0, 1)), 1)
        ends = g.op("Cast", g.values[cell.input[4]], to=TensorProto.INT64)
        runs = g.op("Less", g.op("Reshape", clock, [-1, 1, 1]), g.op("Reshape", ends, [1, -1, 1]))
        new = new * g.op("Cast", runs, to=new.dtype)
    yield from {"i": i, "o": o, "f": f, "c": c, "C": _summed(g, f, new, size, backwards)}.items()


def _summed(g: Builder, kept: Value, new: Value, size: int, backwards: bool) -> Value:
    """C = kept C + new, step by step, from zero."""
    first = g.op("ConstantOfShape", g.op("Concat", g.sizes(new, 1, 2), [size], axis=0))
    body = g.nested()
    now = body.value(body.fresh("cell"), new.dtype, (None, size))
    step = {x.name: Value(body, x.name, x.dtype, (None, size)) for x in (kept, new)}
    after = step[kept.name] * now + step[new.name]
    states, names = [State(first, now.name, after.name)], [g.fresh("cells")]
    values = {**g.values, **step, now.name: now, after.name: after}
    return scan(g, values, body.nodes, states, list(step), [after.name], names, backwards)[-1]
