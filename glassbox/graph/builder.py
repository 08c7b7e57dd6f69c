"""Write an ONNX graph as arithmetic: a `Value` stands for a tensor, and an operation on it emits a node.

>>> g = Builder(opset=18)
>>> x = g.value("x", TensorProto.FLOAT, ("N", 3))
>>> y = g.op("Tanh", 2 * x + 1)
>>> y.shape, len(g.nodes)
(('N', 3), 3)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import onnx
from numpy.typing import ArrayLike, NDArray
from onnx import NodeProto, TensorProto, TypeProto, ValueInfoProto, helper, numpy_helper

from glassbox.graph.model import reads
from glassbox.graph.shapes import Shape, shape_of

FLOATS = {TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.FLOAT16, TensorProto.BFLOAT16}
FOLDED_CELLS = 4096  # constants up to this size are handed to shape inference


@dataclass(frozen=True, eq=False)
class Value:
    """One tensor of the graph that `builder` writes. `shape` is None where not even the rank is known."""

    builder: Builder
    name: str
    dtype: int
    shape: Shape | None

    @property
    def rank(self) -> int:
        """The number of axes. Raises ValueError where it is not known."""
        if self.shape is None:
            raise ValueError(f"the number of axes of the tensor {self.name!r} is not known")
        return len(self.shape)

    def __add__(self, other: Operand) -> Value:
        return self.builder.op("Add", self, other)

    def __radd__(self, other: Operand) -> Value:
        return self.builder.op("Add", other, self)

    def __sub__(self, other: Operand) -> Value:
        return self.builder.op("Sub", self, other)

    def __rsub__(self, other: Operand) -> Value:
        return self.builder.op("Sub", other, self)

    def __mul__(self, other: Operand) -> Value:
        return self.builder.op("Mul", self, other)

    def __rmul__(self, other: Operand) -> Value:
        return self.builder.op("Mul", other, self)

    def __truediv__(self, other: Operand) -> Value:
        return self.builder.op("Div", self, other)

    def __rtruediv__(self, other: Operand) -> Value:
        return self.builder.op("Div", other, self)

    def __pow__(self, other: Operand) -> Value:
        return self.builder.op("Pow", self, other)

    def __neg__(self) -> Value:
        return self.builder.op("Neg", self)


Constant = float | NDArray[Any] | Sequence[int]
Operand = Value | Constant


@dataclass
class Builder:
    """Nodes and constants of a graph in the making. Names never clash with those in `taken`."""

    opset: int
    taken: set[str] = field(default_factory=set)
    nodes: list[NodeProto] = field(default_factory=list)
    constants: dict[str, TensorProto] = field(default_factory=dict)
    values: dict[str, Value] = field(default_factory=dict)
    _numbers: dict[str, int] = field(default_factory=dict)
    _interned: dict[tuple[str, tuple[int, ...], bytes], Value] = field(default_factory=dict)

    def value(self, name: str, dtype: int, shape: Shape | None) -> Value:
        """Return a tensor that comes from elsewhere: an input, or a tensor of a graph around this one."""
        self.taken.add(name)
        self.values[name] = Value(self, name, dtype, shape)
        return self.values[name]

    def nested(self) -> Builder:
        """Return a builder with nodes of its own, for the body of a `Scan` or part of the graph; the rest is shared."""
        return replace(self, nodes=[])

    def fresh(self, stem: str) -> str:
        """Return a name not used before, `stem` itself if it is free."""
        count = self._numbers.get(stem, 1)  # the last one that was given: a large graph uses a stem thousands of times
        name = stem if count == 1 else f"{stem}_{count}"
        while name in self.taken:
            count += 1
            name = f"{stem}_{count}"
        self.taken.add(name)
        self._numbers[stem] = count
        return name

    def constant(self, cells: ArrayLike, dtype: int | None = None) -> Value:
        """Return a constant tensor, int64 for Python ints unless `dtype` says otherwise.

        Equal constants are stored once.
        """
        array = np.asarray(cells)
        if dtype is not None:
            array = array.astype(helper.tensor_dtype_to_np_dtype(dtype))
        array = np.array(array, order="C")
        key = (array.dtype.str, array.shape, array.tobytes())
        if key not in self._interned:
            tensor = numpy_helper.from_array(array, self.fresh("constant"))
            self.constants[tensor.name] = tensor
            self._interned[key] = self.value(tensor.name, tensor.data_type, array.shape)
        return replace(self._interned[key], builder=self)

    def known(self, value: Value) -> NDArray[Any] | None:
        """Return the cells of a tensor that is constant in this graph, else None."""
        tensor = self.constants.get(value.name)
        return None if tensor is None else numpy_helper.to_array(tensor)

    def op(self, op_type: str, *inputs: Operand | None, **attributes: Any) -> Value:
        """Emit a node with one output. Among the inputs a Python number takes the type of the first
        tensor beside it; lists and arrays keep theirs (int64 for ints)."""
        return self.ops(op_type, *inputs, names=[self.fresh(op_type.lower())], **attributes)[0]

    def ops(self, op_type: str, *inputs: Operand | None, names: Sequence[str], **attributes: Any) -> list[Value]:
        """Emit a node whose outputs are called `names` (an empty one is left out)."""
        dtype = next((x.dtype for x in inputs if isinstance(x, Value)), None)
        values = [x if isinstance(x, Value) or x is None else self._operand(x, dtype) for x in inputs]
        self.taken.update(names)
        node = helper.make_node(op_type, [x.name if x else "" for x in values], names, **attributes)
        self.nodes.append(node)
        types = self._infer(node, [x for x in values if x])
        made = [from_type(self, name, types.get(name, TypeProto())) for name in names]
        self.values |= {value.name: value for value in made if value.name}
        return made

    def _operand(self, x: Constant, dtype: int | None) -> Value:
        return self.constant(x, dtype if isinstance(x, int | float) else None)

    def _infer(self, node: NodeProto, inputs: Iterable[Value]) -> dict[str, TypeProto]:
        schema = onnx.defs.get_schema(node.op_type, self.opset, node.domain)
        inputs = list(inputs)
        small = {x.name: self.constants[x.name] for x in inputs if x.name in self.constants}
        return onnx.shape_inference.infer_node_outputs(
            schema,
            node,
            {x.name: helper.make_tensor_type_proto(x.dtype, x.shape) for x in inputs},
            {name: tensor for name, tensor in small.items() if int(np.prod(tensor.dims)) <= FOLDED_CELLS},
            opset_imports=[helper.make_opsetid("", self.opset)],
        )

    def shape(self, x: Value) -> Value:
        """Return the shape of `x`, int64 (rank,): a constant where every size is known."""
        if x.shape is not None and all(isinstance(size, int) for size in x.shape):
            return self.constant(np.array(x.shape, np.int64))
        return self.op("Shape", x)

    def sizes(self, x: Value, start: int = 0, end: int | None = None) -> Value:
        """Return the sizes of the axes start <= axis < end, int64."""
        part = None if x.shape is None else x.shape[start:end]
        if part is not None and all(isinstance(size, int) for size in part):
            return self.constant(np.array(part, np.int64))
        return self.op("Shape", x, start=start) if end is None else self.op("Shape", x, start=start, end=end)

    def reshape(self, x: Value, like: Value) -> Value:
        """Return the cells of `x` in the shape of `like`."""
        if (
            like.shape is not None
            and sum(not isinstance(size, int) for size in like.shape) == 1
            and 0 not in like.shape
        ):
            # One unknown size can be left to Reshape, which saves asking for the shape at run time.
            return self.op("Reshape", x, [size if isinstance(size, int) else -1 for size in like.shape])
        return self.op("Reshape", x, self.shape(like), allowzero=1)

    def zeros(self, like: Value, count: Value | None = None) -> Value:
        """Return zeros in the shape of `like`, or a flat tensor of `count` zeros of its type."""
        zero = helper.make_tensor("zero", like.dtype, [1], [0])
        return self.op("ConstantOfShape", self.shape(like) if count is None else count, value=zero)

    def ones(self, like: Value) -> Value:
        """Return ones in the shape of `like`."""
        return self.op("ConstantOfShape", self.shape(like), value=helper.make_tensor("one", like.dtype, [1], [1]))

    def sum(self, x: Value, axes: Sequence[int], keepdims: int = 0) -> Value:
        """Return the sum over `axes`."""
        return self.op("ReduceSum", x, self.constant(axes, TensorProto.INT64), keepdims=keepdims) if axes else x

    def mean(self, x: Value, axes: Sequence[int]) -> Value:
        """Return the mean over `axes`, which stay as axes of size 1."""
        return self.op("ReduceMean", x, self.constant(axes, TensorProto.INT64), keepdims=1)

    def sum_to(self, x: Value, like: Value) -> Value:
        """Undo broadcasting: sum `x` over the axes along which `like` would be repeated to reach its shape.

        Where the shapes are not both known in advance, the axes are found while the graph runs.
        """
        if x.shape is None or like.shape is None or len(x.shape) < len(like.shape):
            return self._sum_to_at_run_time(x, like)
        new = len(x.shape) - len(like.shape)
        stretched = []
        for axis, (wide, narrow) in enumerate(zip(x.shape[new:], like.shape, strict=True), new):
            if narrow == 1 and wide != 1:
                stretched.append(axis)
            elif narrow is None or (isinstance(narrow, str) and narrow != wide):
                return self._sum_to_at_run_time(x, like)
        x = self.sum(x, stretched, keepdims=1)
        return replace(self.sum(x, range(new)), shape=like.shape)

    def _sum_to_at_run_time(self, x: Value, like: Value) -> Value:
        shape = self.op("Shape", like)
        missing = self.op("Size", self.op("Shape", x)) - self.op("Size", shape)
        one = helper.make_tensor("one", TensorProto.INT64, [1], [1])
        leading = self.op("ConstantOfShape", self.op("Reshape", missing, [1]), value=one)
        padded = self.op("Concat", leading, shape, axis=0)
        axes = self.op("Reshape", self.op("NonZero", self.op("Equal", padded, 1)), [-1])
        total = self.op("ReduceSum", x, axes, keepdims=1, noop_with_empty_axes=1)
        return replace(self.op("Reshape", total, shape, allowzero=1), shape=like.shape)


def from_type(builder: Builder, name: str, type_proto: TypeProto) -> Value:
    """Return the value described by an ONNX type; a tensor of unknown type has dtype UNDEFINED (0)."""
    return Value(builder, name, type_proto.tensor_type.elem_type, shape_of(type_proto))


def info(value: Value, name: str | None = None) -> ValueInfoProto:
    """Return the declaration of a value as an input or output of a graph."""
    return helper.make_tensor_value_info(name or value.name, value.dtype, value.shape)


def needed(nodes: Sequence[NodeProto], outputs: Iterable[str]) -> list[NodeProto]:
    """Return the nodes that `outputs` depend on, in the order given."""
    wanted, kept = set(outputs), []
    for node in reversed(nodes):
        if wanted & set(node.output):
            kept.append(node)
            wanted |= reads(node)
    return kept[::-1]
