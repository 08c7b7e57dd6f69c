"""Operators written out in simpler ones: the derivative against central differences, the terms against the engine."""

import numpy as np
import pytest
from onnx import TensorProto, helper, parser

from benchmarks.onnx_corpus import Found, check_derivatives, check_terms
from glassbox.engine.session import Session
from glassbox.explain.terms.explain import Tapped
from glassbox.graph.gradient import differentiate
from glassbox.graph.node import GradientError
from tests.gradients import run


def numbers(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def whole(model, feeds):
    """Check the terms and the derivatives of a model; nothing may be wrong or refused."""
    found = Found("test", "test")
    check_terms(found, model, feeds)
    check_derivatives(found, model, feeds, Session(model.SerializeToString()).run(feeds).outputs)
    assert not found.why, found.why
    return found.counts


CASES = {
    "ReduceL1": ("float[N,3,4] x, int64[1] axes", "ReduceL1 <keepdims=0> (x, axes)", 18),
    "ReduceL2": ("float[2,3,4] x", "ReduceL2 (x)", 18),
    "ReduceL2 with attributes": ("float[2,3,4] x", "ReduceL2 <axes=[1], keepdims=0> (x)", 13),
    "ReduceLogSum": ("float[2,3,4] x", "ReduceLogSum (p)", 18),
    "ReduceLogSumExp": ("float[2,3,4] x", "ReduceLogSumExp <keepdims=0> (x)", 18),
    "ReduceSumSquare": ("float[2,3,4] x", "ReduceSumSquare (x)", 18),
    "LpNormalization": ("float[2,3,4] x", "LpNormalization <axis=1, p=1> (x)", 18),
    "LRN": ("float[2,5,3,2] x", "LRN <size=3, alpha=0.3, beta=0.6, bias=1.5> (x)", 18),
    "InstanceNormalization": ("float[2,3,4] x, float[3] s, float[3] b", "InstanceNormalization (x, s, b)", 18),
    "LayerNormalization": ("float[2,3,4] x, float[4] s, float[4] b", "LayerNormalization (x, s, b)", 18),
    "GroupNormalization": (
        "float[2,4,3] x, float[4] s, float[4] b",
        "GroupNormalization <num_groups=2> (x, s, b)",
        21,
    ),
    "RMSNormalization": ("float[2,3,4] x, float[4] s", "RMSNormalization (x, s)", 23),
    "MeanVarianceNormalization": ("float[2,3,4,2] x", "MeanVarianceNormalization (x)", 18),
    "GlobalLpPool": ("float[2,3,4] x", "GlobalLpPool <p=3> (x)", 18),
    "LpPool": (
        "float[1,2,5,6] x",
        "LpPool <kernel_shape=[2,3], strides=[2,1], pads=[1,0,0,1], p=3> (x)",
        18,
    ),
    "TopK": ("float[3,5] x, int64[1] k", "TopK <axis=1> (x, k)", 18),
    "Shrink": ("float[3,5] x", "Shrink <lambd=0.4, bias=0.2> (x)", 18),
    "OneHot": ("int64[4] i, int64 depth, float[2] values", "OneHot (i, depth, values)", 18),
    "Hardmax": ("float[3,5] x", "Hardmax <axis=0> (x)", 18),
    "DFT": ("float[2,5,1] x", "DFT <axis=1, onesided=1> (x)", 17),
    "inverse DFT": ("float[2,5,2] x", "DFT <axis=1, inverse=1> (x)", 17),
    "Resize, linear": ("float[1,2,3,4] x, int64[4] sizes", 'Resize <mode="linear"> (x, , , sizes)', 19),
    "Resize, cubic": (
        "float[1,2,3,4] x, int64[4] sizes",
        'Resize <mode="cubic", coordinate_transformation_mode="align_corners"> (x, , , sizes)',
        19,
    ),
    "GridSample": ("float[2,3,4,5] x, float[2,3,2,2] grid", 'GridSample <padding_mode="reflection"> (x, grid)', 20),
    "GridSample, cubic": ("float[2,3,4,5] x, float[2,3,2,2] grid", 'GridSample <mode="cubic"> (x, grid)', 20),
    "Attention": (
        "float[1,4,3,2] q, float[1,2,5,2] keys, float[1,2,5,3] v",
        "Attention <is_causal=1, softcap=2.0> (q, keys, v)",
        23,
    ),
    "RotaryEmbedding": (
        "float[1,2,3,4] x, float[6,2] c, float[6,2] s, int64[1,3] places",
        "RotaryEmbedding (x, c, s, places)",
        23,
    ),
    "SoftmaxCrossEntropyLoss": (
        "float[3,5] x, int64[3] labels, float[5] w",
        "SoftmaxCrossEntropyLoss (x, labels, w)",
        13,
    ),
    "BatchNormalization in training": (
        "float[4,3,2] x, float[3] s, float[3] b, float[3] m, float[3] v",
        "BatchNormalization <training_mode=1> (x, s, b, m, v)",
        15,
    ),
    "STFT": ("float[2,18,1] x, float[8] w", "STFT (x, <step>, w)", 17),
    "STFT of complex numbers": ("float[1,18,2] x, float[8] w", "STFT <onesided=0> (x, <step>, w)", 17),
    "Col2Im": (
        "float[2,12,12] x",
        "Col2Im <strides=[1, 2], dilations=[2, 1], pads=[1, 0, 0, 1]> (x, <image>, <block>)",
        18,
    ),
    "CumProd": ("float[3,4] x, int64 axis", "CumProd <exclusive=1, reverse=1> (x, axis)", 26),
}
WHOLE = {"axes": [1], "k": [3], "i": [0, 2, -1, 3], "depth": 4, "places": [[1, 0, 4]], "labels": [4, 0, 2], "axis": 1}
WHOLE |= {"sizes": [1, 2, 5, 3]}


HELD = {"step": "int64 {5}", "image": "int64[2] {5, 6}", "block": "int64[2] {2, 3}"}
"""Constants, written <name>."""


def parsed(inputs, body, opset):
    """Return the model of the nodes `body`, which make "y" of unknown shape from `inputs`, and random feeds."""
    for name, held in HELD.items():
        if f"<{name}>" in body:
            body = f"{name} = Constant <value = {held}> () {body.replace(f'<{name}>', name)}"
    model = parser.parse_model(f'<ir_version: 10, opset_import: ["": {opset}]> g ({inputs}) => (float y) {{ {body} }}')
    model.graph.output[0].type.CopyFrom(helper.make_tensor_type_proto(TensorProto.FLOAT, None))
    feeds = {}
    for place, value in enumerate(model.graph.input):
        shape = [dim.dim_value or 2 for dim in value.type.tensor_type.shape.dim]
        given = WHOLE.get(value.name)
        feeds[value.name] = numbers(*shape, seed=place) if given is None else np.array(given)
    return model, feeds


@pytest.mark.parametrize("name", CASES)
def test_terms_and_derivative(name):
    inputs, call, opset = CASES[name]
    results = "y, places" if name == "TopK" else "y, m2, v2" if name.startswith("Batch") else "y"
    model, feeds = parsed(inputs, f"p = Abs (x) {results} = {call}" if "(p)" in call else f"{results} = {call}", opset)
    if name.startswith("Batch"):
        feeds["v"] = np.abs(feeds["v"])
    counts = whole(model, feeds)
    assert counts["terms right"] and counts["derivative right"] + counts["derivative at a kink"]


def test_what_is_inside_is_named_after_the_node_and_can_be_asked_in_turn():
    model, feeds = parsed("float[2,3] x", "y = ReduceL2 <axes=[1], keepdims=0> (x)", 13)
    model.graph.node[0].name = "norm"
    inside = Tapped(model).run(feeds)
    found = inside.terms("y", (1,))
    assert [(term.source, found.operators) for term in found.terms] == [("norm/reducesum", ("Sqrt",))]
    assert [term.source for term in inside.terms("norm/reducesum", (1,)).terms] == ["norm/mul"] * 3
    assert inside.terms("norm/mul", (1, 2)).terms[0].source == "x"
    assert found.engine == float(inside.tensors["y"][1])


def test_an_operator_inside_without_a_rule_is_named_with_what_it_is_inside_of():
    pool = "d = MaxRoiPool <pooled_shape = [1, 1]> (x, r) y = ReduceL2 (d)"
    model, _ = parsed("float[2,3,2,2] x, float[1,5] r", pool, 18)
    with pytest.raises(GradientError, match=r"^MaxRoiPool \(node 'd'\) has no gradient rule"):
        differentiate(model, "y", ["x"])


FUSED = {
    "FusedConv": (
        [("x", (1, 2, 5, 4)), ("w", (3, 2, 3, 3)), ("b", (3,)), ("z", (1, 3, 3, 2))],
        {"activation": "LeakyRelu", "activation_params": [0.2]},
    ),
    "FusedGemm": ([("x", (2, 3)), ("w", (4, 3)), ("b", (4,))], {"transB": 1, "activation": "Tanh"}),
    "FusedMatMul": ([("x", (2, 4, 3)), ("w", (2, 4, 5))], {"transA": 1, "alpha": 0.5}),
    "Gelu": ([("x", (2, 3))], {}),
    "BiasGelu": ([("x", (2, 3)), ("b", (3,))], {}),
    "FastGelu": ([("x", (2, 3)), ("b", (3,))], {}),
    "QuickGelu": ([("x", (2, 3))], {}),
    "SkipLayerNormalization": (
        [("x", (1, 2, 4)), ("skip", (1, 2, 4)), ("s", (4,)), ("b", (4,)), ("more", (4,))],
        {"epsilon": 1e-5},
    ),
    "SkipSimplifiedLayerNormalization": ([("x", (1, 2, 4)), ("skip", (1, 2, 4)), ("s", (4,))], {"epsilon": 1e-5}),
}


@pytest.mark.parametrize("name", FUSED)
def test_what_the_optimiser_fuses(name):
    """Two in a row, as ONNX infers no type of what such an operator makes."""
    inputs, attributes = FUSED[name]
    node = helper.make_node(name, [given for given, _ in inputs], ["h"], domain="com.microsoft", name="f", **attributes)
    then = [helper.make_node("Gelu", ["h"], ["g"], domain="com.microsoft"), helper.make_node("Softmax", ["g"], ["y"])]
    declared = [helper.make_tensor_value_info(given, TensorProto.FLOAT, shape) for given, shape in inputs]
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("com.microsoft", 1)]
    model = helper.make_model(helper.make_graph([node, *then], "g", declared, [y]), opset_imports=opsets, ir_version=10)
    counts = whole(model, {given: numbers(*shape, seed=place) for place, (given, shape) in enumerate(inputs)})
    assert counts["derivative right"] == len(inputs)


