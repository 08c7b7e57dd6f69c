"""Normalisations. x^ is the normalised input, s the scale, e epsilon."""

from __future__ import annotations

from collections.abc import Sequence

from glassbox.graph.backpropagation import Node, NoRule, rule
from glassbox.graph.builder import Builder, Value


@rule("BatchNormalization")
def batch_normalization(g: Builder, node: Node, dy: Value) -> Sequence[Value | None]:
    """y = s (x - m) / sqrt(v + e) + b with m and v given: a straight line in x, s and b for each channel.

    dx = dy s / sqrt(v + e), ds = sum dy x^, db = sum dy, dm = -sum dx, dv = -sum dx x^ / (2 sqrt(v + e)).
    Ioffe & Szegedy, https://arxiv.org/abs/1502.03167.
    """
    if node["training_mode"]:
        raise NoRule(str(node.error("learns from the batch (training_mode), which has no rule of its own")))
    x, s, _, m, v = (node.required(index) for index in range(5))
    axes = [axis for axis in range(x.rank) if axis != 1]
    deviation = g.op("Sqrt", v + node["epsilon"])
    dx = dy * _channels(g, s / deviation, x)
    normal = (x - _channels(g, m, x)) / _channels(g, deviation, x)
    dv = -0.5 * g.sum(dx * normal, axes) / deviation
    return dx, g.sum(dy * normal, axes), g.sum(dy, axes), -g.sum(dx, axes), dv


@rule("LayerNormalization")
def layer_normalization(g: Builder, node: Node, dy: Value) -> Sequence[Value | None]:
    """y = s x^ + b, x^ = (x - mean) / sqrt(var + e) over the axes from `axis` on; with n = dy s:

    dx = (n - mean n - x^ mean(n x^)) / sqrt(var + e), ds = sum dy x^, db = sum dy. Ba et al., https://arxiv.org/abs/1607.06450.
    """
    x, s, b = node.x, node.required(1), node.input(2)
    axes = list(range(node["axis"] % x.rank, x.rank))
    normal, dx = _normalised(g, x, dy * s, axes, node["epsilon"])
    return [dx, g.sum_to(dy * normal, s), g.sum_to(dy, b) if b is not None else None][: len(node.inputs)]


@rule("InstanceNormalization")
def instance_normalization(g: Builder, node: Node, dy: Value) -> Sequence[Value | None]:
    """As LayerNormalization, but over the cells of one channel of one example, with a scale and a bias a channel.

    Ulyanov et al., https://arxiv.org/abs/1607.08022.
    """
    x, s = node.x, node.required(1)
    normal, dx = _normalised(g, x, dy * _channels(g, s, x), list(range(2, x.rank)), node["epsilon"])
    others = [0, *range(2, x.rank)]
    return dx, g.sum(dy * normal, others), g.sum(dy, others)


def _normalised(g: Builder, x: Value, n: Value, axes: Sequence[int], epsilon: float) -> tuple[Value, Value]:
    """x^ and, for its cotangent n, the gradient of x."""
    centred = x - g.mean(x, axes)
    deviation = g.op("Sqrt", g.mean(centred * centred, axes) + epsilon)
    normal = centred / deviation
    return normal, (n - g.mean(n, axes) - normal * g.mean(n * normal, axes)) / deviation


def _channels(g: Builder, values: Value, x: Value) -> Value:
    """(C,) -> (C, 1, ...), to stand against axis 1 of x."""
    return g.op("Reshape", values, [-1, *[1] * (x.rank - 2)])
