"""What can be told of the shapes of a model's tensors without running it."""

import numpy as np
import pytest
from onnx import ModelProto, checker, helper, parser, shape_inference

from glassbox.engine.session import Session
from glassbox.graph.gradient import differentiate
from glassbox.graph.shapes import declared, described, inferred, shape_of, skeleton
from glassbox.graph.taps import tap
from tests.models import graph


@pytest.mark.parametrize(
    ("made", "sizes", "shape"),
    [
        ("inner = Reshape (x, whole)", [6, 4], (6, 4)),
        ("inner = ConstantOfShape (whole)", [5, 7], (5, 7)),
        ("inner = ReduceSum (x, whole)", [0, 2], (1, 3, 1)),
        ("inner = ReduceSum <keepdims = 0> (x, whole)", [0, 2], (3,)),
        ("inner, other = Split (x, whole)", [2, 0], (2, 3, 4)),
    ],
)
def test_the_number_of_axes_is_told_where_sizes_or_axes_are_computed(
    made: str, sizes: list[int], shape: tuple[int, ...]
) -> None:
    """Without it a tapped model is no valid one: the standard wants the number of axes of each output."""
    axes = ", ".join("?" * len(shape))
    model = parser.parse_model(f"""
        <ir_version: 9, opset_import: ["" : 18]>
        told (float[2, 3, 4] x, float[2] sizes) => (float[{axes}] y) {{
            whole = Cast <to = 7> (sizes)
            {made}
            y = Relu (inner)
        }}""")
    tapped = tap(model)
    checker.check_model(tapped, full_check=True)
    assert len(shape_of(declared(tapped)["inner"].type) or ()) == len(shape)
    feeds = {"x": np.ones((2, 3, 4), np.float32), "sizes": np.float32(sizes)}
    assert Session(tapped.SerializeToString()).run(feeds).outputs["inner"].shape == shape


def test_a_shape_that_is_known_stays_as_it_is() -> None:
    model = graph([helper.make_node("Reshape", ["x", "s"], ["y"])], {"x": [2, 3]}, ["y"], {"s": np.array([3, 2])})
    assert shape_of(declared(inferred(model))["y"].type) == (3, 2)


@pytest.mark.parametrize("nested", [False, True])
def test_a_list_that_doubles_is_not_computed(nested: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forty Concats of a list with itself have more numbers than any memory holds; its length is told all the same."""
    asked, infer = [], shape_inference.infer_shapes

    def listening(model: ModelProto, **how: bool) -> ModelProto:
        asked.append(how.get("data_prop"))
        return infer(model, **how)

    monkeypatch.setattr(shape_inference, "infer_shapes", listening)
    doubling = [helper.make_node("Concat", [f"s{n}", f"s{n}"], [f"s{n + 1}"], axis=0) for n in range(24)]
    sizes = helper.make_node("Shape", ["x"], ["s0"])
    if nested:
        opset = [helper.make_opsetid("", 18)]
        body = helper.make_function("own", "Double", ["s0"], ["s24"], doubling, opset)
        model = graph([sizes, helper.make_node("Identity", ["s0"], ["y"])], {"x": [2, 3]}, [])
        model.functions.append(body)
        model.opset_import.append(helper.make_opsetid("own", 1))
        model.graph.node[1].CopyFrom(helper.make_node("Double", ["s0"], ["y"], domain="own"))
        asked.clear()
        described(model)
    else:
        model = graph([sizes, *doubling[:10]], {"x": [2, 3]}, [])
        asked.clear()
        assert shape_of(described(model)["s10"].type) == (2048,)
        assert asked.pop() is True
        model.graph.node.extend(doubling[10:])
        assert shape_of(described(model)["s24"].type) == (2 << 24,)
    assert asked == [False]


def test_an_output_that_is_declared_with_other_axes_has_those_that_it_has() -> None:
    """A reader of captchas in use declares (1, length) of what has three axes; ONNX Runtime warns, and runs it."""
    weights = {"w": np.eye(3, dtype=np.float32)}
    made = graph([helper.make_node("MatMul", ["x", "w"], ["y"])], {"x": ["steps", 1, 3]}, ["y"], weights)
    made.graph.output[0].CopyFrom(helper.make_tensor_value_info("y", 1, [1, "length"]))
    assert shape_of(described(made)["y"].type) == ("steps", 1, 3)
    derivative = Session(differentiate(made, "y", ["x"]).SerializeToString())
    cotangent = np.arange(6, dtype=np.float32).reshape(2, 1, 3)
    feeds = {name: value for name, value in {"x": cotangent, "grad_y": cotangent}.items() if name in derivative.inputs}
    np.testing.assert_array_equal(derivative.run(feeds).outputs["grad_x"], cotangent)


def test_what_is_said_of_an_output_counts_where_nothing_else_tells_it() -> None:
    made = graph([helper.make_node("Relu", ["x"], ["y"])], {"x": ["n", 3]}, ["y"])
    made.graph.output[0].CopyFrom(helper.make_tensor_value_info("y", 1, ["rows", 3]))
    assert shape_of(described(made)["y"].type) == ("rows", 3)
    made.graph.node[0].domain = "elsewhere"
    assert shape_of(described(made)["y"].type) == ("rows", 3)


def test_shapes_are_told_without_the_numbers_of_large_weights() -> None:
    """A large file costs no more to look at than a small one."""
    weights = {"w": np.ones((64, 128), np.float32), "shape": np.array([2, 4, 32])}
    nodes = [helper.make_node("MatMul", ["x", "w"], ["m"]), helper.make_node("Reshape", ["m", "shape"], ["y"])]
    model = graph(nodes, {"x": [2, 64]}, ["y"], weights)
    assert skeleton(model).ByteSize() < 1000 < model.ByteSize()
    told = described(model)
    assert {name: shape_of(told[name].type) for name in ("w", "m", "y")} == {
        "w": (64, 128),
        "m": (2, 128),
        "y": (2, 4, 32),
    }
    whole = inferred(model)
    assert [weight.name for weight in whole.graph.initializer] == ["w", "shape"]
    checker.check_model(whole, full_check=True)
