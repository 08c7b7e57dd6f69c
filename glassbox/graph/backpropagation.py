"""The reverse pass: what a gradient rule is, the table of them, and the walk that applies them backwards."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import onnx
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto

from glassbox.graph.builder import FLOATS, Builder, Value
from glassbox.graph.model import STANDARD, attributes, operator, reads


class GradientError(ValueError):
    """A gradient that can't be had. The message names the operator and the node, or the tensor, and says why."""


@dataclass(frozen=True)
class Node:
    """A node to differentiate, with its tensors. Left-out optional inputs and outputs are None."""

    builder: Builder
    proto: NodeProto
    operator: str
    inputs: tuple[Value | None, ...]
    outputs: tuple[Value | None, ...]
    whole: dict[str, Value]
    """Gradients that a rule knows better than the sum over the readers of a tensor: those of recurrent states."""

    @classmethod
    def of(
        cls, builder: Builder, proto: NodeProto, values: Mapping[str, Value], whole: dict[str, Value] | None = None
    ) -> Node:
        """Return the node with its tensors, as `values` describes them, for `builder` to write with."""
        inputs = tuple(replace(values[name], builder=builder) if name else None for name in proto.input)
        outputs = tuple(replace(values[name], builder=builder) if name else None for name in proto.output)
        return cls(builder, proto, operator(proto), inputs, outputs, {} if whole is None else whole)

    def __getitem__(self, attribute: str) -> Any:
        """The attribute's value, or the operator's default, or None where there is none."""
        schema = onnx.defs.get_schema(self.proto.op_type, self.builder.opset, self.proto.domain)
        defaults = [x.default_value for x in schema.attributes.values() if x.name == attribute and x.default_value.name]
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


