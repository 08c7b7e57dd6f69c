"""Constant folding: nodes whose results are known before any run, by their constants or by the shapes they ask for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import NodeProto, helper, numpy_helper

from glassbox.graph.builder import FOLDED_CELLS, Builder, Value
from glassbox.graph.model import attributes, constants, subgraphs
from glassbox.graph.scan import renamed


@dataclass
class Folder:
    """Takes nodes in order; keeps as `rest` those that need a run. Known tensors become constants of the builder."""

    builder: Builder
    shapes: Mapping[str, Value]
    """The tensors from outside, whose shapes may be known."""
    rest: list[NodeProto] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    """The constants that replace tensors."""

    def add(self, original: NodeProto) -> None:
        """Keep `original`, with constants in place of what is known, or compute it."""
        node = renamed(original, self.names)
        found = self._evaluated(node)
        if found is None:
            self.rest.append(node)
        else:
            self.names |= {
                name: self.builder.constant(array).name for name, array in zip(node.output, found, strict=False) if name
            }

    def known(self, name: str) -> NDArray[Any] | None:
        """Return the cells of the tensor `name` if they are few and known."""
        tensor = self.builder.constants.get(self.names.get(name, name))
        return None if tensor is None or not small(tensor.dims) else numpy_helper.to_array(tensor)

    def _evaluated(self, node: NodeProto) -> list[NDArray[Any]] | None:
        """Return the outputs of a node that needs no run of the model; None if it does."""
        if node.op_type == "Constant":
            return [np.asarray(array) for array in constants(onnx.GraphProto(node=[node])).values()]
        given = {name: self.known(name) for name in node.input if name}
        if node.op_type in ("Shape", "Size") and node.input[0] in self.shapes:
            return _sizes(node, self.shapes[node.input[0]])
        feeds = {name: array for name, array in given.items() if array is not None}
        if not given or len(feeds) < len(given) or any(True for _ in subgraphs(node)) or node.domain:
            return None
        return self._run(node, feeds)

    def _run(self, node: NodeProto, feeds: Mapping[str, NDArray[Any]]) -> list[NDArray[Any]] | None:
        inputs = [
            helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(array.dtype), array.shape)
            for name, array in feeds.items()
        ]
        outputs = [onnx.ValueInfoProto(name=name) for name in node.output if name]
        graph = helper.make_graph([node], "constant", inputs, outputs)
        opset = [helper.make_opsetid("", self.builder.opset)]
        from onnx.reference import ReferenceEvaluator  # only here: importing it takes longer than most graphs

        try:
            results = ReferenceEvaluator(helper.make_model(graph, opset_imports=opset)).run(None, dict(feeds))
        except Exception:  # an operator that it lacks, or an error of its own: the engine will run the node
            return None
        arrays = [np.asarray(result) for result in results]
        return arrays if all(small(array.shape) and array.dtype.kind in "fiub" for array in arrays) else None


def small(shape: Sequence[int]) -> bool:
    """Return whether a constant of `shape` is small enough to be handed about."""
    return int(np.prod(shape)) <= FOLDED_CELLS


def _sizes(node: NodeProto, x: Value) -> list[NDArray[Any]] | None:
    if x.shape is None:
        return None
    part = attributes(node)
    told = x.shape[part.get("start", 0) : part.get("end", len(x.shape))]
    if not all(isinstance(size, int) for size in told):
        return None
    sizes = np.array(told, np.int64)
    return [sizes if node.op_type == "Shape" else np.array(sizes.prod())]
