import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from onnx import helper

from glassbox.graph.gradient import differentiate
from tests.gradients import KNOWLEDGE, check, few, graph, run

seeds = st.integers(0, 999)
knowledge = st.sampled_from(KNOWLEDGE)


def normal(seed, shape):
    return np.asarray(np.random.default_rng(seed).normal(size=shape))


@few
@given(
    shapes=hnp.mutually_broadcastable_shapes(signature="(m?,n),(n,p?)->(m?,p?)", max_dims=2, max_side=3),
    seed=seeds,
    known=knowledge,
)
def test_matmul_with_vectors_matrices_and_batches(shapes, seed, known):
    a, b = shapes.input_shapes
    check(
        [helper.make_node("MatMul", ["a", "b"], ["y"])],
        {"a": normal(seed, a), "b": normal(seed + 1, b)},
        knowledge=known,
    )


@few
@given(
    size=st.tuples(*[st.integers(1, 4)] * 3),
    turns=st.tuples(st.integers(0, 1), st.integers(0, 1)),
    scales=st.sampled_from([(1.0, 1.0), (0.5, 2.0)]),
    c=st.sampled_from(["", "scalar", "row", "column", "all"]),
    seed=seeds,
    known=knowledge,
)
def test_gemm(size, turns, scales, c, seed, known):
    m, k, n = size
    inputs = {"a": normal(seed, (k, m) if turns[0] else (m, k)), "b": normal(seed + 1, (n, k) if turns[1] else (k, n))}
    if c:
        inputs["c"] = normal(seed + 2, {"scalar": (), "row": (n,), "column": (m, 1), "all": (m, n)}[c])
    node = helper.make_node(
        "Gemm", list(inputs), ["y"], transA=turns[0], transB=turns[1], alpha=scales[0], beta=scales[1]
    )
    check([node], inputs, knowledge=known)


@pytest.mark.parametrize(
    ("equation", "a", "b"),
    [
        ("ij,jk->ik", (2, 3), (3, 4)),
        ("ij,jk", (2, 3), (3, 4)),
        ("bij,bjk->bik", (2, 2, 3), (2, 3, 4)),
        ("...ij,...jk->...ik", (2, 2, 3), (1, 3, 4)),
        ("i,j->ij", (2,), (3,)),
        ("ij,kj->", (2, 3), (4, 3)),
        ("ijk,j->k", (2, 3, 4), (3,)),
        ("bhqd,bhkd->bhqk", (1, 2, 3, 4), (1, 2, 5, 4)),
    ],
)
@pytest.mark.parametrize("known", KNOWLEDGE)
def test_einsum_of_two(equation, a, b, known):
    check(
        [helper.make_node("Einsum", ["a", "b"], ["y"], equation=equation)],
        {"a": normal(1, a), "b": normal(2, b)},
        knowledge=known,
    )


@pytest.mark.parametrize(("equation", "shape"), [("ij->ji", (2, 3)), ("ij->i", (2, 3)), ("...i->i...", (2, 3, 4))])
def test_einsum_of_one(equation, shape):
    check([helper.make_node("Einsum", ["a"], ["y"], equation=equation)], {"a": normal(1, shape)})


def test_einsum_refuses_a_diagonal_by_name():
    x = normal(0, (2, 2)).astype(np.float32)
    model = graph([helper.make_node("Einsum", ["x"], ["y"], equation="ii->i", name="diagonal")], {"x": x})
    with pytest.raises(ValueError, match=r"Einsum \(node 'diagonal'\).*twice in one operand"):
        differentiate(model, "y", ["x"])


def test_a_dense_layer_by_hand():
    """y = x W + b with x = (1, 2), W = ((1, 2, 3), (4, 5, 6)) and the cotangent (1, 0, -1)."""
    x, w = np.array([[1, 2]], np.float32), np.array([[1, 2, 3], [4, 5, 6]], np.float32)
    model = graph([helper.make_node("Gemm", ["x", "W", "b"], ["y"])], {"x": x}, {"W": w, "b": np.zeros(3, np.float32)})
    grads = run(differentiate(model, "y", ["x", "W", "b"]), {"x": x, "grad_y": np.array([[1, 0, -1]], np.float32)})
    assert [g.tolist() for g in grads] == [[[-2, -2]], [[1, 0, -1], [2, 0, -2]], [1, 0, -1]]


@pytest.mark.parametrize("known", KNOWLEDGE)
@pytest.mark.parametrize(
    "shapes",
    [((5, 2, 0), (0, 4)), ((5, 2, 3), (3, 0)), ((0,), (0, 4)), ((0,), (0,)), ((3,), (3, 0))],
)
def test_matmul_of_matrices_without_cells(shapes, known):
    """A sum over nothing is 0, and the gradient of a matrix without cells has none."""
    a, b = (np.ones(shape, np.float32) for shape in shapes)
    y = a @ b
    node = helper.make_node("MatMul", ["a", "b"], ["y"])
    model = graph([node], {"a": a, "b": b}, outputs={"y": y.ndim}, knowledge=known)
    da, db = run(differentiate(model, "y", ["a", "b"]), {"a": a, "b": b, "grad_y": np.ones_like(y)})
    assert da.shape == a.shape and db.shape == b.shape
    assert not da.any() and not db.any()