@pytest.mark.parametrize("operator", ["QLinearConv", "QLinearMatMul"])
def test_a_product_of_whole_numbers_has_the_estimate_of_the_same_product_between_quantisers(operator):
    conv = operator == "QLinearConv"
    x, w = ("float[1,2,5,5]", "int8[3,2,3,3]") if conv else ("float[4,5]", "int8[5,3]")
    rng = np.random.default_rng(0)
    shape = (3, 2, 3, 3) if conv else (5, 3)
    kernel = ", ".join(map(str, rng.integers(-50, 50, shape).ravel()))
    constants = f"<float a = {{0.02}}, uint8 z = {{128}}, float b = {{0.01}}, int8 o = {{0}}, {w} w = {{{kernel}}}>"
    between = f"""f = DequantizeLinear (q, a, z) k = DequantizeLinear (w, b, o) p = {operator[7:]} (f, k)
        r = QuantizeLinear (p, a, z)"""
    gradients = []
    for body in (f"r = {operator} (q, a, z, w, b, o, a, z)", between):
        text = f"""<ir_version: 10, opset_import: ["": 18]> g ({x} x) => (float y) {constants} {{
            q = QuantizeLinear (x, a, z) {body} y = DequantizeLinear (r, a, z) }}"""
        model = parser.parse_model(text)
        model.graph.output[0].type.CopyFrom(helper.make_tensor_type_proto(TensorProto.FLOAT, None))
        feeds = {"x": numbers(1, 2, 5, 5) if conv else numbers(4, 5)}
        (y,) = run(model, feeds)
        derivative = differentiate(model, "y", ["x"])
        gradients.append(run(derivative, feeds | {"grad_y": numbers(*y.shape, seed=1)})[0])
    np.testing.assert_allclose(*gradients, rtol=1e-5, atol=1e-6)
    assert np.abs(gradients[0]).max() > 0.1


