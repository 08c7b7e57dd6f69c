"""How unlike the texts that a task's networks learned from a text is: by the runs of its tokens that are new to them.

A run is a few tokens that follow one another; the line end before the first token and after the last one counts as a
token. All runs of the training texts are in a Bloom filter, an ONNX graph that takes the places of a run's bits, int64
(runs, hashes), and gives 1 for each run that is not in it, else 0, float32 (runs,).

Bloom, "Space/time trade-offs in hash coding with allowable errors", 1970, https://doi.org/10.1145/362686.362692;
the places are those of Kirsch and Mitzenmacher, "Less hashing, same performance", 2006,
https://doi.org/10.1007/11841036_42
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glassbox.engine.choice import EMBEDDED, Engine, ModelSession
from glassbox.text import tokens
from glassbox.zoo.text_models import RunFilter, Smoothing, TextFamiliarityCard

_END, _BETWEEN = "\n", "\x1f"
_WORD = 2**64


@dataclass(frozen=True)
class TextFamiliarity:
    """`new` of a text's `runs` stand in no training text. `unfamiliarity`: their share, smoothed for short texts; the
    text is `familiar` while that is at most what the check allows. `as_strange`: the share of the held-out texts whose
    unfamiliarity is as large or larger."""

    new: int
    runs: int
    unfamiliarity: float
    as_strange: float
    familiar: bool


def runs(text: str, unit: str, length: int) -> list[str]:
    """Return the runs of `length` tokens of a normalised text, in their order, or its single shorter one."""
    marked = [_END, *tokens.tokens(text, unit), _END]
    last = max(1, len(marked) - length + 1)
    return [_BETWEEN.join(marked[start : start + length]) for start in range(last)]


def places(found: Sequence[str], bits: int, hashes: int) -> NDArray[np.int64]:
    """Return the places of each run's bits in a filter of `bits`, (runs, hashes)."""
    rows = []
    for run in found:
        digest = hashlib.blake2b(run.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        first, step = int.from_bytes(digest[:8], "little"), int.from_bytes(digest[8:], "little") | 1
        rows.append([(first + k * step) % _WORD % bits for k in range(hashes)])
    return np.array(rows, np.int64)


class NewRuns:
    """Finds the share of texts' runs that are not in a filter. Threads may share it."""

    def __init__(self, session: ModelSession, unit: str, held: RunFilter) -> None:
        self._unit, self._held, self._session = unit, held, session

    def shares(self, texts: Sequence[str]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Return the share of each text's runs that are new, and how many runs it has, (len(texts),) both."""
        found = [runs(tokens.normalise(text), self._unit, self._held.length) for text in texts]
        counts = np.array([len(one) for one in found], np.int64)
        if not found:
            return np.zeros(0), counts
        joined = places([run for one in found for run in one], self._held.bits, self._held.hashes)
        (name,), (output,) = self._session.inputs, self._session.outputs
        new = self._session.run({name: joined}).outputs[output]
        parts = np.split(new, np.cumsum(counts)[:-1])
        return np.array([part.mean(dtype=np.float64) for part in parts]), counts


def smoothed(
    shares: NDArray[np.float64], counts: NDArray[np.int64], held: RunFilter, usual: Smoothing
) -> NDArray[np.float64]:
    """Return the shares of new runs among `counts`, drawn towards the usual share: by as much as if each text had
    `usual.tokens` besides its own, for a few tokens say little."""
    lengths = counts + held.length - 1
    return np.asarray(shares + (usual.share - shares) * usual.tokens / (lengths + usual.tokens))


class FamiliarityCheck:
    """Tells whether texts are like those that the networks of its card's task learned from. Threads may share it."""

    def __init__(
        self, model: bytes, card: TextFamiliarityCard, provider: str = "cpu", engine: Engine = EMBEDDED
    ) -> None:
        self.card = card
        self._new = NewRuns(engine.session(card.name, model, provider), card.unit, card.filter)
        self._quantiles = np.array(card.quantiles)

    def of(self, texts: Sequence[str]) -> list[TextFamiliarity]:
        """Return how familiar each text is."""
        shares, counts = self._new.shares(texts)
        scores = smoothed(shares, counts, self.card.filter, self.card.usual)
        return [
            TextFamiliarity(
                new=round(share * count),
                runs=int(count),
                unfamiliarity=float(score),
                as_strange=float((self._quantiles >= score).mean()),
                familiar=bool(score <= self.card.threshold),
            )
            for share, count, score in zip(shares, counts, scores, strict=True)
        ]
