"""A recurrent language model that reads on: all that it keeps of a text is its state, which is as long for any text."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from glassbox.engine.session import Session
from glassbox.text.recurrent import IDS, padded

_STATES = ("state", "cell")


class ReadState(NamedTuple):
    """What a recurrent model knows after some tokens: its `hidden` state by the names of the model's inputs, float32
    (1, H), and the `logits` (V,) of the token that comes next."""

    hidden: dict[str, NDArray[np.float32]]
    logits: NDArray[np.float32]

    @property
    def bytes(self) -> int:
        """How many bytes the state takes."""
        return sum(part.nbytes for part in self.hidden.values())


class RecurrentReader:
    """One recurrent language model, ready to read. Threads may share it: a `ReadState` holds all that changes."""

    def __init__(self, model: bytes, provider: str = "cpu") -> None:
        """Raises ValueError for a model that takes no ids and state, and returns no logits."""
        self._session = Session(model, provider)
        self._start: dict[str, NDArray[np.float32]] = {}
        for name in _STATES:
            if name in self._session.inputs:
                self._start[name] = np.zeros((1, int(self._session.inputs[name][1])), np.float32)
        if not self._start or IDS not in self._session.inputs:
            raise ValueError(f"a recurrent model takes {IDS} and a state; this one takes {[*self._session.inputs]}")
        self._outputs = ["logits", *(f"next_{name}" for name in self._start)]

    def start(self, ids: Sequence[int]) -> ReadState:
        """Return the state after the tokens `ids`, one at least."""
        return self._read(ids, self._start)

    def step(self, state: ReadState, id: int) -> ReadState:
        """Return the state after one token more."""
        return self._read([id], state.hidden)

    def _read(self, ids: Sequence[int], hidden: dict[str, NDArray[np.float32]]) -> ReadState:
        outputs = self._session.run({**padded([ids]), **hidden}, self._outputs).outputs
        return ReadState({name: outputs[f"next_{name}"] for name in hidden}, outputs["logits"][0, -1])
