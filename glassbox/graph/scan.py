"""Build a `Scan`: a loop over the steps of sequences that carries states from one step to the next.

https://onnx.ai/onnx/operators/onnx__Scan.html
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from onnx import NodeProto, ValueInfoProto, helper

from glassbox.graph.builder import Builder, Value, info, needed
from glassbox.graph.model import reads, subgraphs


@dataclass(frozen=True)
class State:
    """A tensor carried through the loop: its first value, its name within a step, and that of its next value."""

    first: Value
    now: str
    after: str


def dependents(nodes: Sequence[NodeProto], names: Collection[str]) -> set[str]:
    """Return `names` and all that is computed from them."""
    found = set(names)
    for node in nodes:
        if found & reads(node):
            found |= set(filter(None, node.output))
    return found


def partition(nodes: Sequence[NodeProto], names: Collection[str]) -> tuple[list[NodeProto], list[NodeProto]]:
    """Return the nodes that need none of `names`, and those that do."""
    found = dependents(nodes, names)
    return [n for n in nodes if not found & reads(n)], [n for n in nodes if found & reads(n)]


def scan(
    g: Builder,
    values: Mapping[str, Value],
    nodes: Sequence[NodeProto],
    states: Sequence[State],
    sequences: Collection[str],
    collect: Sequence[str],
    names: Sequence[str],
    backwards: bool = False,
) -> list[Value]:
    """Emit the loop; give the last value of each state, then each tensor in `collect` of all steps, called `names`.

    `nodes` are one step. Tensors among `sequences` have one more axis outside of the loop, the steps, in front; all
    others from outside are the same in every step. `values` describes all of them as they are in one step.
    """
    wanted = [*(state.after for state in states), *collect]
    nodes = needed(nodes, wanted)
    read = set(wanted).union(*map(reads, nodes))
    now = [state.now for state in states]
    made = {name for node in nodes for name in node.output}
    read_sequences = sorted((read & set(sequences)) - set(now) - made)
    # Within the body every tensor has a name of its own: ONNX forbids one that hides a tensor outside.
    inner = {name: g.fresh(f"{name}_step") for name in [*now, *read_sequences]}
    inner |= {name: g.fresh(name) for node in nodes for name in node.output if name}
    body = [renamed(node, inner) for node in nodes]
    inputs = [_declare(values[name], inner[name]) for name in [*now, *read_sequences]]
    outputs: list[ValueInfoProto] = []
    for name in wanted:
        output = inner.get(name, name)
        if name not in made or output in [x.name for x in outputs]:
            # An output has to be computed in the body, and can't be two outputs at once.
            output = g.fresh(f"{name}_out")
            body.append(helper.make_node("Identity", [inner.get(name, name)], [output]))
        outputs.append(_declare(values[name], output))
    direction: dict[str, Any] = {"scan_input_directions": [1] * len(read_sequences)}
    direction["scan_output_directions"] = [1] * len(collect)
    ends = [g.fresh(f"{state.after}_last") for state in states]
    node = helper.make_node(
        "Scan",
        [*(state.first.name for state in states), *read_sequences],
        [*ends, *names],
        body=helper.make_graph(body, "step", inputs, outputs),
        num_scan_inputs=len(read_sequences),
        **(direction if backwards else {}),
    )
    g.nodes.append(node)
    last = [g.value(end, state.first.dtype, state.first.shape) for end, state in zip(ends, states, strict=True)]
    return last + [
        g.value(name, values[c].dtype, stacked(values[c]).shape) for name, c in zip(names, collect, strict=True)
    ]


def renamed(node: NodeProto, names: Mapping[str, str]) -> NodeProto:
    """Return a copy of the node with tensors renamed, also where its bodies read them."""
    copy = NodeProto()
    copy.CopyFrom(node)
    copy.input[:] = [names.get(name, name) for name in node.input]
    copy.output[:] = [names.get(name, name) for name in node.output]
    for body in subgraphs(copy):
        nodes = [renamed(inner, names) for inner in body.node]
        del body.node[:]
        body.node.extend(nodes)
    return copy


def stacked(value: Value) -> Value:
    """Return a tensor of one step as it is outside of the loop."""
    return replace(value, shape=None if value.shape is None else (None, *value.shape))


def _declare(value: Value, name: str) -> ValueInfoProto:
    """Return a tensor of the step as its input or output: with its known sizes; names mean nothing across graphs."""
    sizes = None if value.shape is None else tuple(size if isinstance(size, int) else None for size in value.shape)
    return info(replace(value, shape=sizes), name)
