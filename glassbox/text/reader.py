"""Texts read by the recurrent classifiers, token by token: calibrated verdicts, hidden states and gates.

A token is a character or a word, as the model's vocabulary has it.
"""

import itertools
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassbox.calibration import calibrated
from glassbox.engine import choice
from glassbox.engine.choice import Engine, ModelSession
from glassbox.engine.session import Run, provider_state
from glassbox.input_error import Reason
from glassbox.text.familiarity import FamiliarityCheck, TextFamiliarity
from glassbox.text.recurrent import TextNetwork, batches, padded
from glassbox.text.tokens import TextError, Token, Vocabulary, normalise
from glassbox.zoo.text_models import TextZoo

_AT_ONCE = 256  # texts whose verdicts are worked out together: of like length they share a run


@dataclass(frozen=True)
class TextReading:
    """What one network reads in one text: T tokens, C labels, H units in D directions.

    `text`: as it was read, normalised; the `tokens` are parts of it. `probabilities`: float64 (C,), calibrated, of
    which `confidence` is the largest, that of `label`. `after`: float64 (T, C), the same after each token, had the text
    ended there; its last row is the verdict. `states` and `gates`: float32 (T, D H), the forward direction first. Gates
    go by the names of the ONNX standard: z, r, h of a GRU; i, o, f, c and the cell state C of an LSTM; an RNN has none.
    `seconds`: the median time of `runs` runs inside ONNX Runtime on `provider`, for verdict, states and gates. A server
    is asked once, for the verdict alone, and takes as long as the whole request; all else is computed here.
    """

    model: str
    text: str
    tokens: tuple[Token, ...]
    label: str
    confidence: float
    probabilities: NDArray[np.float64]
    after: NDArray[np.float64]
    states: NDArray[np.float32]
    gates: dict[str, NDArray[np.float32]]
    seconds: float
    runs: int
    provider: str

    @property
    def decided(self) -> int:
        """The index of the token from which on the network says `label` and nothing else."""
        changes = np.flatnonzero(np.diff(self.after.argmax(axis=1)))
        return int(changes[-1]) + 1 if changes.size else 0


@dataclass(frozen=True)
class TextVerdict:
    """A network's verdict on one of many texts: `index` of its `label` among the card's; the rest as in TextReading.

    `familiarity`: None if the zoo has no check for the network's task.
    """

    index: int
    label: str
    confidence: float
    probabilities: NDArray[np.float64]
    familiarity: TextFamiliarity | None = None


