"""The discrete Fourier transform."""

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
    matrix = _matrix(size, n, int(parts), bool(node["inverse"]), bool(node["onesided"]))
    order = [*(place for place in range(x.rank - 1) if place != axis), axis, x.rank - 1]
    turned = g.op("Transpose", x, perm=order)
    rows = g.op("Reshape", turned, g.op("Concat", g.sizes(turned, 0, x.rank - 2), [size * parts], axis=0))
    products = g.op("MatMul", rows, g.constant(matrix, x.dtype))
    shape = g.op("Concat", g.sizes(turned, 0, x.rank - 2), [matrix.shape[1] // _parts(node), _parts(node)], axis=0)
    return [g.op("Transpose", g.op("Reshape", products, shape), perm=np.argsort(order).tolist())]


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
