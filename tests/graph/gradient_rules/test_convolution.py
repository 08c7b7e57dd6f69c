import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from onnx import helper

from glassbox.graph.gradient import differentiate
from tests.gradients import KNOWLEDGE, check, graph, more, run

known = st.sampled_from(["sizes", "names", "rank"])


@st.composite
def convolutions(draw, transposed=False):
    """(attributes, x, w, b) of 1 to 3 axes."""
    axes = draw(st.integers(1, 3))
    group = draw(st.sampled_from([1, 1, 2]))

    def per_axis(low, high):
        return [draw(st.integers(low, high)) for _ in range(axes)]

    given = {"group": group, "kernel_shape": per_axis(1, 3), "strides": per_axis(1, 3), "dilations": per_axis(1, 2)}
    auto = draw(st.sampled_from(["NOTSET", "NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"]))
    if auto != "NOTSET":
        given["auto_pad"] = auto
        if auto != "VALID":  # ONNX Runtime pads dilated kernels its own way
            given["dilations"] = [1] * axes
    else:
        given["pads"] = [draw(st.integers(0, size)) for size in (given["kernel_shape"][a] - 1 for a in range(axes))] * 2
    extent = [(k - 1) * d + 1 for k, d in zip(given["kernel_shape"], given["dilations"], strict=True)]
    sizes = [draw(st.integers(e, e + 3)) for e in extent]
    rng = np.random.default_rng(draw(st.integers(0, 999)))
    inside, outside = draw(st.integers(1, 2)) * group, draw(st.integers(1, 2))
    x = rng.normal(size=(draw(st.integers(1, 2)), inside, *sizes))
    if transposed:
        if auto == "NOTSET" and draw(st.booleans()):
            given["output_padding"] = [draw(st.integers(0, stride - 1)) for stride in given["strides"]]
        return given, x, rng.normal(size=(inside, outside, *given["kernel_shape"])), rng.normal(size=outside * group)
    return (
        given,
        x,
        rng.normal(size=(outside * group, inside // group, *given["kernel_shape"])),
        rng.normal(size=outside * group),
    )


def correlate(given, pads):
    """Conv by its definition in float64: onnx's evaluator is slow and lacks some combinations."""
    strides, dilations, group = given["strides"], given["dilations"], given["group"]

    def forward(feeds):
        x, w, b = feeds["x"], feeds["w"], feeds["b"]
        axes = len(strides)
        x = np.pad(x, [(0, 0), (0, 0), *zip(pads[:axes], pads[axes:], strict=True)])
        counts = [
            (size - ((k - 1) * d + 1)) // s + 1
            for size, k, d, s in zip(x.shape[2:], w.shape[2:], dilations, strides, strict=True)
        ]
        y = np.zeros((x.shape[0], w.shape[0], *counts))
        per_in, per_out = w.shape[1], w.shape[0] // group
        for place in np.ndindex(*w.shape[2:]):
            cut = tuple(
                slice(p * d, p * d + (n - 1) * s + 1, s)
                for p, d, n, s in zip(place, dilations, counts, strides, strict=True)
            )
            part = x[(slice(None), slice(None), *cut)]
            for i in range(group):
                rows = slice(i * per_out, (i + 1) * per_out)
                block = part[:, i * per_in : (i + 1) * per_in]
                y[:, rows] += np.einsum("nc...,mc->nm...", block, w[(rows, slice(None), *place)])
        return y + b.reshape(-1, *[1] * axes)

    return forward


def same_pads(given, sizes):
    """The padding of auto_pad: as many windows as the input has strides."""
    if given.get("auto_pad", "VALID") == "VALID":
        return given.get("pads", [0] * 2 * len(sizes))
    begin, end = [], []
    for size, k, d, s in zip(sizes, given["kernel_shape"], given["dilations"], given["strides"], strict=True):
        total = max((-(-size // s) - 1) * s + (k - 1) * d + 1 - size, 0)
        small, large = total // 2, total - total // 2
        begin.append(small if given["auto_pad"] == "SAME_UPPER" else large)
        end.append(large if given["auto_pad"] == "SAME_UPPER" else small)
    return begin + end


@more
@given(case=convolutions(), known=known)
def test_conv(case, known):
    given, x, w, b = case
    forward = correlate(given, same_pads(given, x.shape[2:]))
    node = helper.make_node("Conv", ["x", "w", "b"], ["y"], **given)
    check([node], {"x": x, "w": w, "b": b}, knowledge=known, forward=forward)


@more
@given(case=convolutions(), known=known)
def test_conv_with_fixed_weights(case, known):
    """Sizes of the picture unknown, those of the kernel known, as in a model file."""
    given, x, w, b = case
    forward = correlate(given, same_pads(given, x.shape[2:]))
    node = helper.make_node("Conv", ["x", "w", "b"], ["y"], **given)
    weights = {"w": w.astype(np.float32), "b": b.astype(np.float32)}
    check([node], {"x": x}, weights, knowledge=known, forward=lambda feeds: forward({**feeds, **weights}))


def spread_out(given):
    """ConvTranspose by its definition in float64."""
    strides, dilations, group = given["strides"], given["dilations"], given["group"]
    grow = given.get("output_padding", [0] * len(strides))

    def forward(feeds):
        x, w, b = feeds["x"], feeds["w"], feeds["b"]
        axes, per_in, per_out = len(strides), w.shape[0] // group, w.shape[1]
        spans = [
            (n - 1) * s + (k - 1) * d + 1 + o
            for n, s, k, d, o in zip(x.shape[2:], strides, w.shape[2:], dilations, grow, strict=True)
        ]
        full = np.zeros((x.shape[0], per_out * group, *spans))
        for place in np.ndindex(*w.shape[2:]):
            cut = tuple(
                slice(p * d, p * d + (n - 1) * s + 1, s)
                for p, d, n, s in zip(place, dilations, x.shape[2:], strides, strict=True)
            )
            for i in range(group):
                block, rows = x[:, i * per_in : (i + 1) * per_in], slice(i * per_in, (i + 1) * per_in)
                part = np.einsum("nc...,cm->nm...", block, w[(rows, slice(None), *place)])
                full[(slice(None), slice(i * per_out, (i + 1) * per_out), *cut)] += part
        pads = given.get("pads", [0] * 2 * axes)
        if given.get("auto_pad", "VALID") != "VALID":  # the output is stride times as large as the input
            totals = [span - n * s for span, n, s in zip(spans, x.shape[2:], strides, strict=True)]
            small, large = [max(t, 0) // 2 for t in totals], [max(t, 0) - max(t, 0) // 2 for t in totals]
            pads = small + large if given["auto_pad"] == "SAME_UPPER" else large + small
        kept = tuple(slice(p, span - e) for p, e, span in zip(pads[:axes], pads[axes:], spans, strict=True))
        return full[(slice(None), slice(None), *kept)] + b.reshape(-1, *[1] * axes)

    return forward


@more
@given(case=convolutions(transposed=True), known=known)
def test_conv_transpose(case, known):
    given, x, w, b = case
    assume(
        given.get("auto_pad", "VALID") == "VALID"
        or all(k >= s for k, s in zip(w.shape[2:], given["strides"], strict=True))
    )
    node = helper.make_node("ConvTranspose", ["x", "w", "b"], ["y"], **given)
    check([node], {"x": x, "w": w, "b": b}, knowledge=known, forward=spread_out(given))


def test_a_convolution_by_hand():
    """The window of kernel (1, 2) over (a, b, c): y = (a + 2 b, b + 2 c); with the cotangent (1, 10)."""
    x, w = np.array([[[3, 4, 5]]], np.float32), np.array([[[1, 2]]], np.float32)
    model = graph([helper.make_node("Conv", ["x", "w"], ["y"])], {"x": x}, {"w": w})
    dx, dw = run(differentiate(model, "y", ["x", "w"]), {"x": x, "grad_y": np.array([[[1, 10]]], np.float32)})
    assert dx.tolist() == [[[1, 12, 20]]] and dw.tolist() == [[[43, 54]]]


@pytest.mark.parametrize("auto_pad", ["NOTSET", "SAME_UPPER", "SAME_LOWER"])
@pytest.mark.parametrize("output_shape", [[7, 5], [6, 6], [7, 6]])
@pytest.mark.parametrize("known", KNOWLEDGE)
def test_conv_transpose_to_a_size(auto_pad, output_shape, known):
    """The operator is linear, so that ONNX Runtime's own answers to each cell alone are its exact derivative."""
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(1, 2, 3, 3)), rng.normal(size=(2, 1, 3, 3)).astype(np.float32)
    given = {"strides": [2, 2], "kernel_shape": [3, 3], "output_shape": output_shape}
    given |= {} if auto_pad == "NOTSET" else {"auto_pad": auto_pad}
    node = helper.make_node("ConvTranspose", ["x", "w"], ["y"], **given)
    model = graph([node], {"x": x.astype(np.float32)}, {"w": w})
    cells = np.eye(x.size, dtype=np.float32).reshape(-1, *x.shape)
    columns = np.stack([run(model, {"x": cell})[0] for cell in cells], -1).astype(np.float64)
    check([node], {"x": x}, {"w": w}, knowledge=known, forward=lambda feeds: columns @ feeds["x"].reshape(-1))
