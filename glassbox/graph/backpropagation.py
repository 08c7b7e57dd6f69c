"""The reverse pass: what a gradient rule is, the table of them, and the walk that applies them backwards."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

import onnx
from onnx import NodeProto, TensorProto

from glassbox.graph.builder import FLOATS, Builder, Value
from glassbox.graph.model import STANDARD, reads
from glassbox.graph.node import GradientError, Node, NoRule
from glassbox.graph.scan import dependents
from glassbox.graph.written_out import decomposes, is_written_out, write_out

__all__ = ["RULES", "GradientError", "NoRule", "Node", "Rule", "backpropagate", "rule", "rule_for_all_outputs"]
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
CARRY_QUANTISED |= {"Add", "Concat", "MaxPool", "MatMulInteger", "ConvInteger"}
"""Operators whose rules give quantised numbers a gradient, which is one of floats."""
QUANTISED_PRODUCTS = {"QLinearConv", "QLinearMatMul"}
"""Operators that compute with quantised numbers and are written out in floats."""
UNCOUNTED = ": how often it runs can't be told before it runs, or is too often to be written out"
FLAT = ": it is flat between its thresholds, so a gradient would be 0 almost everywhere"
REASONS = {"Loop": UNCOUNTED, "Scan": UNCOUNTED}
THRESHOLDS = ("Binarizer", "TreeEnsemble", "TreeEnsembleClassifier", "TreeEnsembleRegressor")
REASONS |= {f"ai.onnx.ml.{name}": FLAT for name in THRESHOLDS}

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
                raise NoRule(str(node.error("has no gradient rule for its further outputs")))
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
        node = Node.of(builder, proto, values, whole, active)
        try:
            parts = _apply(node, cotangents, active)
        except (ValueError, onnx.shape_inference.InferenceError, onnx.checker.ValidationError) as error:
            raise _blamed(node, nodes, values, error) from error
        for operand, part in zip((*node.inputs, *node.captured), parts, strict=False):
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
    """Return the gradients of the inputs of `node`: by the operator's rule or, for want of one, written out."""
    rule = RULES.get(node.proto.op_type) if node.proto.domain in STANDARD else None
    whole = [x for x in node.inputs if x is not None and x.name in active and x.dtype in QUANTISED]
    carries = not whole or node.proto.op_type in CARRY_QUANTISED
    why: GradientError | None = None
    if rule is not None and carries:
        try:
            return rule(node.builder, node, *cotangents)
        except NoRule as error:
            why = error.with_traceback(None)
    reason = REASONS.get(node.operator, "")
    why = why or node.error("has no gradient rule" + " for quantised numbers" * bool(whole) + reason)
    if carries or node.proto.op_type in QUANTISED_PRODUCTS:
        parts = _apply_written_out(node, cotangents, active)
        if parts is not None:
            return parts
    raise why


def _apply_written_out(
    node: Node, cotangents: Sequence[Value | None], active: Collection[str]
) -> Sequence[Value | None] | None:
    """Return the gradients by the rules of the operators that `node` is made of; None where it can't be written out."""
    if not is_written_out(node.proto) or (written := write_out(node)) is None:
        return None
    g = node.builder
    g.nodes += written.nodes
    pairs = zip(written.outputs, cotangents, strict=False)
    seeds = {name: dy for name, dy in pairs if dy is not None and name is not None and name not in g.constants}
    inputs = [x.name for x in node.operands if x.name in active]
    reached = [name for name in dict.fromkeys(inputs) if _reaches(written.nodes, name, seeds)]
    moving = _depends_on(written.nodes, g.values, reached)
    again = {name for inner in written.nodes if inner.op_type == node.proto.op_type for name in inner.output}
    if decomposes(node.proto) and any(dependents(written.nodes, [name]) & seeds.keys() for name in again & moving):
        raise node.error("has a gradient for some of its inputs only")  # it uses itself to make numbers of the others
    try:
        grads = backpropagate(g, written.nodes, g.values, seeds, reached)
    except GradientError as error:
        if any(map(_untold, node.operands)):
            raise ValueError(str(error)) from error  # the blame is on what made them
        raise node.error(f"is made of simpler operators, of which {error}") from error
    # An input that is read twice has its whole gradient at once.
    return [None if x is None else grads.pop(x.name, None) for x in (*node.inputs, *node.captured)]


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
