"""Packing: the bias of a dense layer as one more row of its matrix, so that a step of training has fewer nodes.

(h 1) (W over b) = h W + b: one product computes the sums and one the gradients of both. The 1 costs no node where the
layer before ends with Tanh or Sigmoid: one more unit of it, with nothing but a bias of SATURATING, gives 1, and as its
derivative is 0, training leaves it as it is. A step of a 2-8-8-1 network takes a seventh less.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from onnx import GraphProto, ModelProto, NodeProto, helper, numpy_helper

from glassbox.graph.builder import FLOATS
from glassbox.graph.model import attributes, fresh, tensor_names
from glassbox.graph.scan import renamed

SATURATING = 20.0
"""Tanh and Sigmoid of it are 1 in float32, or the number next to it."""
_SATURATE, _LAST = ("Tanh", "Sigmoid"), ("Tanh", "Sigmoid", "Relu", "Softmax")
_PLAIN = {"alpha": 1.0, "beta": 1.0, "transA": 0, "transB": 0}
NEXT = "next_"


@dataclass(frozen=True)
class Layer:
    """A dense layer, `inputs` -> `outputs`, with its `weight` and its `bias`; the `last` has no unit that gives 1."""

    weight: str
    bias: str
    inputs: int
    outputs: int
    last: bool

    @property
    def shape(self) -> tuple[int, int]:
        """That of its packed matrix."""
        return self.inputs + 1, self.outputs + (not self.last)


def layers(graph: GraphProto, weights: Collection[str]) -> list[Layer]:
    """Return the dense layers that a network is made of, if it is made of nothing else, Tanh or Sigmoid between them,
    and trains all its `weights`; else none."""
    held = {tensor.name: tensor for tensor in graph.initializer}
    gemms = [node for node in graph.node if node.op_type == "Gemm"]
    names = [name for node in gemms for name in list(node.input)[1:]]
    if sorted(names) != sorted(weights) or held.keys() != set(names) or len(gemms) < 2:
        return []
    if len(graph.input) != 1 or len(graph.input[0].type.tensor_type.shape.dim) != 2:
        return []
    tensor, last, found = graph.input[0].name, gemms[-1], []
    for before, node in zip([None, *graph.node], graph.node, strict=False):
        allowed = _LAST if before is last else _SATURATE
        if node.input[0] != tensor or (node.op_type not in allowed if before in gemms else node not in gemms):
            return []
        if node in gemms:
            if len(node.input) != 3 or attributes(node).items() - _PLAIN.items():
                return []
            weight, bias = (held[name] for name in node.input[1:])
            if len(weight.dims) != 2 or list(bias.dims) != [weight.dims[1]] or weight.data_type not in FLOATS:
                return []
            found.append(Layer(weight.name, bias.name, weight.dims[0], weight.dims[1], node is last))
        tensor = node.output[0]
    return found if tensor == graph.output[0].name else []


def packed(model: ModelProto, found: Sequence[Layer]) -> ModelProto:
    """Return the network of `found` layers with packed matrices, by the weights' names: it takes a 1 behind each x."""
    proto = ModelProto()
    proto.CopyFrom(model)
    kind = proto.graph.initializer[0].data_type
    dtype = helper.tensor_dtype_to_np_dtype(kind)
    for node in proto.graph.node:
        if node.op_type == "Gemm":
            del node.input[2]
    del proto.graph.initializer[:], proto.graph.value_info[:]
    proto.graph.initializer.extend(numpy_helper.from_array(np.zeros(one.shape, dtype), one.weight) for one in found)
    proto.graph.input[0].type.tensor_type.shape.dim[-1].dim_value = found[0].inputs + 1
    return proto


