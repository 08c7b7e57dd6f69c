"""The training of a tiny transformer on letters, a few steps at a time, and what it looks at meanwhile."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from time import perf_counter
from typing import Annotated, Any

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from glassbox.engine.session import Session
from glassbox.graph.optimisers import Adam
from glassbox.graph.taps import tap
from glassbox.graph.training import Loss, training_graph, weights_as_inputs
from glassbox.training import sequences
from glassbox.training.learner import Learner
from glassbox.training.sequences import ANSWER, ATTENTION, IDS, LENGTH, LETTERS, Ids, Setup

BATCH = 16
MOST_STEPS = 5_000
"""Of one training; by then it has long learned what it can."""
MOST_AT_ONCE = 50
"""Steps of one request."""
SECONDS = 0.1
"""The longest that one request trains, give or take PIECE steps: a server has many visitors."""
PIECE = 5
HISTORY = 300
"""Points of the curves kept; when they are full, every second one goes."""
OPTIMISER = Adam()
LOSS: Loss = "categorical_crossentropy"


@dataclass(frozen=True)
class Score:
    """After `step` steps: the loss on the questions that are never trained on (nats a letter), and the share of them
    that are answered wholly right."""

    step: int
    loss: float
    accuracy: float


@dataclass(frozen=True)
class Reading:
    """How the network answers one question, each letter fed back as it is written.

    `read`: what it has read in the end, places in LETTERS or the separator, (T,); `answer`: the letters written,
    (LENGTH,), with the `probabilities` it gave them; `attention`: (heads, T, T), row by row what each token looked at.
    """

    read: tuple[int, ...]
    answer: tuple[int, ...]
    probabilities: tuple[float, ...]
    attention: NDArray[np.float32]


class Trainer:
    """The training of one setup, for one thread at a time. `rate` may change while it trains."""

    def __init__(self, setup: Setup) -> None:
        self.setup, self.rate = setup, setup.rate
        model, learning = sequences.build(setup)
        training, self._watch = _sessions(setup.heads, setup.positions)
        self._learner = Learner(model, LOSS, OPTIMISER, weights=learning, session=training)
        questions = sequences.questions()
        order = np.random.default_rng(setup.seed).permutation(len(questions))
        self._unseen, self._seen = questions[order[: sequences.UNSEEN]], questions[order[sequences.UNSEEN :]]
        self.reset()

    def reset(self) -> None:
        """Go back to the first weights and the first questions."""
        self._learner.reset()
        self._rng = np.random.default_rng(self.setup.seed)
        self.history = [self._scored()]

    @property
    def steps(self) -> int:
        """The number of steps of gradient descent made."""
        return self._learner.steps

    @property
    def finished(self) -> bool:
        """Whether all steps are made that a training may have."""
        return self.steps >= MOST_STEPS

    @property
    def score(self) -> Score:
        """The present score."""
        return self.history[-1]

    @property
    def weights(self) -> Mapping[str, NDArray[Any]]:
        """The weights that learn as they are now, by their names in `glassbox.graph.transformer_writer`."""
        return self._learner.weights

    def unseen(self, question: Ids) -> bool:
        """Return whether `question`, (LENGTH,), is never trained on."""
        return bool((self._unseen == question).all(1).any())

    def learn(self, steps: int, seconds: float = np.inf) -> None:
        """Make so many steps on questions drawn anew for each, or until `seconds` have passed, but no more than
        MOST_STEPS in all. Raises Diverged, with the last good weights kept."""
        deadline = perf_counter() + seconds
        left = min(steps, MOST_STEPS - self.steps)
        try:
            while left > 0 and perf_counter() < deadline:
                k = min(left, PIECE)
                asked = self._seen[self._rng.integers(len(self._seen), size=(k, BATCH))]
                right = sequences.answers(self.setup.task, asked.reshape(-1, LENGTH))
                read = sequences.sequences(asked.reshape(-1, LENGTH), right[:, :-1]).reshape(k, BATCH, -1)
                targets = np.eye(len(LETTERS) + 1, dtype=np.float32)[right].reshape(k, BATCH, LENGTH, -1)
                self._learner.learn(read, targets, self.rate)
                left -= k
        finally:
            self._note()

    def read(self, question: Ids) -> Reading:
        """Return how the network, as it is now, answers `question`, (LENGTH,)."""
        written: list[int] = []
        shares: list[float] = []
        for _ in range(LENGTH):
            ids = sequences.sequences(question[None], np.array([written], np.int64))
            outputs = self._run(ids)
            shares_now = _softmax(outputs[ANSWER][0, -1])
            written.append(int(shares_now.argmax()))
            shares.append(float(shares_now.max()))
        return Reading(tuple(ids[0].tolist()), tuple(written), tuple(shares), outputs[ATTENTION][0])

    def _run(self, ids: Ids) -> Mapping[str, NDArray[Any]]:
        return self._watch.run({IDS: ids, **self.weights}).outputs

    def _scored(self) -> Score:
        right = sequences.answers(self.setup.task, self._unseen)
        logits = self._run(sequences.sequences(self._unseen, right[:, :-1]))[ANSWER]
        given = np.take_along_axis(_softmax(logits.astype(np.float64)), right[..., None], -1)[..., 0]
        loss = float(-np.log(np.maximum(given, np.finfo(np.float32).tiny)).mean())
        return Score(self.steps, loss, float((logits.argmax(-1) == right).all(1).mean()))

    def _note(self) -> None:
        if self.history[-1].step == self.steps:
            self.history.pop()
        elif len(self.history) >= HISTORY:
            del self.history[1::2]
        self.history.append(self._scored())


@lru_cache(maxsize=len(sequences.HEADS) * 2)
def _sessions(heads: int, positions: bool) -> tuple[Session, Session]:
    """Return the sessions of the training graph and of the network with its weights as inputs, for all trainings of
    this shape."""
    model, learning = sequences.build(Setup(heads=heads, positions=positions))
    training = training_graph(model, LOSS, OPTIMISER, weights=learning)
    watched = weights_as_inputs(tap(model, [ATTENTION]), learning)
    return Session(training.SerializeToString()), Session(watched.SerializeToString())


def _softmax(logits: NDArray[Any]) -> NDArray[Any]:
    shares = np.exp(logits - logits.max(-1, keepdims=True))
    return np.asarray(shares / shares.sum(-1, keepdims=True))


class _Request(msgspec.Struct, tag_field="kind", kw_only=True):
    """What a browser asks; `number` counts its requests. It may be forged: what does not fit is passed over."""

    number: Annotated[int, Meta(ge=0, lt=2**53)] = 0


class Train(_Request, tag="train", kw_only=True):
    """To make so many steps, MOST_AT_ONCE at most."""

    steps: int


class Reset(_Request, tag="reset"):
    """To go back to the first weights."""


class Ask(_Request, tag="ask", kw_only=True):
    """To answer these letters from now on."""

    letters: Annotated[str, Meta(pattern=f"^[{LETTERS}]{{{LENGTH}}}$", max_length=LENGTH)]


Request = Train | Reset | Ask


def carry_out(trainer: Trainer, request: Request) -> None:
    """Carry out a request but for Ask, which changes nothing about the training. Raises Diverged as training does."""
    match request:
        case Train(steps=steps):
            trainer.learn(min(max(steps, 1), MOST_AT_ONCE), SECONDS)
        case Reset():
            trainer.reset()
