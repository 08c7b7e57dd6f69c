"""The types and shapes of a model's tensors, as far as they can be told without running it.

https://onnx.ai/onnx/api/shape_inference.html
"""

import math
from collections.abc import Iterable, Mapping

from onnx import (
    GraphProto,
    ModelProto,
    NodeProto,
    TensorProto,
    TypeProto,
    ValueInfoProto,
    helper,
    shape_inference,
)

from glassbox.graph.model import STANDARD, attributes, subgraphs

Shape = tuple[int | str | None, ...]
"""A size, the name of a size, or None where nothing is known, for each axis."""
KEEP_RANK = {"Conv", "ConvTranspose", "MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool", "Resize", "Pad"}
KEEP_RANK |= {"Split"}
"""Operators whose outputs have as many axes as their first input."""


FOLLOWED = {
    "Constant",
    "Shape",
    "Size",
    "Cast",
    "Gather",
    "Slice",
    "Concat",
    "Squeeze",
    "Unsqueeze",
    "Add",
    "Sub",
    "Mul",
}
"""Operators of which inference computes the numbers, if they are whole and few, beside the shapes."""
MOST_AXES, MOST_FOLLOWED = 64, 1 << 16
"""Of a tensor; and the numbers of the longest list that is worth it."""
SMALL = 1024
"""Numbers that a weight may have to stay in a skeleton: more than a list of sizes, axes or indices ever has."""


def inferred(model: ModelProto) -> ModelProto:
    """Return a copy of `model` that declares the tensors whose type, number of axes or shape can be told.

    Where ONNX's inference fails, which it does on models that ONNX Runtime still runs, the copy declares what `model`
    does. Where a size is unknown it does not infer even that a pool keeps the number of axes, so that is helped along.
    """
    told = _inferred(skeleton(model)).graph
    known = ModelProto()
    known.CopyFrom(model)
    del known.graph.value_info[:], known.graph.output[:]
    known.graph.value_info.extend(told.value_info)
    known.graph.output.extend(told.output)
    return known


def described(model: ModelProto) -> dict[str, ValueInfoProto]:
    """Return what `inferred` says of the tensors of `model`, by name, without a copy of it."""
    return declared(_inferred(skeleton(model)))


def skeleton(model: ModelProto) -> ModelProto:
    """Return `model` without its weights of more than SMALL numbers, which become inputs: all that inference asks of
    it, at a cost that does not grow with its weights."""
    graph = model.graph
    lean = ModelProto(ir_version=model.ir_version, opset_import=model.opset_import, functions=model.functions)
    lean.graph.name = graph.name
    large = [weight for weight in graph.initializer if math.prod(weight.dims) > SMALL]
    absent = {weight.name for weight in large}
    given = {value.name for value in graph.input}
    lean.graph.node.extend(graph.node)
    for node in lean.graph.node:
        if node.op_type == "STFT" and not any(one.name == "onesided" for one in node.attribute):
            node.attribute.append(helper.make_attribute("onesided", 1))  # the default, which inference takes for 0
    lean.graph.initializer.extend(weight for weight in graph.initializer if weight.name not in absent)
    lean.graph.sparse_initializer.extend(graph.sparse_initializer)
    lean.graph.input.extend(graph.input)
    lean.graph.input.extend(_info(weight) for weight in large if weight.name not in given)
    lean.graph.output.extend(graph.output)
    lean.graph.value_info.extend(graph.value_info)
    return lean


def _inferred(known: ModelProto) -> ModelProto:
    """Return `known`, which is changed, with what inference tells of it.

    Of an output whose number of axes it tells, that counts: files declare others, and ONNX Runtime runs them.
    """
    declared = {value.name: TypeProto.FromString(value.type.SerializeToString()) for value in known.graph.output}
    for value in known.graph.output:
        if value.type.HasField("tensor_type"):
            value.type.tensor_type.ClearField("shape")
    told = _told(known)
    for value in told.graph.output:
        own, said = shape_of(value.type), shape_of(declared[value.name])
        if said is None or not value.type.tensor_type.elem_type:
            continue
        if own is None:
            value.type.CopyFrom(declared[value.name])
        elif len(own) == len(said):
            pairs = zip(own, said, strict=True)
            merged = [here if isinstance(here, int) or there is None else there for here, there in pairs]
            value.type.CopyFrom(helper.make_tensor_type_proto(value.type.tensor_type.elem_type, merged))
    return told


