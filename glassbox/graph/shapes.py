"""The types and shapes of a model's tensors, as far as ONNX's shape inference can tell.

https://onnx.ai/onnx/api/shape_inference.html
"""

from onnx import ModelProto, TypeProto, ValueInfoProto, helper, shape_inference

Shape = tuple[int | str | None, ...]
"""A size, the name of a size, or None where nothing is known, for each axis."""


def inferred(model: ModelProto) -> ModelProto:
    """Return a copy of `model` that declares the tensors whose type or shape follows from its inputs.

    Where inference fails, which it does on models that ONNX Runtime still runs, the copy declares what `model` does.
    """
    try:
        return shape_inference.infer_shapes(model, data_prop=True)
    except Exception:  # it raises its own errors and bare RuntimeErrors
        copy = ModelProto()
        copy.CopyFrom(model)
        return copy


def declared(model: ModelProto) -> dict[str, ValueInfoProto]:
    """Return what `model` says of its tensors, by name: initialisers, inner tensors, outputs and inputs."""
    graph = model.graph
    weights = {x.name: helper.make_tensor_value_info(x.name, x.data_type, x.dims) for x in graph.initializer}
    return weights | {value.name: value for value in [*graph.value_info, *graph.output, *graph.input]}


def shape_of(kind: TypeProto) -> Shape | None:
    """Return the shape of a tensor of type `kind`; None where not even the number of axes is known."""
    if not kind.tensor_type.HasField("shape"):
        return None
    dims = kind.tensor_type.shape.dim
    return tuple(dim.dim_value if dim.HasField("dim_value") else dim.dim_param or None for dim in dims)
