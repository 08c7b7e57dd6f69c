"""What the networks make of a digit, with confidence that has been earned, and whether it looks like a digit at all."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glassbox.calibration import calibrated
from glassbox.digits.tensors import feed, rescaled
from glassbox.engine.session import Run, Session, provider_state
from glassbox.zoo import digit_models as zoo
from glassbox.zoo.digit_models import Zoo


@dataclass(frozen=True)
class Verdict:
    """One network's reading. `probabilities`: float64 (labels,), calibrated; `confidence` is the largest, that of
    `label`; `seconds` were spent inside ONNX Runtime on `provider`."""

    model: str
    label: str
    confidence: float
    probabilities: NDArray[np.float64]
    seconds: float
    provider: str


@dataclass(frozen=True)
class Familiarity:
    """How unlike the training pictures a picture is: `score`; `familiar` while that is at most `threshold`."""

    score: float
    threshold: float
    familiar: bool


class Reader:
    """Reads digits with the models of a zoo. Threads may share it: each model is loaded once, at its first use."""

    def __init__(self, zoo: Zoo, provider: str = "cpu") -> None:
        """Raises ValueError if `provider` is unknown. One that can't be had is replaced by the CPU: see `provider`."""
        self.zoo = zoo
        self.provider = provider_state(provider)
        self._sessions: dict[str, Session] = {}  # at most one a model of the zoo
        self._loading = threading.Lock()

    def read(self, digit: NDArray[np.uint8], models: Sequence[str] = zoo.ARTICLE) -> dict[str, Verdict]:
        """Each model's verdict on `digit`, uint8 (28, 28), white ink on black. Models the zoo refuses are left out.

        Raises ValueError for another kind of array or a name that is no model's.
        """
        known = (*self.zoo.cards, *self.zoo.refused)
        if unknown := [name for name in models if name not in known]:
            raise ValueError(f"no model is named {', '.join(unknown)}; there are {', '.join(self.zoo.cards)}")
        picture = _picture(digit)
        accepted = [name for name in models if name in self.zoo.cards]
        for name in accepted[:1]:
            # Whichever runs first finds the processor's caches full of other things, and would seem the slowest.
            self._run(name, picture)
        return {name: self._verdict(name, picture) for name in accepted}

    def familiarity(self, digit: NDArray[np.uint8]) -> Familiarity | None:
        """Whether `digit`, uint8 (28, 28), is like what the networks learned from; None if the zoo has no such model.

        Raises ValueError for another kind of array.
        """
        picture = _picture(digit)
        card = self.zoo.familiarity
        if card is None:
            return None
        output, _ = self._run(zoo.FAMILIARITY, picture)
        score = float(output.item())
        return Familiarity(score, card.threshold, familiar=score <= card.threshold)

    def session(self, model: str) -> Session:
        """The session that runs `model`. Raises ValueError if the zoo has none of that name or refuses it."""
        if model not in self._sessions:
            with self._loading:
                if model not in self._sessions:
                    session = Session(self.zoo.model_bytes(model), self.provider.name)
                    # The first run sets up memory; without this it would be the one whose time is shown.
                    session.run(feed(session, np.zeros((28, 28), np.float32)))
                    self._sessions[model] = session
        return self._sessions[model]

    def _verdict(self, model: str, picture: NDArray[np.float32]) -> Verdict:
        output, run = self._run(model, picture)
        card = self.zoo.cards[model]
        probabilities = calibrated(output[0], card.output.kind, card.calibration.temperature)
        best = int(probabilities.argmax())
        return Verdict(model, card.labels[best], float(probabilities[best]), probabilities, run.seconds, run.provider)

    def _run(self, model: str, picture: NDArray[np.float32]) -> tuple[NDArray[np.float32], Run]:
        session = self.session(model)
        run = session.run(feed(session, picture))
        return run.outputs[session.outputs[0]], run


def _picture(digit: NDArray[np.uint8]) -> NDArray[np.float32]:
    if digit.shape != (28, 28) or digit.dtype != np.uint8:
        raise ValueError(f"a digit is uint8 (28, 28), not {digit.dtype} {digit.shape}")
    return rescaled(digit)
