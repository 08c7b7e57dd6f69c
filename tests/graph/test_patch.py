"""Patches: random small graphs against ONNX's reference on models edited by hand."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from onnx import ModelProto, TensorProto, checker, helper
from onnx.reference import ReferenceEvaluator

from glassbox.engine.session import Session
from glassbox.graph.model import read
from glassbox.graph.patch import with_patches
from glassbox.graph.taps import tap, tappable
from tests.models import cuts, graph

Arrays = Mapping[str, NDArray[Any]]
WIDTH = 3
some = settings(derandomize=True, deadline=None, max_examples=40)


@st.composite
def random_graphs(draw: st.DrawFn) -> ModelProto:
    """x (N, 3) -> y: up to eight nodes, each of which reads any tensors before it but x, which only the first reads."""
    names = ["t0"]
    nodes = [helper.make_node("Identity", ["x"], ["t0"])]
    for place in range(1, draw(st.integers(2, 8))):
        kind = draw(st.sampled_from(["Relu", "Tanh", "Neg", "Add", "Sub", "Max", "MatMul"]))
        count = 2 if kind in ("Add", "Sub", "Max") else 1
        reads = [draw(st.sampled_from(names)) for _ in range(count)] + ["w"] * (kind == "MatMul")
        names.append(f"t{place}")
        nodes.append(helper.make_node(kind, reads, [f"t{place}"]))
    nodes.append(helper.make_node("Add", [names[-1], draw(st.sampled_from(names))], ["y"]))
    weights = np.random.default_rng(draw(st.integers(0, 99))).standard_normal((WIDTH, WIDTH), np.float32)
    return graph(nodes, {"x": ["N", WIDTH]}, ["y"], {"w": weights})


def numbers(seed: int, rows: int = 2) -> NDArray[np.float32]:
    return np.random.default_rng(seed).standard_normal((rows, WIDTH), np.float32)


def computed(model: ModelProto) -> list[str]:
    """All that the nodes compute, in order."""
    return [name for node in model.graph.node for name in node.output]


def reference(model: ModelProto, feeds: Arrays) -> NDArray[Any]:
    (output,) = ReferenceEvaluator(model).run(["y"], dict(feeds))
    return np.asarray(output)


def fed_at(model: ModelProto, tensor: str) -> ModelProto:
    """`model` edited by hand: `tensor` is an input, and what computed it is gone."""
    edited = read(model)
    edited.graph.node.remove(next(node for node in edited.graph.node if tensor in node.output))
    edited.graph.input.append(helper.make_tensor_value_info(tensor, TensorProto.FLOAT, ["N", WIDTH]))
    return edited


@some
@given(random_graphs(), st.integers(0, 99))
def test_unfed_patches_of_all_tensors_change_nothing(model: ModelProto, seed: int) -> None:
    patched, _ = with_patches(model, computed(model))
    checker.check_model(patched, full_check=True)
    assert all(tappable(patched)[name].type == tappable(model)[name].type for name in computed(model))
    feeds = {"x": numbers(seed)}
    np.testing.assert_array_equal(reference(patched, feeds), reference(model, feeds))
    plain = Session(model.SerializeToString()).run(feeds).outputs["y"]
    np.testing.assert_allclose(
        Session(patched.SerializeToString()).run(feeds).outputs["y"], plain, rtol=1e-5, atol=1e-6
    )


@some
@given(random_graphs(), st.data(), st.integers(0, 99))
def test_replaced_tensor_is_that_of_a_model_that_is_fed_there(
    model: ModelProto, data: st.DataObject, seed: int
) -> None:
    tensor = data.draw(st.sampled_from(computed(model)[:-1]))
    patched, patches = with_patches(model, [tensor])
    session, edited, feeds = Session(patched.SerializeToString()), fed_at(model, tensor), {"x": numbers(seed)}
    for value in (np.zeros((2, WIDTH), np.float32), numbers(seed + 1)):
        expected = reference(edited, feeds | {tensor: value})
        patch = patches[tensor].replaced(value)
        np.testing.assert_array_equal(reference(patched, feeds | patch), expected)
        np.testing.assert_allclose(session.run(feeds | patch).outputs["y"], expected, rtol=1e-5, atol=1e-3)


@some
@given(random_graphs(), st.data(), st.integers(0, 99))
def test_part_of_a_tensor_is_replaced(model: ModelProto, data: st.DataObject, seed: int) -> None:
    tensor = data.draw(st.sampled_from(computed(model)[:-1]))
    where = np.array(data.draw(st.lists(st.booleans(), min_size=WIDTH, max_size=WIDTH)))
    patched, patches = with_patches(model, [tensor])
    feeds = {"x": numbers(seed)}
    (before,) = ReferenceEvaluator(tap(model, [tensor])).run([tensor], feeds)
    expected = reference(fed_at(model, tensor), feeds | {tensor: np.where(where, np.float32(7), before)})
    np.testing.assert_array_equal(reference(patched, feeds | patches[tensor].replaced(7, where)), expected)


@some
@given(random_graphs(), st.integers(0, 99))
def test_a_cut_from_another_run_gives_the_output_of_that_run(model: ModelProto, seed: int) -> None:
    patched, patches = with_patches(model, computed(model))
    other = ReferenceEvaluator(tap(model)).run(computed(model), {"x": numbers(seed + 1)})
    values = dict(zip(computed(model), other, strict=True))
    for tensors in cuts(model):
        feeds: dict[str, NDArray[Any]] = {"x": numbers(seed)}
        for name in tensors:
            feeds |= patches[name].replaced(values[name])
        np.testing.assert_array_equal(reference(patched, feeds), values["y"])


@some
@given(random_graphs(), st.data(), st.integers(0, 99), st.floats(-3, 3, width=16))
def test_steered_tensor_is_that_tensor_plus_the_dose(
    model: ModelProto, data: st.DataObject, seed: int, dose: float
) -> None:
    tensor = data.draw(st.sampled_from(computed(model)[:-1]))
    direction = numbers(seed + 1, 1)[0]
    patched, patches = with_patches(model, [tensor])
    feeds = {"x": numbers(seed)}
    (before,) = ReferenceEvaluator(tap(model, [tensor])).run([tensor], feeds)
    expected = reference(fed_at(model, tensor), feeds | {tensor: before + np.float32(dose) * direction})
    found = reference(patched, feeds | patches[tensor].steered(direction, dose))
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-3)
    np.testing.assert_array_equal(
        reference(patched, feeds | patches[tensor].steered(direction, 0)), reference(model, feeds)
    )


def test_steering_is_linear_in_the_dose_where_the_rest_is_linear() -> None:
    weights = {"a": numbers(1, WIDTH), "b": numbers(2, WIDTH)}
    nodes = [helper.make_node("MatMul", ["x", "a"], ["h"]), helper.make_node("MatMul", ["h", "b"], ["y"])]
    patched, patches = with_patches(graph(nodes, {"x": ["N", WIDTH]}, ["y"], weights), ["h"])
    session, x, direction = Session(patched.SerializeToString()), numbers(3), numbers(4, 1)[0]
    for dose in (-2.0, 0.5, 8.0):
        found = session.run({"x": x} | patches["h"].steered(direction, dose)).outputs["y"]
        np.testing.assert_allclose(found, x @ weights["a"] @ weights["b"] + dose * direction @ weights["b"], rtol=1e-5)


@pytest.mark.parametrize("kind", [TensorProto.FLOAT16, TensorProto.DOUBLE])
def test_other_precisions_keep_theirs(kind: int) -> None:
    dtype = helper.tensor_dtype_to_np_dtype(kind)
    nodes = [helper.make_node("Cast", ["x"], ["h"], to=kind), helper.make_node("Cast", ["h"], ["y"], to=1)]
    patched, patches = with_patches(graph(nodes, {"x": ["N", WIDTH]}, ["y"]), ["h"])
    feeds = {"x": numbers(0)}
    kept = feeds["x"].astype(dtype).astype(np.float32)
    np.testing.assert_array_equal(reference(patched, feeds), kept)
    feeds |= patches["h"].replaced(0.1, [True, False, False])
    assert feeds[patches["h"].value].dtype == dtype
    kept[:, 0] = dtype.type(0.1)
    np.testing.assert_array_equal(reference(patched, feeds), kept)
    found = Session(patched.SerializeToString()).run(feeds).outputs["y"]
    np.testing.assert_allclose(found, kept, rtol=1e-3)  # ONNX Runtime's CPU computes float16 in float32


def test_infinities_are_replaced_too() -> None:
    nodes = [helper.make_node("Log", ["x"], ["h"]), helper.make_node("Neg", ["h"], ["y"])]
    patched, patches = with_patches(graph(nodes, {"x": ["N", WIDTH]}, ["y"]), ["h"])
    session, x = Session(patched.SerializeToString()), np.array([[0, -1, 1]], np.float32)
    np.testing.assert_array_equal(session.run({"x": x}).outputs["y"], [[np.inf, np.nan, 0]])
    np.testing.assert_array_equal(session.run({"x": x} | patches["h"].replaced(2)).outputs["y"], [[-2, -2, -2]])


def branching() -> ModelProto:
    """h = -x; y = h + inner where inner = 2 h, in a branch that reads h from around it."""
    inner = helper.make_node("Add", ["h", "h"], ["inner"])
    body = helper.make_graph([inner], "body", [], [helper.make_tensor_value_info("inner", 1, ["N", WIDTH])])
    nodes = [
        helper.make_node("Neg", ["x"], ["h"]),
        helper.make_node("If", ["yes"], ["picked"], then_branch=body, else_branch=body),
        helper.make_node("Add", ["h", "picked"], ["y"]),
        helper.make_node("Shape", ["x"], ["size"]),
        helper.make_node("SequenceConstruct", ["h"], ["list"]),
        helper.make_node("Greater", ["h", "h"], ["more"]),
    ]
    return graph(nodes, {"x": ["N", WIDTH]}, ["y"], {"yes": np.array(True), "w": numbers(0)})


def test_a_branch_reads_the_patched_tensor() -> None:
    patched, patches = with_patches(branching(), ["h"])
    session = Session(patched.SerializeToString())
    np.testing.assert_array_equal(
        session.run({"x": numbers(0)} | patches["h"].replaced(5)).outputs["y"], np.full((2, 3), 15)
    )


@pytest.mark.parametrize(
    ("tensor", "said"),
    [
        ("x", "'x' (it is an input: feed it other numbers); there are h, picked, y, size"),
        ("w", "'w' (it is a weight); there are h,"),
        ("inner", "'inner' (it is inside the body of an If, Loop or Scan); there are h,"),
        ("nowhere", "'nowhere'; there are h,"),
        ("", "''; there are h,"),
        ("size", "tensor 'size' holds INT64, no floating-point numbers"),
        ("more", "tensor 'more' holds BOOL, no floating-point numbers"),
        ("list", "'list' is a sequence, a map or optional"),
    ],
)
def test_what_cannot_be_patched_is_said(tensor: str, said: str) -> None:
    with pytest.raises(ValueError) as caught:
        with_patches(branching(), ["h", tensor])
    assert said in str(caught.value)


def test_tensor_of_an_unknown_type_and_old_operators_are_refused() -> None:
    model = branching()
    model.opset_import.append(helper.make_opsetid("com.example", 1))
    model.graph.node.append(helper.make_node("Magic", ["h"], ["spell"], domain="com.example"))
    with pytest.raises(ValueError, match="type of the tensor 'spell' can't be told"):
        with_patches(model, ["spell"])
    model.opset_import[0].version = 8
    with pytest.raises(ValueError, match="opset 8; patches need 9"):
        with_patches(model, ["h"])


def test_weights_of_an_old_file_are_no_inputs_to_feed() -> None:
    model = graph([helper.make_node("MatMul", ["x", "w"], ["y"])], {"x": ["N", WIDTH]}, ["y"], {"w": numbers(0, WIDTH)})
    model.ir_version = 3
    model.graph.input.append(helper.make_tensor_value_info("w", 1, [WIDTH, WIDTH]))
    patched, patches = with_patches(model, ["y"])
    session = Session(patched.SerializeToString())
    assert list(session.inputs) == ["x"]
    assert list(session.optional) == [patches["y"].keep, patches["y"].value]


@pytest.mark.parametrize("shape", [(2,), (1, 2), (1, 1, 3)])
def test_array_that_does_not_broadcast_is_refused(shape: tuple[int, ...]) -> None:
    patch = with_patches(branching(), ["h"])[1]["h"]
    for feeds in (patch.replaced, patch.steered):
        with pytest.raises(ValueError, match=r"does not broadcast to the tensor 'h', \('N', 3\)"):
            feeds(np.zeros(shape))


def test_patched_names_are_never_taken_and_a_tensor_is_patched_once() -> None:
    patched, patches = with_patches(branching(), ["h", "h"])
    again, further = with_patches(patched, ["h"])
    assert list(patches) == ["h"]
    assert {patches["h"].keep, patches["h"].value}.isdisjoint({further["h"].keep, further["h"].value})
    feeds = {"x": numbers(0)} | patches["h"].replaced(1) | further["h"].steered(1, 2)
    np.testing.assert_array_equal(Session(again.SerializeToString()).run(feeds).outputs["y"], np.full((2, 3), 9))


def test_one_head_at_one_step_is_replaced() -> None:
    nodes = [helper.make_node("Neg", ["x"], ["heads"]), helper.make_node("ReduceSum", ["heads", "axis"], ["y"])]
    patched, patches = with_patches(graph(nodes, {"x": ["N", 4, "T", 8]}, ["y"], {"axis": np.array([1])}), ["heads"])
    session, x = Session(patched.SerializeToString()), np.ones((2, 4, 5, 8), np.float32)
    where = (np.arange(4)[:, None, None] == 2) & (np.arange(5)[:, None] == 3)
    expected = np.full((2, 1, 5, 8), -4)
    expected[:, :, 3] = -3 + 10
    np.testing.assert_array_equal(session.run({"x": x} | patches["heads"].replaced(10, where)).outputs["y"], expected)
