"""A transformer that writes on while parts of it are switched off or its stream is steered.

>>> writer = PatchedWriter(reader, Vocabulary("character", card.vocabulary), [Steering(STREAM, moon, dose=0.2)], never)
>>> "".join(one.character for one in writer.write(ids, Sampling(seed=1), length=20))

Every character reads the whole text anew, since what was changed may change the keys and values of all tokens.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from glassbox.explain.interventions import Interventions
from glassbox.explain.transformer_reader import TransformerReader
from glassbox.text.sampling import Sampling, WrittenCharacter, written
from glassbox.text.tokens import Vocabulary


class ReadIds(NamedTuple):
    """Tokens that were read, and the `logits` (V,) of the one that comes next."""

    ids: tuple[int, ...]
    logits: NDArray[np.float32]


@dataclass(frozen=True)
class PatchedWriter:
    """A `LanguageModel` that reads with the `interventions` made; it is `never` to write some ids."""

    reader: TransformerReader
    vocabulary: Vocabulary
    interventions: Interventions = ()
    never: Sequence[int] = ()

    def start(self, ids: Sequence[int]) -> ReadIds:
        """Return the state after `ids`. Raises ValueError as `TransformerReader.read` does."""
        return ReadIds(tuple(ids), self.reader.last_logits(ids, [self.interventions])[0])

    def step(self, state: ReadIds, character: str) -> ReadIds:
        """Return the state after `character`. Raises ValueError where the context is full."""
        return self.start((*state.ids, self.vocabulary.id(character)))

    def write(self, ids: Sequence[int], sampling: Sampling, length: int) -> Iterator[WrittenCharacter]:
        """Yield what is written behind `ids`: `length` characters, or as many as the context has room for and one
        more."""
        room = max(self.reader.context - len(ids) + 1, 0)
        return islice(written(self, self.start(ids), sampling, before=len(ids)), min(length, room))
