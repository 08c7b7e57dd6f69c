"""A graph written from nothing, every name in it chosen: each node is called after its first output.

Where nodes are added to a graph that exists, and names only must not clash, there is `glassbox.graph.builder`.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, ValueInfoProto, helper, numpy_helper

OPSET = 18
IR_VERSION = 8


class NamedGraph:
    """A graph in the making: its nodes and its weights."""

    def __init__(self) -> None:
        self.nodes: list[NodeProto] = []
        self.weights: list[TensorProto] = []

    def node(self, operator: str, inputs: Sequence[str], outputs: Sequence[str], **attributes: Any) -> None:
        """Add a node; an output called "" is left out."""
        name = outputs[0] or outputs[-1]
        self.nodes.append(helper.make_node(operator, inputs, outputs, name=name, **attributes))

    def weight(self, name: str, array: NDArray[np.generic]) -> str:
        """Add a constant and return its name."""
        self.weights.append(numpy_helper.from_array(np.asarray(array, order="C"), name))
        return name

    def model(
        self,
        name: str,
        inputs: Sequence[ValueInfoProto],
        outputs: Sequence[ValueInfoProto],
        opset: int = OPSET,
        ir_version: int = IR_VERSION,
    ) -> ModelProto:
        """Return the checked model, every tensor's shape inferred. Raises onnx' own errors for an invalid graph."""
        graph = helper.make_graph(self.nodes, name, inputs, outputs, self.weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], producer_name="glassbox")
        model.ir_version = ir_version
        onnx.checker.check_model(model, full_check=True)
        return onnx.shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)
