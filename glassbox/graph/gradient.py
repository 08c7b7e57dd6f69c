"""Reverse-mode differentiation: an ONNX graph -> the ONNX graph of its derivative.

For y = f(x) and a cotangent v (a number for each cell of y: how much that cell counts) the new graph computes the
vector-Jacobian product v^T dy/dx by walking the nodes backwards, each by the rule of its operator in `gradient_rules`.
Griewank & Walther, Evaluating Derivatives (2008), chapter 3; Baydin et al., https://arxiv.org/abs/1502.05767.
"""

from __future__ import annotations

from collections.abc import Sequence

from onnx import GraphProto, ModelProto, NodeProto, TensorProto, helper

import glassbox.graph.decompositions
import glassbox.graph.gradient_rules  # noqa: F401 (fills the table of rules)
from glassbox.graph.backpropagation import backpropagate
from glassbox.graph.builder import FLOATS, info
from glassbox.graph.model import STANDARD, Model
from glassbox.graph.node import GradientError
from glassbox.graph.pooling_phases import pool_by_phases
from glassbox.graph.rewriting import close_graph, open_graph, upgraded

SHOWN_NAMES = 20
REWRITES = ("Identity", "Cast", "QuantizeLinear", "DequantizeLinear")
"""Operators that write the same numbers in another type."""


def differentiate(model: Model, of: str, wrt: Sequence[str], keep: Sequence[str] = ()) -> ModelProto:
    """Return the graph that computes the gradient of the tensor `of` with respect to each tensor in `wrt`.

    It takes the model's inputs and `grad_<of>`, the cotangent, in the shape and type of `of`; it gives `grad_<name>`
    for each name in `wrt`, in that order and in the shape of `name`. With cotangent 1 in one cell and 0 elsewhere that
    is the gradient of this cell. `of` and `wrt` may be inputs, initialisers, outputs or inner tensors; for the output
    Y of an RNN, LSTM or GRU, (steps, directions, batch, hidden), the gradient counts what each state does to later
    steps too. Tensors of the model named in `keep` are further outputs, so that one run gives both directions.

    Through QuantizeLinear, a staircase, the gradient is the straight-through estimate of `gradient_rules.quantisation`.
    A model older than opset 18 is converted to it. Raises GradientError, a ValueError, for a tensor that does not exist
    or on which `of` does not depend, and for an operator on the way that has no rule, by operator and node.
    """
    model = upgraded(model)
    pool_by_phases(model, {of, *wrt, *keep})
    graph = model.graph
    builder = open_graph(model)
    values = dict(builder.values)
    if missing := [name for name in [of, *wrt, *keep] if name not in values]:
        known = f"{', '.join(list(values)[:SHOWN_NAMES])}{', ...' if len(values) > SHOWN_NAMES else ''}"
        raise GradientError(f"the model has no tensor named {missing[0]!r}; it has {known}")
    if whole := [name for name in [of, *wrt] if values[name].dtype not in {*FLOATS, TensorProto.UNDEFINED}]:
        raise GradientError(f"{whole[0]!r} does not hold floating-point numbers, so it has no gradient")
    if of in wrt:
        raise GradientError(f"the gradient of {of!r} with respect to itself is the cotangent that is fed")
    if taken := [name for name in [of, *wrt] if f"grad_{name}" in builder.taken]:
        raise GradientError(f"the model already has a tensor named {f'grad_{taken[0]}'!r}")
    seed = builder.value(f"grad_{of}", values[of].dtype, values[of].shape)
    builder.taken.update(f"grad_{name}" for name in wrt)
    nodes = list(graph.node)
    grads = backpropagate(builder, nodes, values, {of: seed}, wrt)
    outputs = []
    for name in dict.fromkeys(wrt):
        builder.nodes.append(helper.make_node("Identity", [grads[name].name], [f"grad_{name}"]))
        outputs.append(info(values[name], f"grad_{name}"))
    outputs += [info(values[name]) for name in dict.fromkeys(keep)]
    return close_graph(model, builder, nodes, [*graph.input, info(seed)], outputs)


def score_tensor(graph: GraphProto) -> str:
    """Return the model's output or, where that is a Softmax, its input: the score of each class before they compete.

    A Softmax whose result is only written in another type, or quantised, is one all the same.
    """
    softmax = final_softmax(graph)
    return str(graph.output[0].name if softmax is None else softmax.input[0])


def final_softmax(graph: GraphProto) -> NodeProto | None:
    """Return the Softmax whose result the model's first output holds; None where another operator made it."""
    makers = {name: node for node in graph.node for name in node.output if node.domain in STANDARD}
    node = makers.pop(graph.output[0].name, None)
    while node is not None and node.op_type in REWRITES:
        node = makers.pop(node.input[0], None)
    return node if node is not None and node.op_type == "Softmax" else None
