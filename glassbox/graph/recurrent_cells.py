"""The recurrent operators RNN, GRU and LSTM: what the ONNX standard says of them, and one step in plain operators.

https://onnx.ai/onnx/operators/onnx__RNN.html, onnx__GRU.html, onnx__LSTM.html. N is the batch, H the hidden size.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from glassbox.graph.builder import Builder, Value
from glassbox.graph.node import Node

Activation = Callable[[Builder, Value], Value]
Step = Callable[..., tuple[tuple[Value, ...], dict[str, Value]]]

PARAMETERS: dict[str, tuple[float, ...]] = {
    "affine": (0.0, 0.0),
    "leakyrelu": (0.01,),
    "thresholdedrelu": (0.0,),
    "scaledtanh": (0.0, 0.0),
    "hardsigmoid": (0.2, 0.5),
    "elu": (1.0,),
}
"""alpha and beta of the activations that take them, with the values that ONNX Runtime takes where a node gives none:
those of the operators of the same name, but zeros for Affine, ThresholdedRelu and ScaledTanh."""
PEEPHOLES = ("i", "o", "f")
"""The gates of an LSTM that may look at the cell state, in the order of their weights."""
_OPERATORS = {
    name.lower(): name
    for name in (
        "Relu",
        "Tanh",
        "Sigmoid",
        "Softsign",
        "Softplus",
        "LeakyRelu",
        "ThresholdedRelu",
        "HardSigmoid",
        "Elu",
    )
}


@dataclass(frozen=True)
class Cell:
    """A kind of cell: its gates in the order of the rows of W, its states, its default activations and its step.

    `weights` splits what multiplies or joins the state within a step off R and B, as tensors ready for use: from
    R^T (H, gates H), Rb (gates H,) and P (3 H,) or None.
    `step` gives the next states, and the gates by name, from the weights, z = W x_t + b (N, gates H), h and, for the
    LSTM, c (N, H). The states before may have one more axis in front, the steps.
    """

    gates: tuple[str, ...]
    states: tuple[str, ...]
    activations: tuple[str, ...]
    weights: Callable[..., dict[str, Value]]
    step: Step


def activations(node: Node, direction: int, defaults: Sequence[str]) -> list[Activation]:
    """Return the activations of one direction, each clipped as the node asks, with their alpha and beta.

    Raises GradientError for one that ONNX does not have.
    """
    names = [name.lower() for name in node["activations"] or []]
    names = names or [name.lower() for name in defaults] * (2 if node["direction"] == "bidirectional" else 1)
    alphas, betas = list(node["activation_alpha"] or []), list(node["activation_beta"] or [])
    made = [_activation(node, name, alphas, betas) for name in names]
    return made[direction * len(defaults) : (direction + 1) * len(defaults)]


def _activation(node: Node, name: str, alphas: list[float], betas: list[float]) -> Activation:
    if name not in _OPERATORS and name not in PARAMETERS:
        raise node.error(f"uses the activation {name!r}, which has no gradient rule")
    # alpha and beta are listed for those activations alone that take them, in order.
    values = [
        rest.pop(0) if rest else default
        for rest, default in zip((alphas, betas), PARAMETERS.get(name, ()), strict=False)
    ]
    limit = node["clip"]

    def activate(g: Builder, x: Value) -> Value:
        if limit:
            x = g.op("Clip", x, -limit, limit)
        if name == "affine":
            return values[0] * x + values[1]
        if name == "scaledtanh":
            return values[0] * g.op("Tanh", values[1] * x)
        return g.op(_OPERATORS[name], x, **dict(zip(("alpha", "beta"), values, strict=False)))

    return activate


def _split(g: Builder, x: Value, parts: int) -> list[Value]:
    names = [g.fresh("gate") for _ in range(parts)]
    return g.ops("Split", x, names=names, axis=-1, num_outputs=parts)


def _plain_weights(g: Builder, node: Node, r: Value, rb: Value | None, p: Value | None) -> dict[str, Value]:
    return {"R": r}


def _rnn(
    g: Builder, node: Node, f: list[Activation], w: dict[str, Value], z: Value, h: Value
) -> tuple[tuple[Value, ...], dict[str, Value]]:
    """h' = f(z + R h)."""
    return (f[0](g, z + g.op("MatMul", h, w["R"])),), {}


