"""The graph that writes by itself: a Loop around the graph with a cache, each time with the likeliest token of before.

One run writes a whole text, so that neither tokens nor the cache leave the engine in between: on one thread that takes
a quarter less than a run a token.
"""

import numpy as np
from onnx import ModelProto, TensorProto, helper, numpy_helper

from glassbox.graph.model import Model
from glassbox.graph.transformer_cache import with_cache


def greedy_writer(model: Model) -> ModelProto:
    """Return the graph that writes on with the weights of `model`, which `write_transformer` wrote.

    Inputs: `begin` int64 (N, T), one token or more; `count` int64 (), how many are to be written: T + count - 1 up to
    the context. Output: `written` int64 (count, N, 1), the likeliest token each time.
    Raises ValueError for a model that `write_transformer` did not write.
    """
    step = with_cache(model)
    graph = step.graph
    ids, *past = graph.input
    _, *present = graph.output
    whole_numbers, truth = TensorProto.INT64, TensorProto.BOOL
    body = helper.make_graph(
        [
            *graph.node,
            helper.make_node("ArgMax", ["logits"], ["next"], axis=-1, keepdims=1),
            helper.make_node("Identity", ["next"], ["chosen"]),
            helper.make_node("Identity", ["goes_on"], ["still_goes_on"]),
        ],
        "step",
        [
            helper.make_tensor_value_info("turn", whole_numbers, []),
            helper.make_tensor_value_info("goes_on", truth, []),
            ids,
            *past,
        ],
        [
            helper.make_tensor_value_info("still_goes_on", truth, []),
            helper.make_tensor_value_info("next", whole_numbers, ["N", 1]),
            *present,
            helper.make_tensor_value_info("chosen", whole_numbers, ["N", 1]),
        ],
    )
    _, heads, _, size = (dim.dim_value for dim in past[0].type.tensor_type.shape.dim)
    constants = {"always": np.array(True), "no_tokens": np.array([heads, 0, size], np.int64)}
    last = ["end/ids", *(f"end/{value.name}" for value in past)]
    nodes = [
        helper.make_node("Shape", ["begin"], ["begin/texts"], start=0, end=1),
        helper.make_node("Concat", ["begin/texts", "no_tokens"], ["begin/shape"], axis=0),
        helper.make_node("ConstantOfShape", ["begin/shape"], ["begin/past"]),
        helper.make_node(
            "Loop", ["count", "always", "begin", *["begin/past"] * len(past)], [*last, "written"], body=body
        ),
    ]
    inputs = [
        helper.make_tensor_value_info("begin", whole_numbers, ["N", "T"]),
        helper.make_tensor_value_info("count", whole_numbers, []),
    ]
    written = helper.make_tensor_value_info("written", whole_numbers, ["count", "N", 1])
    held = [*graph.initializer, *(numpy_helper.from_array(value, name) for name, value in constants.items())]
    made = helper.make_graph(nodes, graph.name, inputs, [written], held)
    return helper.make_model(made, opset_imports=step.opset_import, ir_version=step.ir_version)
