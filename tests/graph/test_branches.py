"""Models with the branches that they take in the place of their Ifs, against the reference evaluator."""

import numpy as np
import pytest
from onnx import checker, parser
from onnx.reference import ReferenceEvaluator

from glassbox.graph.branches import conditions, is_if, straighten

MODEL = parser.parse_model(
    """<ir_version: 10, opset_import: ["": 18]>
    nested (float[N] x, bool up, bool far) => (float[N] y, float[N] z) {
        first = If (up) <
            then_branch = a () => (float[N] out) {
                step = Exp (x)
                out = If (far) <
                    then_branch = c () => (float[N] out2) { step2 = Neg (step) out2 = Abs (step2) },
                    else_branch = d () => (float[N] out3) { out3 = Neg (step) }>
            },
            else_branch = b () => (float[N] out) { out = Identity (x) }>
        second = If (up) <
            then_branch = e () => (float[N] out) { step = Sin (first) out = Cos (step) },
            else_branch = f () => (float[N] out) { out = Tanh (first) }>
        y = Add (first, second)
        z = Identity (second)
    }"""
)
"""Both Ifs name what is in their branches alike."""


@pytest.mark.parametrize("up", [True, False])
@pytest.mark.parametrize("far", [True, False])
def test_the_straight_model_computes_the_same_and_tells_where_each_node_was(up: bool, far: bool) -> None:
    fed = {"x": np.array([1, -2], np.float32), "up": np.array(up), "far": np.array(far)}
    straight = straighten(MODEL, lambda model: {name: bool(fed[name]) for name in conditions(model.graph)})
    checker.check_model(straight.model, full_check=True)
    assert not any(map(is_if, straight.model.graph.node))
    for expected, found in zip(
        ReferenceEvaluator(MODEL).run(None, fed), ReferenceEvaluator(straight.model).run(None, fed), strict=True
    ):
        np.testing.assert_array_equal(found, expected)
    inside = {
        (path[-1].partition(":")[2], node.op_type)
        for node, (path, _) in zip(straight.model.graph.node, straight.origins, strict=True)
        if path
    }
    assert ("then_branch", "Exp") in inside if up else ("else_branch", "Tanh") in inside
    assert len(straight.taken) == (3 if up else 2)
    assert max(map(len, straight.taken)) == (2 if up else 1)
    assert set(straight.renamed.values()) == ({"out", "step"} if up else {"out"})