def _gru_weights(g: Builder, node: Node, r: Value, rb: Value | None, p: Value | None) -> dict[str, Value]:
    hidden = int(node["hidden_size"])
    if not node["linear_before_reset"]:
        names = [g.fresh("R_zr"), g.fresh("R_h")]
        return dict(zip(("R_zr", "R_h"), g.ops("Split", r, [2 * hidden, hidden], names=names, axis=1), strict=True))
    if rb is None:
        return {"R": r}
    return {"R": r, "b_h": g.op("Slice", rb, [2 * hidden], [3 * hidden], [0])}


def _gru(
    g: Builder, node: Node, f: list[Activation], w: dict[str, Value], z: Value, h: Value
) -> tuple[tuple[Value, ...], dict[str, Value]]:
    """u = f(z_u + R_u h), r = f(z_r + R_r h), n = g(z_n + R_n (r h)), h' = (1 - u) n + u h. (ONNX calls u z, and n h.)

    With linear_before_reset n = g(z_n + r (R_n h + b)).
    """
    hidden = int(node["hidden_size"])
    z_ur, z_n = g.ops("Split", z, [2 * hidden, hidden], names=[g.fresh("gate"), g.fresh("gate")], axis=-1)
    if node["linear_before_reset"]:
        product = g.op("MatMul", h, w["R"])
        names = [g.fresh("gate"), g.fresh("gate")]
        h_ur, h_n = g.ops("Split", product, [2 * hidden, hidden], names=names, axis=-1)
        u, r = _split(g, f[0](g, z_ur + h_ur), 2)
        n = f[1](g, z_n + r * (h_n + w["b_h"] if "b_h" in w else h_n))
    else:
        u, r = _split(g, f[0](g, z_ur + g.op("MatMul", h, w["R_zr"])), 2)
        n = f[1](g, z_n + g.op("MatMul", r * h, w["R_h"]))
    return (n + u * (h - n),), {"z": u, "r": r, "h": n}


def _lstm_weights(g: Builder, node: Node, r: Value, rb: Value | None, p: Value | None) -> dict[str, Value]:
    if p is None:
        return {"R": r}
    names = [g.fresh(f"P_{gate}") for gate in PEEPHOLES]
    parts = g.ops("Split", p, names=names, axis=0, num_outputs=len(PEEPHOLES))
    return {"R": r} | {f"P_{gate}": part for gate, part in zip(PEEPHOLES, parts, strict=True)}


def _lstm(
    g: Builder, node: Node, f: list[Activation], w: dict[str, Value], z: Value, h: Value, c: Value
) -> tuple[tuple[Value, ...], dict[str, Value]]:
    """i, o, f = f(z + R h + P c), n = g(z_n + R_n h): c' = f c + i n, h' = o h(c'). o looks at c', i and f at c.

    (ONNX calls n c, and c' C.)
    """
    i, o, forget, n = _split(g, z + g.op("MatMul", h, w["R"]), 4)
    if "P_i" in w:
        i, forget = i + w["P_i"] * c, forget + w["P_f"] * c
    i = f[0](g, i)
    forget = 1 - i if node["input_forget"] else f[0](g, forget)
    n = f[1](g, n)
    after = forget * c + i * n
    o = f[0](g, o + w["P_o"] * after if "P_o" in w else o)
    return (o * f[2](g, after), after), {"i": i, "o": o, "f": forget, "c": n, "C": after}


CELLS = {
    "RNN": Cell(
        gates=("",),  # one, which is the state itself
        states=("h",),
        activations=("Tanh",),
        weights=_plain_weights,
        step=_rnn,
    ),
    "GRU": Cell(
        gates=("z", "r", "h"),
        states=("h",),
        activations=("Sigmoid", "Tanh"),
        weights=_gru_weights,
        step=_gru,
    ),
    "LSTM": Cell(
        gates=("i", "o", "f", "c"),
        states=("h", "c"),
        activations=("Sigmoid", "Tanh", "Tanh"),
        weights=_lstm_weights,
        step=_lstm,
    ),
}


def input_bias(g: Builder, node: Node, b: Value) -> tuple[Value, Value]:
    """Return the bias that joins W x, and the part of it that comes from R, each (gates H,): B holds one of each.

    With linear_before_reset the new state's bias from R is added inside of the step instead, before the reset.
    """
    hidden = int(node["hidden_size"])
    wb, rb = g.ops("Split", b, names=[g.fresh("bias_W"), g.fresh("bias_R")], axis=0, num_outputs=2)
    if node["linear_before_reset"]:
        kept = np.repeat([1.0, 1.0, 0.0], hidden)
        return wb + rb * g.constant(kept, b.dtype), rb
    return wb + rb, rb
