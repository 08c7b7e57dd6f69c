"""Branches: a model with If -> the model that is left of it once it is known which way each goes.

A branch reads what it needs from the graph around it and is run as a whole, so that its nodes can stand in its place.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from onnx import GraphProto, ModelProto, NodeProto, helper

from glassbox.graph.model import STANDARD, attributes, fresh, labels, subgraphs, tensor_names

MOST_ROUNDS = 64
"""How deep If may stand in If."""
Path = tuple[str, ...]
"""The bodies that a node stands in, outermost first: each as the label of its If and the name of the branch."""


@dataclass(frozen=True)
class Straight:
    """A model without If in its main graph. `origins`: of each node the path of bodies that it comes from, and its
    label there; `taken`: the paths of the branches taken; `renamed`: the names in them of tensors that have others;
    `given`: what the Ifs gave."""

    model: ModelProto
    origins: Sequence[tuple[Path, str]]
    taken: Sequence[Path]
    renamed: Mapping[str, str]
    given: Sequence[str]


def conditions(graph: GraphProto) -> list[str]:
    """Return the tensors that say which way each If of a graph goes."""
    return list(dict.fromkeys(node.input[0] for node in graph.node if is_if(node)))


def is_if(node: NodeProto) -> bool:
    """Return whether a node is the standard's If."""
    return node.op_type == "If" and node.domain in STANDARD


def straighten(model: ModelProto, decide: Callable[[ModelProto], dict[str, bool]]) -> Straight:
    """Return `model` with the branch taken in the place of each If, and of each If in it.

    `decide` gets a model and returns what each of its `conditions` holds. The outputs of an If are those of its branch
    behind an Identity each; a name of a branch that the rest of the model has too is changed.
    """
    made = ModelProto()
    made.CopyFrom(model)
    origins: list[tuple[Path, str]] = [((), label) for label in labels(made.graph)]
    taken: list[Path] = []
    renamed: dict[str, str] = {}
    ends: list[str] = []
    for _ in range(MOST_ROUNDS):
        if not any(map(is_if, made.graph.node)):
            break
        decided = decide(made)
        nodes: list[NodeProto] = []
        places: list[tuple[Path, str]] = []
        names = _names(made.graph)
        for node, (path, label) in zip(made.graph.node, origins, strict=True):
            if not is_if(node):
                nodes.append(node)
                places.append((path, label))
                continue
            branch = "then_branch" if decided[node.input[0]] else "else_branch"
            inside = (*path, f"{label}:{branch}")
            body, new = _renamed(attributes(node)[branch], names)
            renamed |= {other: renamed.get(name, name) for name, other in new.items()}
            taken.append(inside)
            made.graph.initializer.extend(body.initializer)
            made.graph.sparse_initializer.extend(body.sparse_initializer)
            made.graph.value_info.extend(body.value_info)
            nodes += body.node
            places += [(inside, name) for name in labels(attributes(node)[branch])]
            for given, wanted in zip(body.output, node.output, strict=True):
                if wanted:
                    nodes.append(helper.make_node("Identity", [given.name], [wanted], name=f"{label}:{wanted}"))
                    places.append((path, label))
                    ends.append(wanted)
        del made.graph.node[:]
        made.graph.node.extend(nodes)
        origins = places
    return Straight(made, origins, taken, renamed, ends)


def _names(graph: GraphProto) -> set[str]:
    """Return the names that a graph uses outside the branches of its Ifs."""
    named = [*graph.input, *graph.output, *graph.initializer, *(x.values for x in graph.sparse_initializer)]
    found = {one.name for one in named}
    for node in graph.node:
        found.update([*node.input, *node.output])
        found.update(*(() if is_if(node) else map(tensor_names, subgraphs(node))))
    return found


def _renamed(body: GraphProto, names: set[str]) -> tuple[GraphProto, dict[str, str]]:
    """Return a branch with other names, in it and in the bodies inside it, where the model around it, which has the
    `names`, uses them already, and which these are; all are added to `names`."""
    own = [name for node in body.node for name in node.output if name]
    own += [weight.name for weight in body.initializer] + [x.values.name for x in body.sparse_initializer]
    new = {}
    for name in own:
        new[name] = fresh(name, names) if name in names else name
        names.add(new[name])
    changed = {name: other for name, other in new.items() if name != other}
    made = GraphProto()
    made.CopyFrom(body)
    return (_with(made, changed) if changed else made), changed


def _with(graph: GraphProto, changed: dict[str, str]) -> GraphProto:
    for weight in [*graph.initializer, *(x.values for x in graph.sparse_initializer), *graph.value_info, *graph.output]:
        weight.name = changed.get(weight.name, weight.name)
    for node in graph.node:
        node.input[:] = [changed.get(name, name) for name in node.input]
        node.output[:] = [changed.get(name, name) for name in node.output]
        for inner in subgraphs(node):
            own = {value.name for value in inner.input} | {name for x in inner.node for name in x.output}
            _with(inner, {name: other for name, other in changed.items() if name not in own})
    return graph
