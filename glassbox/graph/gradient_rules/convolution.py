"""Convolutions over 1 to 3 axes, with stride, padding, dilation and groups.

Dumoulin & Visin, A guide to convolution arithmetic for deep learning, https://arxiv.org/abs/1603.07285.
"""

from __future__ import annotations

from collections.abc import Sequence

from glassbox.graph.backpropagation import Node, rule
from glassbox.graph.builder import Builder, Value
from glassbox.graph.gradient_rules.sliding_windows import Windows, windows
from glassbox.graph.shapes import Shape


@rule("Conv")
def conv(g: Builder, node: Node, dy: Value) -> Sequence[Value | None]:
    """y[m, l] = sum over c, k of w[m, c, k] x[c, l stride + k dilation - begin] + b[m]:

    dx = the transposed convolution of dy with w, db = the sum of dy,
    dw[m, c, k] = sum over l of dy[m, l] x[c, l stride + k dilation - begin].
    """
    x, w = node.x, node.required(1)
    at = windows(node, narrow=node.y, wide=x, kernel=kernel_of(node, w))
    parts = [transposed(g, dy, w, at, node["group"]), kernel_gradient(g, x, dy, w, at, node["group"])]
    return [*parts, g.sum(dy, [0, *range(2, x.rank)])][: len(node.inputs)]


@rule("ConvTranspose")
def conv_transpose(g: Builder, node: Node, dy: Value) -> Sequence[Value | None]:
    """y is the dx of a Conv with the same w whose dy is x. So dx = Conv(dy, w), and dw is as there, roles exchanged."""
    x, w = node.x, node.required(1)
    at = windows(node, narrow=x, wide=node.y, kernel=kernel_of(node, w), adjoint=True)
    if (pads := at.pads()) is not None:
        dx = g.op("Conv", dy, w, group=node["group"], pads=pads, **at.attributes())
    else:
        dx = g.op("Conv", at.cover(dy), w, group=node["group"], **at.attributes())
    parts = [dx, kernel_gradient(g, dy, x, w, at, node["group"])]
    return [*parts, g.sum(dy, [0, *range(2, x.rank)])][: len(node.inputs)]


def kernel_of(node: Node, w: Value) -> list[int]:
    """The size of the window, by attribute or by the shape of the weights."""
    if node["kernel_shape"]:
        return list(node["kernel_shape"])
    shape: Shape = w.shape or ()
    if len(shape) < 3 or not all(isinstance(size, int) for size in shape[2:]):
        raise node.error("needs a kernel of known size")
    return [size for size in shape[2:] if isinstance(size, int)]


def transposed(g: Builder, dy: Value, w: Value, at: Windows, group: int) -> Value:
    """dx: every cell of dy adds its multiple of the kernel to the cells of its window."""
    pads = at.pads()
    if pads is not None and (at.dilations == 1).all():
        return g.op("ConvTranspose", dy, w, group=group, pads=pads, **at.attributes())
    return at.uncover(g.op("ConvTranspose", dy, w, group=group, **at.attributes()))


def kernel_gradient(g: Builder, wide: Value, narrow: Value, w: Value, at: Windows, group: int) -> Value:
    """dw, a convolution too: examples become channels, stride and dilation change places.

    wide (N, C, *sizes), narrow (N, M, *counts) -> (M, C / group, *kernel).
    """
    axes = list(range(2, wide.rank))
    crossed = {"strides": at.dilations.tolist(), "dilations": at.strides.tolist(), "group": group}
    if (pads := at.pads()) is not None:
        crossed["pads"] = pads
    else:
        wide = at.cover(wide)
    if group == 1:
        examples = g.op("Transpose", wide, perm=[1, 0, *axes])
    else:
        # (N, C) -> (C / group, group N): the examples of one group lie side by side.
        sizes = g.sizes(wide, 2)
        apart = g.op("Reshape", wide, g.op("Concat", [0, group, -1], sizes, axis=0))
        turned = g.op("Transpose", apart, perm=[2, 1, 0, *[axis + 1 for axis in axes]])
        per_group = g.op("Shape", turned, start=0, end=1)
        examples = g.op("Reshape", turned, g.op("Concat", per_group, [-1], sizes, axis=0))
    weights = g.op("Transpose", narrow, perm=[1, 0, *axes])
    dw = g.op("Conv", examples, weights, **crossed)
    return g.op("Transpose", dw, perm=[1, 0, *axes])
