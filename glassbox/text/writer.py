"""A recurrent language model that writes: character by character, each drawn from the probabilities of the next one.

Sutskever, Martens, Hinton, "Generating Text with Recurrent Neural Networks", 2011
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from glassbox.engine.choice import EMBEDDED, Engine
from glassbox.text.recurrent import padded
from glassbox.text.sampling import AS_LEARNED, Sampling, WrittenCharacter, written
from glassbox.text.tokens import PADDING, UNKNOWN, checked, cleaned
from glassbox.zoo.text_models import WritingCard

BOUNDARY = "\n"
"""What begins and ends every sentence that the models learned from."""
LONGEST = 1_000
"""Characters that are written at once, and that a prompt with all that was written before may have."""
_STATES = ("state", "cell")


class WriterState(NamedTuple):
    """A writer after some text: its `hidden` state by the names of the model's inputs, float32 (1, H), and the `logits`
    (V,) of the character that comes next."""

    hidden: dict[str, NDArray[np.float32]]
    logits: NDArray[np.float32]


class Writer:
    """One language model, ready to write. Threads may share it: a `WriterState` holds all that changes.

    What runs it raises EngineError where `engine` is a server that fails.
    """

    never = (PADDING, UNKNOWN)

    def __init__(self, model: bytes, card: WritingCard, provider: str = "cpu", engine: Engine = EMBEDDED) -> None:
        """Raises ValueError for a model that can't be loaded."""
        self.card, self.vocabulary = card, card.words()
        self._session = engine.session(card.name, model, provider)
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

    def write(
        self, prompt: str = "", length: int = LONGEST, sampling: Sampling = AS_LEARNED
    ) -> Iterator[WrittenCharacter]:
        """Return the `length` characters, at most LONGEST, that go on from `prompt`, each as it is drawn.

        Writing that is taken up again after its own text goes on as it would have. Raises TextError like `start`.
        """
        characters = written(self, self.start(prompt), sampling, before=len(prompt))
        return islice(characters, min(length, LONGEST))

    def _run(self, ids: Sequence[int], hidden: dict[str, NDArray[np.float32]]) -> WriterState:
        feeds: dict[str, NDArray[Any]] = {**padded([ids]), **hidden}
        outputs = self._session.run(feeds, ["logits", *self._next]).outputs
        return WriterState({name: outputs[f"next_{name}"] for name in hidden}, outputs["logits"][0, -1])
