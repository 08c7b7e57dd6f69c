"""Read: what a file holds, without running it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from numpy.typing import NDArray
from onnx import AttributeProto, GraphProto, ModelProto, NodeProto

from glassbox.graph.model import operator, subgraphs
from glassbox.graph.structure import Structure, structure
from glassbox.input_error import InputError
from glassbox.inspection.answer import Answer, limited, sizes, text, texts
from glassbox.inspection.asked_inputs import described
from glassbox.inspection.opening import Opened, opened, type_name
from glassbox.inspection.requests import Read

MOST_METADATA = 100
MOST_ATTRIBUTES = 64
_SHOWN = 16
"""Numbers of a list that an attribute shows."""


def read(models: Sequence[bytes], request: Read, arrays: Mapping[str, NDArray[Any]]) -> Answer:
    """Return what the file holds.

    Facts: `file`, `inputs`, `outputs`, `operators` counted with those inside bodies and functions, `layers` (the nodes
    of the outer graph but constants, with parameters, bytes and multiply-adds), `tensors` (type and shape), `totals`.
    """
    model = opened(models[0])
    whole = structure(model.proto)
    facts: dict[str, Any] = {
        "file": _file(model),
        "inputs": _inputs(model),
        "outputs": [_tensor(model, value.name) | {"name": text(value.name)} for value in model.proto.graph.output],
        "operators": dict(Counter(operator(node) for node in every_node(model.proto)).most_common()),
        "layers": [_layer(whole, place) for place in range(len(whole.layers))],
        "tensors": {name: _tensor(model, name) for name in _tensors(whole)},
        "totals": {"parameters": whole.parameters, "bytes": whole.bytes, "multiply_adds": whole.multiply_adds},
    }
    return Answer(facts)


def every_node(model: ModelProto) -> Iterator[NodeProto]:
    """Yield all nodes: of the graph, of the bodies of If, Loop and Scan, and of the model's functions."""
    stack: list[GraphProto] = [model.graph]
    while stack:
        for node in stack.pop().node:
            yield node
            stack.extend(subgraphs(node))
    for function in model.functions:
        for node in function.node:
            yield node
            for body in subgraphs(node):
                yield from _inside(body)


def attribute_facts(node: NodeProto) -> dict[str, str]:
    """Return a node's attributes as short texts; a body or a tensor by what it is."""
    return limited({text(one.name): _attribute(one) for one in node.attribute}, MOST_ATTRIBUTES)


def _inside(graph: GraphProto) -> Iterator[NodeProto]:
    for node in graph.node:
        yield node
        for body in subgraphs(node):
            yield from _inside(body)


def _file(model: Opened) -> dict[str, Any]:
    proto = model.proto
    return {
        "bytes": len(model.data),
        "ir_version": proto.ir_version,
        "opsets": {entry.domain or "ai.onnx": entry.version for entry in proto.opset_import},
        "producer": text(f"{proto.producer_name} {proto.producer_version}".strip()),
        "name": text(proto.graph.name),
        "description": text(proto.doc_string or proto.graph.doc_string),
        "metadata": limited({text(x.key): text(x.value) for x in proto.metadata_props}, MOST_METADATA),
        "functions": [text(function.name) for function in proto.functions],
    }


def _inputs(model: Opened) -> list[dict[str, Any]]:
    try:
        return described(model)
    except InputError:  # an input that can't be fed can be read about all the same
        return [_tensor(model, one.name) | {"name": text(one.name)} for one in model.inputs]


def _tensors(whole: Structure) -> list[str]:
    named = [*whole.inputs, *whole.outputs, *(name for layer in whole.layers for name in layer.shapes)]
    return list(dict.fromkeys(named))


def _tensor(model: Opened, name: str) -> dict[str, Any]:
    known = model.described.get(name)
    return {"type": "" if known is None else type_name(known), "shape": sizes(model.shape(name))}


def _layer(whole: Structure, place: int) -> dict[str, Any]:
    layer = whole.layers[place]
    return {
        "name": text(layer.name),
        "operator": text(layer.operator),
        "inputs": list(layer.inputs),
        "outputs": list(layer.outputs),
        "constants": list(layer.constants),
        "parameters": layer.parameters,
        "bytes": layer.bytes,
        "multiply_adds": layer.multiply_adds,
    }


def _attribute(one: AttributeProto) -> str:
    kind = str(AttributeProto.AttributeType.Name(one.type).lower())
    if one.type in (AttributeProto.INT, AttributeProto.FLOAT):
        return str(one.i if one.type == AttributeProto.INT else one.f)
    if one.type == AttributeProto.STRING:
        return text(one.s.decode(errors="replace"))
    if one.type in (AttributeProto.INTS, AttributeProto.FLOATS):
        values = list(one.ints or one.floats)
        shown = ", ".join(map(str, values[:_SHOWN]))
        return f"[{shown}{', …' if len(values) > _SHOWN else ''}]"
    if one.type == AttributeProto.STRINGS:
        return ", ".join(texts(value.decode(errors="replace") for value in one.strings[:_SHOWN]))
    return kind
