"""Real ONNX files with random faults: half of the copies in their bytes, half in what these say."""

import struct
from collections.abc import Callable, Iterator

import numpy as np
from onnx import AttributeProto, ModelProto, NodeProto, TensorProto, defs

Random = np.random.Generator
EXTREMES = (0, -1, 1, 2**31 - 1, -(2**31), 2**31, 2**62, -(2**63), 2**63 - 1, 1_000_000)
OPERATORS = sorted({schema.name for schema in defs.get_all_schemas() if schema.domain == "" and not schema.deprecated})


def corrupted(data: bytes, count: int, seed: int = 0) -> Iterator[bytes]:
    """Yield `count` copies of an ONNX file, each with one to four faults."""
    random = np.random.default_rng(seed)
    for place in range(count):
        faults = int(random.integers(1, 5))
        if place % 2:
            copy = ModelProto.FromString(data)
            for _ in range(faults):
                PARTS[int(random.integers(len(PARTS)))](copy, random)
            yield copy.SerializeToString()
        else:
            changed = bytearray(data)
            for _ in range(faults):
                _bytes(changed, random)
            yield bytes(changed)


def _bytes(copy: bytearray, random: Random) -> None:
    place, length = int(random.integers(len(copy))), int(random.integers(1, 65))
    match int(random.integers(8)):
        case 0 | 1 | 2:
            copy[place] = int(random.integers(256))
        case 3 | 4:
            copy[place] ^= 1 << int(random.integers(8))
        case 5:
            copy[place : place + 8] = struct.pack("<q", EXTREMES[int(random.integers(len(EXTREMES)))])
        case 6:
            del copy[place : place + length]
        case 7:
            copy[place:place] = copy[place : place + length]


def _node(copy: ModelProto, random: Random) -> NodeProto:
    return copy.graph.node[int(random.integers(len(copy.graph.node)))]


def _operator(copy: ModelProto, random: Random) -> None:
    _node(copy, random).op_type = OPERATORS[int(random.integers(len(OPERATORS)))]


def _input(copy: ModelProto, random: Random) -> None:
    node, other = _node(copy, random), _node(copy, random)
    names = [*other.input, *other.output, ""]
    if node.input:
        node.input[int(random.integers(len(node.input)))] = names[int(random.integers(len(names)))]


def _attribute(copy: ModelProto, random: Random) -> None:
    attributes = [one for node in copy.graph.node for one in node.attribute]
    if not attributes:
        return
    one, extreme = attributes[int(random.integers(len(attributes)))], EXTREMES[int(random.integers(len(EXTREMES)))]
    match one.type:
        case AttributeProto.INT:
            one.i = extreme
        case AttributeProto.INTS if one.ints:
            one.ints[int(random.integers(len(one.ints)))] = extreme
        case AttributeProto.FLOAT:
            one.f = (np.nan, np.inf, 0.0, -1e30)[int(random.integers(4))]
        case _:
            one.type = int(random.integers(1, 15))


def _tensors(copy: ModelProto) -> list[TensorProto]:
    own = [one.t for node in copy.graph.node for one in node.attribute if one.HasField("t")]
    return [*copy.graph.initializer, *own]


def _sizes(copy: ModelProto, random: Random) -> None:
    tensors = [one for one in _tensors(copy) if one.dims]
    if tensors:
        one = tensors[int(random.integers(len(tensors)))]
        order = random.permutation(len(one.dims))
        one.dims[:] = [one.dims[axis] for axis in order]
        if random.random() < 0.3:
            one.dims[0] = EXTREMES[int(random.integers(len(EXTREMES)))]


def _numbers(copy: ModelProto, random: Random) -> None:
    tensors = [one for one in _tensors(copy) if one.raw_data]
    if tensors:
        one = tensors[int(random.integers(len(tensors)))]
        kind = int(random.integers(3))
        one.raw_data = (bytes(len(one.raw_data)), b"\xff" * len(one.raw_data), random.bytes(len(one.raw_data)))[kind]


def _kind(copy: ModelProto, random: Random) -> None:
    tensors = _tensors(copy)
    if tensors:
        tensors[int(random.integers(len(tensors)))].data_type = int(random.integers(1, 27))


def _shape(copy: ModelProto, random: Random) -> None:
    value = copy.graph.input[int(random.integers(len(copy.graph.input)))]
    for size in value.type.tensor_type.shape.dim:
        if random.random() < 0.5:
            size.dim_value = int(random.integers(0, 5000))


def _removed(copy: ModelProto, random: Random) -> None:
    if len(copy.graph.node) > 1:
        del copy.graph.node[int(random.integers(len(copy.graph.node)))]


def _opset(copy: ModelProto, random: Random) -> None:
    copy.opset_import[0].version = int(random.integers(1, 28))


PARTS: tuple[Callable[[ModelProto, Random], None], ...] = (
    *(_operator, _operator, _input, _input, _attribute, _attribute),
    *(_sizes, _numbers, _kind, _shape, _removed, _opset),
)
"""What a fault may befall, each as often as it stands here."""
