"""Taps: any ONNX model -> the same model with inner tensors as further outputs, so that one run gives its whole inside.

ONNX Runtime gives what a graph names as its outputs and nothing else, but takes any tensor of the graph as one.
"""

from collections.abc import Sequence

from onnx import GraphProto, ModelProto, TypeProto, ValueInfoProto

from glassbox.graph.model import RECURRENT, STANDARD, Model, fresh, labels, read, tensor_names
from glassbox.graph.shapes import described


def tap(model: Model, tensors: Sequence[str] | None = None) -> ModelProto:
    """Return `model` with `tensors` as outputs after its own, in the order asked; None: the outputs of all its nodes.

    A recurrent node that keeps its states to itself (an optional output Y without a name) gives them too: see
    `name_states`. What the bodies of If, Loop and Scan compute, once a turn, has no single value and can't be tapped.
    A tensor whose number of axes can't be told, as behind an If, is an output that ONNX Runtime gives and
    `onnx.checker` refuses. Raises ValueError, naming what exists, for a tensor that is not there.
    """
    tapped = read(model)
    name_states(tapped.graph)
    exist = tappable(tapped)
    wanted = list(_computed(tapped.graph, exist) if tensors is None else tensors)
    if missing := [name for name in wanted if name not in exist]:
        hidden = [name for name in missing if name in tensor_names(tapped.graph)]
        why = " (inside the body of an If, Loop or Scan, or no tensor of numbers)" if hidden else ""
        names = ", ".join(map(repr, missing))
        raise ValueError(f"no tensor to tap is named {names}{why}; there are {', '.join(exist)}")
    given = {value.name for value in tapped.graph.output}
    added = [exist[name] for name in dict.fromkeys(wanted) if name not in given]
    tapped.graph.output.extend(added)
    tapped_names = {value.name for value in added}  # no tensor may be described twice
    described = [value for value in tapped.graph.value_info if value.name not in tapped_names]
    del tapped.graph.value_info[:]
    tapped.graph.value_info.extend(described)
    return tapped


def tappable(model: ModelProto) -> dict[str, ValueInfoProto]:
    """Return the tensors of the outer graph by name: the inputs, the initialisers, then the nodes' outputs in order.

    Types and shapes are as far as ONNX's shape inference can tell. A tensor that it can't has a name alone: ONNX
    Runtime works the type out when it loads the model. Sequences, maps and optionals are left out.
    """
    graph, known = model.graph, described(model)
    names = [value.name for value in graph.input]
    names += [tensor.name for tensor in graph.initializer]
    names += [name for node in graph.node for name in node.output if name]
    found = {name: known.get(name, ValueInfoProto(name=name)) for name in names}
    return {name: value for name, value in found.items() if _is_tensor(value.type)}


def name_states(graph: GraphProto) -> None:
    """Give the first output (Y, the state after every step) of each recurrent node a name where it has none: "NODE.Y".

    The operators compute Y either way, so that asking for it costs a copy at most.
    """
    taken = tensor_names(graph)
    for node, label in zip(graph.node, labels(graph), strict=True):
        if node.op_type in RECURRENT and node.domain in STANDARD and node.output and not node.output[0]:
            node.output[0] = fresh(f"{label}.Y", taken)
            taken.add(node.output[0])


def _computed(graph: GraphProto, exist: dict[str, ValueInfoProto]) -> list[str]:
    return [name for node in graph.node for name in node.output if name in exist]


def _is_tensor(kind: TypeProto) -> bool:
    return kind.WhichOneof("value") in (None, "tensor_type")