class TextReader:
    """Reads text with the classifiers of a zoo. Threads may share it: each model is loaded once, at its first use.

    Each method that runs a model raises EngineError where `engine` is a server that fails.
    """

    def __init__(self, zoo: TextZoo, provider: str = "cpu", engine: Engine | None = None) -> None:
        """`engine`: what runs the models, by default what the environment asks for.

        Raises ValueError if `provider` is unknown. One that can't be had is replaced by the CPU: see `provider`.
        """
        self.zoo = zoo
        self.engine = engine or choice.configured()
        self.provider = provider_state(provider)
        self._networks: dict[str, TextNetwork] = {}  # at most one a classifier of the zoo
        self._served: dict[str, ModelSession] = {}  # likewise, where a server runs them
        self._checks: dict[str, FamiliarityCheck] = {}  # at most one a task
        self._vocabularies = {name: card.words() for name, card in zoo.cards.items()}
        self._loading = threading.Lock()

    def read(self, text: str, names: Sequence[str], runs: int = 1) -> dict[str, TextReading]:
        """Return what each model of `names` reads in `text`, without the models that the zoo refuses.

        Each is run `runs` times for the median of its time: the first run after a pause may be a slow one. Raises
        TextError for a text that can't be read, and ValueError for a name that is no model's.
        """
        known = (*self.zoo.cards, *self.zoo.refused)
        if unknown := [name for name in names if name not in known]:
            raise ValueError(f"no model is named {', '.join(unknown)}; there are {', '.join(self.zoo.cards)}")
        tokens = {name: self.vocabulary(name).encode(text) for name in names if name in self.zoo.cards}
        plain = normalise(text)
        return {name: self._reading(name, plain, found, runs) for name, found in tokens.items()}

    def verdicts(self, name: str, texts: Iterable[str]) -> Iterator[TextVerdict | Reason]:
        """Yield the verdict of the model `name` on each text, or why it can't be read; some hundred run at once.

        Raises ValueError for a name that is no model's.
        """
        labels = self.zoo.cards[name].labels if name in self.zoo.cards else ()
        vocabulary, coming = self.vocabulary(name), iter(texts)
        while part := list(itertools.islice(coming, _AT_ONCE)):
            encoded = [_encoded(vocabulary, text) for text in part]
            read = [tokens for tokens in encoded if not isinstance(tokens, Reason)]
            rows: Iterator[NDArray[np.float64]] = iter(self.probabilities(name, read) if read else ())
            known = [text for text, tokens in zip(part, encoded, strict=True) if not isinstance(tokens, Reason)]
            checks = iter(self.familiarity(self.zoo.cards[name].task, known))
            for tokens in encoded:
                yield tokens if isinstance(tokens, Reason) else _verdict(labels, next(rows), next(checks))

    def familiarity(self, task: str, texts: Sequence[str]) -> list[TextFamiliarity | None]:
        """Return how familiar each text is to the networks of `task`; None each if the zoo has no check for it."""
        if task not in self.zoo.familiarity:
            return [None] * len(texts)
        if task not in self._checks:
            with self._loading:
                if task not in self._checks:
                    card = self.zoo.familiarity[task]
                    model = self.zoo.model_bytes(card.name)
                    self._checks[task] = FamiliarityCheck(model, card, self.provider.name, self.engine)
        return [*self._checks[task].of(texts)]

    def probabilities(self, name: str, texts: Sequence[Sequence[Token]]) -> NDArray[np.float64]:
        """Return the calibrated probabilities (len(texts), C) of encoded texts. Raises ValueError for no texts."""
        ids = [_ids(tokens) for tokens in texts]
        if self.engine.server is None or not ids:
            return self.network(name).probabilities(ids)
        found = np.zeros((len(ids), len(self.zoo.cards[name].labels)), np.float32)
        for places, feeds in batches(ids):
            found[places] = self._output(name, self._ask(name, feeds))
        return self._calibrated(name, found)

    def vocabulary(self, name: str) -> Vocabulary:
        """Return the vocabulary of the model `name`. Raises ValueError if the zoo has none of that name."""
        return self._require(name)

    def network(self, name: str) -> TextNetwork:
        """Return the model `name`, ready to run. Raises ValueError if the zoo has none of that name or refuses it."""
        self._require(name)
        if name not in self._networks:
            with self._loading:
                if name not in self._networks:
                    self._networks[name] = self._made(name)
        return self._networks[name]

    def _made(self, name: str) -> TextNetwork:
        temperature = self.zoo.cards[name].calibration.temperature
        return TextNetwork(self.zoo.model_bytes(name), self.provider.name, temperature)

    def _ask(self, name: str, feeds: dict[str, NDArray[Any]]) -> Run:
        """Return what the engine's model `name` gives, as its file is."""
        self._require(name)
        if name not in self._served:
            with self._loading:
                if name not in self._served:
                    model = self.zoo.model_bytes(name)
                    self._served[name] = self.engine.session(name, model, self.provider.name)
        return self._served[name].run(feeds, [self.zoo.cards[name].output.name])

    def _output(self, name: str, run: Run) -> NDArray[np.float32]:
        return run.outputs[self.zoo.cards[name].output.name]

    def _require(self, name: str) -> Vocabulary:
        if name not in self._vocabularies:
            refused = f" ({name} is refused: {self.zoo.refused[name]})" if name in self.zoo.refused else ""
            there = ", ".join(self._vocabularies)
            raise ValueError(f"no classifier of text is named {name!r}; there are {there}{refused}")
        return self._vocabularies[name]

    def _reading(self, name: str, text: str, tokens: tuple[Token, ...], runs: int) -> TextReading:
        network, ids = self.network(name), _ids(tokens)
        found = network.activations(ids, runs)
        output, measured = found.output, (found.seconds, found.runs, found.provider)
        if self.engine.server is not None:
            run = self._ask(name, padded([ids]))
            output, measured = self._output(name, run)[0], (run.seconds, 1, run.provider)
        probabilities = self._calibrated(name, output)
        best = int(probabilities.argmax())
        return TextReading(
            model=name,
            text=text,
            tokens=tokens,
            label=self.zoo.cards[name].labels[best],
            confidence=float(probabilities[best]),
            probabilities=probabilities,
            after=self._calibrated(name, network.after_each(ids, found.states)),
            states=found.states,
            gates=found.gates,
            seconds=measured[0],
            runs=measured[1],
            provider=measured[2],
        )

    def _calibrated(self, name: str, output: NDArray[np.float32]) -> NDArray[np.float64]:
        card = self.zoo.cards[name]
        return calibrated(output, card.output.kind, card.calibration.temperature)


def _encoded(vocabulary: Vocabulary, text: str) -> tuple[Token, ...] | Reason:
    try:
        return vocabulary.encode(text)
    except TextError as error:
        return error.reason


def _verdict(
    labels: Sequence[str], probabilities: NDArray[np.float64], familiarity: TextFamiliarity | None
) -> TextVerdict:
    best = int(probabilities.argmax())
    return TextVerdict(
        index=best,
        label=labels[best],
        confidence=float(probabilities[best]),
        probabilities=probabilities,
        familiarity=familiarity,
    )


def _ids(tokens: Sequence[Token]) -> list[int]:
    return [token.id for token in tokens]
