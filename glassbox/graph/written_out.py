"""Operators written out: a node -> nodes of simpler operators that compute the same.

The standard defines many operators as functions of others (https://onnx.ai/onnx/intro/concepts.html#functions), from
ReduceL2 to Attention; `decompositions` says the same of further ones, and unrolls loops whose steps can be counted. So
a derivative or an explanation needs rules for the simple operators alone.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import onnx
from onnx import ModelProto, NodeProto, TensorProto, helper, inliner

from glassbox.graph.builder import Builder, Value, from_type, info
from glassbox.graph.folding import Folder, small
from glassbox.graph.model import STANDARD, reads
from glassbox.graph.node import Node, default_attributes
from glassbox.graph.scan import renamed
from glassbox.graph.shapes import declared, inferred

Decomposition = Callable[[Builder, Node], Sequence[Value | None] | None]
"""(builder, node) -> the values of its outputs, emitted with the builder; None where it can't be written out."""
Unrolling = Callable[[Node, Folder], Sequence[str] | None]
"""(node, what takes the nodes) -> the tensors that equal its outputs; None where the steps can't be counted."""
DECOMPOSITIONS: dict[tuple[str, str], Decomposition] = {}
"""By domain and operator."""
UNROLLINGS: dict[str, Unrolling] = {}
MICROSOFT = "com.microsoft"
ESTIMATED = {(MICROSOFT, "DynamicQuantizeLSTM")}
"""What is written out for its derivative alone: the engine rounds within it, so its numbers are others."""
NEVER = {"Bernoulli", "Range", "SequenceMap"}
"""Functions of the standard that stay as they are: at random, with a loop, of sequences."""
_NUMBER = re.compile(r"__\d+$")
"""What the inliner writes behind the names of a function's inner tensors."""
DECOMPOSED_OPSET = 18
"""The least version of the standard operators that decompositions are written in."""


def decomposition(*operators: str, domain: str = "") -> Callable[[Decomposition], Decomposition]:
    """Register what operators are written out as."""

    def register(function: Decomposition) -> Decomposition:
        DECOMPOSITIONS.update(((domain, name), function) for name in operators)
        return function

    return register


def unrolling(operator: str) -> Callable[[Unrolling], Unrolling]:
    """Register how an operator with a body is written out."""

    def register(function: Unrolling) -> Unrolling:
        UNROLLINGS[operator] = function
        return function

    return register


@dataclass(frozen=True)
class WrittenOut:
    """The nodes that compute what a node does, and their tensors that equal its outputs (None for one left out)."""

    nodes: list[NodeProto]
    outputs: list[str | None]


def decomposes(node: NodeProto) -> bool:
    """Return whether a decomposition is registered for the operator of `node`."""
    return _key(node) in DECOMPOSITIONS


def is_estimated(node: NodeProto) -> bool:
    """Return whether what `node` is written out as only comes near its numbers."""
    return _key(node) in ESTIMATED


def is_written_out(node: NodeProto) -> bool:
    """Return whether there is anything that `node` could be written out as."""
    domain, operator = _key(node)
    return decomposes(node) or (domain == "" and operator in _functions() | UNROLLINGS.keys())


def opset_to_write_in(node: NodeProto, opset: int) -> int | None:
    """Return the version of the standard operators to write `node` out in, for a model of version `opset`.

    A newer one where the operator is the same in it: functions and decompositions use what older ones lack. None where
    the operator had other inputs, such as a TopK whose count was an attribute.
    """
    newer = max(opset, DECOMPOSED_OPSET)
    if decomposes(node):
        joins_axes = node.op_type == "Hardmax" and opset < 13
        return newer if _reads_the_same(node, opset, newer) and not joins_axes else None
    if node.op_type in UNROLLINGS:
        return opset
    versions = [onnx.defs.get_schema(node.op_type, version, "").since_version for version in (opset, newer)]
    return newer if versions[0] == versions[1] else opset


def _reads_the_same(node: NodeProto, opset: int, newer: int) -> bool:
    """Return whether an operator of an older version is also one of a newer: optional inputs may have come behind."""
    if node.domain not in STANDARD:
        return True
    kinds = [(node.op_type, version, "") for version in (opset, newer)]
    if not all(onnx.defs.has(*kind) for kind in kinds):
        return False
    old, new = (list(onnx.defs.get_schema(*kind).inputs) for kind in kinds)
    added = [formal.option for formal in new[len(old) :]]
    optional = onnx.defs.OpSchema.FormalParameterOption.Optional
    return [x.name for x in old] == [x.name for x in new[: len(old)]] and all(one == optional for one in added)


