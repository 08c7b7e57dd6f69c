"""A part of a model as a model of its own: what comes behind one of its tensors."""

from collections.abc import Sequence

from onnx import ModelProto, shape_inference
from onnx.utils import Extractor

from glassbox.graph.model import Model, read


def behind(model: Model, tensor: str, beside: Sequence[str] = ()) -> ModelProto:
    """What `model` makes of `tensor`: a model with `tensor` and then `beside`, inputs of the whole, as its inputs and
    the same outputs.

    So one can ask what a network would have said had `tensor` been something else. Raises ValueError for what is no
    ONNX model, for a tensor of unknown shape, and where the outputs need more of the model's inputs than these.
    """
    whole = shape_inference.infer_shapes(read(model))
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
