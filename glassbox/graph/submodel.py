"""Submodels: the part of a model up to some of its tensors, or from one of them on, as a model of its own."""

from collections.abc import Sequence

from onnx import ModelProto
from onnx.utils import Extractor

from glassbox.graph.builder import needed
from glassbox.graph.model import Model, read, reads
from glassbox.graph.shapes import inferred
from glassbox.graph.taps import tap


def submodel_from(model: Model, tensor: str, beside: Sequence[str] = ()) -> ModelProto:
    """Return the submodel that computes the outputs of `model` from `tensor`.

    Its inputs are `tensor`, then `beside`, inputs of the model that its outputs depend on too; its outputs are the
    model's. With it one can ask what a network would have said had `tensor` been something else. Raises ValueError for
    what is no ONNX model, for a tensor of unknown shape, and where the outputs depend on more than these inputs.
    """
    whole = inferred(read(model))
    outputs = [value.name for value in whole.graph.output]
    known = [value.name for value in [*whole.graph.input, *whole.graph.value_info]]
    if tensor not in known:
        raise ValueError(f"no inner tensor of known shape is named {tensor!r}; there are {', '.join(known)}")
    part = Extractor(whole).extract_model([tensor, *beside], outputs)
    made = {tensor, *beside, *(item.name for item in part.graph.initializer)}
    for node in part.graph.node:
        if missing := [name for name in node.input if name and name not in made]:
            raise ValueError(f"the outputs depend on more than {tensor!r}: {missing[0]!r} reaches them past it")
        made.update(node.output)
    return part


def submodel_to(model: Model, tensors: Sequence[str]) -> ModelProto:
    """Return the submodel that computes `tensors`, its outputs in that order, from the inputs that they depend on.

    Raises ValueError, naming what exists, for a tensor that is not there, and for what is no ONNX model.
    """
    part = tap(model, tensors)
    graph = part.graph
    nodes = needed(graph.node, tensors)
    used = set().union(*map(reads, nodes))
    outputs = {value.name: value for value in graph.output}
    kept = {
        "node": nodes,
        "output": [outputs[name] for name in tensors],
        "input": [value for value in graph.input if value.name in used],
        "initializer": [weight for weight in graph.initializer if weight.name in used],
    }
    for field, values in kept.items():
        copies = [type(value).FromString(value.SerializeToString()) for value in values]
        graph.ClearField(field)
        getattr(graph, field).extend(copies)
    return part
