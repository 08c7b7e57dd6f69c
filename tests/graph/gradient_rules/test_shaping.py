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
shapes = hnp.array_shapes(min_dims=1, max_dims=4, max_side=4)


def normal(seed, shape):
    return np.asarray(np.random.default_rng(seed).normal(size=shape))


@few
@given(shape=shapes, seed=seeds, known=knowledge, data=st.data())
def test_reshape_flatten_and_transpose(shape, seed, known, data):
    inputs = {"x": normal(seed, shape)}
    check([helper.make_node("Reshape", ["x", "s"], ["y"])], inputs, {"s": np.array([1, -1])}, knowledge=known)
    check(
        [helper.make_node("Flatten", ["x"], ["y"], axis=data.draw(st.integers(0, len(shape))))], inputs, knowledge=known
    )
    check([helper.make_node("Transpose", ["x"], ["y"])], inputs, knowledge=known)
    perm = data.draw(st.permutations(range(len(shape))))
    check([helper.make_node("Transpose", ["x"], ["y"], perm=perm)], inputs, knowledge=known)


@few
@given(seed=seeds, known=knowledge)
def test_squeeze_and_unsqueeze(seed, known):
    inputs = {"x": normal(seed, (2, 1, 3, 1))}
    check([helper.make_node("Squeeze", ["x", "a"], ["y"])], inputs, {"a": np.array([1, -1])}, knowledge=known)
    check([helper.make_node("Squeeze", ["x"], ["y"])], inputs, knowledge=known)
    check([helper.make_node("Unsqueeze", ["x", "a"], ["y"])], inputs, {"a": np.array([0, -2])}, knowledge=known)


@few
@given(sizes=st.lists(st.integers(1, 3), min_size=1, max_size=4), axis=st.integers(-3, 2), seed=seeds, known=knowledge)
def test_concat_and_split(sizes, axis, seed, known):
    def along(size):
        shape = [2, 3, 2]
        shape[axis] = size
        return shape

    inputs = {f"x{i}": normal(seed + i, along(size)) for i, size in enumerate(sizes)}
    check([helper.make_node("Concat", list(inputs), ["y"], axis=axis)], inputs, knowledge=known)
    names = [f"p{i}" for i in range(len(sizes))]
    # The first part and the last are used, those in between have no cotangent.
    nodes = [helper.make_node("Split", ["x", "s"], names, axis=axis), helper.make_node("Exp", [names[0]], ["e"])]
    nodes += [
        helper.make_node("ReduceSum", ["e"], ["s0"], keepdims=0),
        helper.make_node("ReduceMax", [names[-1]], ["s1"], keepdims=0),
    ]
    nodes += [helper.make_node("Mul", ["s0", "s1"], ["y"])]
    check(nodes, {"x": normal(seed, along(sum(sizes)))}, {"s": np.array(sizes)}, knowledge=known)


def test_split_in_equal_parts():
    nodes = [
        helper.make_node("Split", ["x"], ["a", "b", "c"], num_outputs=3),
        helper.make_node("Mul", ["a", "b"], ["y"]),
    ]
    check(nodes, {"x": normal(0, (6, 2))})


bounds = st.tuples(st.integers(-4, 5), st.integers(-4, 5), st.sampled_from([1, 1, 1, 2, 3, -1, -2]))


@few
@given(
    rows=bounds,
    columns=bounds,
    axes=st.sampled_from([(0, 1), (1, 0), (-1, 0)]),
    known=knowledge,
    computed=st.booleans(),
)
def test_slice(rows, columns, axes, known, computed):
    parts = {"starts": 0, "ends": 1, "axes": None, "steps": 2}
    cut = {name: np.array(axes if i is None else [rows[i], columns[i]]) for name, i in parts.items()}
    x = {"x": normal(1, (4, 5))}
    node = helper.make_node("Slice", ["x", *parts], ["y"])
    if computed:  # the place of the cut is an input, not known before the graph runs
        check([node], x | cut, knowledge=known)
    else:
        check([node], x, cut, knowledge=known)


@few
@given(
    indices=hnp.arrays(np.int64, hnp.array_shapes(min_dims=0, max_dims=2, max_side=3), elements=st.integers(-3, 2)),
    axis=st.integers(-2, 1),
    known=knowledge,
)
def test_gather_the_same_slice_many_times(indices, axis, known):
    check(
        [helper.make_node("Gather", ["x", "i"], ["y"], axis=axis)],
        {"x": normal(1, (3, 3)), "i": indices},
        knowledge=known,
    )


@few
@given(indices=hnp.arrays(np.int64, (3, 2), elements=st.integers(-3, 2)), known=knowledge)
def test_gather_elements(indices, known):
    inputs = {"x": normal(1, (3, 3)), "i": indices}
    check([helper.make_node("GatherElements", ["x", "i"], ["y"], axis=1)], inputs, knowledge=known)


@pytest.mark.parametrize("known", KNOWLEDGE)
def test_other_rearrangements(known):
    x = {"x": normal(1, (1, 4, 2, 2))}
    check([helper.make_node("Tile", ["x", "r"], ["y"])], x, {"r": np.array([2, 1, 3, 1])}, knowledge=known)
    check([helper.make_node("DepthToSpace", ["x"], ["y"], blocksize=2)], x, knowledge=known)
    check([helper.make_node("SpaceToDepth", ["x"], ["y"], blocksize=2)], x, knowledge=known)
    check([helper.make_node("Trilu", ["x"], ["y"], upper=0)], x, knowledge=known)


