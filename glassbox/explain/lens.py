"""The logit lens: what a transformer would say of the next token if it stopped behind a layer.

The stream behind each layer is given to the last norm and the unembedding as if it were the last (nostalgebraist,
"interpreting GPT: the logit lens", 2020, https://www.lesswrong.com/posts/AcKRB8wDpdaN6v6ru). With the norm, the last
layer's are the model's own logits. Without it, the same stream goes straight into the unembedding: then a logit is the
plain sum of what was written, which the norm divides by one number a position. That keeps the order of the tokens but
not their probabilities, and no probabilities but the normed ones are the model's: the two are often taken for each
other (https://github.com/TransformerLensOrg/TransformerLens/issues/1076).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from glassbox.calibration import softmax
from glassbox.engine.session import Session
from glassbox.explain.transformer_reader import TransformerReader, TransformerReading
from glassbox.graph.submodel import submodel_from, submodel_to

Logits = NDArray[np.float32]


class Guess(NamedTuple):
    """A token by its id, its logit and its probability by the softmax over all tokens."""

    token: int
    logit: float
    probability: float


@dataclass(frozen=True)
class Lens:
    """Logits (layers + 1, positions, vocabulary) of the stream behind the embedding and behind each layer, `streams` by
    name, at some `positions`: `normed` through the last norm, `raw` without it."""

    streams: tuple[str, ...]
    positions: tuple[int, ...]
    normed: Logits
    raw: Logits

    def at(self, position: int, with_norm: bool = True) -> Logits:
        """Return the logits at a position with the last norm or without it, (layers + 1, vocabulary).

        Raises ValueError for a position that was not asked for.
        """
        if position not in self.positions:
            raise ValueError(f"position {position} was not read; there are {', '.join(map(str, self.positions))}")
        return (self.normed if with_norm else self.raw)[:, self.positions.index(position)]

    def probabilities(self, position: int, with_norm: bool = True) -> NDArray[np.float64]:
        """Return the softmax of the logits at a position, (layers + 1, vocabulary). Raises ValueError as `at` does."""
        return softmax(self.at(position, with_norm))

    def top(self, position: int, count: int, with_norm: bool = True) -> list[list[Guess]]:
        """Return, of the embedding and of each layer, the `count` likeliest tokens at a position, the likeliest first.

        Of equal ones the lower id is first. Raises ValueError as `at` does.
        """
        rows = zip(self.at(position, with_norm), self.probabilities(position, with_norm), strict=True)
        return [
            [Guess(token, float(logits[token]), float(shares[token])) for token in _best(logits, count)]
            for logits, shares in rows
        ]


class LogitLens:
    """A transformer's last norm as a model, in front of its unembedding. Threads may share it."""

    def __init__(self, reader: TransformerReader) -> None:
        self._reader, self._parts = reader, reader.parts
        end = submodel_to(submodel_from(reader.model, self._parts.streams[-1]), [self._parts.normed])
        self._norm = Session(end.SerializeToString(), reader.provider, reader.threads)

    def read(self, reading: TransformerReading, positions: Sequence[int] | None = None) -> Lens:
        """Return the logits behind each layer at `positions` of a text that was read, or at all: two runs.

        The last layer's with the norm are the model's own. Raises ValueError for a position that was not read.
        """
        where = list(range(reading.steps) if positions is None else positions)
        for position in where:
            reading.require(position)
        streams = np.stack([reading.tensors[name][0, where] for name in self._parts.streams])
        normed = self._norm.run({self._parts.streams[-1]: streams[:-1]}).outputs[self._parts.normed]
        return Lens(
            streams=self._parts.streams,
            positions=tuple(where),
            normed=np.concatenate([self._reader.unembed(normed), reading.logits[None, where]]),
            raw=self._reader.unembed(streams),
        )


def _best(logits: Logits, count: int) -> list[int]:
    """Return the `count` largest logits' places; of thousands, only those as large as the last of them are sorted."""
    last = np.partition(logits, -count)[-count] if count < len(logits) else -np.inf
    candidates = np.flatnonzero(logits >= last)
    best: list[int] = candidates[np.argsort(-logits[candidates], kind="stable")][:count].tolist()
    return best
