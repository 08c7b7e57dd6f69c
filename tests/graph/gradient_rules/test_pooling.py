import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import helper

from glassbox.graph.gradient import differentiate
from tests.gradients import check, graph, more, run

known = st.sampled_from(["sizes", "names", "rank"])


@st.composite
def poolings(draw, dilated=True):
    """(attributes, x) of 1 to 3 axes; all cells of x differ by more than the steps of the differences."""
    axes = draw(st.integers(1, 3))

    def per_axis(low, high):
        return [draw(st.integers(low, high)) for _ in range(axes)]

    given = {"kernel_shape": per_axis(1, 3), "strides": per_axis(1, 3), "ceil_mode": draw(st.integers(0, 1))}
    if dilated:
        given["dilations"] = per_axis(1, 2)
    auto = draw(st.sampled_from(["NOTSET", "NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"]))
    if auto == "NOTSET":
        given["pads"] = [draw(st.integers(0, k - 1)) for k in given["kernel_shape"]] * 2
    else:
        given |= {"auto_pad": auto, "ceil_mode": 0}
        # ONNX Runtime refuses automatic padding of windows that leave cells out.
        given["strides"] = [min(s, k) for s, k in zip(given["strides"], given["kernel_shape"], strict=True)]
        given.pop("dilations", None)
    extent = [(k - 1) * d + 1 for k, d in zip(given["kernel_shape"], given.get("dilations", [1] * axes), strict=True)]
    shape = [draw(st.integers(1, 2)), draw(st.integers(1, 2)), *(draw(st.integers(e, e + 3)) for e in extent)]
    x = np.random.default_rng(draw(st.integers(0, 999))).permutation(int(np.prod(shape))).reshape(shape)
    return given, x / 10


def windows(given, shape, counts):
    """For each cell of the output, the slices of the input that its window covers."""
    axes = len(counts)
    kernel, strides = given["kernel_shape"], given["strides"]
    dilations = given.get("dilations", [1] * axes)
    begin = given.get("pads", [0] * 2 * axes)[:axes]
    if "auto_pad" in given and given["auto_pad"] != "VALID":
        totals = [max((n - 1) * s + k - size, 0) for n, s, k, size in zip(counts, strides, kernel, shape, strict=True)]
        begin = [t // 2 if given["auto_pad"] == "SAME_UPPER" else t - t // 2 for t in totals]
    for place in np.ndindex(*counts):
        starts = [p * s - b for p, s, b in zip(place, strides, begin, strict=True)]
        cells = [
            [start + i * d for i in range(k) if 0 <= start + i * d < size]
            for start, k, d, size in zip(starts, kernel, dilations, shape, strict=True)
        ]
        yield place, np.ix_(*cells)


def max_pool(given, counts):
    def forward(feeds):
        x = feeds["x"]
        y = np.zeros((*x.shape[:2], *counts))
        for n, c in np.ndindex(*x.shape[:2]):
            for place, cells in windows(given, x.shape[2:], counts):
                y[(n, c, *place)] = x[n, c][cells].max()
        return y

    return forward


@more
@given(case=poolings(), known=known)
def test_max_pool(case, known):
    given, x = case
    node = helper.make_node("MaxPool", ["x"], ["y"], **given)
    counts = run(graph([node], {"x": x.astype(np.float32)}), {"x": x.astype(np.float32)})[0].shape[2:]
    check([node], {"x": x}, knowledge=known, forward=max_pool(given, counts))


@more
@given(case=poolings(dilated=False), include=st.integers(0, 1), known=known)
def test_average_pool(case, include, known):
    """AveragePool is linear, so that ONNX Runtime's own answers to each cell alone are its exact derivative."""
    given, x = case
    node = helper.make_node("AveragePool", ["x"], ["y"], count_include_pad=include, **given)
    model = graph([node], {"x": x[:1, :1].astype(np.float32)})
    cells = np.eye(x[0, 0].size, dtype=np.float32).reshape(-1, 1, 1, *x.shape[2:])
    columns = np.stack([run(model, {"x": cell})[0].reshape(-1) for cell in cells], 1).astype(np.float64)
    counts = run(model, {"x": cells[0]})[0].shape[2:]

    def forward(feeds):
        return (feeds["x"].reshape(-1, columns.shape[1]) @ columns.T).reshape(*x.shape[:2], *counts)

    check([node], {"x": x}, knowledge=known, forward=forward)


@pytest.mark.parametrize("operator", ["GlobalAveragePool", "GlobalMaxPool"])
@more
@given(axes=st.integers(1, 3), known=known, seed=st.integers(0, 999))
def test_global_pools(operator, axes, known, seed):
    x = np.random.default_rng(seed).normal(size=(2, 2, *[3, 2, 2][:axes]))
    reduce = np.mean if operator == "GlobalAveragePool" else np.max

    def forward(feeds):
        return reduce(feeds["x"], axis=tuple(range(2, 2 + axes)), keepdims=True)

    check([helper.make_node(operator, ["x"], ["y"])], {"x": x}, knowledge=known, forward=forward)


def pool_gradient(x, dy, **attributes):
    model = graph([helper.make_node("MaxPool", ["x"], ["y"], **attributes)], {"x": x})
    return run(
        differentiate(model, "y", ["x"]), {"x": x, "grad_y": np.array(dy, np.float32).reshape(1, 1, *np.shape(dy))}
    )[0]


def test_in_a_flat_window_the_first_cell_gets_the_whole_gradient():
    x = np.zeros((1, 1, 4, 4), np.float32)
    dx = pool_gradient(x, [[1, 2], [3, 4]], kernel_shape=[2, 2], strides=[2, 2])
    assert dx[0, 0].tolist() == [[1, 0, 2, 0], [0] * 4, [3, 0, 4, 0], [0] * 4]


def test_in_flat_overlapping_windows_too():
    x = np.zeros((1, 1, 3, 3), np.float32)
    dx = pool_gradient(x, [[1, 2], [3, 4]], kernel_shape=[2, 2], strides=[1, 1])
    assert dx[0, 0].tolist() == [[1, 2, 0], [3, 4, 0], [0, 0, 0]]


def test_the_first_of_two_maxima_in_row_order():
    x = np.array([[[[0, 5], [5, 5]]]], np.float32)
    assert pool_gradient(x, [[1]], kernel_shape=[2, 2])[0, 0].tolist() == [[0, 1], [0, 0]]


def test_a_model_that_uses_the_indices_itself():
    x = np.random.default_rng(0).normal(size=(1, 1, 4, 4)).astype(np.float32)
    nodes = [
        helper.make_node("MaxPool", ["x"], ["p", "i"], kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Cast", ["i"], ["f"], to=1),
        helper.make_node("Mul", ["p", "f"], ["y"]),
    ]
    model = graph(nodes, {"x": x})
    y = run(model, {"x": x})[0]
    dx = run(differentiate(model, "y", ["x"]), {"x": x, "grad_y": np.ones_like(y)})[0]
    assert sorted(dx[dx != 0]) == pytest.approx(sorted(set(np.flatnonzero(dx)) - {0}))


def test_equal_maxima_of_a_channel_share_the_gradient():
    x = np.array([[[[7, 7], [7, 1]]]], np.float32)
    model = graph([helper.make_node("GlobalMaxPool", ["x"], ["y"])], {"x": x})
    dx = run(differentiate(model, "y", ["x"]), {"x": x, "grad_y": np.full((1, 1, 1, 1), 3, np.float32)})[0]
    assert dx[0, 0].tolist() == [[1, 1], [1, 0]]
