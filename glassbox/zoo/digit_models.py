"""The shipped networks that read digits, and the model that tells whether a picture is like those they learned from."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from glassbox.records import Amount, Fraction, Natural, Positive
from glassbox.zoo import folder as models
from glassbox.zoo.cards import ClassifierCard, ModelCard
from glassbox.zoo.folder import Models

FAMILIARITY = "familiarity"
"""The name of the model that tells how unlike the training pictures a picture is."""


@dataclass(frozen=True)
class Pictures:
    """Accuracy on real pictures: photographs, scans, other pens."""

    correct: Natural
    count: Positive
    accuracy: Fraction


@dataclass(frozen=True, kw_only=True)
class Card(ClassifierCard):
    """All that is known of one network that reads digits."""

    pictures: Pictures | None = None


@dataclass(frozen=True, kw_only=True)
class FamiliarityCard(ModelCard):
    """A picture whose unfamiliarity is above `threshold` is unlike what the networks learned.

    `auroc`: how well that tells digits from Fashion-MNIST's clothes, from 0.5 (not at all) to 1.
    """

    threshold: Amount
    auroc: Fraction


@dataclass(frozen=True)
class Zoo(Models[Card]):
    """The networks that read digits, accepted and refused; `familiarity` is None when that model is refused."""

    familiarity: FamiliarityCard | None = None

    @property
    def article(self) -> tuple[str, ...]:
        """The accepted networks of the article."""
        return tuple(name for name, card in self.cards.items() if card.display and card.display.article)

    @property
    def most_accurate(self) -> str | None:
        """The accepted network that reads most real pictures rightly; None if there is none."""
        measured = {name: card.pictures.accuracy for name, card in self.cards.items() if card.pictures}
        return max(measured, key=measured.__getitem__, default=None)

    def on_page(self, page: str) -> tuple[str, ...]:
        """Return the accepted networks that `page` shows from inside."""
        return tuple(name for name, card in self.cards.items() if card.display and card.display.page == page)


def load(folder: Path | None = None, names: Iterable[str] | None = None) -> Zoo:
    """Read the networks for digits under `folder` (default: models/).

    `names`: those alone, which takes less than half the time for three of them.
    """
    found = models.accept({"digits": Card, "familiarity": FamiliarityCard}, folder, names)
    familiarity = found.cards.pop(FAMILIARITY, None)
    return Zoo(found.cards, found.refused, found.files, found.folder, familiarity)


def names(folder: Path | None = None) -> tuple[str, ...]:
    """Return the names of the networks for digits under `folder`, accepted or not, in their order."""
    return models.names("digits", folder=folder)


def article(folder: Path | None = None) -> tuple[str, ...]:
    """Return the names of the article's networks under `folder`, accepted or not, in their order."""
    listed = models.listings(folder)
    return tuple(name for name in names(folder) if (display := listed[name].display) and display.article)
