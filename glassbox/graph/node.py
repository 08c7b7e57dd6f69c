"""A node of a graph with its tensors, as gradient rules and decompositions read it, and the error that names it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import onnx
from numpy.typing import NDArray
from onnx import AttributeProto, NodeProto

from glassbox.graph.builder import Builder, Value
from glassbox.graph.model import attributes, operator, reads


class GradientError(ValueError):
    """A gradient that can't be had. The message names the operator and the node, or the tensor, and says why."""


class NoRule(GradientError):
    """A form of an operator that its gradient rule does not cover; the operator written out may have a gradient."""


@dataclass(frozen=True)
class Node:
    """A node with its tensors. Left-out optional inputs and outputs are None."""

    builder: Builder
    proto: NodeProto
    operator: str
    inputs: tuple[Value | None, ...]
    outputs: tuple[Value | None, ...]
    captured: tuple[Value, ...]
    """What the bodies of a control-flow operator read from around it beside its inputs."""
    active: Collection[str]
    """The tensors of the graph that change with what is differentiated by."""
    whole: dict[str, Value]
    """Gradients that a rule knows better than the sum over the readers of a tensor: those of recurrent states."""

    @classmethod
    def of(
        cls,
        builder: Builder,
        proto: NodeProto,
        values: Mapping[str, Value],
        whole: dict[str, Value] | None = None,
        active: Collection[str] = (),
    ) -> Node:
        """Return the node with its tensors, as `values` describes them, for `builder` to write with."""
        inputs = tuple(replace(values[name], builder=builder) if name else None for name in proto.input)
        outputs = tuple(replace(values[name], builder=builder) if name else None for name in proto.output)
        inner = [replace(values[name], builder=builder) for name in sorted(reads(proto) - set(proto.input))]
        known = {} if whole is None else whole
        return cls(builder, proto, operator(proto), inputs, outputs, tuple(inner), active, known)

    @property
    def operands(self) -> list[Value]:
        """All tensors that the node reads, each once."""
        return list({x.name: x for x in (*self.inputs, *self.captured) if x is not None}.values())

    def __getitem__(self, attribute: str) -> Any:
        """The attribute's value, or the operator's default, or None where there is none."""
        defaults = [x for x in default_attributes(self.proto, self.builder.opset) if x.name == attribute]
        return attributes(NodeProto(attribute=[*defaults, *self.proto.attribute])).get(attribute)

    def input(self, index: int) -> Value | None:
        """Return an optional input, None if left out."""
        return self.inputs[index] if index < len(self.inputs) else None

    @property
    def x(self) -> Value:
        """The first input."""
        return self.required(0)

    @property
    def y(self) -> Value:
        """The first output."""
        if not self.outputs or self.outputs[0] is None:
            raise self.error("has no first output")
        return self.outputs[0]

    def required(self, index: int) -> Value:
        """Return an input that the operator can't do without."""
        if (value := self.input(index)) is None:
            raise self.error(f"lacks its input {index}")
        return value

    def known(self, index: int) -> NDArray[Any] | None:
        """Return the cells of an input that is constant in the graph; None if it is left out or computed."""
        value = self.input(index)
        return None if value is None else self.builder.known(value)

    def optional_output(self, index: int, dtype: int, shape: tuple[int | str | None, ...] | None) -> Value:
        """Return an output that the operator offers; it is added to the node if the model does not use it."""
        if index < len(self.outputs) and (output := self.outputs[index]) is not None:
            return output
        self.proto.output.extend([""] * (index + 1 - len(self.proto.output)))
        self.proto.output[index] = self.builder.fresh(f"{self.proto.output[0]}_{index}")
        return Value(self.builder, self.proto.output[index], dtype, shape)

    def repeat(self, *inputs: Value | None) -> Value:
        """Return the same operator with the same attributes on other tensors."""
        given = attributes(self.proto)
        return self.builder.op(self.proto.op_type, *inputs, **given)

    def error(self, why: str) -> GradientError:
        """Return the error that says `why` this node has no gradient."""
        return GradientError(f"{self.operator} (node {self.label!r}) {why}")

    @property
    def label(self) -> str:
        """The node's name, or its first output's."""
        return self.proto.name or next(filter(None, self.proto.output), "")


def default_attributes(node: NodeProto, opset: int) -> list[AttributeProto]:
    """Return the values that the standard gives to attributes; none for an operator that it does not have."""
    if not onnx.defs.has(node.op_type, opset, node.domain):
        return []
    schema = onnx.defs.get_schema(node.op_type, opset, node.domain)
    return [x.default_value for x in schema.attributes.values() if x.default_value.name]
