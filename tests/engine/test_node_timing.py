"""Each node alone: which ones are measured. How long they take is nobody's to say."""

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from glassbox.engine.node_timing import node_seconds
from glassbox.engine.session import Session
from glassbox.graph.model import labels, read
from glassbox.graph.taps import tap
from glassbox.paths import MODELS


def test_every_node_of_a_network_is_measured() -> None:
    model = read(MODELS / "lstm" / "1" / "model.onnx")
    fed = {"picture": np.random.default_rng(0).random((1, 28, 28), np.float32)}
    values = {**fed, **Session(tap(model).SerializeToString()).run(fed).outputs}
    found = dict(node_seconds(model, values, 10))
    assert list(found) == [
        name for node, name in zip(model.graph.node, labels(model.graph), strict=True) if node.op_type != "Constant"
    ]
    assert all(seconds is not None and seconds >= 0 for seconds in found.values())
    assert set(dict(node_seconds(model, values, 0)).values()) == {None}


def test_a_body_reads_what_is_around_it_and_a_sequence_is_left_out() -> None:
    many = 1 << 18  # adding them takes longer than what a run takes beside
    x, y, out = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [many]) for name in ("x", "y", "out"))
    n = helper.make_tensor_value_info("n", TensorProto.INT64, [])
    inner = [helper.make_node(kind, ["x", "w"], ["out"]) for kind in ("Add", "Mul")]
    bodies = [helper.make_graph([node], node.op_type, [], [out]) for node in inner]
    nodes = [
        helper.make_node("If", ["true"], ["y"], name="choose", then_branch=bodies[0], else_branch=bodies[1]),
        helper.make_node("SequenceConstruct", ["y"], ["s"], name="collect"),
        helper.make_node("SequenceLength", ["s"], ["n"], name="count"),
    ]
    held = [numpy_helper.from_array(np.array(True), "true"), numpy_helper.from_array(np.ones(many, np.float32), "w")]
    graph = helper.make_graph(nodes, "graph", [x], [y, n], held)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    values = {"x": np.ones(many, np.float32), "y": np.full(many, np.float32(2)), "n": np.array(1)}
    found = dict(node_seconds(model, values, 10))
    assert found["choose"] is not None and found["choose"] > 0
    assert found["count"] is None
