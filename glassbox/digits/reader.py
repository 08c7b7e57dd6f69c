"""Digits read by the networks: calibrated verdicts, and whether a picture looks like the training digits at all."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from glassbox.calibration import calibrated
from glassbox.digits.tensors import feed, rescaled
from glassbox.engine import choice
from glassbox.engine.choice import Engine, ModelSession
from glassbox.engine.session import provider_state
from glassbox.engine.timing import timed
from glassbox.zoo import digit_models as zoo
from glassbox.zoo.digit_models import Zoo

RUNS = 5
"""Runs whose median is the time of a verdict; a server is asked once, and its time is that of the whole request."""


@dataclass(frozen=True)
class Verdict:
    """What one network reads. `probabilities`: float64 (labels,), calibrated; `confidence` is the largest, that of
    `label`; `seconds`: the median time of `runs` runs on `provider`, inside ONNX Runtime if that is "cpu" or "cuda"; of
    a server see `glassbox.engine.remote`."""

    model: str
    label: str
    confidence: float
    probabilities: NDArray[np.float64]
    seconds: float
    runs: int
    provider: str


class Probabilities(NamedTuple):
    """What one network reads in several digits: float64 (digits, labels), calibrated, and the `provider` of the run."""

    probabilities: NDArray[np.float64]
    provider: str


@dataclass(frozen=True)
class Familiarity:
    """How unlike the training pictures a picture is: `score`; `familiar` while that is at most `threshold`."""

    score: float
    threshold: float
    familiar: bool


class Reader:
    """Reads digits with the models of a zoo. Threads may share it: each model is loaded once, at its first use.

    Each method that runs a model raises EngineError where `engine` is a server that fails.
    """

    def __init__(self, zoo: Zoo, provider: str = "cpu", engine: Engine | None = None) -> None:
        """`engine`: what runs the models, by default what the environment asks for.

        Raises ValueError if `provider` is unknown. One that can't be had is replaced by the CPU: see `provider`.
        """
        self.zoo = zoo
        self.engine = engine or choice.configured()
        self.provider = provider_state(provider)
        self.version = " ".join([self.provider.name, *(card.sha256 for card in zoo.cards.values())])
        """What tells it from other readers: its provider and the files of its networks."""
        self._sessions: dict[str, ModelSession] = {}  # at most one a model of the zoo
        self._loading = threading.Lock()

    def read(self, digit: NDArray[np.uint8], models: Sequence[str] | None = None) -> dict[str, Verdict]:
        """Return the verdict of each of `models` (default: the article's) on `digit`, uint8 (28, 28), white on black.

        Models that the zoo refuses are left out.

        Raises ValueError for another kind of array or a name that is no model's.
        """
        models = self.zoo.article if models is None else models
        known = (*self.zoo.cards, *self.zoo.refused)
        if unknown := [name for name in models if name not in known]:
            raise ValueError(f"no model is named {', '.join(unknown)}; there are {', '.join(self.zoo.cards)}")
        picture = _picture(digit)
        return {name: self._verdict(name, picture) for name in models if name in self.zoo.cards}

    def labels(self, digits: NDArray[np.uint8], model: str) -> list[str]:
        """Return what `model` reads in each of several digits, uint8 (n, 28, 28), white on black.

        Raises ValueError if the zoo has no model of that name or refuses it.
        """
        labels = self.zoo.cards[model].labels if model in self.zoo.cards else ()
        return [labels[int(best)] for best in self.probabilities(digits, model).probabilities.argmax(1)]

    def probabilities(self, digits: NDArray[np.uint8], model: str) -> Probabilities:
        """Return how probable `model` finds each label in several digits, uint8 (n, 28, 28), white on black.

        Raises ValueError if the zoo has no model of that name or refuses it.
        """
        session = self.session(model)
        run = session.run_in_parts(feed(session, rescaled(digits)))
        card = self.zoo.cards[model]
        found = calibrated(run.outputs[session.outputs[0]], card.output.kind, card.calibration.temperature)
        return Probabilities(found, run.provider)

    def familiarity(self, digit: NDArray[np.uint8]) -> Familiarity | None:
        """Return whether `digit`, uint8 (28, 28), is like the training pictures; None if the zoo has no such model.

        Raises ValueError for another kind of array.
        """
        picture = _picture(digit)
        card = self.zoo.familiarity
        if card is None:
            return None
        session = self.session(zoo.FAMILIARITY)
        score = float(session.run(feed(session, picture)).outputs[session.outputs[0]].item())
        return Familiarity(score, card.threshold, familiar=score <= card.threshold)

    def session(self, model: str) -> ModelSession:
        """Return the session that runs `model`. Raises ValueError if the zoo has none of that name or refuses it."""
        if model not in self._sessions:
            with self._loading:
                if model not in self._sessions:
                    self._sessions[model] = self.engine.session(model, self.zoo.model_bytes(model), self.provider.name)
        return self._sessions[model]

    def _verdict(self, model: str, picture: NDArray[np.float32]) -> Verdict:
        session, card = self.session(model), self.zoo.cards[model]
        feeds = feed(session, picture)
        run = timed(lambda: session.run(feeds), RUNS if self.engine.server is None else 1)
        output = run.outputs[session.outputs[0]][0]
        probabilities = calibrated(output, card.output.kind, card.calibration.temperature)
        best = int(probabilities.argmax())
        return Verdict(
            model=model,
            label=card.labels[best],
            confidence=float(probabilities[best]),
            probabilities=probabilities,
            seconds=run.seconds,
            runs=run.runs,
            provider=run.provider,
        )


def _picture(digit: NDArray[np.uint8]) -> NDArray[np.float32]:
    if digit.shape != (28, 28) or digit.dtype != np.uint8:
        raise ValueError(f"a digit is uint8 (28, 28), not {digit.dtype} {digit.shape}")
    return rescaled(digit)