@pytest.mark.parametrize("backwards", [False, True])
def test_a_scan_is_unrolled(backwards):
    """s = tanh(s w + x_t), with each step's s along axis 1 of y."""
    direction = "scan_input_directions = [1], scan_output_directions = [1]," if backwards else ""
    text = f"""<ir_version: 10, opset_import: ["": 18]> g (float[2] s, float[3,2] x, float[2] w) => (float y) {{
        last, y = Scan <num_scan_inputs = 1, {direction} scan_output_axes = [1],
            body = step (float[2] now, float[2] cell) => (float[2] next, float[2] seen) {{
                m = Mul (now, w) t = Add (m, cell) next = Tanh (t) seen = Mul (next, next) }}> (s, x) }}"""
    model = parser.parse_model(text)
    model.graph.output[0].type.CopyFrom(helper.make_tensor_type_proto(TensorProto.FLOAT, None))
    feeds = {"s": numbers(2), "x": numbers(3, 2, seed=1), "w": numbers(2, seed=2)}
    counts = whole(model, feeds)
    assert counts["derivative right"] == 3 and counts["terms right"] >= 6


def test_a_loop_too_long_to_unroll_is_refused_by_name():
    text = """<ir_version: 10, opset_import: ["": 18]> g (float[2] x) => (float[2] y) {
        n = Constant <value_int = 100000> () t = Constant <value = bool {1}> ()
        y = Loop <body = step (int64 i, bool c, float[2] s) => (bool c2, float[2] s2) {
            c2 = Identity (c) s2 = Mul (s, s) }> (n, t, x) }"""
    model = parser.parse_model(text)
    with pytest.raises(GradientError, match=r"^Loop \(node 'y'\) has no gradient rule"):
        differentiate(model, "y", ["x"])
