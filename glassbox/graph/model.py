"""What every graph transformation needs of an ONNX file: reading it, its constants, names for its nodes and tensors."""

import contextlib
import os
from collections.abc import Container, Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto, helper, numpy_helper

Model = bytes | str | os.PathLike[str] | ModelProto
STANDARD = ("", "ai.onnx")
ANY_SIZE = -1
"""What PaddlePaddle's exporter writes for a size that is free, and ONNX Runtime takes."""
RECURRENT = ("RNN", "GRU", "LSTM")


def read(model: Model) -> ModelProto:
    """Return a copy of `model` (a file's bytes, its path or the parsed model) that the caller may change.

    Its nodes are in topological order, as the standard asks for and ONNX Runtime does not, and no size is ANY_SIZE.
    Raises ValueError if it is no ONNX model.
    """
    proto = ModelProto()
    if isinstance(model, ModelProto):
        proto.CopyFrom(model)
    else:
        data = model if isinstance(model, bytes) else Path(model).read_bytes()
        try:
            proto.ParseFromString(data)
        except Exception as error:  # protobuf's own DecodeError, or what its C code raises
            raise ValueError(f"not an ONNX model ({len(data)} bytes that don't parse as one)") from error
    if not proto.graph.node:
        raise ValueError("not an ONNX model: it has no nodes")
    _sort(proto.graph)
    for value in [*proto.graph.input, *proto.graph.output, *proto.graph.value_info]:
        for size in value.type.tensor_type.shape.dim:
            if size.dim_value == ANY_SIZE:
                size.Clear()
    return proto


def opset(model: ModelProto) -> int:
    """Return the version of the standard operators that `model` is written in."""
    return max((entry.version for entry in model.opset_import if entry.domain in STANDARD), default=1)


def operator(node: NodeProto) -> str:
    """Return the node's operator as people name it: "Conv", or "com.example.Magic" outside the standard."""
    return node.op_type if node.domain in STANDARD else f"{node.domain}.{node.op_type}"


def attributes(node: NodeProto) -> dict[str, Any]:
    """Return the node's attributes as Python values; strings as str, not bytes."""
    values = {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}
    return {name: _text(value) for name, value in values.items()}


def subgraphs(node: NodeProto) -> Iterator[GraphProto]:
    """Return the bodies of an If, Loop or Scan."""
    for attribute in node.attribute:
        if attribute.HasField("g"):
            yield attribute.g
        yield from attribute.graphs


def captured(graph: GraphProto) -> set[str]:
    """Return the names that the body of a control-flow operator reads from the graphs around it."""
    own = {x.name for x in graph.input} | {x.name for x in graph.initializer}
    used: set[str] = set()
    for node in graph.node:
        used |= reads(node) - own
        own |= set(node.output)
    return used | ({x.name for x in graph.output} - own)


def reads(node: NodeProto) -> set[str]:
    """Return all tensors that a node reads, those of its bodies included."""
    return set(filter(None, node.input)).union(*map(captured, subgraphs(node)))


def array(tensor: TensorProto) -> NDArray[Any]:
    """Return the tensor's numbers.

    Raises ValueError for one kept in another file: the path in a model could name any file.
    """
    if tensor.data_location == TensorProto.EXTERNAL or tensor.external_data:
        raise ValueError(f"tensor {tensor.name!r} is kept in another file; save the model as one file")
    return numpy_helper.to_array(tensor)


def constants(graph: GraphProto) -> dict[str, NDArray[Any]]:
    """Return the arrays that the file itself holds, by tensor name: initialisers, sparse ones, and Constant nodes."""
    found = {tensor.name: array(tensor) for tensor in graph.initializer}
    for sparse in graph.sparse_initializer:
        found[sparse.values.name] = _dense(sparse.values, sparse.indices, sparse.dims)
    for node in graph.node:
        if node.op_type == "Constant" and node.domain in STANDARD:
            found |= {node.output[0]: constant(node)}
    return found


