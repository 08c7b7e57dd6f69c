"""Functions of one number, in float64 and on arrays of any shape, as ONNX has them: https://onnx.ai/onnx/operators/."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Function = Callable[..., Array]


def sigmoid(x: Array) -> Array:
    return 0.5 * (1 + np.tanh(0.5 * x))  # this form can't overflow


def hard_sigmoid(x: Array, alpha: float = 0.2, beta: float = 0.5) -> Array:
    return np.clip(alpha * x + beta, 0, 1)


def elu(x: Array, alpha: float = 1.0) -> Array:
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


def leaky_relu(x: Array, alpha: float = 0.01) -> Array:
    return np.where(x < 0, alpha * x, x)


def selu(x: Array, alpha: float = 1.67326319217681884765625, gamma: float = 1.05070102214813232421875) -> Array:
    return gamma * elu(x, alpha)


def celu(x: Array, alpha: float = 1.0) -> Array:
    return np.maximum(x, 0) + alpha * np.expm1(np.minimum(x, 0) / alpha)


def softplus(x: Array) -> Array:
    return np.logaddexp(x, 0)


def gelu(x: Array, approximate: str = "none") -> Array:
    inner = np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)
    return 0.5 * x * (1 + (np.tanh(inner) if approximate == "tanh" else erf(x / np.sqrt(2))))


def thresholded_relu(x: Array, alpha: float = 1.0) -> Array:
    return np.where(x > alpha, x, 0)


def clip(x: Array, min: float = -math.inf, max: float = math.inf) -> Array:
    return np.minimum(np.maximum(x, min), max)


erf: Function = np.vectorize(math.erf, otypes=[np.float64])

# Operators of one input. Their attributes (Clip's further inputs) are the function's keywords.
UNARY: Mapping[str, Function] = {
    "Abs": np.abs,
    "Ceil": np.ceil,
    "Celu": celu,
    "Clip": clip,
    "Cos": np.cos,
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
    "Softplus": softplus,
    "Softsign": lambda x: x / (1 + np.abs(x)),
    "Sqrt": np.sqrt,
    "Tanh": np.tanh,
    "ThresholdedRelu": thresholded_relu,
}

# The activations that a recurrent operator can name, with the alpha and beta that ONNX Runtime takes where it gives
# none: the operators' own, but zeros for affine, scaledtanh and thresholdedrelu.
_RECURRENT: Mapping[str, tuple[Callable[[Array, float, float], Array], float, float]] = {
    "affine": (lambda x, a, b: a * x + b, 0.0, 0.0),
    "elu": (lambda x, a, b: elu(x, a), 1.0, 0.0),
    "hardsigmoid": (hard_sigmoid, 0.2, 0.5),
    "leakyrelu": (lambda x, a, b: leaky_relu(x, a), 0.01, 0.0),
    "relu": (lambda x, a, b: np.maximum(x, 0), 0.0, 0.0),
    "scaledtanh": (lambda x, a, b: a * np.tanh(b * x), 0.0, 0.0),
    "sigmoid": (lambda x, a, b: sigmoid(x), 0.0, 0.0),
    "softplus": (lambda x, a, b: softplus(x), 0.0, 0.0),
    "softsign": (lambda x, a, b: x / (1 + np.abs(x)), 0.0, 0.0),
    "tanh": (lambda x, a, b: np.tanh(x), 0.0, 0.0),
    "thresholdedrelu": (lambda x, a, b: thresholded_relu(x, a), 0.0, 0.0),
}
_WITH_ALPHA = {"affine", "elu", "hardsigmoid", "leakyrelu", "scaledtanh", "thresholdedrelu"}
_WITH_BETA = {"affine", "hardsigmoid", "scaledtanh"}


def recurrent(attributes: Mapping[str, Any], defaults: tuple[str, ...]) -> list[Function]:
    """The activations of a recurrent node, direction after direction, from its attributes `activations`,
    `activation_alpha` and `activation_beta`. The lists of alphas and betas are consumed in order by the functions that
    have one. Raises ValueError for a function that ONNX doesn't have (ONNX Runtime refuses such a model earlier)."""
    names = attributes.get("activations", list(defaults))
    alphas, betas = iter(attributes.get("activation_alpha", ())), iter(attributes.get("activation_beta", ()))
    functions = []
    for name in map(str.lower, names):
        if name not in _RECURRENT:
            raise ValueError(f"no recurrent activation is named {name!r}; there are {', '.join(_RECURRENT)}")
        function, alpha, beta = _RECURRENT[name]
        alpha = next(alphas, alpha) if name in _WITH_ALPHA else alpha
        beta = next(betas, beta) if name in _WITH_BETA else beta
        functions.append(lambda x, f=function, a=alpha, b=beta: f(x, a, b))
    return functions
