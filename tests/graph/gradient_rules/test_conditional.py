import numpy as np
import pytest
from onnx import parser

from glassbox.graph.gradient import differentiate
from tests.gradients import run

MODEL = """<ir_version: 10, opset_import: ["": 18]>
g (float[2,3] x, float[3] w, bool c) => (float[2,3] y) {
    a = Mul (x, x)
    h, k = If (c) <
        then_branch = first () => (float[2,3] h1, float[2,3] k1) { s = Sin (a) h1 = Mul (s, w) k1 = Identity (x) },
        else_branch = second () => (float[2,3] h2, float[2,3] k2) {
            two = Constant <value_float = 2.0> () h2 = Mul (x, two) k2 = Relu (x) }
    >
    y = Add (h, k)
}"""


@pytest.mark.parametrize("condition", [True, False])
def test_the_derivative_of_the_branch_that_runs(condition):
    model = parser.parse_model(MODEL)
    rng = np.random.default_rng(0)
    x, w, dy = (rng.normal(size=shape).astype(np.float32) for shape in ((2, 3), (3,), (2, 3)))
    feeds = {"x": x, "w": w, "c": np.array(condition), "grad_y": dy}
    dx, dw = run(differentiate(model, "y", ["x", "w"]), feeds)
    if condition:
        np.testing.assert_allclose(dx, dy * (np.cos(x * x) * 2 * x * w + 1), rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(dw, (dy * np.sin(x * x)).sum(0), rtol=1e-5, atol=1e-6)
    else:
        np.testing.assert_allclose(dx, dy * (2 + (x > 0)), rtol=1e-6)
        assert (dw == 0).all()


def test_an_operator_of_a_branch_without_a_rule_is_named():
    text = MODEL.replace("s = Sin (a)", "d = Bernoulli (a) s = Mul (x, d)")
    with pytest.raises(ValueError, match=r"Bernoulli \(node 'd'\) has no gradient rule"):
        differentiate(parser.parse_model(text), "y", ["x"])


def test_an_if_within_an_if():
    inner = """k1 = If (c) <
        then_branch = third () => (float[2,3] o) { o = Exp (x) },
        else_branch = fourth () => (float[2,3] p) { p = Neg (x) }>"""
    text = MODEL.replace("k1 = Identity (x)", inner)
    x, dy = np.full((2, 3), 0.5, np.float32), np.ones((2, 3), np.float32)
    feeds = {"x": x, "w": np.zeros(3, np.float32), "c": np.array(True), "grad_y": dy}
    (dx,) = run(differentiate(parser.parse_model(text), "y", ["x"]), feeds)
    np.testing.assert_allclose(dx, np.exp(x), rtol=1e-6)