def test_reverse_sequence():
    node = helper.make_node("ReverseSequence", ["x", "n"], ["y"], time_axis=0, batch_axis=1)
    check([node], {"x": normal(1, (4, 2, 3)), "n": np.array([3, 4])})


@few
@given(
    mode=st.sampled_from(["constant", "edge", "reflect"]),
    pads=st.tuples(*[st.integers(-1, 2)] * 4),
    known=knowledge,
    seed=seeds,
)
def test_pad(mode, pads, known, seed):
    pads = np.array(pads if mode == "constant" else np.abs(pads))
    inputs = {"x": normal(seed, (3, 4))}

    def constant(pads):  # onnx's evaluator does not know negative pads
        def forward(feeds):
            larger = np.pad(feeds["x"], np.maximum(pads, 0).reshape(2, 2).T, constant_values=feeds.get("c", 0))
            first, last = np.minimum(pads, 0).reshape(2, 2)
            return larger[tuple(slice(-f, size + end) for f, end, size in zip(first, last, larger.shape, strict=True))]

        return forward

    forward = constant(pads) if mode == "constant" else None
    check(
        [helper.make_node("Pad", ["x", "p"], ["y"], mode=mode)], inputs, {"p": pads}, knowledge=known, forward=forward
    )
    if mode == "constant":
        inputs["c"] = np.array(0.5)
        node = helper.make_node("Pad", ["x", "p", "c"], ["y"])
        check([node], inputs, {"p": pads}, knowledge=known, forward=forward)
        node = helper.make_node("Pad", ["x", "p", "c", "a"], ["y"])
        columns = constant(pads[:2].repeat(2) * [0, 1, 0, 1])
        check([node], inputs, {"p": pads[:2], "a": np.array([-1])}, knowledge=known, forward=columns)


@few
@given(
    both=hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3),
    known=knowledge,
    computed=st.booleans(),
)
def test_expand(both, known, computed):
    x, to = both.input_shapes
    shape = {"s": np.array(to, np.int64)}
    node = helper.make_node("Expand", ["x", "s"], ["y"])
    check([node], {"x": normal(1, x)} | (shape if computed else {}), {} if computed else shape, knowledge=known)


MODES = ["asymmetric", "half_pixel", "align_corners", "pytorch_half_pixel"]


@pytest.mark.parametrize("coordinates", MODES)
@pytest.mark.parametrize("sizes", [(1, 2, 6, 4), (1, 2, 5, 3), (1, 2, 2, 1)])
@pytest.mark.parametrize("known", KNOWLEDGE)
def test_resize_to_the_nearest(coordinates, sizes, known):
    given = {"coordinate_transformation_mode": coordinates, "nearest_mode": "floor", "mode": "nearest"}
    x = {"x": normal(1, (1, 2, 3, 2))}
    check([helper.make_node("Resize", ["x", "", "", "s"], ["y"], **given)], x, {"s": np.array(sizes)}, knowledge=known)


def test_resize_by_scales_adds_what_each_copy_gets():
    node = helper.make_node(
        "Resize",
        ["x", "", "s"],
        ["y"],
        mode="nearest",
        nearest_mode="floor",
        coordinate_transformation_mode="asymmetric",
    )
    x = np.arange(4, dtype=np.float32).reshape(1, 1, 2, 2)
    model = graph([node], {"x": x}, {"s": np.array([1, 1, 2, 3], np.float32)})
    dx = run(differentiate(model, "y", ["x"]), {"x": x, "grad_y": np.ones((1, 1, 4, 6), np.float32)})[0]
    assert dx.tolist() == [[[[6, 6], [6, 6]]]]


def test_resize_refuses_other_modes_by_name():
    """Which axis sets the scale of all is told by the sizes, which are fed here."""
    x = np.zeros((1, 1, 2, 2), np.float32)
    policy = {"axes": [2, 3], "keep_aspect_ratio_policy": "not_larger"}
    node = helper.make_node("Resize", ["x", "", "", "s"], ["y"], mode="linear", name="up", **policy)
    model = graph([node], {"x": x, "s": np.array([4, 4])})
    with pytest.raises(ValueError, match=r"Resize \(node 'up'\).*nearest"):
        differentiate(model, "y", ["x"])


@pytest.mark.parametrize(
    "node",
    [
        helper.make_node("Gather", ["x", "i"], ["y"], axis=2),
        helper.make_node("MaxPool", ["x"], ["y"], kernel_shape=[2, 2]),
        helper.make_node("Pad", ["x", "p"], ["y"], mode="edge"),
        helper.make_node("DepthToSpace", ["x"], ["y"], blocksize=2),
        helper.make_node("Resize", ["x", "", "scales"], ["y"], mode="nearest"),
    ],
    ids=lambda node: node.op_type,
)
def test_half_precision_numbers_that_are_added_up(node):
    """ONNX Runtime adds at positions in float32 alone."""
    rng = np.random.default_rng(0)
    x = rng.integers(0, 9, (1, 4, 4, 4)).astype(np.float32)
    constants = {"i": np.array([0, 0, 3]), "p": np.array([0, 0, 1, 1, 0, 0, 2, 0]), "scales": np.float32([1, 1, 2, 2])}
    constants = {name: array for name, array in constants.items() if name in node.input}
    grads = []
    for kind in (np.float32, np.float16):
        model = graph([node], {"x": x.astype(kind)}, constants)
        y = run(model, {"x": x.astype(kind)})[0]
        dy = np.arange(y.size).reshape(y.shape).astype(kind)
        grads += run(differentiate(model, "y", ["x"]), {"x": x.astype(kind), "grad_y": dy})
    assert grads[1].dtype == np.float16
    assert grads[1].tolist() == grads[0].tolist()
