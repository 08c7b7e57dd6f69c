"""A language model that writes: character by character, each drawn from the probabilities of the next one.

Sutskever, Martens, Hinton, "Generating Text with Recurrent Neural Networks", 2011; temperature as in Ackley, Hinton,
Sejnowski, https://doi.org/10.1207/s15516709cog0901_7; top-k as in Fan, Lewis, Dauphin, https://arxiv.org/abs/1805.04833
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from glassbox.calibration import softmax
from glassbox.engine.session import Session
from glassbox.text.recurrent import padded
from glassbox.text.tokens import PADDING, UNKNOWN, checked, cleaned
from glassbox.zoo.text_models import WritingCard

BOUNDARY = "\n"
"""What begins and ends every sentence that the models learned from."""
LONGEST = 1_000
"""Characters that are written at once, and that a prompt with all that was written before may have."""
TEMPERATURES = (0.1, 2.0)
SHOWN = 10
_STATES = ("state", "cell")


class WriterState(NamedTuple):
    """A writer after some text: its `hidden` state by the names of the model's inputs, float32 (1, H), and the `logits`
    (V,) of the character that comes next."""

    hidden: dict[str, NDArray[np.float32]]
    logits: NDArray[np.float32]


@dataclass(frozen=True)
class WrittenCharacter:
    """A character that was written. `probability` is what it was drawn with; `alternatives` are the likeliest, it may
    be among them, with theirs, the likeliest first; all after temperature and top-k."""

    character: str
    probability: float
    alternatives: tuple[tuple[str, float], ...]


class Writer:
    """One language model, ready to write. Threads may share it: a `WriterState` holds all that changes."""

    def __init__(self, model: bytes, card: WritingCard, provider: str = "cpu") -> None:
        """Raises ValueError for a model that can't be loaded."""
        self.card, self.vocabulary = card, card.words()
        self._session = Session(model, provider)
        self._start: dict[str, NDArray[np.float32]] = {}
        for name in _STATES:
            if name in self._session.inputs:
                self._start[name] = np.zeros((1, int(self._session.inputs[name][1])), np.float32)
        self._next = [f"next_{name}" for name in self._start]
        self._one = np.ones(1, np.int32)
        self._boundary = self.vocabulary.id(BOUNDARY)
        self._fresh = self._run([self._boundary], self._start)

    def start(self, prompt: str = "") -> WriterState:
        """Return the state after reading `prompt`, which may be empty. Of several lines the last counts: each line is a
        sentence of its own. Raises TextError for one that is too long or holds control characters."""
        last = prompt.replace("\r\n", "\n").rpartition("\n")[2]
        if not last.strip():
            return self._fresh
        checked(last, LONGEST)
        # What a writer has written is read again as it is, its spaces too, which a text to classify is cleared of.
        return self._run([token.id for token in self.vocabulary.tokens(cleaned(last))], self._fresh.hidden)

    def step(self, state: WriterState, character: str) -> WriterState:
        """Return the state after `character` has been written; one that the vocabulary lacks is read as unknown."""
        if character == BOUNDARY:
            return self._fresh
        return self._run([self.vocabulary.id(character)], state.hidden)

    def probabilities(
        self, state: WriterState, temperature: float = 1.0, top_k: int | None = None
    ) -> NDArray[np.float64]:
        """Return the probabilities (V,) of the next character: softmax(logits / temperature) among the `top_k`
        likeliest, or all. The stand-ins for padding and for unknown characters are never written.

        Raises ValueError for a temperature outside TEMPERATURES or a `top_k` below 1.
        """
        low, high = TEMPERATURES
        if not low <= temperature <= high:
            raise ValueError(f"the temperature goes from {low} to {high}, not {temperature}")
        if top_k is not None and top_k < 1:
            raise ValueError(f"top_k is at least 1, not {top_k}")
        logits = state.logits.astype(np.float64) / temperature
        logits[[PADDING, UNKNOWN]] = -np.inf
        if top_k is not None and top_k < len(logits):
            likeliest = np.argpartition(-logits, top_k - 1)[:top_k]
            kept = np.full(len(logits), -np.inf)
            kept[likeliest] = logits[likeliest]
            logits = kept
        return softmax(logits)

    def write(
        self,
        prompt: str = "",
        length: int = LONGEST,
        temperature: float = 1.0,
        top_k: int | None = None,
        seed: int = 0,
    ) -> Iterator[WrittenCharacter]:
        """Yield `length` characters that go on from `prompt`, each as it is drawn.

        Each draw depends on `seed` and on how much text stands before it, on nothing else: so writing that is taken up
        again after its own text goes on as it would have. Raises TextError like `start` and ValueError like
        `probabilities`.
        """
        state, position = self.start(prompt), len(prompt)
        for _ in range(min(length, LONGEST)):
            probabilities = self.probabilities(state, temperature, top_k)
            chosen = _draw(probabilities, np.random.default_rng([seed, position]).random())
            character = self.vocabulary.entries[chosen]
            yield WrittenCharacter(character, float(probabilities[chosen]), self.likeliest(probabilities))
            state, position = self.step(state, character), position + len(character)

    def likeliest(self, probabilities: NDArray[np.float64], count: int = SHOWN) -> tuple[tuple[str, float], ...]:
        """Return the `count` likeliest characters that can come, with their probabilities, the likeliest first."""
        ids = np.argpartition(-probabilities, min(count, len(probabilities) - 1))[:count]
        ids = ids[np.argsort(-probabilities[ids], kind="stable")]
        return tuple((self.vocabulary.entries[id], float(probabilities[id])) for id in ids if probabilities[id])

    def _run(self, ids: Sequence[int], hidden: dict[str, NDArray[np.float32]]) -> WriterState:
        feeds: dict[str, NDArray[Any]] = {**padded([ids]), **hidden}
        outputs = self._session.run(feeds, ["logits", *self._next]).outputs
        return WriterState({name: outputs[f"next_{name}"] for name in hidden}, outputs["logits"][0, -1])


def _draw(probabilities: NDArray[np.float64], number: float) -> int:
    """Return the first index at which the cumulative sum of `probabilities` exceeds `number`, uniform in [0, 1)."""
    ends = np.cumsum(probabilities)
    return int(np.searchsorted(ends[:-1], number * ends[-1], side="right"))
