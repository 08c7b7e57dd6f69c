"""Rewriting a model: bring it into a current form, open its graph to add nodes, and close it as a model again."""

from __future__ import annotations

from collections.abc import Sequence

from onnx import (
    GraphProto,
    ModelProto,
    NodeProto,
    TensorProto,
    ValueInfoProto,
    helper,
    inliner,
    numpy_helper,
    version_converter,
)

from glassbox.graph.builder import Builder, Value, from_type, needed
from glassbox.graph.model import STANDARD, Model, attributes, constants, opset, read, reads, subgraphs, tensor_names
from glassbox.graph.node import GradientError, Node
from glassbox.graph.shapes import inferred, skeleton
from glassbox.graph.taps import name_states
from glassbox.graph.written_out import is_written_out, write_out

OLDEST_OPSET = 18
"""From here on axes, sizes and counts are inputs of the operators, which the gradient rules rely on."""
FLAT_SCAN = 9
"""From here on Scan has no axis for a batch, which the converter does not take away."""
RESIZE_PLACES = 11
"""From here on Resize says where the cells of the result lie among those of the picture."""
ONE_AXIS = 13
"""From here on Hardmax looks along one axis, and not at all from there on, which the converter does not mind."""


def upgraded(model: Model) -> ModelProto:
    """Return a copy of `model` in opset 18 or later, its functions written out and all recurrent states named.

    Raises GradientError for a model that ONNX can't convert.
    """
    proto = read(model)
    if not any(entry.domain in STANDARD for entry in proto.opset_import):  # it uses none of the standard's operators
        proto.opset_import.append(helper.make_opsetid("", OLDEST_OPSET))
    if opset(proto) < ONE_AXIS and (rows := [node for node in proto.graph.node if node.op_type == "Hardmax"]):
        raise GradientError(f"Hardmax (node {rows[0].name or rows[0].output[0]!r}) joins axes before opset 13")
    # Before opset 22 onnx counts a window too many where a pool with ceil_mode ends in its padding.
    rounds_up = any(attributes(node).get("ceil_mode") for node in proto.graph.node)
    oldest = 22 if rounds_up else OLDEST_OPSET
    if opset(proto) < FLAT_SCAN and (scans := [node for node in proto.graph.node if node.op_type == "Scan"]):
        raise GradientError(f"Scan (node {scans[0].name or scans[0].output[0]!r}) has a batch axis before opset 9")
    if opset(proto) < oldest:
        declared, places_cells = list(proto.graph.output), opset(proto) >= RESIZE_PLACES
        try:
            proto = _converted(proto, oldest)
        except Exception as error:  # the converter raises bare RuntimeErrors among others
            raise GradientError(
                f"the model uses opset {opset(proto)} and can't be converted to {oldest}: {error}"
            ) from error
        # The converter writes down the shapes that it infers, with that error.
        del proto.graph.value_info[:], proto.graph.output[:]
        proto.graph.output.extend(declared)
        if not places_cells:
            _say_where_cells_lie(proto.graph)
    if proto.functions:
        proto = inliner.inline_local_functions(proto)
    _write_out_fused(proto)
    name_states(proto.graph)
    return proto


def _say_where_cells_lie(graph: GraphProto) -> None:
    """Have each Resize that was one of an older opset, or an Upsample, place the cells as these did.

    The converter leaves the newer default. The older took the nearest cell below, or above where they made it smaller.
    """
    held = constants(graph)
    for node in graph.node:
        for body in subgraphs(node):
            _say_where_cells_lie(body)
        if node.op_type != "Resize":
            continue
        node.attribute.append(helper.make_attribute("coordinate_transformation_mode", "asymmetric"))
        if attributes(node).get("mode", "nearest") != "nearest":
            continue
        scales = held.get(node.input[2]) if len(node.input) > 2 else None
        if scales is None or (min(scales) < 1 < max(scales)):
            raise GradientError(f"Resize (node {node.name or node.output[0]!r}) rounds as none does from opset 11 on")
        nearest = "ceil" if min(scales) < 1 else "floor"
        node.attribute.append(helper.make_attribute("nearest_mode", nearest))