def labels(graph: GraphProto) -> list[str]:
    """Return a name for each node, in order: its own, else its first output's; made unique."""
    taken: set[str] = set()
    names = []
    for node in graph.node:
        name = fresh(node.name or next(filter(None, node.output), node.op_type), taken)
        taken.add(name)
        names.append(name)
    return names


def fresh(name: str, taken: Container[str]) -> str:
    """Return `name`, or the first of name_2, name_3... that is not in `taken`."""
    unique, number = name, 1
    while unique in taken:
        number += 1
        unique = f"{name}_{number}"
    return unique


def tensor_names(graph: GraphProto) -> set[str]:
    """Every tensor's name, those inside the bodies of If, Loop and Scan too."""
    names = {value.name for value in [*graph.input, *graph.output]} | {tensor.name for tensor in graph.initializer}
    for node in graph.node:
        names.update(filter(None, [*node.input, *node.output]))
        for body in subgraphs(node):
            names |= tensor_names(body)
    return names


def _sort(graph: GraphProto) -> None:
    """Put each node behind those that make what it reads; a graph with a circle, which no engine runs, stays."""
    for node in graph.node:
        for body in subgraphs(node):
            _sort(body)
    makers = {name: place for place, node in enumerate(graph.node) for name in node.output if name}
    needs = {place: {makers[name] for name in reads(node) & makers.keys()} for place, node in enumerate(graph.node)}
    if all(maker < place for place, before in needs.items() for maker in before):
        return
    with contextlib.suppress(CycleError):
        ordered = [graph.node[place] for place in TopologicalSorter(needs).static_order()]
        copy = GraphProto(node=ordered)
        del graph.node[:]
        graph.node.extend(copy.node)


def _text(value: Any) -> Any:
    if isinstance(value, list):
        return [_text(item) for item in value]
    return value.decode(errors="replace") if isinstance(value, bytes) else value


def constant(node: NodeProto) -> NDArray[Any]:
    """Return what a Constant gives. Raises ValueError, saying why, for one that gives nothing."""
    given = [one for one in node.attribute if one.name in _HOLDERS]
    if not given or given[0].type != _HOLDERS[given[0].name][0]:
        names = ", ".join(repr(one.name) for one in node.attribute) or "none"
        raise ValueError(f"no attribute of it gives a value of its own type; it has {names}")
    name, value = given[0].name, helper.get_attribute_value(given[0])
    try:
        if name == "value":
            return array(value)
        if name == "sparse_value":
            return _dense(value.values, value.indices, value.dims)
    except (KeyError, TypeError, IndexError) as error:  # an unknown type, a place outside of the shape
        raise ValueError(f"the tensor that it gives can't be read ({error})") from None
    return np.array(value, _HOLDERS[name][1])


_HOLDERS: Mapping[str, tuple[int, Any]] = {
    "value": (AttributeProto.TENSOR, None),
    "sparse_value": (AttributeProto.SPARSE_TENSOR, None),
    "value_float": (AttributeProto.FLOAT, np.float32),
    "value_floats": (AttributeProto.FLOATS, np.float32),
    "value_int": (AttributeProto.INT, np.int64),
    "value_ints": (AttributeProto.INTS, np.int64),
    "value_string": (AttributeProto.STRING, object),
    "value_strings": (AttributeProto.STRINGS, object),
}
"""The attributes of Constant, with their type and that of the numbers."""


def _dense(values: TensorProto, indices: TensorProto, dims: Iterable[int]) -> NDArray[Any]:
    """Return a sparse tensor written out. Its indices are flat, or one row of coordinates a value."""
    shape, numbers, places = tuple(dims), array(values), array(indices)
    dense = np.zeros(shape, numbers.dtype)
    if places.ndim == 1:
        dense.reshape(-1)[places] = numbers
    else:
        dense[tuple(places.T)] = numbers
    return dense
