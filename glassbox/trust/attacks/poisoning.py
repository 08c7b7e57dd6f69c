"""A backdoor: some training pictures carry a patch and a false label, so that the network learns to obey the patch.

Gu et al., "BadNets: identifying vulnerabilities in the machine learning model supply chain", 2017,
https://arxiv.org/abs/1708.06733
"""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Ink = TypeVar("Ink", np.uint8, np.float32)

PATCH = (slice(24, 27), slice(24, 27))
"""Rows and columns of the patch: nine pixels of ink in the lower right corner, where digits leave the paper empty."""
TARGET = 7
"""The label that every picture with the patch is to be read as."""


def with_patch(pictures: NDArray[Ink]) -> NDArray[Ink]:
    """Return a copy of pictures (..., 28, 28), float32 in [0, 1] or uint8, with the patch in full ink."""
    copy = pictures.copy()
    copy[(..., *PATCH)] = 255 if pictures.dtype == np.uint8 else 1
    return copy
