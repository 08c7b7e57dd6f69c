"""What would an attention head do with any two tokens? Its QK and OV circuits as matrices over the vocabulary.

Elhage et al., "A Mathematical Framework for Transformer Circuits", 2021,
https://transformer-circuits.pub/2021/framework/. They come from the weights alone: a token is taken as its embedding,
without its position, what other layers add to it, and the norm before the head, which divides it by a positive number.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
_ROWS = 256  # worked out at a time: a matrix over some thousand tokens fills hundreds of megabytes


class Entry(NamedTuple):
    """One cell of a circuit's matrix."""

    row: int
    column: int
    value: float


@dataclass(frozen=True)
class Circuit:
    """A matrix over the vocabulary, `left` (V, head) times `right` (head, V), which is worked out where it is read."""

    left: Array
    right: Array

    def row(self, token: int) -> Array:
        """Return a row, (V,)."""
        return np.asarray(self.left[token] @ self.right)

    def column(self, token: int) -> Array:
        """Return a column, (V,)."""
        return np.asarray(self.left @ self.right[:, token])

    def largest(self, count: int) -> list[Entry]:
        """Return the `count` largest entries, the largest first."""
        columns = self.right.shape[1]
        values, places = np.empty(0), np.empty(0, np.int64)
        for first in range(0, len(self.left), _ROWS):
            block = (self.left[first : first + _ROWS] @ self.right).ravel()
            kept = np.argpartition(-block, count)[:count] if count < len(block) else np.arange(len(block))
            values, places = np.append(values, block[kept]), np.append(places, kept + first * columns)
            order = np.lexsort((places, -values))[:count]
            values, places = values[order], places[order]
        rows, at = np.divmod(places, columns)
        return list(map(Entry, rows.tolist(), at.tolist(), values.tolist()))

    @property
    def copying(self) -> float:
        """The sum of the eigenvalues over the sum of their sizes, -1 to 1; nan for a circuit of zeros.

        Of an OV circuit: near 1, tokens raise their own logits, alone or as groups; near -1 they lower them.
        """
        eigenvalues = np.linalg.eigvals(self.right @ self.left)  # (head, head), with the same eigenvalues but for zeros
        size = float(np.abs(eigenvalues).sum())
        return float(eigenvalues.sum().real) / size if size else float("nan")


def qk_circuit(embedding: NDArray[Any], query: NDArray[Any], key: NDArray[Any], scale: float) -> Circuit:
    """Return the scores that a head gives, by the token that reads (row) and the token that is read (column).

    `embedding` is (V, width), `query` and `key` the head's weights (width, head), `scale` what the products are
    multiplied by.
    """
    tokens = embedding.astype(np.float64)
    return Circuit(scale * tokens @ query, (tokens @ key).T)


def ov_circuit(embedding: NDArray[Any], value: NDArray[Any], write: NDArray[Any], unembedding: NDArray[Any]) -> Circuit:
    """Return what a head adds to the logits where it attends to one token alone, before the last norm: by that token
    (row) and the token whose logit it is (column).

    `embedding` is (V, width), `value` (width, head) and `write` (head, width) the head's weights, `unembedding`
    (width, V).
    """
    return Circuit(embedding.astype(np.float64) @ value, write.astype(np.float64) @ unembedding)
