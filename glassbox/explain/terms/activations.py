"""Functions of one number, in float64 and on arrays of any shape, as ONNX has them: https://onnx.ai/onnx/operators/."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassbox.graph.recurrent_cells import PARAMETERS

Array = NDArray[np.float64]
Function = Callable[..., Array]


def sigmoid(x: Array) -> Array:
    """1 / (1 + e^-x), in a form that can't overflow."""
    return 0.5 * (1 + np.tanh(0.5 * x))


def hard_sigmoid(x: Array, alpha: float = 0.2, beta: float = 0.5) -> Array:
    """alpha x + beta, clipped to 0 and 1."""
    return np.clip(alpha * x + beta, 0, 1)


def elu(x: Array, alpha: float = 1.0) -> Array:
    """x if x > 0 else alpha (e^x - 1)."""
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


def leaky_relu(x: Array, alpha: float = 0.01) -> Array:
    """x if x >= 0 else alpha x."""
    return np.where(x < 0, alpha * x, x)


def selu(x: Array, alpha: float = 1.67326319217681884765625, gamma: float = 1.05070102214813232421875) -> Array:
    """gamma times the elu."""
    return gamma * elu(x, alpha)


def celu(x: Array, alpha: float = 1.0) -> Array:
    """x if x > 0 else alpha (e^(x / alpha) - 1)."""
    return np.maximum(x, 0) + alpha * np.expm1(np.minimum(x, 0) / alpha)


def softplus(x: Array) -> Array:
    """log(1 + e^x)."""
    return np.logaddexp(x, 0)


def gelu(x: Array, approximate: str = "none") -> Array:
    """x times the normal distribution function at x, or its approximation by tanh."""
    inner = np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)
    return 0.5 * x * (1 + (np.tanh(inner) if approximate == "tanh" else erf(x / np.sqrt(2))))


def thresholded_relu(x: Array, alpha: float = 1.0) -> Array:
    """x if x > alpha else 0."""
    return np.where(x > alpha, x, 0)


def clip(x: Array, min: float = -math.inf, max: float = math.inf) -> Array:
    """x, but at least `min` and at most `max`."""
    return np.minimum(np.maximum(x, min), max)


erf: Function = np.vectorize(math.erf, otypes=[np.float64])

# Operators of one input. Their attributes (Clip's further inputs) are the function's keywords.
UNARY: Mapping[str, Function] = {
    "Abs": np.abs,
    "Acos": np.arccos,
    "Acosh": np.arccosh,
    "Asin": np.arcsin,
    "Asinh": np.arcsinh,
    "Atan": np.arctan,
    "Atanh": np.arctanh,
    "Ceil": np.ceil,
    "Celu": celu,
    "Clip": clip,
    "Cos": np.cos,
    "Cosh": np.cosh,
    "Elu": elu,
    "Erf": erf,
    "Exp": np.exp,
    "Floor": np.floor,
    "Gelu": gelu,
    "HardSigmoid": hard_sigmoid,
    "HardSwish": lambda x: x * hard_sigmoid(x, 1 / 6, 0.5),
    "LeakyRelu": leaky_relu,
    "Log": np.log,
    "Mish": lambda x: x * np.tanh(softplus(x)),
    "Neg": np.negative,
    "Reciprocal": np.reciprocal,
    "Relu": lambda x: np.maximum(x, 0),
    "Round": np.rint,
    "Selu": selu,
    "Sigmoid": sigmoid,
    "Sign": np.sign,
    "Sin": np.sin,
    "Sinh": np.sinh,
    "Softplus": softplus,
    "Softsign": lambda x: x / (1 + np.abs(x)),
    "Sqrt": np.sqrt,
    "Swish": lambda x, alpha=1.0: x * sigmoid(alpha * x),
    "Tan": np.tan,
    "Tanh": np.tanh,
    "ThresholdedRelu": thresholded_relu,
}

_RECURRENT: Mapping[str, Function] = {
    "affine": lambda x, a, b: a * x + b,
    "elu": elu,
    "hardsigmoid": hard_sigmoid,
    "leakyrelu": leaky_relu,
    "relu": UNARY["Relu"],
    "scaledtanh": lambda x, a, b: a * np.tanh(b * x),
    "sigmoid": sigmoid,
    "softplus": softplus,
    "softsign": UNARY["Softsign"],
    "tanh": np.tanh,
    "thresholdedrelu": thresholded_relu,
}
"""The activations that a recurrent operator can name; those in PARAMETERS take an alpha, some a beta too."""


def recurrent(attributes: Mapping[str, Any], defaults: tuple[str, ...]) -> list[Function]:
    """Return the activations of a recurrent node, direction after direction.

    The attributes `activation_alpha` and `activation_beta` are consumed in order by the functions that have one. Raises
    ValueError for a function that ONNX doesn't have (ONNX Runtime refuses such a model earlier).
    """
    given = iter(attributes.get("activation_alpha", ())), iter(attributes.get("activation_beta", ()))
    functions = []
    for name in map(str.lower, attributes.get("activations", defaults)):
        if name not in _RECURRENT:
            raise ValueError(f"no recurrent activation is named {name!r}; there are {', '.join(_RECURRENT)}")
        parameters = [next(rest, usual) for rest, usual in zip(given, PARAMETERS.get(name, ()), strict=False)]
        functions.append(lambda x, f=_RECURRENT[name], p=parameters: f(x, *p))
    return functions