def write_out(node: Node) -> WrittenOut | None:
    """Return `node` written out for its builder, which knows the values of all tensors of the nodes afterwards.

    The inner tensors are called "LABEL/NAME". None where nothing simpler is known. The nodes are not added to the
    builder's.
    """
    key = _key(node.proto)
    if (decompose := DECOMPOSITIONS.get(key)) is not None:
        g = node.builder.nested()
        inputs = tuple(None if x is None else replace(x, builder=g) for x in node.inputs)
        outputs = decompose(g, replace(node, builder=g, inputs=inputs))
        if outputs is not None:
            return _labelled(node, g.nodes, [None if y is None else y.name for y in outputs])
    if key[0] == "" and (unroll := UNROLLINGS.get(key[1])) is not None:
        folder = Folder(node.builder, {x.name: x for x in node.operands})
        names = unroll(node, folder)
        return None if names is None else _typed(node, folder, names)
    return _by_the_standard(node) if key[0] == "" and key[1] in _functions() else None


def model_of(g: Builder, nodes: Sequence[NodeProto], given: Sequence[Value]) -> ModelProto:
    """Return a model of `nodes`, which read `given` and constants of the builder; all that they make is its output."""
    read = {x.name: x for x in given}
    outputs = [onnx.ValueInfoProto(name=name) for name in dict.fromkeys(n for x in nodes for n in x.output if n)]
    used = set[str]().union(*map(reads, nodes))
    weights = [tensor for name, tensor in g.constants.items() if name in used and name not in read]
    weights += [g.constants[name] for name in read if name in g.constants and small(g.constants[name].dims)]
    known = {tensor.name for tensor in weights}
    inputs = [info(x) for name, x in read.items() if name not in known]
    graph = helper.make_graph(nodes, "written_out", inputs, outputs, weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", g.opset)], ir_version=10)


@functools.cache
def _functions() -> frozenset[str]:
    """Return the operators that some version of the standard defines as functions."""
    schemas = onnx.defs.get_all_schemas_with_history()
    own = [schema for schema in schemas if schema.domain == "" and schema.name not in NEVER]
    kinds = ("has_function", "has_context_dependent_function")  # which the stubs leave out
    return frozenset(schema.name for schema in own if any(getattr(schema, kind) for kind in kinds))


def _key(node: NodeProto) -> tuple[str, str]:
    return "" if node.domain in STANDARD else node.domain, node.op_type


def _by_the_standard(node: Node) -> WrittenOut | None:
    """Return the body of the operator's function."""
    proto, g = NodeProto(), node.builder
    proto.CopyFrom(node.proto)
    formal = onnx.defs.get_schema(proto.op_type, g.opset, "").outputs
    proto.output[:] = [name and f"{told.name}__0" for name, told in zip(proto.output, formal, strict=False)]
    given = {attribute.name for attribute in proto.attribute}
    proto.attribute.extend(x for x in default_attributes(proto, g.opset) if x.name not in given)
    alone = model_of(g, [proto], node.operands)
    del alone.graph.initializer[:], alone.graph.input[:]  # the inliner takes no type from an initialiser
    alone.graph.input.extend(info(x) for x in node.operands)
    left_out = helper.make_tensor_type_proto(TensorProto.FLOAT, [])  # of which it wants a type too
    alone.graph.input.append(onnx.ValueInfoProto(name="", type=left_out))
    try:
        body = inliner.inline_selected_functions(alone, [(proto.domain, proto.op_type)], inline_schema_functions=True)
    except RuntimeError:  # a type that it does not know
        return None
    if any(x.op_type == proto.op_type for x in body.graph.node) or _other_opset(body, g.opset):
        return None
    folder = Folder(g, {x.name: x for x in node.operands})
    for inner in body.graph.node:
        folder.add(inner)
    return _typed(node, folder, proto.output)


def _other_opset(model: ModelProto, opset: int) -> bool:
    return any(x.domain not in STANDARD or x.version != opset for x in model.opset_import)


def _typed(node: Node, folder: Folder, outputs: Sequence[str]) -> WrittenOut:
    """Return the nodes of `folder`, their tensors being told to the builder."""
    tell_types(node.builder, folder.rest, node.operands)
    return _labelled(node, folder.rest, [folder.names.get(name, name) or None for name in outputs])


def tell_types(g: Builder, nodes: Sequence[NodeProto], given: Sequence[Value]) -> None:
    """Tell the builder the types and shapes of what `nodes` make of the tensors `given`."""
    typed = declared(inferred(model_of(g, nodes, given)))
    for name in (name for made in nodes for name in made.output if name):
        g.values[name] = from_type(g, name, typed[name].type) if name in typed else Value(g, name, 0, None)


def _labelled(node: Node, nodes: Sequence[NodeProto], outputs: Sequence[str | None]) -> WrittenOut:
    """Return the nodes with their tensors, and themselves, called after `node`."""
    g = node.builder
    names = {name: g.fresh(f"{node.label}/{_NUMBER.sub('', name)}") for made in nodes for name in made.output if name}
    done = []
    for made in nodes:
        copy = renamed(made, names)
        copy.name = next(filter(None, copy.output))
        done.append(copy)
    for old, new in names.items():
        if old in g.values:
            g.values[new] = replace(g.values[old], name=new)
    return WrittenOut(done, [None if name is None else names.get(name, name) for name in outputs])
