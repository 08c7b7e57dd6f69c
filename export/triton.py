"""The file that tells Triton what a model takes and gives, so that models/ is a Triton model repository as it stands.

https://github.com/triton-inference-server/server/blob/main/docs/user_guide/model_configuration.md
"""

from collections.abc import Sequence

import onnx
from onnx import TensorProto, ValueInfoProto

FILE = "config.pbtxt"
"""Beside the card."""
MOST, MOST_TEXTS = 256, 32
"""Rows of a batch; of texts, whose length is free, fewer."""
_TYPES = {TensorProto.FLOAT: "FP32", TensorProto.INT64: "INT64", TensorProto.INT32: "INT32"}
_WHOLE_BATCH = "DynamicQuantizeLinear"
"""The operator that rounds all rows of a batch by the largest number among them: Triton may not join requests then."""


def configuration(name: str, model: onnx.ModelProto) -> str:
    """Return the configuration of the model `name`, in the text format of Triton's model_config.proto.

    Triton counts the first size of each tensor as the batch where `max_batch_size` is above 0, and leaves it out of
    `dims`; it may then run requests together. That is so where each tensor has further sizes, and all begin with the
    same free one; else it takes them as they are.
    """
    initial = {tensor.name for tensor in model.graph.initializer}
    sides = {
        "input": [value for value in model.graph.input if value.name not in initial],
        "output": list(model.graph.output),
    }
    shapes = {value.name: _shape(value) for values in sides.values() for value in values}
    rows = {shape[0] for shape in shapes.values()}
    batched = len(rows) == 1 and isinstance(next(iter(rows)), str) and all(len(shape) > 1 for shape in shapes.values())
    texts = any(isinstance(size, str) for shape in shapes.values() for size in shape[1:])
    lines = [
        f'name: "{name}"',
        'backend: "onnxruntime"',
        f"max_batch_size: {(MOST_TEXTS if texts else MOST) if batched else 0}",
    ]
    for side, values in sides.items():
        for value in values:
            sizes = shapes[value.name][1 if batched else 0 :]
            dims = ", ".join(str(size) if isinstance(size, int) else "-1" for size in sizes)
            kind = _TYPES[value.type.tensor_type.elem_type]
            lines.append(f'{side} {{ name: "{value.name}" data_type: TYPE_{kind} dims: [ {dims} ] }}')
    if batched and all(node.op_type != _WHOLE_BATCH for node in model.graph.node):
        lines.append("dynamic_batching { }")
    lines.append('parameters { key: "intra_op_thread_count" value: { string_value: "1" } }')
    return "\n".join(lines) + "\n"


def _shape(value: ValueInfoProto) -> Sequence[int | str]:
    return [size.dim_param or size.dim_value for size in value.type.tensor_type.shape.dim]
