"""The keys and values that a transformer keeps, growing row by row as it reads on; the browser keeps the time."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glassbox.ui.base.i18n import t
from glassbox.ui.components.register import register

_WORDS = ("play", "pause", "place", "kept", "with", "without", "keys", "values")
_component = register(__file__)


@dataclass(frozen=True)
class Rows:
    """What a layer keeps of each token: `keys` and `values` (tokens, numbers), and how the tokens are shown, `signs`.

    `sizes`: what all layers keep up to each token, in words; `seconds`: how long each token took with the cache and
    without it, in words and as shares of the longest, ((words, share), (words, share)) a token; none before they are
    measured. `layer` counts from 1; `colour`: of the network, in CSS.
    """

    signs: Sequence[str]
    keys: NDArray[np.floating]
    values: NDArray[np.floating]
    sizes: Sequence[str]
    layer: int
    colour: str
    seconds: Sequence[tuple[tuple[str, float], tuple[str, float]]] = ()


def key_value_cache(rows: Rows, *, key: str = "cache") -> None:
    """Draw `rows`, all of them there at first; they can be let grow, and gone through one by one."""
    most = max(float(np.abs(part).max()) for part in (rows.keys, rows.values)) or 1.0
    both = np.concatenate([rows.keys, rows.values], axis=1)
    _component(
        key=key,
        data={
            "signs": list(rows.signs),
            "numbers": both.shape[1],
            "cells": base64.b64encode(np.rint(127 * both / most).astype(np.int8).tobytes()).decode(),
            "sizes": list(rows.sizes),
            "layer": rows.layer,
            "colour": rows.colour,
            "seconds": [[list(one) for one in pair] for pair in rows.seconds],
            "words": {word: t(f"components.key_value_cache.{word}") for word in _WORDS},
        },
    )
