"""How long a transformer takes for each token of a text, with its cache of keys and values and without it."""

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from glassbox.engine.session import Session
from glassbox.text.transformer import CachedTransformer, ReadTokens

ROUNDS = 5
"""Times that each token is read: the fastest is told, as whatever else the machine does only adds to it."""


@dataclass(frozen=True)
class CacheTimes:
    """Seconds (T,) to the logits behind each token of a text: `cached`, reading that token alone; `uncached`, reading
    all tokens up to it once more."""

    cached: NDArray[np.float64]
    uncached: NDArray[np.float64]


def cache_times(session: Session, cached: CachedTransformer, ids: Sequence[int], rounds: int = ROUNDS) -> CacheTimes:
    """Return how long both take for the tokens `ids`, at most a context of them, by turns: the fastest of the rounds.

    `session` is the network without a cache, ids (N, T) to logits. Raises ValueError for no token, and for more than
    the context.
    """
    if not 1 <= len(ids) <= cached.context:
        raise ValueError(f"a text is 1 to {cached.context} tokens, not {len(ids)}")
    seconds = np.empty((2, rounds, len(ids)))
    for turn in range(rounds):
        state: ReadTokens | None = None
        for place, token in enumerate(ids):
            text = np.array([ids[: place + 1]], np.int64)
            begun = perf_counter()
            state = cached.start([token]) if state is None else cached.step(state, token)
            between = perf_counter()
            session.run({"ids": text}, ["logits"])
            seconds[:, turn, place] = between - begun, perf_counter() - between
    return CacheTimes(*seconds.min(axis=1))
