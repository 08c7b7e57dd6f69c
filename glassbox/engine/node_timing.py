"""What each node of a model costs, run by itself: without a file, which ONNX Runtime's own profile needs."""

from collections.abc import Iterator, Mapping
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, TensorProto, ValueInfoProto, helper, numpy_helper

from glassbox.engine.session import Session
from glassbox.graph.model import constants, labels, reads

RUNS = 15
"""Runs of a node at most, the first of them unmeasured."""
FEWEST = 3
NODE_LIMIT = 0.02
"""Seconds after which a node is not run again."""

Array = NDArray[Any]


def node_seconds(model: ModelProto, tensors: Mapping[str, Any], limit: float) -> Iterator[tuple[str, float | None]]:
    """Yield for each node of `model`, in order and by the names of `graph.model.labels`, the seconds that it takes by
    itself on the CPU, on what `tensors` of a run hold; None for one that can't be run alone.

    The median of a few runs, less what a run costs that computes nothing; weights are constants, as they are in the
    whole model. After `limit` seconds every further node gets None.
    """
    started, held = perf_counter(), constants(model.graph)
    empty = _seconds(_nothing(), {"x": np.zeros(1, np.float32)})
    for node, name in zip(model.graph.node, labels(model.graph), strict=True):
        if node.op_type == "Constant":
            continue
        if perf_counter() - started > limit:
            yield name, None
            continue
        names = sorted(reads(node))
        fed = {tensor: tensors[tensor] for tensor in names if tensor not in held and tensor in tensors}
        weights = {tensor: held[tensor] for tensor in names if tensor in held}
        if len(fed) + len(weights) < len(names) or not all(isinstance(value, np.ndarray) for value in fed.values()):
            yield name, None
            continue
        try:
            alone = helper.make_graph(
                [node],
                "node",
                [_info(tensor, value) for tensor, value in fed.items()],
                [ValueInfoProto(name=output) for output in node.output if output],
                [numpy_helper.from_array(value, tensor) for tensor, value in weights.items()],
            )
            whole = helper.make_model(alone, opset_imports=model.opset_import, functions=model.functions)
            whole.ir_version = model.ir_version
            yield name, max(_seconds(whole, fed) - empty, 0.0)
        except Exception:  # the engine's own errors: some nodes exist only as part of a graph
            yield name, None


def _seconds(model: ModelProto, fed: Mapping[str, Array]) -> float:
    session = Session(model.SerializeToString())
    session.run(fed)
    seconds: list[float] = []
    while len(seconds) < RUNS and (len(seconds) < FEWEST or sum(seconds) < NODE_LIMIT):
        seconds.append(session.run(fed).seconds)
    return float(np.median(seconds))


def _nothing() -> ModelProto:
    x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in "xy")
    graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "nothing", [x], [y])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)


def _info(name: str, value: Array) -> ValueInfoProto:
    text = value.dtype.kind in "OSU"
    kind = TensorProto.STRING if text else helper.np_dtype_to_tensor_dtype(value.dtype)
    return helper.make_tensor_value_info(name, kind, value.shape)
