"""How a model that writes chooses its next character: by chance, from the probabilities that it gives.

Temperature as in Ackley, Hinton, Sejnowski, https://doi.org/10.1207/s15516709cog0901_7; top-k as in Fan, Lewis,
Dauphin, https://arxiv.org/abs/1805.04833; top-p as in Holtzman, Buys, Du, Forbes, Choi,
https://arxiv.org/abs/1904.09751
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from glassbox.calibration import softmax
from glassbox.text.tokens import Vocabulary

TEMPERATURES = (0.1, 2.0)
SHOWN = 10


@dataclass(frozen=True)
class WrittenCharacter:
    """A character that was written. `probability` is what it was drawn with; `alternatives` are the likeliest, it may
    be among them, with theirs, the likeliest first; all after temperature, top-k and top-p. One that was `given` was
    not drawn: the probability is what it would have had, 0 where it could not have come."""

    character: str
    probability: float
    alternatives: tuple[tuple[str, float], ...]
    given: bool = False


@dataclass(frozen=True)
class Sampling:
    """How characters are drawn: the logits are divided by `temperature`; of the `top_k` likeliest, or of all, those are
    kept that together reach the probability `top_p`, the likeliest first; `seed` gives the draws.

    Raises ValueError for a temperature outside TEMPERATURES, a `top_k` below 1 or a `top_p` outside (0, 1].
    """

    temperature: float = 1.0
    top_k: int | None = None
    top_p: float | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        low, high = TEMPERATURES
        if not low <= self.temperature <= high:
            raise ValueError(f"the temperature goes from {low} to {high}, not {self.temperature}")
        if self.top_k is not None and self.top_k < 1:
            raise ValueError(f"top_k is at least 1, not {self.top_k}")
        if self.top_p is not None and not 0 < self.top_p <= 1:
            raise ValueError(f"top_p is above 0 and at most 1, not {self.top_p}")

    def probabilities(self, logits: NDArray[np.float32], never: Sequence[int] = ()) -> NDArray[np.float64]:
        """Return the probabilities (V,) of the next token by its `logits` (V,); of the tokens `never` they are 0."""
        scores = logits.astype(np.float64) / self.temperature
        scores[list(never)] = -np.inf
        kept = np.arange(len(scores))
        if self.top_k is not None and self.top_k < len(scores):
            kept = np.sort(np.argpartition(-scores, self.top_k - 1)[: self.top_k])
        chances = softmax(scores[kept])
        if self.top_p is not None:
            order = np.argsort(-chances, kind="stable")
            likelier = np.cumsum(chances[order]) - chances[order]
            kept = np.sort(kept[order[likelier < self.top_p]])
            chances = softmax(scores[kept])
        probabilities = np.zeros(len(scores))
        probabilities[kept] = chances
        return probabilities

    def draw(self, probabilities: NDArray[np.float64], position: int) -> int:
        """Return the index drawn at `position` of a text. The draw depends on the seed and the position alone: so what
        is written in pieces is what would have been written at once."""
        number = np.random.default_rng([self.seed, position]).random()
        ends = np.cumsum(probabilities)
        return int(np.searchsorted(ends[:-1], number * ends[-1], side="right"))


AS_LEARNED = Sampling()
"""From all tokens, by the probabilities that the model gives."""


def likeliest(
    probabilities: NDArray[np.float64], entries: Sequence[str], count: int = SHOWN
) -> tuple[tuple[str, float], ...]:
    """Return the `count` likeliest of the vocabulary's `entries` that can come, with their probabilities, the likeliest
    first."""
    ids = np.argpartition(-probabilities, min(count, len(probabilities) - 1))[:count]
    ids = ids[np.argsort(-probabilities[ids], kind="stable")]
    return tuple((entries[id], float(probabilities[id])) for id in ids if probabilities[id])


class HasLogits(Protocol):
    """What a model knows after some text: `logits`, float32 (V,), of the token that comes next."""

    @property
    def logits(self) -> NDArray[np.float32]: ...


State = TypeVar("State", bound=HasLogits)


class LanguageModel(Protocol[State]):
    """A model that goes on from a state by one character; of its `vocabulary` it is `never` to write some ids."""

    @property
    def vocabulary(self) -> Vocabulary: ...

    @property
    def never(self) -> Sequence[int]: ...

    def step(self, state: State, character: str) -> State:
        """Return the state after `character`; `state` stays as it is."""
        ...


def written(
    model: LanguageModel[State],
    state: State,
    sampling: Sampling,
    before: int = 0,
    given: Callable[[str], str | None] = lambda text: None,
) -> Iterator[WrittenCharacter]:
    """Yield the characters that `model` writes from `state` on, without end; `before` stand before them.

    `given` is asked with what has been written so far: where it returns a character, that is written and none drawn.
    """
    text = ""
    while True:
        probabilities = sampling.probabilities(state.logits, model.never)
        asked = given(text)
        chosen = sampling.draw(probabilities, before + len(text)) if asked is None else model.vocabulary.id(asked)
        character = model.vocabulary.entries[chosen] if asked is None else asked
        shown = likeliest(probabilities, model.vocabulary.entries)
        yield WrittenCharacter(character, float(probabilities[chosen]), shown, given=asked is not None)
        state, text = model.step(state, character), text + character
