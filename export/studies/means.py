"""What the parts of each transformer compute on the average over its training texts: written beside its card, without
Keras."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from export import means, quatrains, shakespeare
from export.run import Run
from glassbox.zoo import transformer_models


def _quatrains(folder: Path | None) -> NDArray[np.int64]:
    read = quatrains.load(folder)
    return quatrains.encoded(read.train, read.vocabulary, read.tones).ids


def _plays(folder: Path | None) -> NDArray[np.int64]:
    return shakespeare.windows(shakespeare.load(folder).train)


TEXTS: dict[str, Callable[[Path | None], NDArray[np.int64]]] = {"quatrains": _quatrains, "plays": _plays}
"""The ids that the transformers of a task learned from, (n, steps + 1)."""


def main(run: Run) -> None:
    """Measure every transformer of run.out that has one of the TEXTS."""
    for name, card in transformer_models.load(run.out).cards.items():
        if card.architecture == "transformer" and card.task in TEXTS:
            means.measure(run, name, TEXTS[card.task](run.text))
