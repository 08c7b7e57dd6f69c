"""What stands in the way of a model's gradients, by operator and node, found without running anything."""

from typing import Any

from onnx import NodeProto

from glassbox.graph.backpropagation import RULES, GradientError
from glassbox.graph.builder import FLOATS
from glassbox.graph.gradient import differentiate, score_tensor
from glassbox.graph.model import STANDARD, labels, operator, reads
from glassbox.graph.written_out import is_written_out
from glassbox.inspection.answer import text
from glassbox.inspection.opening import Opened

MOST_OBSTACLES = 200


def differentiability(model: Opened) -> dict[str, Any]:
    """Return as facts whether the score has a gradient.

    `score`: the tensor that holds it; `by`: for each input of floating-point numbers or, where there is none, the first
    such tensor inside, as behind the embedding of words, whether the derivative can be written, else `why`;
    `obstacles`: the nodes on the way from there to the score whose operators have no rule and are not made of simpler
    ones (`node`, `operator`).
    """
    score = score_tensor(model.proto.graph)
    floats = [one.name for one in model.inputs if one.type.tensor_type.elem_type in FLOATS] or first_floats(model)
    obstacles = [
        {"node": text(name), "operator": text(operator(node))}
        for node, name in _between(model, floats, score)
        if not (node.domain in STANDARD and node.op_type in RULES) and not is_written_out(node)
    ]
    return {
        "score": score,
        "by": [{"name": name, "why": _why(model, score, name)} for name in floats],
        "obstacles": obstacles[:MOST_OBSTACLES],
    }


def first_floats(model: Opened) -> list[str]:
    """Return the first inner tensor of floating-point numbers that the inputs change; [] if there is none."""
    reached = {one.name for one in model.inputs}
    for node in model.proto.graph.node:
        if reached & reads(node):
            for name in filter(None, node.output):
                reached.add(name)
                if name in model.described and model.described[name].type.tensor_type.elem_type in FLOATS:
                    return [name]
    return []


def _why(model: Opened, score: str, name: str) -> str | None:
    try:
        differentiate(model.proto, score, [name])
    except GradientError as error:
        return text(str(error))
    except Exception as error:  # onnx's converter and inliner raise their own
        return text(f"{error.__class__.__name__}: {error}")
    return None


def _between(model: Opened, sources: list[str], target: str) -> list[tuple[NodeProto, str]]:
    """Return the nodes, with their labels, that lie on a way of floating-point numbers from `sources` to `target`."""
    graph = model.proto.graph
    reached, forward = set(sources), []
    for node, name in zip(graph.node, labels(graph), strict=True):
        floats = [x for x in node.output if x and model.type(x) not in _WHOLE]
        if reached & reads(node) and floats:
            reached.update(floats)
            forward.append((node, name))
    wanted, found = {target}, []
    for node, name in reversed(forward):
        if wanted & set(node.output):
            wanted |= reads(node)
            found.append((node, name))
    return found[::-1]


_WHOLE = {"bool", "string", "sequence", "map", "int64", "uint64", "uint32"}
"""Types that hold no numbers which change smoothly; the others stand for floats in quantised models."""