def _told(known: ModelProto) -> ModelProto:
    told, computes = set[str](), _longest(known) <= MOST_FOLLOWED
    while True:
        try:
            known = shape_inference.infer_shapes(known, data_prop=computes)
        except Exception:  # it raises its own errors and bare RuntimeErrors
            return known
        values = declared(known)
        ranks = {name: count for name, count in _ranks(known.graph, values).items() if name not in told}
        if not ranks:
            return known
        told |= ranks.keys()
        for name, count in ranks.items():
            kind = values[name].type.tensor_type.elem_type
            values[name].CopyFrom(helper.make_tensor_value_info(name, kind, [None] * count))


def _longest(model: ModelProto) -> int:
    """Return a bound on the length of the lists of whole numbers that inference computes, which forty Concats in a row,
    of a list with itself, would make longer than any memory."""
    functions = {(function.domain, function.name): function for function in model.functions}

    def follow(nodes: Iterable[NodeProto], lengths: dict[str, int]) -> int:
        longest = 0
        for node in nodes:
            given = [lengths.get(name, 0) for name in node.input]
            function = functions.get((node.domain, node.op_type))
            if function is not None:
                inside = dict(zip(function.input, given, strict=False))
                longest = max(longest, follow(function.node, inside))
                lengths |= {name: inside.get(own, 0) for name, own in zip(node.output, function.output, strict=False)}
                continue
            longest = max([longest, *(follow(body.node, dict(lengths)) for body in subgraphs(node))])
            if node.op_type in FOLLOWED:
                most = MOST_AXES if node.op_type == "Shape" else max([_held(node), *given])
                lengths |= dict.fromkeys(node.output, sum(given) if node.op_type == "Concat" else most)
                longest = max([longest, *(lengths[name] for name in node.output)])
        return longest

    return follow(model.graph.node, {weight.name: _length(weight) for weight in model.graph.initializer})


def _held(node: NodeProto) -> int:
    """Return the whole numbers that a Constant holds."""
    return max((_length(value.t) or len(value.ints) for value in node.attribute), default=0)


def _length(tensor: TensorProto) -> int:
    whole = tensor.data_type in (TensorProto.INT32, TensorProto.INT64)
    return math.prod(tensor.dims) if whole and len(tensor.dims) <= 1 else 0


def declared(model: ModelProto) -> dict[str, ValueInfoProto]:
    """Return what `model` says of its tensors, by name: initialisers, inner tensors, outputs and inputs."""
    graph = model.graph
    weights = {weight.name: _info(weight) for weight in graph.initializer}
    return weights | {value.name: value for value in [*graph.value_info, *graph.output, *graph.input]}


def shape_of(kind: TypeProto) -> Shape | None:
    """Return the shape of a tensor of type `kind`; None where not even the number of axes is known."""
    if not kind.tensor_type.HasField("shape"):
        return None
    dims = kind.tensor_type.shape.dim
    return tuple(dim.dim_value if dim.HasField("dim_value") else dim.dim_param or None for dim in dims)


def _info(weight: TensorProto) -> ValueInfoProto:
    return helper.make_tensor_value_info(weight.name, weight.data_type, weight.dims)


def _ranks(graph: GraphProto, values: Mapping[str, ValueInfoProto]) -> dict[str, int]:
    """Return the number of axes of each tensor of known type that `values` declare without, where its operator tells
    it."""
    shapes = {name: shape_of(value.type) for name, value in values.items()}
    untold = {name for name, value in values.items() if shapes[name] is None and value.type.tensor_type.elem_type}
    return {
        name: count
        for node in graph.node
        if node.domain in STANDARD and untold & set(node.output) and (count := _rank(node, shapes)) is not None
        for name in untold & set(node.output)
    }


def _rank(node: NodeProto, shapes: Mapping[str, Shape | None]) -> int | None:
    """Return how many axes the outputs of `node` have."""
    first, second = (shapes.get(name) for name in [*node.input, "", ""][:2])
    given = (first if node.op_type == "ConstantOfShape" else second) or (None,)
    length = given[0]  # of a list of sizes or axes
    if node.op_type in ("ConstantOfShape", "Reshape"):
        return length if isinstance(length, int) else None
    if first is None:
        return None
    reduces = node.op_type.startswith("Reduce")
    if node.op_type in KEEP_RANK or (reduces and attributes(node).get("keepdims", 1)):
        return len(first)
    return len(first) - length if reduces and isinstance(length, int) and length else None
