"""A model's structure: its layers in order with shapes, parameters, multiply-adds and bytes, and its graph to draw."""

import math
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

from onnx import GraphProto, ModelProto, NodeProto

from glassbox.graph.model import (
    RECURRENT,
    STANDARD,
    Model,
    attributes,
    constants,
    labels,
    operator,
    read,
    subgraphs,
    tensor_names,
)
from glassbox.graph.shapes import described, shape_of, skeleton

FLOPS_PER_MULTIPLY_ADD = 2
"""One multiplication and one addition. Counted: those of convolutions, matrix products and recurrent layers at batch 1.
Not counted: biases, activations, pooling and other work that a number takes once, a few percent of the whole."""

Shape = tuple[int | str, ...]
# The inputs that each operator multiplies: the data, then the weights.
_FACTORS = {
    **dict.fromkeys(("Conv", "ConvInteger", "ConvTranspose", "Gemm", "MatMul", "MatMulInteger"), (0, 1)),
    **dict.fromkeys(("QLinearConv", "QLinearMatMul"), (0, 3)),
    **dict.fromkeys(RECURRENT, (0, 1, 2)),
}


class Counted:
    """What has multiply-adds that may be counted; None where nobody can tell."""

    multiply_adds: int | None

    @property
    def flops(self) -> int | None:
        """FLOPS_PER_MULTIPLY_ADD times the multiply-adds."""
        return None if self.multiply_adds is None else FLOPS_PER_MULTIPLY_ADD * self.multiply_adds


@dataclass(frozen=True)
class Layer(Counted):
    """One node of the graph. Shapes hold a name where a dimension is free, and are None where nobody can tell;
    so is `multiply_adds`. `parameters` counts weights and biases, `bytes` their size; `constants` names them."""

    name: str
    operator: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    shapes: dict[str, Shape | None]
    constants: tuple[str, ...]
    parameters: int
    bytes: int
    multiply_adds: int | None


@dataclass(frozen=True)
class Node:
    """A node of the drawn graph: an input, a layer or an output (`kind`). `depth` is the longest way from an input, a
    column to draw it in; `layer` its place in `Structure.layers`."""

    name: str
    kind: str
    depth: int
    layer: int | None = None


@dataclass(frozen=True)
class Edge:
    """`tensor` goes from one node to another; both are places in `Structure.nodes`."""

    source: int
    target: int
    tensor: str
    shape: Shape | None


@dataclass(frozen=True)
class Structure(Counted):
    """The whole of a model. A weight that several layers share counts once in `parameters` and `bytes`."""

    layers: tuple[Layer, ...]
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    inputs: dict[str, Shape | None]
    outputs: dict[str, Shape | None]
    parameters: int
    bytes: int
    multiply_adds: int | None


def structure(model: Model, sizes: Mapping[str, int] | None = None) -> Structure:
    """Return the structure of `model`.

    Multiply-adds are counted with each free dimension as `sizes` gives it by name, else 1.

    Nodes inside the bodies of If, Loop and Scan belong to the layer that holds them: their weights are counted, their
    multiply-adds are unknown, as nobody can tell how often they run. Raises ValueError for what is no ONNX model.
    """
    proto = read(model)
    graph = proto.graph
    weights = parameters(graph)
    lean = skeleton(proto)
    shapes, counted = _shapes(lean), _shapes(_bound(lean, sizes or {}))
    pairs = [pair for pair in zip(graph.node, labels(graph), strict=True) if not _is_constant(pair[0])]
    tensors = {*weights, *(value.name for value in graph.input), *(name for node in graph.node for name in node.output)}
    layers = tuple(_layer(node, name, tensors, weights, shapes, counted) for node, name in pairs)
    used = {name for layer in layers for name in layer.constants} & weights.keys()
    costs = [layer.multiply_adds for layer in layers]
    fed = [value.name for value in graph.input if value.name not in weights]
    given = [value.name for value in graph.output]
    nodes, edges = _drawn(layers, fed, given, shapes)
    held = [weights[name] for name in used] + [_inner_parameters(node) for node in graph.node]
    return Structure(
        layers=layers,
        nodes=nodes,
        edges=edges,
        inputs={name: shapes.get(name) for name in fed},
        outputs={name: shapes.get(name) for name in given},
        parameters=sum(count for count, _ in held),
        bytes=sum(size for _, size in held),
        multiply_adds=None if None in costs else sum(cost or 0 for cost in costs),
    )