QUANTISED: dict[int, tuple[int, int]] = {
    TensorProto.INT4: (-8, 7),
    TensorProto.UINT4: (0, 15),
    TensorProto.INT8: (-128, 127),
    TensorProto.UINT8: (0, 255),
    TensorProto.INT16: (-(2**15), 2**15 - 1),
    TensorProto.UINT16: (0, 2**16 - 1),
    TensorProto.INT32: (-(2**31), 2**31 - 1),
}
"""The types of whole numbers that stand for floats in a quantised model, with their least and largest number."""
QUANTISE = ("QuantizeLinear", "DynamicQuantizeLinear")
CARRY_QUANTISED = {"DequantizeLinear", "Cast", "Identity", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose"}
CARRY_QUANTISED |= {"Concat", "MaxPool"}
"""Operators whose rules give quantised numbers a gradient, which is one of floats."""

Rule = Callable[..., Sequence[Value | None]]
"""(builder, node, one cotangent or None for each output of the node) -> one gradient or None for each input."""

RULES: dict[str, Rule] = {}


def rule(*operators: str, broadcasts: bool = False) -> Callable[[Rule], Rule]:
    """Register a rule for the first output of standard operators; `broadcasts`: sum gradients to the inputs' shapes.

    Rules write dy for the cotangent of the output y and dx for the gradient of the input x. They may emit nodes that
    turn out not to be needed: whoever closes the graph drops them. Where only later outputs have a cotangent, dy is 0.
    """

    def register(function: Rule) -> Rule:
        def apply(g: Builder, node: Node, *cotangents: Value | None) -> Sequence[Value | None]:
            if any(cotangents[1:]):
                raise node.error("has a rule for its first output only, and the gradient comes through another one")
            parts = function(g, node, cotangents[0])
            if not broadcasts:
                return parts
            pairs = zip(parts, node.inputs, strict=True)
            return [None if part is None or x is None else g.sum_to(part, x) for part, x in pairs]

        RULES.update(dict.fromkeys(operators, apply))
        return function

    return register


def rule_for_all_outputs(*operators: str) -> Callable[[Rule], Rule]:
    """Register a rule that takes the cotangent, or None, of each output."""

    def register(function: Rule) -> Rule:
        RULES.update(dict.fromkeys(operators, function))
        return function

    return register


def backpropagate(
    builder: Builder,
    nodes: Sequence[NodeProto],
    values: Mapping[str, Value],
    seeds: Mapping[str, Value],
    wrt: Collection[str],
) -> dict[str, Value]:
    """Emit the gradients of `nodes` (in topological order) for the cotangents `seeds`; give the gradient of each `wrt`.

    Where several nodes read a tensor their contributions are summed. A gradient that only meets operators which are
    flat everywhere (Floor, Sign) is zero. Raises GradientError as `differentiate` does.
    """
    active = _depends_on(nodes, values, wrt)
    if unreached := [name for name in wrt if not _reaches(nodes, name, seeds)]:
        raise GradientError(f"{', '.join(seeds)} does not depend on {unreached[0]!r}: there is no gradient to compute")
    grads = {name: replace(seed, shape=values[name].shape) for name, seed in seeds.items()}
    whole: dict[str, Value] = {}
    for proto in reversed(nodes):
        cotangents = [grads.get(name) if name else None for name in proto.output]
        if not any(cotangents) or not active & (reads(proto) | set(proto.output)):
            continue
        node = Node.of(builder, proto, values, whole)
        try:
            parts = _apply(node, cotangents, active)
        except (ValueError, onnx.shape_inference.InferenceError) as error:
            raise _blamed(node, nodes, values, error) from error
        for operand, part in zip(node.inputs, parts, strict=False):
            if operand is None or part is None or operand.name not in active:
                continue
            # ONNX Runtime's optimiser takes the size of 0 for 1 where cells are repeated; a tensor without cells has no
            # other gradient than itself.
            empty = operand.shape is not None and 0 in operand.shape
            part = replace(part, shape=operand.shape)
            part = builder.zeros(part) if empty else part
            earlier = grads.get(operand.name)
            grads[operand.name] = part if earlier is None else replace(earlier + part, shape=operand.shape)
    grads |= {name: grad for name, grad in whole.items() if name in wrt}
    return {name: grads[name] if name in grads else builder.zeros(values[name]) for name in wrt}


def _apply(node: Node, cotangents: Sequence[Value | None], active: Collection[str]) -> Sequence[Value | None]:
    rule = RULES.get(node.proto.op_type) if node.proto.domain in STANDARD else None
    whole = [x for x in node.inputs if x is not None and x.name in active and x.dtype in QUANTISED]
    if rule is None or (whole and node.proto.op_type not in CARRY_QUANTISED):
        raise node.error("has no gradient rule" + " for quantised numbers" * bool(whole))
    return rule(node.builder, node, *cotangents)


def _blamed(node: Node, nodes: Sequence[NodeProto], values: Mapping[str, Value], error: Exception) -> GradientError:
    """Return `error` of a rule as one that names its cause: the node or, before it, one whose output can't be told."""
    if isinstance(error, GradientError):
        return error
    makers = {name: maker for maker in nodes for name in maker.output if name}
    proto, untold = node.proto, ""
    while lost := [name for name in proto.input if name in makers and _untold(values[name])]:
        untold, proto = lost[0], makers[lost[0]]
    if not untold:
        return node.error(f"can't be differentiated: {error}")
    cause = Node.of(node.builder, proto, values)
    return cause.error(
        f"makes {untold!r} of a type or number of axes that can't be told, without which {node.operator} "
        f"(node {node.label!r}) can't be differentiated"
    )


def _untold(value: Value) -> bool:
    return value.shape is None or value.dtype == TensorProto.UNDEFINED


def _depends_on(nodes: Sequence[NodeProto], values: Mapping[str, Value], wrt: Collection[str]) -> set[str]:
    """Return the tensors that change smoothly with `wrt`.

    Whole numbers and booleans don't: Shape and Equal end the path. Those that QuantizeLinear makes, and what is
    computed of them in such types, stand for floats and count as changing.
    """
    active, quantised = set(wrt), set[str]()
    for node in nodes:
        if not active & (reads(node) | set(node.output)):
            continue
        outputs = {name: values[name].dtype for name in node.output if name}
        active |= {name for name, dtype in outputs.items() if dtype in FLOATS | {TensorProto.UNDEFINED}}
        if node.op_type in QUANTISE and node.domain in STANDARD:
            quantised |= outputs.keys()
        elif quantised & reads(node):
            quantised |= {name for name, dtype in outputs.items() if dtype in QUANTISED}
        active |= quantised
    return active


def _reaches(nodes: Sequence[NodeProto], name: str, targets: Collection[str]) -> bool:
    reached = {name}
    for node in nodes:
        # The states of a recurrent node count as soon as any output of the node is used.
        if reached & reads(node) or reached & set(node.output):
            reached |= set(filter(None, node.output))
    return bool(reached & set(targets))
