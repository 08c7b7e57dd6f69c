"""The graphs of a model as facts: nodes, blocks and tensors of the main graph, of its bodies and of its functions."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from onnx import AttributeProto, FunctionProto, GraphProto, NodeProto, ValueInfoProto

from glassbox.graph.model import labels, operator
from glassbox.graph.shapes import shape_of
from glassbox.graph.structure import Layer
from glassbox.inspection.answer import limited, sizes, text, texts
from glassbox.inspection.blocks import blocks, scope
from glassbox.inspection.opening import Opened, type_name

MOST_ATTRIBUTES = 64
MOST_GRAPHS = 1_000
_SHOWN = 16
"""Numbers of a list that an attribute shows."""
_SCOPES = "pkg.torch.onnx.name_scopes"
"""Where PyTorch's exporter writes a node's scopes, as a list of paths."""


@dataclass
class _Graph:
    """A graph to describe, and where it hangs: `kind` main, body or function; the place of the graph and the node that
    hold a body."""

    proto: GraphProto | FunctionProto
    kind: str
    name: str
    holder: tuple[int, int] | None = None
    facts: dict[str, Any] = field(default_factory=dict)


def graphs(model: Opened, layers: Mapping[str, Layer]) -> list[dict[str, Any]]:
    """Return all graphs as facts, the main one first; `layers` are its nodes with their costs, by label.

    A graph has its `kind`, `name`, `inputs`, `outputs`, `nodes`, `blocks` and `tensors`, with the types and shapes of
    those that are no weights, as far as they are known. A body has `holder`, the places of the graph and of the node
    that hold it, which in turn names its `bodies`. A node that calls a function names it by `function`, a place too.
    Constants are in no list of nodes: the tensors that they hold are among the `constants` of those that read them.
    """
    proto = model.proto
    todo = [_Graph(proto.graph, "main", proto.graph.name)]
    functions = {}
    for function in proto.functions:
        functions[function.domain, function.name] = len(todo)
        todo.append(_Graph(function, "function", function.name))
    for place, one in enumerate(todo):  # grows while the bodies are found
        described = _without(model.described, model.weights) if place == 0 else _declared(one.proto)
        one.facts = _facts(one, place, todo, functions, layers if place == 0 else {}, described)
    return [one.facts for one in todo]


def attribute_facts(node: NodeProto) -> dict[str, str]:
    """Return a node's attributes as short texts; bodies and tensors by what they are."""
    return limited({text(one.name): _attribute(one) for one in node.attribute}, MOST_ATTRIBUTES)


def scopes(
    proto: GraphProto | FunctionProto, names: Sequence[str], nodes: Sequence[NodeProto]
) -> list[tuple[str, ...]]:
    """Return the scopes of each node, outermost first: those that PyTorch wrote down, else by "/" in the nodes' names
    or, where no name has one, by "."."""
    separator = "/" if any("/" in name for name in names) else "."
    found = []
    for node, name in zip(nodes, names, strict=True):
        written = next((entry.value for entry in node.metadata_props if entry.key == _SCOPES), "")
        paths = [path.strip(" '\"[]") for path in written.split(",")] if written else []
        found.append(tuple(filter(None, paths[:-1])) if paths else scope(name, separator))
    return found


def _facts(
    one: _Graph,
    place: int,
    todo: list[_Graph],
    functions: Mapping[tuple[str, str], int],
    layers: Mapping[str, Layer],
    described: Mapping[str, ValueInfoProto],
) -> dict[str, Any]:
    proto = one.proto
    named = labels(proto) if isinstance(proto, GraphProto) else labels(GraphProto(node=proto.node))
    pairs = [(node, name) for node, name in zip(proto.node, named, strict=True) if node.op_type != "Constant"]
    held = {node.output[0] for node in proto.node if node.op_type == "Constant" and node.output}
    if isinstance(proto, GraphProto):
        held |= {x.name for x in proto.initializer} | {x.values.name for x in proto.sparse_initializer}
    nodes = []
    for index, (node, name) in enumerate(pairs):
        bodies = []
        for attribute, body in _bodies(node):
            if len(todo) < MOST_GRAPHS:
                bodies.append(len(todo))
                todo.append(_Graph(body, "body", attribute, (place, index)))
        fact = _node(node, name, held, layers.get(name))
        nodes.append(fact | {"bodies": bodies, "function": functions.get((node.domain, node.op_type))})
    kinds = [(operator(node), len(node.input), tuple(attribute_facts(node).items())) for node, _ in pairs]
    groups = blocks(scopes(proto, [name for _, name in pairs], [node for node, _ in pairs]), kinds)
    ends = [x if isinstance(x, str) else x.name for x in [*proto.input, *proto.output]]
    return {
        "kind": one.kind,
        "name": text(one.name),
        "holder": None if one.holder is None else list(one.holder),
        "inputs": [name for name in ends[: len(proto.input)] if name not in held],
        "outputs": ends[len(proto.input) :],
        "nodes": nodes,
        "blocks": [asdict(group) | {"name": text(group.name)} for group in groups],
        "tensors": {name: tensor_facts(value) for name, value in described.items()},
    }


def tensor_facts(value: ValueInfoProto | None) -> dict[str, Any]:
    """Return a tensor's type and shape as far as they are known."""
    if value is None:
        return {"type": "", "shape": None}
    return {"type": type_name(value), "shape": sizes(shape_of(value.type))}


def _node(node: NodeProto, name: str, held: set[str], layer: Layer | None) -> dict[str, Any]:
    return {
        "name": name,
        "operator": text(operator(node)),
        "inputs": list(node.input),
        "outputs": list(node.output),
        "constants": [tensor for tensor in dict.fromkeys(node.input) if tensor in held],
        "attributes": attribute_facts(node),
        "parameters": None if layer is None else layer.parameters,
        "bytes": None if layer is None else layer.bytes,
        "multiply_adds": None if layer is None else layer.multiply_adds,
    }


def _bodies(node: NodeProto) -> list[tuple[str, GraphProto]]:
    found = []
    for attribute in node.attribute:
        if attribute.HasField("g"):
            found.append((attribute.name, attribute.g))
        found += [(attribute.name, body) for body in attribute.graphs]
    return found


def _without(described: Mapping[str, ValueInfoProto], weights: Sequence[str]) -> dict[str, ValueInfoProto]:
    """Return the tensors that are no weights, which an answer describes by themselves."""
    held = set(weights)
    return {name: value for name, value in described.items() if name not in held}


def _declared(proto: GraphProto | FunctionProto) -> dict[str, ValueInfoProto]:
    """Return the tensors that a body or a function declares."""
    values = list(proto.value_info)
    if isinstance(proto, GraphProto):
        values += [*proto.input, *proto.output]
    return {value.name: value for value in values}


def _attribute(one: AttributeProto) -> str:
    if one.type in (AttributeProto.INT, AttributeProto.FLOAT):
        return str(one.i if one.type == AttributeProto.INT else round(one.f, 7))
    if one.type == AttributeProto.STRING:
        return text(one.s.decode(errors="replace"))
    if one.type in (AttributeProto.INTS, AttributeProto.FLOATS):
        values = list(one.ints or one.floats)
        shown = ", ".join(map(str, values[:_SHOWN]))
        return f"[{shown}{', …' if len(values) > _SHOWN else ''}]"
    if one.type == AttributeProto.STRINGS:
        return ", ".join(texts(value.decode(errors="replace") for value in one.strings[:_SHOWN]))
    return str(AttributeProto.AttributeType.Name(one.type).lower())