def _layer(
    node: NodeProto,
    name: str,
    tensors: Container[str],
    weights: Mapping[str, tuple[int, int]],
    shapes: Mapping[str, Shape | None],
    counted: Mapping[str, Shape | None],
) -> Layer:
    # A body of an If, Loop or Scan may read any tensor of the graph around it without naming it as an input.
    captured = sorted(inner for body in subgraphs(node) for inner in tensor_names(body) if inner in tensors)
    reads = list(dict.fromkeys([*filter(None, node.input), *captured]))
    held = [tensor for tensor in reads if tensor in weights]
    inner = _inner_parameters(node)
    outputs = tuple(filter(None, node.output))
    return Layer(
        name=name,
        operator=operator(node),
        inputs=tuple(tensor for tensor in reads if tensor not in weights),
        outputs=outputs,
        shapes={tensor: shapes.get(tensor) for tensor in [*reads, *outputs]},
        constants=tuple(held),
        parameters=sum(weights[tensor][0] for tensor in held) + inner[0],
        bytes=sum(weights[tensor][1] for tensor in held) + inner[1],
        multiply_adds=_multiply_adds(node, counted),
    )


def _multiply_adds(node: NodeProto, shapes: Mapping[str, Shape | None]) -> int | None:
    """Return how many products the node sums, from the shapes of what it multiplies; None where they are unknown."""
    if any(True for _ in subgraphs(node)) or node.domain not in STANDARD:
        return None
    if node.op_type not in _FACTORS:
        return 0
    names = [node.input[place] if place < len(node.input) else "" for place in _FACTORS[node.op_type]]
    data, *weights = [_size(shapes.get(name)) for name in names]
    result = _size(shapes.get(node.output[0])) if node.op_type not in RECURRENT else ()
    if data is None or result is None or None in weights:
        return None
    each = [size for size in weights if size is not None]
    if node.op_type in RECURRENT:  # every weight once a step, for every sequence
        return math.prod(data[:2]) * sum(math.prod(size) for size in each)
    if node.op_type == "ConvTranspose":
        return math.prod(data) * math.prod(each[0][1:])
    if "Conv" in node.op_type:
        return math.prod(result) * math.prod(each[0][1:])
    summed = data[0] if node.op_type == "Gemm" and attributes(node).get("transA") else data[-1]
    return math.prod(result) * summed


def parameters(graph: GraphProto) -> dict[str, tuple[int, int]]:
    """Return how many numbers and bytes each constant of the file holds. int64 and bool ones are shapes, axes and
    indices for an operator, no weights: they count as none.
    """
    arrays = constants(graph)
    plain = {name: value.dtype.kind in "OSUb" or value.dtype == "int64" for name, value in arrays.items()}
    return {name: (0, 0) if plain[name] else (value.size, value.nbytes) for name, value in arrays.items()}


def _inner_parameters(node: NodeProto) -> tuple[int, int]:
    counts = [count for body in subgraphs(node) for count in parameters(body).values()]
    counts += [_inner_parameters(inner) for body in subgraphs(node) for inner in body.node]
    return sum(number for number, _ in counts), sum(size for _, size in counts)


def _drawn(
    layers: Sequence[Layer], inputs: Sequence[str], outputs: Sequence[str], shapes: Mapping[str, Shape | None]
) -> tuple[tuple[Node, ...], tuple[Edge, ...]]:
    nodes = [Node(name, "input", 0) for name in inputs]
    maker = {name: place for place, name in enumerate(inputs)}
    edges: list[Edge] = []

    def add(name: str, kind: str, reads: Sequence[str], layer: int | None) -> None:
        sources = [(maker[tensor], tensor) for tensor in reads if tensor in maker]
        edges.extend(Edge(source, len(nodes), tensor, shapes.get(tensor)) for source, tensor in sources)
        depth = 1 + max((nodes[source].depth for source, _ in sources), default=0)
        nodes.append(Node(name, kind, depth, layer))

    for place, layer in enumerate(layers):
        add(layer.name, "layer", layer.inputs, place)
        maker |= dict.fromkeys(layer.outputs, len(nodes) - 1)
    for name in outputs:
        add(name, "output", [name], None)
    return tuple(nodes), tuple(edges)


def _bound(model: ModelProto, sizes: Mapping[str, int]) -> ModelProto:
    """Return a copy whose inputs have numbers for all dimensions, and nothing that says otherwise."""
    copy = ModelProto()
    copy.CopyFrom(model)
    del copy.graph.value_info[:]
    for value in copy.graph.input:
        for dim in value.type.tensor_type.shape.dim:
            if not dim.HasField("dim_value"):
                dim.dim_value = sizes.get(dim.dim_param, 1)
    for value in copy.graph.output:
        value.type.tensor_type.ClearField("shape")
    return copy


def _shapes(model: ModelProto) -> dict[str, Shape | None]:
    found: dict[str, Shape | None] = {}
    for name, value in described(model).items():
        shape = shape_of(value.type)
        found[name] = None if shape is None else tuple("?" if size is None else size for size in shape)
    return found | {name: tuple(value.shape) for name, value in constants(model.graph).items()}


def _size(shape: Shape | None) -> tuple[int, ...] | None:
    """Return the shape, if all of it is known."""
    if shape is None or any(isinstance(dim, str) for dim in shape):
        return None
    return tuple(int(dim) for dim in shape)


def _is_constant(node: NodeProto) -> bool:
    return node.op_type == "Constant" and node.domain in STANDARD
