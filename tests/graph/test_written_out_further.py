"""Rarer operators written out: terms and derivative against the engine and differences, as far as there are any."""

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from benchmarks.onnx_corpus import Found, check_derivatives
from glassbox.engine.session import Session
from glassbox.explain.terms.explain import Tapped, UnknownOperator
from glassbox.graph.gradient import differentiate
from glassbox.graph.node import GradientError
from tests.gradients import run
from tests.graph.test_written_out import numbers, whole
from tests.graph.test_written_out_fused import MICROSOFT, floats
from tests.graph.test_written_out_fused import model as fused

LEARNED = "ai.onnx.ml"


def model(operator, feeds, held, attributes, outputs, domain="", opset=22):
    """A model of one node, which reads the feeds and then what is held; its first output of floats is y."""
    names = ["" if array is None else name for name, array in (feeds | held).items()]
    types = {name: helper.np_dtype_to_tensor_dtype(array.dtype) for name, array in feeds.items()}
    given = [helper.make_tensor_value_info(name, types[name], array.shape) for name, array in feeds.items()]
    weights = [numpy_helper.from_array(array, name) for name, array in held.items() if array is not None]
    node = helper.make_node(operator, names, outputs, name="f", domain=domain, **attributes)
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
    opsets = [helper.make_opsetid("", opset), helper.make_opsetid(LEARNED, 3)]
    return helper.make_model(helper.make_graph([node], "g", given, [y], weights), opset_imports=opsets, ir_version=10)


