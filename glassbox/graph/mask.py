"""Masks: a model -> the same model with a factor for each cell of an inner tensor, to remove cells (ablation)."""

from onnx import ModelProto, TensorProto, helper

from glassbox.graph.builder import FLOATS
from glassbox.graph.model import Model, fresh, labels, read, tensor_names
from glassbox.graph.shapes import shape_of
from glassbox.graph.taps import tappable


def with_mask(model: Model, tensor: str) -> tuple[ModelProto, str]:
    """Return `model` with one more input, the mask of `tensor`, and the name of that input.

    `tensor` becomes its own product with the mask before any node reads it: 1 leaves a cell as it is, 0 removes it. The
    mask has the shape of `tensor`, or one that Mul broadcasts to it, so that one number may serve a whole feature map.
    Raises ValueError, naming what exists, for a tensor that no node computes, or without floating-point numbers.
    """
    masked = read(model)
    graph = masked.graph
    computed = {name: node for node in graph.node for name in node.output if name}
    if tensor not in computed:
        raise ValueError(f"no node computes a tensor named {tensor!r}; there are {', '.join(computed)}")
    kind = tappable(masked)[tensor].type
    if kind.tensor_type.elem_type not in FLOATS:
        held = TensorProto.DataType.Name(kind.tensor_type.elem_type)
        raise ValueError(f"tensor {tensor!r} holds {held}, no numbers that a mask could multiply")
    taken = tensor_names(graph)
    unmasked, mask = fresh(f"{tensor}/unmasked", taken), fresh(f"{tensor}/mask", taken)
    maker = computed[tensor]
    maker.output[list(maker.output).index(tensor)] = unmasked
    name = fresh(f"{tensor}/masked", labels(graph))
    after = list(graph.node).index(maker) + 1
    graph.node.insert(after, helper.make_node("Mul", [unmasked, mask], [tensor], name=name))
    graph.input.append(helper.make_tensor_value_info(mask, kind.tensor_type.elem_type, shape_of(kind)))
    return masked, mask
