"""Operators of com.microsoft written out: attention and embeddings against differences, those on whole numbers against
the same operators between quantisers."""

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from glassbox.graph.gradient import differentiate
from glassbox.graph.node import GradientError
from tests.gradients import run
from tests.graph.test_written_out import numbers, whole

MICROSOFT = "com.microsoft"


def model(nodes, feeds, held=None):
    """A model of `nodes` that gives y: `feeds` are its inputs, `held` its constants."""
    types = {name: helper.np_dtype_to_tensor_dtype(array.dtype) for name, array in feeds.items()}
    given = [helper.make_tensor_value_info(name, types[name], array.shape) for name, array in feeds.items()]
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
    weights = [numpy_helper.from_array(np.asarray(array), name) for name, array in (held or {}).items()]
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid(MICROSOFT, 1)]
    return helper.make_model(helper.make_graph(nodes, "g", given, [y], weights), opset_imports=opsets, ir_version=10)


def floats(**shapes):
    return {name: numbers(*shape, seed=place) for place, (name, shape) in enumerate(shapes.items())}


PROJECTED = floats(x=(2, 3, 8), w=(8, 24), b=(24,))
APART = floats(x=(2, 3, 8), k=(2, 4, 8), v=(2, 4, 12), b=(28,))
EARLIER = floats(past=(2, 2, 2, 2, 4))
SHOWN = np.array([[1, 1, 0], [1, 1, 1]], np.int32)
ATTENTION = {
    "alone": ("Attention", PROJECTED, "x w b", {}),
    "causal": ("Attention", PROJECTED, "x w b", {"unidirectional": 1}),
    "with a mask": ("Attention", PROJECTED | {"m": SHOWN}, "x w b m", {}),
    "with counts": ("Attention", PROJECTED | {"m": np.array([2, 3], np.int32)}, "x w b m", {"scale": 0.5}),
    "with an addition": ("Attention", PROJECTED | floats(a=(2, 2, 3, 3)), "x w b _ _ a", {}),
    "of values of another width": (
        "Attention",
        floats(x=(2, 3, 8), w=(8, 20), b=(20,)),
        "x w b",
        {"qkv_hidden_sizes": [8, 8, 4]},
    ),
    "with a mask of pairs": ("Attention", PROJECTED | {"m": np.tril(np.ones((2, 3, 3), np.int32))}, "x w b m", {}),
    "of a past": ("Attention", PROJECTED | EARLIER, "x w b _ past", {"unidirectional": 1}),
    "of other keys and a past": (
        "MultiHeadAttention",
        floats(x=(2, 3, 8), k=(2, 3, 8), v=(2, 3, 8), b=(24,), pk=(2, 2, 2, 4), pv=(2, 2, 2, 4)),
        "x k v b _ _ pk pv",
        {"unidirectional": 1},
    ),
    "of other keys": ("MultiHeadAttention", APART, "x k v b", {}),
    "of other keys without a bias": ("MultiHeadAttention", floats(x=(1, 3, 8), k=(1, 4, 8), v=(1, 4, 8)), "x k v", {}),
    "of other keys with a mask": (
        "MultiHeadAttention",
        APART | {"m": np.array([[1, 1, 0, 1], [1, 0, 1, 1]], np.int32)},
        "x k v b m",
        {},
    ),
}


@pytest.mark.parametrize("name", ATTENTION)
def test_attention(name):
    operator, feeds, inputs, attributes = ATTENTION[name]
    given = ["" if one == "_" else one for one in inputs.split()]
    present = [] if "past" not in name else ["p"] if operator == "Attention" else ["p", "further"]
    node = helper.make_node(operator, given, ["h", *present], domain=MICROSOFT, name="f", num_heads=2, **attributes)
    nodes = [node, helper.make_node("Gelu", ["h"], ["y"], domain=MICROSOFT)]
    if present:  # the keys and values that are kept count too
        nodes[1].output[0] = "g"
        nodes += [helper.make_node("ReduceSum", ["p"], ["s"], keepdims=0), helper.make_node("Add", ["g", "s"], ["y"])]
    made = model(nodes, feeds)
    counts = whole(made, feeds)
    assert counts["derivative right"] == sum(array.dtype.kind == "f" for array in feeds.values())


QUANTISED = {"words": (7, 4), "places": (5, 4), "kinds": (2, 4), "s": (4,), "b": (4,)}


