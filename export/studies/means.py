"""What the parts of each transformer compute on the average over its training texts: written beside its card, without
Keras."""

from export import means, quatrains
from export.run import Run
from glassbox.zoo import transformer_models


def main(run: Run) -> None:
    """Measure every transformer of run.out that writes quatrains."""
    for name, card in transformer_models.load(run.out).cards.items():
        if (card.architecture, card.task) == ("transformer", "quatrains"):
            read = quatrains.load(run.text)
            means.measure(run, name, quatrains.encoded(read.train, read.vocabulary, read.tones).ids)