def _converted(model: ModelProto, version: int) -> ModelProto:
    """Return `model` in a version of the standard operators. Its large weights are carried past the converter."""
    lean = skeleton(model)
    held = {weight.name for weight in lean.graph.initializer}
    given = {value.name for value in model.graph.input}
    large = [weight for weight in model.graph.initializer if weight.name not in held]
    apart = {weight.name for weight in large} - given
    made: ModelProto = version_converter.convert_version(lean, version)
    inputs = [value for value in made.graph.input if value.name not in apart]
    del made.graph.input[:]
    made.graph.input.extend(inputs)
    made.graph.initializer.extend(large)
    return made


def _write_out_fused(model: ModelProto) -> None:
    """Put simpler nodes in place of those that are not the standard's and can be written out.

    ONNX infers no type behind such a node, so this goes on as long as more of them read tensors of known type.
    """
    fused = [node for node in model.graph.node if node.domain not in STANDARD and is_written_out(node)]
    while fused:
        builder = open_graph(model)
        done = []
        for node in fused:
            view = Node.of(builder, node, builder.values)
            if all(x.shape is not None and x.dtype for x in view.operands) and (written := write_out(view)) is not None:
                place = list(model.graph.node).index(node)
                equal = zip(written.outputs, node.output, strict=False)
                nodes = [*written.nodes, *(helper.make_node("Identity", [a], [b]) for a, b in equal if a and b)]
                model.graph.node.remove(node)
                for one in reversed(nodes):
                    model.graph.node.insert(place, one)
                held = {tensor.name for tensor in model.graph.initializer}
                used = set[str]().union(*map(reads, nodes))
                model.graph.initializer.extend(
                    tensor for name, tensor in builder.constants.items() if name in used - held - made(model.graph)
                )
                done.append(node)
        fused = [node for node in fused if node not in done] if done else []


def made(graph: GraphProto) -> set[str]:
    """Return the tensors that nodes of the graph make."""
    return {name for node in graph.node for name in node.output}


def open_graph(model: ModelProto) -> Builder:
    """Return a builder that knows the tensors of the model's graph and adds nodes to it."""
    graph = inferred(model).graph
    builder = Builder(opset(model), tensor_names(graph))
    for x in [*graph.input, *graph.value_info, *graph.output]:
        builder.values[x.name] = from_type(builder, x.name, x.type)
    inputs = {x.name for x in graph.input}
    for name, array in constants(graph).items():
        builder.constants[name] = numpy_helper.from_array(array, name)
        if name not in inputs:  # an input may be fed in another shape than its default has
            builder.value(name, builder.constants[name].data_type, array.shape)
    for node in graph.node:
        for name in filter(None, node.output):
            builder.values.setdefault(name, Value(builder, name, TensorProto.UNDEFINED, None))
    return builder


def close_graph(
    model: ModelProto,
    builder: Builder,
    nodes: Sequence[NodeProto],
    inputs: Sequence[ValueInfoProto],
    outputs: Sequence[ValueInfoProto],
) -> ModelProto:
    """Return a model of `nodes` and then the builder's nodes, as far as `outputs` need them, with these inputs.

    The opset and the weights are those of `model`; inputs that name a weight which nothing needs are left out.
    """
    kept = needed([*nodes, *builder.nodes], [x.name for x in outputs])
    used = set().union(*map(reads, kept))
    given = used - {name for node in kept for name in node.output}
    weights = {x.name for x in model.graph.initializer}
    graph = helper.make_graph(
        kept,
        model.graph.name or "graph",
        [x for x in inputs if x.name not in weights or x.name in used],
        outputs,
        [tensor for name, tensor in builder.constants.items() if name in given],
    )
    result = helper.make_model(graph, opset_imports=model.opset_import, ir_version=max(model.ir_version, 8))
    result.producer_name = "glassbox"
    return result