@pytest.mark.parametrize("masked", [False, True])
def test_embeddings(masked):
    feeds = floats(words=(7, 4), places=(5, 4), kinds=(2, 4), s=(4,), b=(4,))
    feeds |= {"ids": np.array([[1, 6, 2]], np.int32), "segments": np.array([[0, 0, 1]], np.int32)}
    feeds |= {"m": np.array([[1, 1, 0]], np.int32)} if masked else {}
    given = ["ids", "segments", "words", "places", "kinds", "s", "b", *(["m"] if masked else [])]
    node = helper.make_node("EmbedLayerNormalization", given, ["h", "count"], domain=MICROSOFT, name="f", epsilon=1e-5)
    made = model([node, helper.make_node("Gelu", ["h"], ["y"], domain=MICROSOFT)], feeds)
    assert whole(made, feeds)["derivative right"] == 5


def test_embeddings_of_whole_numbers_have_the_gradient_of_what_these_stand_for():
    """By the scale of the words, say: the sum of dy times the words less the zero point."""
    rng = np.random.default_rng(0)
    whole_numbers = {name: rng.integers(0, 255, shape).astype(np.uint8) for name, shape in QUANTISED.items()}
    scales = {f"{name}_scale": np.float32(0.01 * place) for place, name in enumerate(QUANTISED, 1)}
    zeros = {f"{name}_zero": np.uint8(100 + place) for place, name in enumerate(QUANTISED)}
    feeds = {"ids": np.array([[1, 6, 2]], np.int32), "segments": np.array([[0, 0, 1]], np.int32)}
    feeds["words_scale"] = np.array(scales.pop("words_scale"))
    given = ["ids", "segments", *QUANTISED, "", "words_scale", *scales, *zeros]
    node = helper.make_node("QEmbedLayerNormalization", given, ["h", "count"], domain=MICROSOFT, epsilon=1e-5)
    held = whole_numbers | scales | zeros
    made = model([node, helper.make_node("Gelu", ["h"], ["y"], domain=MICROSOFT)], feeds, held)
    assert whole(made, feeds)["derivative right"] == 1


def test_attention_with_places_of_its_own_is_refused_by_name():
    node = helper.make_node("Attention", ["x", "w", "b"], ["y"], domain=MICROSOFT, name="f", num_heads=2, do_rotary=1)
    with pytest.raises(GradientError, match=r"Attention \(node 'f'\) has no gradient rule"):
        differentiate(model([node], PROJECTED), "y", ["x"])


FURTHER = {
    "ExpandDims": (floats(x=(2, 3)) | {"axis": np.array(-1, np.int32)}, "x axis", {}),
    "GatherND": (floats(x=(3, 4)) | {"i": np.array([[2], [0], [2]], np.int32)}, "x i", {}),
    "GridSample": (floats(x=(1, 2, 4, 5), at=(1, 3, 2, 2)), "x at", {"padding_mode": "border"}),
    "Pad": (floats(x=(2, 3), fill=(1,)) | {"p": np.array([0, 1, 1, 0])}, "x p fill", {"mode": "constant"}),
    "TransposeMatMul": (floats(x=(2, 4, 3), w=(2, 5, 4)), "x w", {"transA": 1, "transB": 1, "alpha": 0.5}),
    "Trilu": (floats(x=(3, 4)) | {"k": np.array(1)}, "x k", {"upper": 1}),
}


@pytest.mark.parametrize("operator", FURTHER)
def test_further_operators(operator):
    feeds, inputs, attributes = FURTHER[operator]
    node = helper.make_node(operator, inputs.split(), ["h"], domain=MICROSOFT, name="f", **attributes)
    made = model([node, helper.make_node("Gelu", ["h"], ["y"], domain=MICROSOFT)], feeds)
    assert whole(made, feeds)["derivative right"] == sum(array.dtype.kind == "f" for array in feeds.values())


