"""Switches: a model -> the same model with a switch at each cell of an inner tensor."""

from onnx import ModelProto, TensorProto, helper

from glassbox.graph.model import Model, fresh, labels, read, tensor_names
from glassbox.graph.taps import tappable


def with_switches(model: Model, tensor: str) -> tuple[ModelProto, str]:
    """`model` with one more input, and that input's name: `tensor` is multiplied by it before anyone reads it.

    1 leaves a cell as it is, 0 removes it; the input is broadcast as Mul does, so that a switch may serve a whole map.
    `tensor` itself becomes the product. Raises ValueError, naming what exists, for a tensor that no node computes, or
    that does not hold floating-point numbers.
    """
    switched = read(model)
    graph = switched.graph
    computed = {name: node for node in graph.node for name in node.output if name}
    if tensor not in computed:
        raise ValueError(f"no node computes a tensor named {tensor!r}; there are {', '.join(computed)}")
    kind = tappable(switched)[tensor].type.tensor_type
    if kind.elem_type not in (TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.FLOAT16):
        raise ValueError(f"tensor {tensor!r} holds {TensorProto.DataType.Name(kind.elem_type)}, no numbers to switch")
    taken = tensor_names(graph)
    before, switches = fresh(f"{tensor}/all", taken), fresh(f"{tensor}/switches", taken)
    maker = computed[tensor]
    place = list(graph.node).index(maker)
    maker.output[list(maker.output).index(tensor)] = before
    name = fresh(f"{tensor}/switched", labels(graph))
    graph.node.insert(place + 1, helper.make_node("Mul", [before, switches], [tensor], name=name))
    shape = [dim.dim_param or dim.dim_value or None for dim in kind.shape.dim] if kind.HasField("shape") else None
    graph.input.append(helper.make_tensor_value_info(switches, kind.elem_type, shape))
    return switched, switches
