"""A transformer that reads on: it keeps the keys and values of what it has read, and reads each token once."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from glassbox.engine.session import Session
from glassbox.graph.model import Model
from glassbox.graph.transformer_cache import PAST, PRESENT, with_cache

Cache = dict[str, NDArray[np.float32]]
"""past_keyI and past_valueI (1, heads, tokens, size) of each layer I."""


class ReadTokens(NamedTuple):
    """What a transformer knows after the tokens `ids`: the `cache` of their keys and values, and the `logits` (V,) of
    the token that comes next."""

    ids: tuple[int, ...]
    cache: Cache
    logits: NDArray[np.float32]


class CachedTransformer:
    """One transformer, ready to read. Threads may share it: a `ReadTokens` holds all that changes."""

    def __init__(self, model: Model, context: int, provider: str = "cpu") -> None:
        """`context`: the tokens that it reads at most. Raises ValueError for a model that
        `glassbox.graph.transformer_writer` did not write."""
        self.context = context
        self._session = Session(with_cache(model).SerializeToString(), provider)
        self._present = {name: name.replace(PAST, PRESENT) for name in self._session.inputs if name.startswith(PAST)}
        self._outputs = ["logits", *self._present.values()]
        self._empty: Cache = {}
        for name in self._present:
            _, heads, _, size = self._session.inputs[name]
            self._empty[name] = np.zeros((1, int(heads), 0, int(size)), np.float32)

    def start(self, ids: Sequence[int]) -> ReadTokens:
        """Return the state after the tokens `ids`, one at least.

        Of more than the context the last are read, from a half of a context on: so that a text which is read on token
        by token is read again only once in half a context, and from the same places as here.
        """
        half = max(self.context // 2, 1)
        behind = max(len(ids) - self.context, 0)
        return self._read(tuple(ids[-(-behind // half) * half :]), (), self._empty)

    def step(self, state: ReadTokens, id: int) -> ReadTokens:
        """Return the state after one token more. Where the context is full, its older half is forgotten."""
        if len(state.ids) == self.context:
            return self.start((*state.ids, id))
        return self._read((id,), state.ids, state.cache)

    def _read(self, new: tuple[int, ...], before: tuple[int, ...], cache: Cache) -> ReadTokens:
        found = self._session.run({"ids": np.array([new], np.int64), **cache}, self._outputs).outputs
        kept = {past: found[present] for past, present in self._present.items()}
        return ReadTokens((*before, *new), kept, found["logits"][0])