A, Z, W = np.float32(0.03), np.uint8(128), np.float32(0.01)
MATRIX = np.random.default_rng(3).integers(-50, 50, (4, 3)).astype(np.int8)
HELD = {
    "a": A,
    "z": Z,
    "w": W,
    "which": np.eye(4, dtype=bool),
    "o": np.int8(0),
    "few": np.array([5, -7, 9], np.int32),
    "m": MATRIX,
    "c": np.float32([0.5, 1, 2]) * W,
}
X, IMAGE = (4, 4), (1, 3, 4, 4)
"""operator: (shape of x, its inputs, attributes, what is the same between quantisers: f of x, and k of the matrix)"""
WHOLE = {
    "QLinearAdd": (X, "q a z q a z a z", {}, [("Add", "f f")]),
    "QLinearMul": (X, "q a z q a z a z", {}, [("Mul", "f f")]),
    "QLinearWhere": (X, "which q a z q a z a z", {}, [("Where", "which f f")]),
    "QLinearSigmoid": (X, "q a z a z", {}, [("Sigmoid", "f")]),
    "QLinearLeakyRelu": (X, "q a z a z", {"alpha": 0.2}, [("LeakyRelu", "f")]),
    "QLinearSoftmax": (X, "q a z a z", {"opset": 13, "axis": -1}, [("Softmax", "f")]),
    "QLinearGlobalAveragePool": (IMAGE, "q a z a z", {"channels_last": 0}, [("GlobalAveragePool", "f")]),
    "QLinearAveragePool": (IMAGE, "q a z a z", {"kernel_shape": [2, 2]}, [("AveragePool", "f")]),
    "QLinearConcat": (X, "a z q a z q a z", {"axis": 1}, [("Concat", "f f")]),
    "QGemm": (X, "q a z m w o _ a z", {}, [("Gemm", "f k")]),
}


@pytest.mark.parametrize("operator", WHOLE)
def test_whole_numbers_have_the_estimate_of_the_same_operator_between_quantisers(operator):
    shape, inputs, attributes, same = WHOLE[operator]
    node = helper.make_node
    given = ["" if one == "_" else one for one in inputs.split()]
    fused = [node(operator, given, ["r"], domain=MICROSOFT, name="op", **attributes)]
    plain = {name: value for name, value in attributes.items() if name not in ("channels_last", "opset")}
    apart = [node("DequantizeLinear", ["q", "a", "z"], ["f"]), node("DequantizeLinear", ["m", "w", "o"], ["k"])]
    apart += [node(kind, reads.split(), ["p"], **plain) for kind, reads in same]
    apart += [node("QuantizeLinear", ["p", "a", "z"], ["r"])]
    feeds = {"x": numbers(*shape)}
    gradients, outputs = [], []
    for body in (fused, apart):
        ends = (node("QuantizeLinear", ["x", "a", "z"], ["q"]), node("DequantizeLinear", ["r", "a", "z"], ["y"]))
        made = model([ends[0], *body, ends[1]], feeds, HELD)
        outputs += run(made, feeds)
        derivative = differentiate(made, "y", ["x"])
        gradients += run(derivative, feeds | {"grad_y": numbers(*outputs[0].shape, seed=1)})
        assert not whole(made, feeds)["terms wrong"]
    np.testing.assert_allclose(*outputs, atol=1.01 * A)  # the engine's own kernel may round a half the other way
    np.testing.assert_allclose(*gradients, rtol=1e-5, atol=1e-6)
    assert np.abs(gradients[0]).max() > 1e-3


@pytest.mark.parametrize("columns", [False, True])
def test_products_with_whole_numbers_have_the_gradient_of_the_weights_that_these_stand_for(columns):
    """All ways to write x (M s), x quantised as it runs: the estimate is dy (M s)', but where the range of x ends."""
    feeds = {"x": numbers(5, 4)}
    scale = "c" if columns else "w"
    dynamic = helper.make_node("DynamicQuantizeLinear", ["x"], ["q", "t", "u"])
    ways = {
        "standard": [
            dynamic,
            helper.make_node("MatMulInteger", ["q", "m", "u"], ["n"]),
            helper.make_node("Cast", ["n"], ["l"], to=TensorProto.FLOAT),
            helper.make_node("Mul", ["t", scale], ["ts"]),
            helper.make_node("Mul", ["l", "ts"], ["y"]),
        ],
        "standard, with a bias": [
            dynamic,
            helper.make_node("MatMulInteger", ["q", "m", "u"], ["n"]),
            helper.make_node("Add", ["n", "few"], ["p"]),  # in whole numbers, as for a convolution
            helper.make_node("Cast", ["p"], ["l"], to=TensorProto.FLOAT),
            helper.make_node("Mul", ["t", scale], ["ts"]),
            helper.make_node("Mul", ["l", "ts"], ["y"]),
        ],
        "MatMulIntegerToFloat": [
            dynamic,
            helper.make_node("MatMulIntegerToFloat", ["q", "m", "t", scale, "u"], ["y"], domain=MICROSOFT),
        ],
        "DynamicQuantizeMatMul": [
            helper.make_node("DynamicQuantizeMatMul", ["x", "m", scale], ["y"], domain=MICROSOFT)
        ],
    }
    weights = MATRIX * HELD[scale]
    dy = numbers(5, 3, seed=1)
    for name, nodes in ways.items():
        made = model(nodes, feeds, HELD)
        np.testing.assert_allclose(run(made, feeds)[0], feeds["x"] @ weights, atol=0.1, err_msg=name)
        derivative = differentiate(made, "y", ["x"])
        (found,) = run(derivative, feeds | {"grad_y": dy})
        ends = (feeds["x"] == feeds["x"].min()) | (feeds["x"] == feeds["x"].max())  # which make the scale too
        np.testing.assert_allclose(found[~ends], (dy @ weights.T)[~ends], rtol=1e-4, atol=1e-5, err_msg=name)
        assert not whole(made, feeds)["terms wrong"]


