"""Which tokens before it made a transformer write the next one? Three rivals, which often disagree, each scored.

- attention rollout: the attention of all layers multiplied out, with the residual connections; it knows nothing of
  the token that is asked about (Abnar and Zuidema, 2020, https://arxiv.org/abs/2005.00928);
- integrated gradients of its logit, by the embeddings;
- ablation: what its logit loses when a token by itself is hidden.

A hidden token keeps its position, and its embedding is that of a token on the average, by `Means`; where no means are
known, it is 0, which is near that. See `tokens` for what the methods do, and for their scores.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from glassbox.calibration import softmax
from glassbox.engine.session import Session
from glassbox.explain.attribution import tokens
from glassbox.explain.attribution.faithfulness import Scores
from glassbox.explain.attribution.tokens import Map, Shown
from glassbox.explain.transformer_reader import TransformerReader, TransformerReading
from glassbox.graph.gradient import differentiate

BATCH = 16
"""Texts of one run of the derivative."""


class NextTokenGradient:
    """The derivative of a transformer's logits by the stream behind the embedding. Threads may share it."""

    def __init__(self, reader: TransformerReader) -> None:
        self.reader = reader
        self._by = reader.patched.streams[0].value
        derivative = differentiate(reader.patched_model, reader.parts.normed, [self._by])
        self._session = Session(derivative.SerializeToString(), reader.provider, reader.threads)

    def __call__(
        self, reading: TransformerReading, toward: NDArray[np.float32], embedded: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Return the derivative (n, T, width) where the first T tokens of `reading` are read as `embedded`.

        `embedded` is (n, T, width); what is derived is the product of `toward` (width,) with the normed stream at the
        last of these tokens.
        """
        ids, parts = reading.feeds[self.reader.parts.ids][0, : embedded.shape[1]], []
        for first in range(0, len(embedded), BATCH):
            some = embedded[first : first + BATCH]
            cotangent = np.zeros(some.shape, np.float32)
            cotangent[:, -1] = toward
            feeds = self.reader.feeds(ids, [reading.interventions] * len(some), some)
            found = self._session.run(feeds | {f"grad_{self.reader.parts.normed}": cotangent}).outputs
            parts.append(found[f"grad_{self._by}"])
        return np.concatenate(parts)


@dataclass(frozen=True)
class NextToken:
    """`token` in question for what follows `position` of a reading: a `tokens.Text`.

    Its score S is the token's logit, less that of `against` unless it is None; its probability is the token's own. The
    tokens from the position `first` on can be hidden, those before it always stand. What `reading` was read with holds.
    Raises ValueError, naming what exists, for a position that was not read or a token that is not known.
    """

    gradient: NextTokenGradient
    reading: TransformerReading
    position: int
    token: int
    against: int | None = None
    first: int = 0

    def __post_init__(self) -> None:
        self.reading.require(self.position, self.token, *([] if self.against is None else [self.against]))
        if not 0 <= self.first <= self.position:
            raise ValueError(f"the first token is 0 to {self.position}, where it is asked what follows")

    @property
    def ids(self) -> NDArray[np.int64]:
        """The tokens that are read, (T,): those behind the position are seen by none before them."""
        ids: NDArray[np.int64] = self.reading.feeds[self.reading.reader.parts.ids][0, : self.position + 1]
        return ids

    @property
    def unembedding(self) -> NDArray[np.float32]:
        """What the normed stream is multiplied with for the score, (width,)."""
        rows = self.reading.reader.unembedding
        return np.asarray(rows[self.token] if self.against is None else rows[self.token] - rows[self.against])

    @cached_property
    def embedded(self) -> NDArray[np.float32]:
        """The stream behind the embedding at the tokens that can be hidden, (size, width)."""
        return self._stream[self.first :]

    @cached_property
    def hidden(self) -> NDArray[np.float32]:
        """The same where all of them are hidden."""
        reader = self.reading.reader
        token = self.reading.tensors[reader.parts.token][0, self.first : self.position + 1]
        return np.asarray(self.embedded - token + (reader.means.token if reader.means else np.float32(0)))

    @cached_property
    def _stream(self) -> NDArray[np.float32]:
        reader = self.reading.reader
        return np.asarray(self.reading.tensors[reader.parts.embedded][0, : self.position + 1])

    def scores(self, shown: Shown) -> NDArray[np.float64]:
        """Return S (n,) with the tokens `shown` (n, size)."""
        logits = self._logits(shown)
        return np.asarray(logits[:, self.token] - (0.0 if self.against is None else logits[:, self.against]))

    def probabilities(self, shown: Shown) -> NDArray[np.float64]:
        """Return the token's probability (n,), likewise."""
        return softmax(self._logits(shown))[:, self.token]

    def gradients(self, embedded: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return dS/de of the stream e (n, size, width) behind the embedding."""
        return self.gradient(self.reading, self.unembedding, self._behind_the_front(embedded))[:, self.first :]

    def _logits(self, shown: Shown) -> NDArray[np.float64]:
        reader = self.reading.reader
        embedded = self._behind_the_front(np.where(shown[..., None], self.embedded, self.hidden))
        runs = [self.reading.interventions] * len(shown)
        return reader.last_logits(self.ids, runs, embedded).astype(np.float64)

    def _behind_the_front(self, embedded: NDArray[np.float32]) -> NDArray[np.float32]:
        """The stream (n, T, width) whose tokens from the first that can be hidden on are `embedded`."""
        front = np.broadcast_to(self._stream[: self.first], (len(embedded), self.first, embedded.shape[-1]))
        return np.concatenate([front, embedded], axis=1)


def attention_rollout(text: NextToken) -> Map:
    """Return the row of the position in the product, over the layers, of half the mean attention of the heads and half
    the identity, which stands for the residual connection. Abnar and Zuidema, https://arxiv.org/abs/2005.00928"""
    row = np.zeros(text.position + 1)
    row[-1] = 1
    for layer in reversed(text.reading.reader.parts.layers):
        attention = text.reading.tensors[layer.attention.weights][0].astype(np.float64).mean(0)
        row = (row @ attention[: len(row), : len(row)] + row) / 2
    return row[text.first :]


METHODS: dict[str, Callable[[NextToken], Map]] = {
    "attention": attention_rollout,
    "integrated_gradients": lambda text: tokens.integrated_gradients(text).map,
    "ablation": tokens.occlusion,
}


@dataclass(frozen=True)
class ScoredTokens:
    """A map (size,) of the tokens that can be hidden, and its scores."""

    map: Map
    scores: Scores

    @property
    def faithfulness(self) -> float:
        """Area of insertion less area of deletion, -1 to 1: large if the map's first tokens both suffice and matter."""
        return self.scores.insertion.area - self.scores.deletion.area


def rivals(text: NextToken) -> dict[str, ScoredTokens]:
    """Return the map of each of METHODS with its scores."""
    maps = {name: method(text) for name, method in METHODS.items()}
    return {name: ScoredTokens(one, tokens.scores(text, one)) for name, one in maps.items()}
