"""How much of what the models write stands in their training sentences: written into their cards, without Keras."""

from collections.abc import Callable
from pathlib import Path

from export import memorisation, sentences
from export.run import Run
from export.sentences import Texts
from glassbox.zoo import folder

TEXTS: dict[str, Callable[[Path | None], Texts]] = {"char_zh": sentences.chinese, "char_en": sentences.english}
"""The sentences that each learned from."""


def main(run: Run) -> None:
    """Measure every model of run.out that writes."""
    for name in folder.names("writing", folder=run.out):
        memorisation.measure(run, name, run.some(TEXTS[name](run.text)))
