"""Digits as networks take them: grey values 0 to 255 as float32 tensors in [0, 1], in the shape of an input."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassbox.engine.choice import ModelSession

_WHITE = np.float32(255)


def rescaled(digits: NDArray[Any]) -> NDArray[np.float32]:
    """Return the grey values 0 to 255 of `digits`, of any shape, as float32 in [0, 1]."""
    return np.asarray(digits, np.float32) / _WHITE


def as_input(pictures: NDArray[Any], shape: Sequence[int | str]) -> NDArray[np.float32]:
    """Return pictures, (28, 28) or (n, 28, 28), in the `shape` of a network's input: (n, 28, 28), (n, 1, 28, 28)...

    Raises ValueError where another size than that of the batch is free, and for pictures of another size.
    """
    return np.ascontiguousarray(pictures, np.float32).reshape(-1, *map(int, shape[1:]))


def feed(session: ModelSession, pictures: NDArray[Any]) -> dict[str, NDArray[np.float32]]:
    """Return what `ModelSession.run` takes, for a network of one input, to read pictures (28, 28) or (n, 28, 28)."""
    ((name, shape),) = session.inputs.items()
    return {name: as_input(pictures, shape)}
