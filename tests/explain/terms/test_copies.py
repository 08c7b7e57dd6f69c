"""Operators that only move numbers. All numbers here differ: a cell traced to the wrong place has the wrong value."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from onnx import NodeProto, helper

from glassbox.explain.terms.explain import Inside, Tapped
from tests.models import graph
from tests.reconcile import reconcile

drawn = settings(max_examples=60, deadline=None, derandomize=True)
X = np.arange(1, 25, dtype=np.float32).reshape(2, 3, 4)


def moved(
    node: NodeProto, constants: dict[str, NDArray[Any]] | None = None, x: NDArray[np.float32] = X, opset: int = 18
) -> Inside:
    """Run `node` from x to y, and check where each cell of its outputs came from."""
    inside = Tapped(graph([node], {"x": x.shape}, node.output, constants, opset)).run({"x": x})
    for output in node.output:
        for index in np.ndindex(inside.tensors[output].shape):
            found = reconcile(inside, output, index)
            if found.kind == "given":  # padding
                assert found.engine == 0 and not found.terms
            else:
                (term,) = found.terms
                assert found.kind == "copy" and (term.weight, term.value) == (1, found.engine)
                assert inside.origin(output, index) == (term.source, term.source_index)
    return inside


def ints(*values: int) -> NDArray[np.int64]:
    return np.array(values, np.int64)


SINGLE = [
    (helper.make_node("Identity", ["x"], ["y"]), {}),
    (helper.make_node("Dropout", ["x"], ["y"]), {}),
    (helper.make_node("Flatten", ["x"], ["y"], axis=2), {}),
    (helper.make_node("Reshape", ["x", "shape"], ["y"]), {"shape": ints(4, 0, -1)}),
    (helper.make_node("Unsqueeze", ["x", "axes"], ["y"]), {"axes": ints(1, -1)}),
    (helper.make_node("Transpose", ["x"], ["y"]), {}),
    (helper.make_node("Transpose", ["x"], ["y"], perm=[2, 0, 1]), {}),
    (helper.make_node("Concat", ["x", "more", "x"], ["y"], axis=-2), {"more": -X}),
    (helper.make_node("Split", ["x"], ["y", "z"], axis=-1, num_outputs=2), {}),
    (helper.make_node("Split", ["x"], ["y", "z"], axis=1, num_outputs=2), {}),
    (helper.make_node("Split", ["x", "sizes"], ["y", "z"], axis=2), {"sizes": ints(1, 3)}),
    (helper.make_node("Gather", ["x", "places"], ["y"], axis=1), {"places": np.array([[0, -1], [2, 2]])}),
    (helper.make_node("Gather", ["x", "places"], ["y"], axis=-1), {"places": np.array(2)}),
    (helper.make_node("GatherElements", ["x", "places"], ["y"], axis=1), {"places": np.array([[[0, 2], [-1, 1]]])}),
    (helper.make_node("Expand", ["x", "shape"], ["y"]), {"shape": ints(2, 1, 1, 4)}),
    (helper.make_node("Tile", ["x", "repeats"], ["y"]), {"repeats": ints(1, 2, 3)}),
    (helper.make_node("Where", ["which", "x", "more"], ["y"]), {"which": X[0] > 6, "more": -X[:, :1]}),
    (helper.make_node("Trilu", ["x"], ["y"]), {}),
    (helper.make_node("Trilu", ["x", "diagonal"], ["y"], upper=1), {"diagonal": np.array(2)}),
    (helper.make_node("Trilu", ["x", "diagonal"], ["y"], upper=0), {"diagonal": np.array(-1)}),
    (helper.make_node("Pad", ["x", "pads", "fill"], ["y"]), {"pads": ints(0, 1, 2, 0, -1, 0), "fill": -X[1, 2, 3:]}),
    (helper.make_node("Pad", ["x", "pads"], ["y"]), {"pads": ints(0, 0, 2, 0, 0, -2)}),
    (helper.make_node("Pad", ["x", "pads", "", "axes"], ["y"], mode="reflect"), {"pads": ints(1, 2), "axes": ints(-1)}),
    (helper.make_node("Pad", ["x", "pads"], ["y"], mode="edge"), {"pads": ints(1, 0, 0, 0, 2, 0)}),
]


@pytest.mark.parametrize(("node", "constants"), SINGLE, ids=[node.op_type for node, _ in SINGLE])
def test_moves(node: NodeProto, constants: dict[str, NDArray[Any]]) -> None:
    constants = {name: array[()] if array.ndim == 0 else array for name, array in constants.items()}
    moved(node, {name: np.asarray(array) for name, array in constants.items()})


def test_moves_of_older_operator_sets() -> None:
    moved(helper.make_node("Squeeze", ["x"], ["y"], axes=[0]), x=X[:1], opset=11)
    moved(helper.make_node("Squeeze", ["x"], ["y"]), x=X[:1, :, :1])
    moved(helper.make_node("Split", ["x"], ["y", "z"], axis=2, split=[3, 1]), opset=11)
    moved(helper.make_node("Slice", ["x"], ["y"], starts=[1, -3], ends=[9, -1], axes=[1, 2]), opset=9)
    moved(helper.make_node("Pad", ["x"], ["y"], pads=[0, 0, 1, 0, 0, 1]), opset=9)


@drawn
@given(st.data())
def test_slices(data: st.DataObject) -> None:
    axes = data.draw(st.lists(st.integers(-3, 2), min_size=1, max_size=3, unique_by=lambda axis: axis % 3))
    edge = st.integers(-6, 6) | st.sampled_from([2**31 - 1, 2**63 - 1, -(2**63)])
    step = st.sampled_from([-2, -1, 1, 2, 3])
    starts, ends, steps = ([data.draw(kind) for _ in axes] for kind in (edge, edge, step))
    constants = {"s": ints(*starts), "e": ints(*ends), "a": ints(*axes), "t": ints(*steps)}
    moved(helper.make_node("Slice", ["x", *constants], ["y"]), constants)


@pytest.mark.parametrize("mode", ["DCR", "CRD"])
def test_depth_and_space(mode: str) -> None:
    x = np.arange(96, dtype=np.float32).reshape(1, 8, 3, 4)
    moved(helper.make_node("DepthToSpace", ["x"], ["y"], blocksize=2, mode=mode), x=x)
    moved(helper.make_node("SpaceToDepth", ["x"], ["y"], blocksize=2), x=x.reshape(2, 2, 4, 6))
    moved(helper.make_node("SpaceToDepth", ["x"], ["y"], blocksize=2, mode=mode), x=x.reshape(2, 2, 4, 6), opset=28)


def test_a_term_names_the_cell_behind_a_chain_of_moves() -> None:
    nodes = [
        helper.make_node("Transpose", ["x"], ["turned"], perm=[0, 2, 1]),
        helper.make_node("Concat", ["turned", "turned"], ["both"], axis=1),
        helper.make_node("Reshape", ["both", "flat"], ["row"]),
        helper.make_node("Gemm", ["row", "w"], ["y"]),
    ]
    constants = {"flat": ints(2, 24), "w": np.arange(48, dtype=np.float32).reshape(24, 2)}
    inside = Tapped(graph(nodes, {"x": X.shape}, ["y"], constants)).run({"x": X})
    found = reconcile(inside, "y", (1, 0))
    assert [(term.source, term.source_index) for term in found.terms[:4]] == [
        ("x", (1, 0, 0)),
        ("x", (1, 1, 0)),
        ("x", (1, 2, 0)),
        ("x", (1, 0, 1)),
    ]
    assert found.terms[12].source_index == (1, 0, 0)  # the second copy
    assert (found.terms[5].weight_source, found.terms[5].weight_index) == ("w", (5, 0))


def test_padded_zeros_are_no_terms() -> None:
    nodes = [
        helper.make_node("Pad", ["x", "pads"], ["padded"]),
        helper.make_node("Conv", ["padded", "w"], ["y"]),
    ]
    constants = {"pads": ints(0, 0, 1, 0, 0, 1), "w": np.ones((1, 3, 2), np.float32)}
    inside = Tapped(graph(nodes, {"x": X.shape}, ["y"], constants)).run({"x": X})
    assert [term.value for term in reconcile(inside, "y", (0, 0, 0)).terms] == [1, 5, 9]


def test_dropout_in_training_is_no_copy_but_a_product_or_nothing() -> None:
    node = helper.make_node("Dropout", ["x", "ratio", "training"], ["y"])
    constants = {"ratio": np.array(0.5, np.float32), "training": np.array(True)}
    inside = Tapped(graph([node], {"x": X.shape}, ["y"], constants)).run({"x": X})
    found = [reconcile(inside, "y", index).terms[0] for index in np.ndindex(*X.shape)]
    assert {term.weight for term in found} == {0.0, 2.0}


def test_one_scalar_spread_over_many_cells() -> None:
    nodes = [
        helper.make_node("Expand", ["x", "shape"], ["row"]),
        helper.make_node("MatMul", ["row", "w"], ["y"]),
    ]
    constants = {"shape": ints(3), "w": np.ones((3, 2), np.float32)}
    inside = Tapped(graph(nodes, {"x": ()}, ["y"], constants)).run({"x": np.array(2, np.float32)})
    assert [(term.source, term.source_index) for term in reconcile(inside, "y", (1,)).terms] == [("x", ())] * 3