def test_a_convolution_of_whole_numbers_has_the_gradient_of_the_kernel_that_these_stand_for():
    rng = np.random.default_rng(0)
    held = HELD | {"k": rng.integers(0, 255, (3, 2, 3, 3)).astype(np.uint8), "e": np.uint8(120)}
    feeds = {"x": numbers(1, 2, 5, 5)}
    nodes = [
        helper.make_node("QuantizeLinear", ["x", "a", "z"], ["q"]),
        helper.make_node("ConvInteger", ["q", "k", "z", "e"], ["n"], pads=[1, 1, 1, 1]),
        helper.make_node("Cast", ["n"], ["l"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["l", "a"], ["y"]),
    ]
    made = model(nodes, feeds, held)
    kernel = held["k"].astype(np.float32) - held["e"]
    plain = model([helper.make_node("Conv", ["x", "kernel"], ["y"], pads=[1] * 4)], feeds, {"kernel": kernel})
    dy = {"grad_y": numbers(1, 3, 5, 5, seed=1)}
    found, expected = (run(differentiate(one, "y", ["x"]), feeds | dy)[0] for one in (made, plain))
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-3)
    assert whole(made, feeds)["terms right"] > 1


@pytest.mark.parametrize("operator", ["QuantizeLinear", "DequantizeLinear"])
def test_quantisers_of_their_own_domain_have_the_estimate_of_the_standard_ones(operator):
    feeds, found = {"x": numbers(4, 4)}, []
    for domain in (MICROSOFT, ""):
        own = {"QuantizeLinear": "", "DequantizeLinear": ""} | {operator: domain}
        nodes = [
            helper.make_node("QuantizeLinear", ["x", "a", "z"], ["q"], domain=own["QuantizeLinear"]),
            helper.make_node("DequantizeLinear", ["q", "a", "z"], ["y"], domain=own["DequantizeLinear"]),
        ]
        made = model(nodes, feeds, HELD)
        found += [*run(made, feeds), *run(differentiate(made, "y", ["x"]), feeds | {"grad_y": numbers(4, 4, seed=1)})]
        assert not whole(made, feeds)["terms wrong"]
    np.testing.assert_array_equal(found[:2], found[2:])
    assert np.abs(found[1]).max() > 0.1


@pytest.mark.parametrize("past", [False, True])
def test_attention_of_whole_numbers_has_the_estimate_of_the_same_attention_behind_dequantisers(past):
    rng = np.random.default_rng(0)
    held = HELD | {"M": rng.integers(-90, 90, (8, 24)).astype(np.int8), "b": numbers(24), "n": SHOWN}
    feeds = floats(x=(2, 3, 8)) | (EARLIER if past else {})
    whole_numbers, apart = ("q M b a w _ z o past", "f k b _ past") if past else ("q M b a w n z o", "f k b n")
    outputs = ["y", "present"] if past else ["y"]
    calls = {"num_heads": 2, "unidirectional": int(past), "domain": MICROSOFT}
    found = []
    for operator, inputs in (("QAttention", whole_numbers), ("Attention", apart)):
        given = ["" if one == "_" else one for one in inputs.split()]
        nodes = [
            helper.make_node("QuantizeLinear", ["x", "a", "z"], ["q"]),
            helper.make_node("DequantizeLinear", ["q", "a", "z"], ["f"]),
            helper.make_node("DequantizeLinear", ["M", "w", "o"], ["k"]),
            helper.make_node(operator, given, outputs, **calls),
        ]
        made = model(nodes, feeds, held)
        derivative = differentiate(made, "y", ["x"])
        found.append([run(made, feeds)[0], *run(derivative, feeds | {"grad_y": numbers(2, 3, 8, seed=1)})])
        assert not whole(made, feeds)["terms wrong"]
    np.testing.assert_allclose(found[0][0], found[1][0], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(found[0][1], found[1][1], rtol=1e-4, atol=1e-6)
    assert np.abs(found[0][1]).max() > 1e-3
