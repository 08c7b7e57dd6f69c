"""The weights of one neuron as a 28x28 picture over the digit, and beside it their products with the pixels."""

import numpy as np
from numpy.typing import NDArray

from glassbox.ui.base.i18n import t
from glassbox.ui.components.register import register

_component = register(__file__)
_WORDS = ("weights", "products", "cell", "scale", "explore_weights")


def neuron_weights(kernel: NDArray[np.float32], digit: NDArray[np.float32], key: str = "weights") -> None:
    """Draw the weights `kernel` (784,) with the outline of `digit` (784,), in [0, 1], and beside them their products.

    Both are on the diverging palette, each with a symmetric scale of its own, printed below it.
    """
    _component(
        key=key,
        data={
            "kernel": [float(f"{float(weight):.4g}") for weight in kernel],
            "digit": [float(f"{float(value):.4g}") for value in digit],
            "words": {name: t(f"components.mlp_diagram.{name}") for name in _WORDS},
        },
    )
