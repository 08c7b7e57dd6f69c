"""Gates as outputs: a GRU or LSTM keeps to itself what its gates did; here the graph gives them too.

Each gate reads the input and the state before a step. Both are known for all steps once the operator has run, so the
gates take one product for all steps instead of one each: see `unrolling`.
"""

from dataclasses import replace

from onnx import ModelProto

from glassbox.graph.builder import info
from glassbox.graph.model import Model, operator, read
from glassbox.graph.node import Node
from glassbox.graph.recurrent_cells import CELLS
from glassbox.graph.rewriting import close_graph, open_graph
from glassbox.graph.scan import stacked
from glassbox.graph.unrolling import INPUTS, directions, unroll

GATES = {"GRU": CELLS["GRU"].gates, "LSTM": (*CELLS["LSTM"].gates, "C")}
"""By the names of the ONNX standard; C is the cell state."""


def with_gates(model: Model) -> tuple[ModelProto, dict[str, str]]:
    """Return `model` with the gates of its GRU or LSTM as further outputs, and the names of these outputs by gate.

    Each is (T, D, N, H): steps, directions, batch, units; behind the end of a sequence its values mean nothing. For an
    RNN, whose one gate is its state, the model comes back as it is. Raises ValueError for a node that keeps its states
    to itself or has an activation that ONNX does not have, and for several.
    """
    proto = read(model)
    nodes = [node for node in proto.graph.node if operator(node) in GATES]
    if not nodes:
        return proto, {}
    if len(nodes) > 1 or not nodes[0].output[0]:
        raise ValueError("gates are given for one GRU or LSTM that gives its states")
    g = open_graph(proto)
    node = Node.of(g, nodes[0], g.values)
    given = {role: x for role, x in zip(INPUTS, node.inputs, strict=False) if x is not None}
    # Behind the end of a sequence nothing has to be right, so no step has to ask whether it is behind it.
    sides = [(at, unroll(g, node, replace(at, mask=None), node.y)) for at in directions(g, node, given)]
    names = {gate: f"{node.y.name}.{gate}" for gate in GATES[node.operator]}
    for gate, name in names.items():
        steps = [at.turned(g, stacked(replace(cell.gates[gate], builder=g))) for at, cell in sides]
        parts = [g.op("Unsqueeze", values, [1]) for values in steps]
        g.ops("Concat", *parts, names=[name], axis=1)
    outputs = [*proto.graph.output, *(info(replace(node.y, name=name)) for name in names.values())]
    return close_graph(proto, g, list(proto.graph.node), list(proto.graph.input), outputs), names
