"""The discrete Fourier transform, of the whole or of frames, and windows laid over each other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from glassbox.graph.builder import Builder, Value
from glassbox.graph.node import Node
from glassbox.graph.written_out import decomposition


@decomposition("DFT")
def fourier(g: Builder, node: Node) -> Sequence[Value | None] | None:
    """A product with the matrix of cosines and sines; real and imaginary parts are the last axis of x and y."""
    x = node.x
    given = node.known(2) if node.input(2) is not None else np.array(node["axis"] if node["axis"] is not None else -2)
    if given is None or x.shape is None:
        return None
    axis, parts, length = int(given.reshape(())) % x.rank, x.shape[-1], None
    size = x.shape[axis]
    if node.input(1) is not None:
        length = node.known(1)
        if length is None:
            return None
    if not isinstance(size, int) or parts not in (1, 2):
        return None
    real = bool(node["inverse"] and node["onesided"])
    n = int(length.reshape(())) if length is not None else 2 * (size - 1) if real else size
    if real and n % 2 and size > n // 2 + 1:  # of which the engine reads one more
        return None
    matrix = _matrix(size, n, int(parts), bool(node["inverse"]), bool(node["onesided"]))
    order = [*(place for place in range(x.rank - 1) if place != axis), axis, x.rank - 1]
    turned = g.op("Transpose", x, perm=order)
    rows = g.op("Reshape", turned, g.op("Concat", g.sizes(turned, 0, x.rank - 2), [size * parts], axis=0))
    products = g.op("MatMul", rows, g.constant(matrix, x.dtype))
    shape = g.op("Concat", g.sizes(turned, 0, x.rank - 2), [matrix.shape[1] // _parts(node), _parts(node)], axis=0)
    return [g.op("Transpose", g.op("Reshape", products, shape), perm=np.argsort(order).tolist())]


@decomposition("STFT")
def short_time_fourier(g: Builder, node: Node) -> Sequence[Value | None] | None:
    """The transform of each frame, times the window: (batch, length, parts) -> (batch, frame, frequency, 2)."""
    x, window, step, given = node.x, node.input(2), node.known(1), node.known(3)
    length = None if x.shape is None or x.rank != 3 else x.shape[1]
    width = given.reshape(()) if given is not None else None if window is None else (window.shape or (None,))[0]
    if step is None or not isinstance(length, int) or x.shape is None or x.shape[-1] not in (1, 2):
        return None
    if width is None or isinstance(width, str):
        return None
    size, parts, onesided = int(width), x.shape[-1], node["onesided"] != 0
    starts = np.arange(0, length - size + 1, int(step.reshape(())))
    rows = g.op("Gather", x, starts[:, None] + np.arange(size), axis=1)
    if window is not None:
        rows = rows * g.op("Reshape", window, [-1, 1])
    matrix = g.constant(_matrix(size, size, int(parts), False, onesided), x.dtype)
    products = g.op("MatMul", g.op("Reshape", rows, [0, 0, size * int(parts)]), matrix)
    return [g.op("Reshape", products, [0, 0, -1, 2])]


@decomposition("Col2Im")
def col2im(g: Builder, node: Node) -> Sequence[Value | None] | None:
    """The sum of windows where they lie over each other: a transposed convolution that lays down one cell of a window
    for each channel."""
    x, image, block = node.x, node.known(1), node.known(2)
    channels = None if x.shape is None or x.rank != 3 else x.shape[1]
    if image is None or block is None or not isinstance(channels, int):
        return None
    axes, cells = len(block), int(block.prod())
    strides, dilations = (np.array(node[name] or [1] * axes) for name in ("strides", "dilations"))
    pads = np.array(node["pads"] or [0] * 2 * axes)
    spans = dilations * (block - 1) + 1
    counts = (image + pads[:axes] + pads[axes:] - spans) // strides + 1
    left = image + pads[:axes] + pads[axes:] - (counts - 1) * strides - spans  # cells that no window reaches
    kernel = np.tile(np.eye(cells), (channels // cells, 1)).reshape(channels, 1, *block)
    windows = g.op("Reshape", x, [0, 0, *counts.tolist()])
    y = g.op(
        "ConvTranspose",
        windows,
        g.constant(kernel, x.dtype),
        group=channels // cells,
        strides=strides.tolist(),
        dilations=dilations.tolist(),
    )
    ends = [-int(pad) for pad in pads[:axes]], [int(more - pad) for more, pad in zip(left, pads[axes:], strict=True)]
    return [g.op("Pad", y, [0, 0, *ends[0], 0, 0, *ends[1]])]


def _parts(node: Node) -> int:
    return 1 if node["inverse"] and node["onesided"] else 2


def _matrix(size: int, n: int, parts: int, inverse: bool, onesided: bool) -> NDArray[np.float64]:
    """Return the matrix from (size, parts) cells to those of the transform of length `n`, both flattened."""
    half = n // 2 + 1
    if inverse and onesided:  # the other half is its mirror image, conjugate
        places, count = np.arange(n), half
        twice = np.where((np.arange(count) == 0) | (2 * np.arange(count) == n), 1.0, 2.0)
        angles = 2 * np.pi * np.outer(np.arange(count), places) / n
        full = np.stack([twice[:, None] * np.cos(angles), -twice[:, None] * np.sin(angles)], axis=1) / n
        return _cut(full[:, :parts, :, None], size)
    places = np.arange(half if onesided else n)
    sign = 1 if inverse else -1
    angles = sign * 2 * np.pi * np.outer(np.arange(n), places) / n
    cos, sin = np.cos(angles), np.sin(angles)
    full = np.stack([np.stack([cos, sin], -1), np.stack([-sin, cos], -1)], axis=1) / (n if inverse else 1)
    return _cut(full[:, :parts], size)


def _cut(full: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    """Return the rows for `size` cells, those past the length of the transform being left out."""
    rows = np.zeros((size, *full.shape[1:]))
    count = min(size, len(full))
    rows[:count] = full[:count]
    return rows.reshape(size * full.shape[1], -1)
