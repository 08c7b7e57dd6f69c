"""Reverse-mode differentiation: an ONNX graph -> the ONNX graph of its derivative.

For y = f(x) and a cotangent v (a number for each cell of y: how much that cell counts) the new graph computes the
vector-Jacobian product v^T dy/dx by walking the nodes backwards, each by the rule of its operator in `gradient_rules`.
Griewank & Walther, Evaluating Derivatives (2008), chapter 3; Baydin et al., https://arxiv.org/abs/1502.05767.
"""

from __future__ import annotations

from collections.abc import Sequence

import onnx
from onnx import GraphProto, ModelProto, NodeProto, TensorProto, helper, inliner, numpy_helper, version_converter

import glassbox.graph.gradient_rules  # noqa: F401 (fills the table of rules)
from glassbox.graph.backpropagation import GradientError, backpropagate
from glassbox.graph.builder import FLOATS, Builder, Value, from_type, info, needed, reads
from glassbox.graph.model import STANDARD, Model, attributes, constants, opset, read, tensor_names
from glassbox.graph.taps import name_states

SHOWN_NAMES = 20
KEEP_RANK = {"Conv", "ConvTranspose", "MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool", "Resize", "Pad"}
OLDEST_OPSET = 18  # from here on axes, sizes and counts are inputs of the operators, which the rules rely on


def differentiate(model: Model, of: str, wrt: Sequence[str], keep: Sequence[str] = ()) -> ModelProto:
    """The graph that computes the gradient of the tensor `of` with respect to each tensor in `wrt`.

    It takes the model's inputs and `grad_<of>`, the cotangent, in the shape and type of `of`; it gives `grad_<name>`
    for each name in `wrt`, in that order and in the shape of `name`. With cotangent 1 in one cell and 0 elsewhere that
    is the gradient of this cell. `of` and `wrt` may be inputs, initialisers, outputs or inner tensors; for the output
    Y of an RNN, LSTM or GRU, (steps, directions, batch, hidden), the gradient counts what each state does to later
    steps too. Tensors of the model named in `keep` are further outputs, so that one run gives both directions.

    A model older than opset 18 is converted to it. Raises GradientError, a ValueError, for a tensor that does not exist
    or on which `of` does not depend, and for an operator on the way that has no rule, by operator and node.
    """
    model = modern(model)
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
    """The model's output or, where that is a Softmax, its input: the score of each class before they compete."""
    output = graph.output[0].name
    maker = next((node for node in graph.node if output in node.output), None)
    ends = maker is not None and maker.op_type == "Softmax" and maker.domain in STANDARD
    return str(maker.input[0]) if maker is not None and ends else output


def modern(model: Model) -> ModelProto:
    """A copy of the model in opset 18 or later, its functions written out and all recurrent states named."""
    proto = read(model)
    # Before opset 22 onnx counts a window too many where a pool with ceil_mode ends in its padding.
    rounds_up = any(attributes(node).get("ceil_mode") for node in proto.graph.node)
    oldest = 22 if rounds_up else OLDEST_OPSET
    if opset(proto) < oldest:
        declared = list(proto.graph.output)
        try:
            proto = version_converter.convert_version(proto, oldest)
        except Exception as error:  # the converter raises bare RuntimeErrors among others
            raise GradientError(
                f"the model uses opset {opset(proto)} and can't be converted to {oldest}: {error}"
            ) from error
        # The converter writes down the shapes that it infers, with that error.
        del proto.graph.value_info[:], proto.graph.output[:]
        proto.graph.output.extend(declared)
    if proto.functions:
        proto = inliner.inline_local_functions(proto)
    name_states(proto.graph)
    return proto


def open_graph(model: ModelProto) -> Builder:
    """A builder that knows the tensors of the model's graph, to add nodes to it."""
    graph = _inferred(model)
    builder = Builder(opset(model), tensor_names(graph))
    for x in [*graph.input, *graph.value_info, *graph.output]:
        builder.values[x.name] = from_type(builder, x.name, x.type)
    for name, array in constants(graph).items():
        builder.constants[name] = numpy_helper.from_array(array, name)
        builder.value(name, builder.constants[name].data_type, array.shape)
    for node in graph.node:
        for name in filter(None, node.output):
            builder.values.setdefault(name, Value(builder, name, TensorProto.UNDEFINED, None))
    return builder


def _inferred(model: ModelProto) -> GraphProto:
    """The graph with the shapes of its tensors, at least their number of axes where that can be told."""
    proto = ModelProto()
    proto.CopyFrom(model)
    told: set[str] = set()
    while True:
        try:
            graph = onnx.shape_inference.infer_shapes(proto, data_prop=True).graph
        except Exception:  # it raises errors of its own, and others, on models that ONNX Runtime still runs
            return proto.graph
        shaped = {x.name: x.type.tensor_type for x in [*graph.input, *graph.value_info, *graph.output]}
        shaped = {name: tensor for name, tensor in shaped.items() if tensor.HasField("shape")}
        untold = [
            node
            for node in graph.node
            if node.op_type in KEEP_RANK and node.input[0] in shaped and node.output[0] not in {*shaped, *told}
        ]
        if not untold:
            return graph
        # Where the sizes of a picture are unknown, onnx does not infer even that a pool keeps the number of axes.
        x, y = shaped[untold[0].input[0]], untold[0].output[0]
        proto.graph.value_info.append(helper.make_tensor_value_info(y, x.elem_type, [None] * len(x.shape.dim)))
        told.add(y)


def close_graph(
    model: ModelProto,
    builder: Builder,
    nodes: Sequence[NodeProto],
    inputs: Sequence[onnx.ValueInfoProto],
    outputs: Sequence[onnx.ValueInfoProto],
) -> ModelProto:
    """The model with the builder's nodes behind `nodes`; only what `outputs` need is kept."""
    kept = needed([*nodes, *builder.nodes], [x.name for x in outputs])
    used = set().union(*map(reads, kept))
    made = {name for node in kept for name in node.output}
    weights = {x.name for x in model.graph.initializer}
    graph = helper.make_graph(
        kept,
        model.graph.name or "graph",
        [x for x in inputs if x.name not in weights or x.name in used],
        outputs,
        [tensor for name, tensor in builder.constants.items() if name in used - made],
    )
    result = helper.make_model(graph, opset_imports=model.opset_import, ir_version=max(model.ir_version, 8))
    result.producer_name = "glassbox"
    return result
