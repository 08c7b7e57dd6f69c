"""A tiny transformer in training, live: its loss, its answer to three letters, and where each token looks meanwhile.

The browser asks for a few steps, draws the answer and asks again: only this fragment of the page runs meanwhile.
"""

from collections.abc import Callable

import numpy as np

from glassbox.training import sequences
from glassbox.training.sequence_trainer import MOST_STEPS, Request, Trainer
from glassbox.training.sequences import LETTERS, SEPARATOR
from glassbox.ui.base import payload
from glassbox.ui.base.i18n import t
from glassbox.ui.components.register import register

HEAD_COLOURS = ("#118A66", "#B0549A")
"""At least 3.5 : 1 against the paper of both themes."""
_WORDS = (
    "play",
    "pause",
    "step",
    "reset",
    "speed",
    "steps",
    "loss",
    "accuracy",
    "letters",
    "letters_hint",
    "seen",
    "unseen",
    "reads",
    "writes",
    "right",
    "wrong",
    "looks",
    "head",
    "cell",
    "curves",
    "finished",
)
# Not in a shadow root: its words belong to the page's text.
_component = register(__file__, isolate_styles=False)


def sorting_board(
    trainer: Trainer,
    letters: str,
    *,
    version: int,
    answered: int,
    stopped: str | None,
    on_asked: Callable[[Request], None],
    key: str = "sorting_live",
) -> None:
    """Draw `trainer` and how it answers `letters`; `on_asked` gets what the buttons and the clock ask for.

    `version` counts the trainers, `answered` is the number of the last request obeyed, `stopped` says why training
    stopped.
    """

    def asked() -> None:
        request = payload.parse(payload.sent(key, "asked"), Request)
        if request is not None:
            on_asked(request)

    _component(
        key=key,
        data={
            **message(trainer, letters),
            "version": version,
            "answered": answered,
            "stopped": stopped,
            "colours": HEAD_COLOURS,
            "words": {word: t(f"components.sorting_board.{word}") for word in _WORDS},
        },
        on_asked_change=asked,
    )


def message(trainer: Trainer, letters: str) -> dict[str, object]:
    """Return the state of training as the browser draws it; `letters`: the question, of LETTERS."""
    question = np.array([LETTERS.index(letter) for letter in letters], np.int64)
    reading = trainer.read(question)
    right = sequences.answers(trainer.setup.task, question[None])[0]
    names = [*LETTERS, SEPARATOR]
    return {
        "steps": trainer.steps,
        "finished": trainer.finished,
        "most": MOST_STEPS,
        "history": {
            "steps": [score.step for score in trainer.history],
            "losses": [round(score.loss, 4) for score in trainer.history],
            "accuracies": [round(score.accuracy, 4) for score in trainer.history],
        },
        "letters": letters,
        "unseen": trainer.unseen(question),
        "allowed": LETTERS,
        "read": [names[token] for token in reading.read],
        "answer": [
            {"letter": names[letter], "share": round(share, 4), "right": bool(letter == wanted)}
            for letter, share, wanted in zip(reading.answer, reading.probabilities, right, strict=True)
        ],
        "attention": np.round(reading.attention.astype(float), 3).tolist(),
    }
