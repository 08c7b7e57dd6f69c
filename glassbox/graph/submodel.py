"""Submodels: the part of a model that lies between one of its tensors and its outputs, as a model of its own."""

from collections.abc import Sequence

from onnx import ModelProto
from onnx.utils import Extractor

from glassbox.graph.model import Model, read
from glassbox.graph.shapes import inferred


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
