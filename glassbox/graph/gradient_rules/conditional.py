"""If whose condition is not known before it runs: its derivative is an If too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from onnx import GraphProto, ValueInfoProto, helper

from glassbox.graph.backpropagation import Node, NoRule, backpropagate, rule_for_all_outputs
from glassbox.graph.builder import Builder, Value, info, needed
from glassbox.graph.decompositions.control_flow import inlined
from glassbox.graph.folding import Folder
from glassbox.graph.scan import dependents
from glassbox.graph.written_out import tell_types


@rule_for_all_outputs("If")
def conditional(g: Builder, node: Node, *cotangents: Value | None) -> Sequence[Value | None]:
    """y = f(x) if c else h(x), x being read from around the branches: dx = f'(x) dy if c else h'(x) dy."""
    if node.known(0) is not None:
        raise NoRule(str(node.error("has a condition that is known")))
    wanted = [x for x in node.captured if x.name in node.active]
    branches = {name: _derivative(g, node, name, wanted, cotangents) for name in ("then_branch", "else_branch")}
    names = [g.fresh(f"{node.label}/grad_{x.name}") for x in wanted]
    g.nodes.append(helper.make_node("If", [node.x.name], names, **branches))
    found = {x.name: g.value(name, x.dtype, x.shape) for x, name in zip(wanted, names, strict=True)}
    return [None, *(found.get(x.name) for x in node.captured)]


def _derivative(
    g: Builder, node: Node, branch: str, wanted: Sequence[Value], cotangents: Sequence[Value | None]
) -> GraphProto:
    """Return the branch and then its derivative by `wanted`, which are its outputs, as the body of an If."""
    body = g.nested()
    folder = Folder(body, {x.name: x for x in node.operands})
    outputs = inlined(folder, node[branch], {})
    tell_types(body, folder.rest, node.operands)
    seeds: dict[str, Value] = {}
    for name, dy in zip(outputs, cotangents, strict=False):
        if dy is not None and name not in body.constants:
            earlier, own = seeds.get(name), replace(dy, builder=body)
            seeds[name] = own if earlier is None else earlier + own
    reached = [x.name for x in wanted if dependents(folder.rest, [x.name]) & seeds.keys()]
    grads = backpropagate(body, folder.rest, body.values, seeds, reached) if reached else {}
    results: list[ValueInfoProto] = []
    for x in wanted:
        part = grads[x.name] if x.name in grads else body.zeros(x)
        name = body.fresh(f"{branch}/grad_{x.name}")
        body.nodes.append(helper.make_node("Identity", [part.name], [name]))
        results.append(info(Value(body, name, x.dtype, None)))
    nodes = needed([*folder.rest, *body.nodes], [result.name for result in results])
    return helper.make_graph(nodes, branch, [], results)
