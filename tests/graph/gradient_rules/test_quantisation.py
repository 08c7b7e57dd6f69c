"""Straight-through estimates against their definition, by hand, and against the float networks they stand for."""

import numpy as np
import pytest
from onnx import TensorProto, helper, parser

from glassbox.digits.reference_set import reference_set
from glassbox.engine.session import Session
from glassbox.graph.gradient import differentiate
from glassbox.paths import MODELS
from tests.gradients import graph, run


def quantised(x, scale, zero, dy, wrt="x s", axis=1, opset=21, between=()):
    """The gradients of y = dequantise(quantise(x)); `between`: nodes from q to r, in between."""
    nodes = [
        helper.make_node("QuantizeLinear", ["x", "s", "z"], ["q"], axis=axis),
        *between,
        helper.make_node("DequantizeLinear", ["r" if between else "q", "s", "z"], ["y"], axis=axis),
    ]
    feeds = {"x": x, "s": np.asarray(scale, x.dtype)}
    model = graph(nodes, feeds, {"z": zero}, {"y": np.ndim(dy)}, opset=opset)
    return run(differentiate(model, "y", wrt.split()), feeds | {"grad_y": np.asarray(dy, x.dtype)})


@pytest.mark.parametrize(
    ("kind", "low", "high"),
    [(np.int8, -128, 127), (np.uint8, 0, 255), (np.int16, -(2**15), 2**15 - 1), (np.uint16, 0, 2**16 - 1)],
)
@pytest.mark.parametrize("cells", [np.float32, np.float16])
def test_the_gradient_passes_where_the_type_can_hold_the_number(kind, low, high, cells):
    """Numbers are held at the ends of the type: there the output stands still, within it the rounding is overlooked.

    The scale's gradient is that of LSQ (Esser et al., 2020): round(x / s) - x / s within, the end of the type outside.
    """
    zero, s = 3, 0.5
    ends = np.array([low - zero, high - zero])
    ratio = np.array([ends[0] - 1, ends[0], -1.25, 0.75, ends[1], ends[1] + 1])
    if cells == np.float16 and high > 255:
        pytest.skip("float16 does not hold such numbers")
    dx, ds = quantised((ratio * s).astype(cells), s, np.array(zero, kind), [1, 2, 3, 4, 5, 6])
    assert dx.dtype == cells
    assert dx.tolist() == [0, 2, 3, 4, 5, 0]
    within = 2 * 0 + 3 * 0.25 + 4 * 0.25 + 5 * 0
    assert ds == pytest.approx(1 * ends[0] + within + 6 * ends[1], rel=1e-3)


def test_a_scale_for_each_channel():
    """x / s = 100 is held at 7 with zero point 120 of int8, in the channel whose scale is 0.01 alone."""
    x = np.full((2, 3, 2), 1, np.float32)
    dx, ds = quantised(x, [1, 0.01, 2], np.array([0, 120, 0], np.int8), np.ones_like(x))
    assert dx[:, :, 0].tolist() == [[1, 0, 1]] * 2
    assert ds == pytest.approx([0, 4 * 7, 4 * (0 - 0.5)])


@pytest.mark.parametrize("operator", ["Transpose", "Identity", "MaxPool"])
def test_whole_numbers_may_be_moved_on_the_way(operator):
    attributes = {"kernel_shape": [1, 2], "strides": [1, 2]} if operator == "MaxPool" else {}
    x = np.arange(16, dtype=np.float32).reshape(1, 1, 4, 4)
    y = x[..., 1::2] if operator == "MaxPool" else x.T if operator == "Transpose" else x
    dy = 1 + np.arange(y.size, dtype=np.float32).reshape(y.shape)
    node = helper.make_node(operator, ["q"], ["r"], **attributes)
    (dx,) = quantised(x, 1, np.array(0, np.uint8), dy, "x", between=[node])
    expected = np.zeros_like(x)
    if operator == "MaxPool":
        expected[..., 1::2] = dy
    else:
        expected = dy.T if operator == "Transpose" else dy
    assert dx.tolist() == expected.tolist()


@pytest.mark.parametrize(
    ("name", "kind", "least"),
    [
        ("mlp", "_int8_static", 0.99),
        ("cnn", "_int8_static", 0.9),
        ("rnn", "_int8_static", 0.9),
        ("mlp", "_int8_dynamic", 0.99),
        ("cnn", "_int8_dynamic", 0.9),
        ("rnn", "_int8_dynamic", 0.9),
    ],
)
def test_an_int8_network_has_about_the_gradient_of_its_float_network(name, kind, least):
    """That of a static one was 0 throughout, and nothing said so: an attack by it seemed to fail."""
    shape = (-1, 1, 28, 28) if name == "cnn" else (-1, 28, 28)
    pictures = (reference_set().pictures()[::10] / np.float32(1)).reshape(shape).astype(np.float32)
    cotangent = np.eye(10, dtype=np.float32)[np.arange(10)]
    grads = []
    for version in ("", kind):
        renamed = version == "_int8_static" and name != "mlp"
        score = "logits_DequantizeLinear_Output" if renamed else "logits"
        derivative = differentiate(MODELS / f"{name}{version}/1/model.onnx", score, ["picture"])
        feeds = {"picture": pictures, f"grad_{score}": cotangent}
        grads.append(Session(derivative.SerializeToString()).run(feeds).outputs["grad_picture"].ravel())
    cosine = grads[0] @ grads[1] / np.linalg.norm(grads[0]) / np.linalg.norm(grads[1])
    assert cosine > least


@pytest.mark.parametrize(
    ("middle", "named"),
    [
        ("r = BitwiseNot (q)", r"BitwiseNot \(node 'r'\) has no gradient rule"),
        ("r = Abs (q)", r"Abs \(node 'r'\) has no gradient rule for quantised numbers"),
        ("r = Relu (q)", r"Relu \(node 'r'\) has no gradient rule for quantised numbers"),
    ],
    ids=["BitwiseNot", "Abs", "Relu"],
)
def test_operators_that_compute_with_whole_numbers_are_named(middle, named):
    """Not 0 in silence."""
    model = parser.parse_model(f"""
        <ir_version: 9, opset_import: ["" : 18]>
        whole (float[2, 2] x) => (float[2, 2] y)
            <float s = {{0.1}}, int8 z = {{0}}> {{
            q = QuantizeLinear (x, s, z)
            {middle}
            y = DequantizeLinear (r, s, z)
        }}""")
    with pytest.raises(ValueError, match=named):
        differentiate(model, "y", ["x"])


def test_other_quantisation_is_refused_by_name():
    x = np.ones((2, 4), np.float32)
    nodes = [helper.make_node("QuantizeLinear", ["x", "s"], ["q"], output_dtype=TensorProto.FLOAT8E4M3FN)]
    nodes += [helper.make_node("DequantizeLinear", ["q", "s"], ["y"])]
    with pytest.raises(ValueError, match=r"QuantizeLinear \(node 'q'\) does not quantise to whole numbers"):
        differentiate(graph(nodes, {"x": x}, {"s": np.float32(1)}, {"y": 2}, opset=21), "y", ["x"])
    for node in nodes:
        node.attribute.append(helper.make_attribute("block_size", 2))
    nodes[0].attribute.remove(nodes[0].attribute[0])
    blocks = graph(nodes, {"x": x}, {"s": np.ones((2, 2), np.float32)}, {"y": 2}, opset=21)
    with pytest.raises(ValueError, match=r"DequantizeLinear \(node 'y'\) has a scale for each block"):
        differentiate(blocks, "y", ["x"])