PICTURE = floats(x=(2, 3, 6, 8))
MOVED = floats(x=(1, 4, 5, 6), w=(2, 2, 3, 2), o=(1, 24, 5, 3), b=(2,), m=(1, 12, 5, 3))
CASES = {
    "RoiAlign": (
        PICTURE | {"r": np.float32([[1.2, 0.7, 6.1, 4.9], [-1, 2, 3, 9], [0, 0, 7, 5]])},
        {"i": np.array([1, 0, 1])},
        {"output_height": 2, "output_width": 3, "sampling_ratio": 2, "spatial_scale": 0.9},
        16,
    ),
    "RoiAlign, as it was": (
        PICTURE | {"r": np.float32([[1.2, 0.7, 6.1, 4.9], [1, 2, 1.2, 2.1]])},
        {"i": np.array([1, 0])},
        {
            "output_height": 2,
            "output_width": 2,
            "sampling_ratio": 3,
            "coordinate_transformation_mode": "output_half_pixel",
        },
        16,
    ),
    "DeformConv": (MOVED, {}, {"strides": [1, 2], "pads": [1, 0, 1, 1], "group": 2, "offset_group": 2}, 22),
    "TensorScatter": (floats(x=(2, 2, 5, 3), u=(2, 2, 2, 3)), {"i": np.array([1, 3])}, {}, 24),
    "TensorScatter, circular": (
        floats(x=(2, 5, 3), u=(2, 2, 3)),
        {"i": np.array([4, 2])},
        {"mode": "circular", "axis": 1},
        24,
    ),
    "AffineGrid": (floats(x=(2, 2, 3)), {"size": np.array([2, 1, 3, 4])}, {}, 20),
    "AffineGrid, to the corners": (
        floats(x=(2, 3, 4)) | {"size": np.array([2, 1, 3, 4, 2])},
        {},
        {"align_corners": 1},
        20,
    ),
    "Upsample": (PICTURE, {"s": np.float32([1, 1, 2, 1.5])}, {"mode": "linear"}, 9),
    "Upsample to the nearest": (PICTURE, {"s": np.float32([1, 1, 2, 1.5])}, {}, 9),
    "Det": (floats(x=(2, 3, 3)), {}, {}, 22),
    "Resize, not larger": (
        PICTURE,
        {"roi": None, "scales": None, "sizes": np.array([5, 5])},
        {"axes": [2, 3], "keep_aspect_ratio_policy": "not_larger", "mode": "linear"},
        19,
    ),
    "Resize, not smaller": (
        PICTURE,
        {"roi": None, "scales": None, "sizes": np.array([9, 10])},
        {"axes": [2, 3], "keep_aspect_ratio_policy": "not_smaller", "mode": "cubic"},
        19,
    ),
    "Resize of a part": (
        PICTURE,
        {"roi": np.float32([0, 0, 0.2, 0.1, 1, 1, 0.7, 1.2]), "scales": None, "sizes": np.array([2, 3, 4, 5])},
        {"coordinate_transformation_mode": "tf_crop_and_resize", "mode": "linear", "extrapolation_value": 0.5},
        19,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_terms_and_derivative(name):
    feeds, held, attributes, opset = CASES[name]
    made = model(name.replace(",", "").split()[0], feeds, held, attributes, ["y"], opset=opset)
    counts = whole(made, feeds)
    by = counts["derivative right"] + counts["derivative at a kink"]
    assert counts["terms right"] and by == sum(array.dtype.kind == "f" for array in feeds.values())


@pytest.mark.parametrize("mode", ["linear", "nearest"])
@pytest.mark.parametrize("scale", [0.6, 1.5])
def test_resize_before_it_said_where_cells_lie(mode, scale):
    """ONNX's converter takes the newer default, which is another place."""
    made = model("Resize", PICTURE, {"s": np.float32([1, 1, scale, scale])}, {"mode": mode}, ["y"], opset=10)
    found = Found("test", "test")
    check_derivatives(found, made, PICTURE, Session(made.SerializeToString()).run(PICTURE).outputs)
    assert found.counts == {"derivative right": 1}, found.why


def test_resize_that_rounded_both_ways_is_refused_by_name():
    made = model("Resize", PICTURE, {"s": np.float32([1, 1, 0.5, 2])}, {}, ["y"], opset=10)
    with pytest.raises(GradientError, match=r"^Resize \(node .*\) rounds"):
        differentiate(made, "y", ["x"])


FOURIER = {
    "of real numbers": (1, {}),
    "of complex numbers": (2, {}),
    "half, of real numbers": (1, {"onesided": 1}),
    "inverse": (2, {"inverse": 1}),
    "inverse, of half": (2, {"inverse": 1, "onesided": 1}),
}


@pytest.mark.parametrize("name", FOURIER)
@pytest.mark.parametrize("length", [None, 7, 6, 3])
def test_a_fourier_transform_along_a_fed_axis(name, length):
    parts, attributes = FOURIER[name]
    shape = (2, 5, 4, parts)
    feeds = floats(x=shape)
    if length is None:
        node = helper.make_node("DFT", ["x", "", "axis"], ["y"], **attributes)
    else:
        node = helper.make_node("DFT", ["x", "length", "axis"], ["y"], **attributes)
    feeds["axis"] = np.array(1)
    made = fused([node], feeds, {} if length is None else {"length": np.array(length)})
    made.opset_import[0].version = 20
    if attributes == FOURIER["inverse, of half"][1] and length in (3, 7):  # the engine reads a frequency too many
        with pytest.raises(GradientError, match=r"DFT \(node 'y'\) has no gradient rule for an odd number"):
            differentiate(made, "y", ["x"])
        with pytest.raises(UnknownOperator, match="operator DFT of node 'y'"):
            Tapped(made).run(feeds).terms("y", (0, 0, 0, 0))
        return
    assert whole(made, feeds)["derivative right"] == 1


def packed(shape, seed=0):
    return np.random.default_rng(seed).integers(0, 256, shape).astype(np.uint8)


BITS = {
    "4 bits": ({"b": packed((6, 2, 16)), "s": numbers(6, 2, seed=1)}, {"bits": 4, "K": 40}),
    "4 bits with zero points": (
        {"b": packed((6, 3, 8)), "s": numbers(6, 3, seed=1), "z": packed((6, 2), 1)},
        {"bits": 4, "K": 48, "block_size": 16},
    ),
    "8 bits": ({"b": packed((6, 2, 32)), "s": numbers(6, 2, seed=1)}, {"bits": 8, "K": 64}),
}


@pytest.mark.parametrize("name", BITS)
def test_products_with_few_bits(name):
    held, attributes = BITS[name]
    feeds = floats(x=(2, 3, attributes["K"]))
    given = {"block_size": 32, "N": 6} | attributes
    node = helper.make_node("MatMulNBits", ["x", *held], ["h"], name="f", domain=MICROSOFT, **given)
    made = fused([node, helper.make_node("Gelu", ["h"], ["y"], domain=MICROSOFT)], feeds, held)
    assert whole(made, feeds)["derivative right"] == 1


@pytest.mark.parametrize("zero", [False, True])
def test_rows_of_few_bits(zero):
    held = {"d": packed((5, 16)), "i": np.array([[3, 0]]), "s": numbers(5, 2, seed=1)}
    held |= {"z": packed((5, 1), 1)} if zero else {}
    attributes = {"bits": 4, "block_size": 16, "gather_axis": 0, "quantize_axis": 1}
    feeds = floats(x=(1, 2, 32))
    node = helper.make_node("GatherBlockQuantized", list(held), ["h"], name="f", domain=MICROSOFT, **attributes)
    made = fused([node, helper.make_node("Mul", ["h", "x"], ["y"])], feeds, held)
    counts = whole(made, feeds)
    assert counts["derivative right"] == 1 and counts["terms right"] > 6


WEIGHTS = numbers(3, 4, seed=5).ravel().tolist()
LINEAR = {
    "Scaler": (["y"], {"offset": [0.5, 1, 0, 2], "scale": [1.0, 2, 3, -1]}),
    "Normalizer, L1": (["y"], {"norm": "L1"}),
    "Normalizer, L2": (["y"], {"norm": "L2"}),
    "Normalizer, MAX": (["y"], {"norm": "MAX"}),
    "LinearRegressor": (["y"], {"coefficients": WEIGHTS, "intercepts": [0.1, 0.2, -1], "targets": 3}),
    "LinearClassifier": (
        ["label", "y"],
        {"coefficients": WEIGHTS, "intercepts": [0.1, 0.2, -1], "classlabels_ints": [4, 5, 6]},
    ),
    "LinearClassifier, SOFTMAX": (
        ["label", "y"],
        {
            "coefficients": WEIGHTS,
            "intercepts": [0.1, 0.2, -1],
            "classlabels_strings": ["a", "b", "c"],
            "post_transform": "SOFTMAX",
        },
    ),
    "LinearClassifier, LOGISTIC": (
        ["label", "y"],
        {
            "coefficients": WEIGHTS[:8],
            "intercepts": [0.1, 0.2],
            "classlabels_ints": [0, 1],
            "post_transform": "LOGISTIC",
        },
    ),
    "ArrayFeatureExtractor": (["y"], {}),
    "Imputer": (["y"], {"imputed_value_floats": [1.0, 2, 3, 4], "replaced_value_float": float("nan")}),
    "FeatureVectorizer": (["y"], {"inputdimensions": [4, 2]}),
}


@pytest.mark.parametrize("name", LINEAR)
def test_linear_models(name):
    outputs, attributes = LINEAR[name]
    feeds = floats(x=(2, 4), z=(2, 2)) if name == "FeatureVectorizer" else floats(x=(2, 4))
    if name == "Imputer":
        feeds["x"][0, 1] = np.nan
    held = {"i": np.array([2, 0])} if name == "ArrayFeatureExtractor" else {}
    made = model(name.partition(",")[0], feeds, held, attributes, outputs, LEARNED)
    if name.startswith("Normalizer"):
        del made.opset_import[0]  # of a model without operators of the standard
    counts = whole(made, feeds)
    assert counts["terms right"] and counts["derivative right"] == len(feeds)


def test_trees_are_refused_and_it_is_said_why():
    attributes = {
        "nodes_treeids": [0, 0, 0],
        "nodes_nodeids": [0, 1, 2],
        "nodes_featureids": [0, 0, 0],
        "nodes_values": [0.0, 0, 0],
        "nodes_modes": ["BRANCH_LEQ", "LEAF", "LEAF"],
        "nodes_truenodeids": [1, 0, 0],
        "nodes_falsenodeids": [2, 0, 0],
        "target_treeids": [0, 0],
        "target_nodeids": [1, 2],
        "target_ids": [0, 0],
        "target_weights": [1.0, 2.0],
        "n_targets": 1,
    }
    made = model("TreeEnsembleRegressor", floats(x=(2, 4)), {}, attributes, ["y"], LEARNED)
    with pytest.raises(GradientError, match=r"TreeEnsembleRegressor \(node 'f'\) has no gradient rule: it is flat"):
        differentiate(made, "y", ["x"])


@pytest.mark.parametrize("columns", [False, True])
def test_an_lstm_of_whole_numbers_has_the_gradient_of_the_weights_that_these_stand_for(columns):
    """The engine's numbers are near those of the same LSTM in floats; their terms are refused by name."""
    rng = np.random.default_rng(0)
    feeds = {"x": numbers(3, 2, 4), "h": numbers(1, 2, 3, seed=1), "k": numbers(1, 2, 3, seed=2)}
    shape, zero = ((1, 12), 0) if columns else ((1,), 3)
    held = {name: rng.integers(-100, 100, (1, rows, 12)).astype(np.int8) for name, rows in (("W", 4), ("R", 3))}
    held |= {"b": numbers(1, 24)} | {f"{name}s": rng.uniform(0.005, 0.01, shape).astype(np.float32) for name in "WR"}
    held |= {f"{name}z": np.full(shape, zero, np.int8) for name in "WR"}
    plain = {name: (held[name] - np.float32(zero)) * held[f"{name}s"].reshape(1, 1, -1) for name in "WR"}
    plain = {name: np.ascontiguousarray(array.transpose(0, 2, 1)) for name, array in plain.items()}
    given = ["x", "W", "R", "b", "", "h", "k"]
    further = [*given, "", "Ws", "Wz", "Rs", "Rz"]
    whole_numbers = helper.make_node("DynamicQuantizeLSTM", further, ["y"], name="f", domain=MICROSOFT, hidden_size=3)
    floating = helper.make_node("LSTM", given, ["y"], hidden_size=3)
    dy, found = {"grad_y": numbers(3, 1, 2, 3, seed=5)}, []
    for nodes, constants in (([whole_numbers], held), ([floating], plain | {"b": held["b"]})):
        made = fused(nodes, feeds, constants)
        found.append([*run(made, feeds), *run(differentiate(made, "y", list(feeds)), feeds | dy)])
    np.testing.assert_allclose(found[0][0], found[1][0], atol=0.03)
    for one, other in zip(found[0][1:], found[1][1:], strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)
    with pytest.raises(UnknownOperator, match="DynamicQuantizeLSTM of node 'f'"):
        Tapped(fused([whole_numbers], feeds, held)).run(feeds).terms("y", (0, 0, 0, 0))
