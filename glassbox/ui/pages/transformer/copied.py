"""What of the visitor's text stands word for word in what the network learned from."""

from collections.abc import Sequence

from glassbox.text.punctuation import half_width
from glassbox.text.quatrains import END
from glassbox.ui.frame import transformers
from glassbox.ui.pages.transformer.poets import QUATRAINS
from glassbox.zoo.transformer_models import TransformerCard


def least(card: TransformerCard) -> int:
    """Return how many characters in a row count as copied, 0 where nothing is known of it."""
    return (card.memorisation.index.run or 0) if card.memorisation else 0


def copied(card: TransformerCard, signs: Sequence[str]) -> frozenset[int]:
    """Return the places of the `signs` of a text that stand in the training text with `least` or more around them."""
    index = transformers.training_index(card.name)
    if index is None:
        return frozenset()
    # The lines of a poem were learned as one text, those of a play each as its own.
    places = [place for place, sign in enumerate(signs) if sign != END or card.task != QUATRAINS]
    runs = index.runs([half_width(signs[place]).lower() for place in places], least(card))
    return frozenset(places[place] for run in runs for place in range(run.start, run.stop))
