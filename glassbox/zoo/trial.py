"""Whether a model is one that runs as its card says, found out by running it once."""

from collections.abc import Sequence

import numpy as np

from glassbox.engine.session import Session
from glassbox.records import require
from glassbox.zoo.cards import ModelCard, NetworkCard

_Shape = Sequence[int | str | None]
_MOST_VALUES = 1_000_000
"""Values of one input; the shipped models take some hundred."""


def run(model: bytes, card: ModelCard) -> None:
    """Run `model`, an ONNX file, on ones, every free dimension 1. It takes some milliseconds.

    Raises ValueError if ONNX Runtime can't load or run it, if it lacks the input or output of its card, if these have
    another shape, or if what it gives is not finite.
    """
    session = Session(model)
    if isinstance(card, NetworkCard):
        require(card.input.name in session.inputs, f"it has no input {card.input.name}")
        require(
            _fits(session.inputs[card.input.name], card.input.shape), "its input has another shape than in its card"
        )
        require(session.types[card.input.name] == card.input.dtype, "its input has another type than in its card")
        require(card.output.name in session.outputs, f"it has no output {card.output.name}")
    feeds = {}
    for name, free in session.inputs.items():
        shape = [size if isinstance(size, int) else 1 for size in free]
        require(0 < np.prod(shape, dtype=float) <= _MOST_VALUES, f"its input {name} is too large")
        feeds[name] = np.ones(shape, session.types[name])
    try:
        outputs = session.run(feeds).outputs
    except Exception as error:  # as ONNX Runtime raised it
        raise ValueError(f"ONNX Runtime can't run this model: {error}") from error
    output = outputs[card.output.name if isinstance(card, NetworkCard) else session.outputs[0]]
    require(bool(np.isfinite(output).all()), "what it gives is not finite")
    if isinstance(card, NetworkCard):
        require(_fits(output.shape, card.output.shape), "its output has another shape than in its card")
    else:
        require(output.size == 1, "it gives more than one number")


def _fits(shape: _Shape, wanted: _Shape) -> bool:
    """Whether two shapes are as long and agree where both have a number."""
    pairs = zip(shape, wanted, strict=False)
    known = ((a, b) for a, b in pairs if isinstance(a, int) and isinstance(b, int))
    return len(shape) == len(wanted) and all(a == b for a, b in known)