def unpacked(trainer: ModelProto, found: Sequence[Layer], source: str, slots: Sequence[str]) -> ModelProto:
    """Return the graph that trains a packed network with the inputs and outputs of one that trains the network itself.

    `source`: the network's input; `slots`: what the optimiser remembers of each weight.
    """
    graph = trainer.graph
    taken = tensor_names(graph)
    endings = ["", *(f".{slot}" for slot in slots)]
    states = [f"{one.weight}{ending}" for one in found for ending in endings]
    inner = {name: fresh(f"{name}_packed", taken) for name in [source, *states, *(NEXT + name for name in states)]}
    nodes = [renamed(node, inner) for node in graph.node]
    declared = {value.name: value for value in [*graph.input, *graph.output]}
    kind = declared[states[0]].type.tensor_type.elem_type
    kept_inputs = [value for value in graph.input if value.name not in states]
    kept_outputs = [value for value in graph.output if value.name.removeprefix(NEXT) not in states]
    before, after, inputs, outputs = list[NodeProto](), list[NodeProto](), [], []
    for one in found:
        shapes = {one.weight: [one.inputs, one.outputs], one.bias: [one.outputs]}
        for name, shape in shapes.items():
            inputs += [helper.make_tensor_value_info(f"{name}{ending}", kind, shape) for ending in endings]
            outputs += [helper.make_tensor_value_info(f"{NEXT}{name}{ending}", kind, shape) for ending in endings]
        for ending in endings:
            name = f"{one.weight}{ending}"
            before += _pack(one, ending, inner[name], kind)
            after += _unpack(one, ending, inner[NEXT + name])
    before += _constants(source, np.array([0, 0, 0, 0, 0, 1]), np.array(1, helper.tensor_dtype_to_np_dtype(kind)))
    before.append(helper.make_node("Pad", [source, f"{source}_0", f"{source}_1"], [inner[source]]))
    for value in kept_inputs:
        if value.name == source:
            value.type.tensor_type.shape.dim[-1].dim_value = found[0].inputs
    proto = ModelProto()
    proto.CopyFrom(trainer)
    del proto.graph.node[:], proto.graph.input[:], proto.graph.output[:], proto.graph.value_info[:]
    proto.graph.node.extend([*before, *nodes, *after])
    proto.graph.input.extend([*inputs, *kept_inputs])
    proto.graph.output.extend([*kept_outputs, *outputs])
    return proto


def _pack(one: Layer, ending: str, name: str, kind: int) -> Iterator[NodeProto]:
    """Yield the nodes that make the packed matrix `name`, or what is remembered of it, of those of a layer."""
    column = np.zeros((one.inputs + 1, 1), helper.tensor_dtype_to_np_dtype(kind))
    column[-1] = 0 if ending else SATURATING
    yield from _constants(name, np.array([1, -1]), column)
    yield helper.make_node("Reshape", [f"{one.bias}{ending}", f"{name}_0"], [f"{name}_row"])
    rows = name if one.last else f"{name}_rows"
    yield helper.make_node("Concat", [f"{one.weight}{ending}", f"{name}_row"], [rows], axis=0)
    if not one.last:
        yield helper.make_node("Concat", [rows, f"{name}_1"], [name], axis=1)


def _unpack(one: Layer, ending: str, name: str) -> Iterator[NodeProto]:
    """Yield the nodes that take the packed matrix `name` apart."""
    corners = [[0, 0], [one.inputs, one.outputs], [one.inputs, 0], [one.inputs + 1, one.outputs], [0]]
    yield from _constants(name, *map(np.array, corners))
    yield helper.make_node("Slice", [name, f"{name}_0", f"{name}_1"], [f"{NEXT}{one.weight}{ending}"])
    yield helper.make_node("Slice", [name, f"{name}_2", f"{name}_3"], [f"{name}_row"])
    yield helper.make_node("Squeeze", [f"{name}_row", f"{name}_4"], [f"{NEXT}{one.bias}{ending}"])


def _constants(name: str, *arrays: np.ndarray) -> Iterator[NodeProto]:
    """Yield constants, called `name`_0, `name`_1 ..."""
    for i, cells in enumerate(arrays):
        yield helper.make_node("Constant", [], [f"{name}_{i}"], value=numpy_helper.from_array(cells))
