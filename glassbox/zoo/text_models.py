"""The shipped networks that read and write text."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from glassbox.records import Amount, Fraction, Positive, require
from glassbox.text.tokens import Vocabulary
from glassbox.zoo import folder as models
from glassbox.zoo.cards import ClassifierCard, TrainedCard
from glassbox.zoo.folder import Models

CELLS = ("rnn", "gru", "lstm")
TASKS = ("topic", "sentiment", "scenario")


@dataclass(frozen=True)
class Yardstick:
    """A classical classifier, trained and tested on the same split."""

    name: str
    accuracy: Fraction
    macro_accuracy: Fraction


@dataclass(frozen=True, kw_only=True)
class RecurrentCard(TrainedCard):
    """The card of a recurrent network that takes the ids of tokens.

    `vocabulary`: the tokens by id, and there is no second list; `unit`: whether a token is a "character" or a "word".
    """

    task: str
    unit: str
    cell: str
    vocabulary: tuple[str, ...]

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self.cell in CELLS, f"cell is {self.cell!r}")
        self.words()

    def words(self) -> Vocabulary:
        """Return what turns a text into this model's ids. Raises ValueError for a vocabulary that can't be."""
        return Vocabulary(self.unit, self.vocabulary)


@dataclass(frozen=True, kw_only=True)
class TextCard(RecurrentCard, ClassifierCard):
    """All that is known of one classifier of text. `macro_accuracy`: the mean of the labels' accuracies, each counting
    the same."""

    bidirectional: bool
    macro_accuracy: float
    baseline: Yardstick

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self.task in TASKS, f"task is {self.task!r}")
        require(0 <= self.macro_accuracy <= 1, "macro_accuracy is not a fraction")


@dataclass(frozen=True)
class Unigram:
    """A yardstick for language models that knows only how often each character comes."""

    name: str
    perplexity_per_character: Annotated[float, Meta(ge=1, le=1e15)]


@dataclass(frozen=True, kw_only=True)
class WritingCard(RecurrentCard):
    """All that is known of one language model; it learned from `training_characters`.

    Perplexity, e to the mean of -ln p of the next character, is measured on sentences that it has not seen: between so
    many characters it hesitates.
    """

    training_characters: Positive
    perplexity_per_character: Amount
    baseline: Unigram

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self.task == "writing", f"task is {self.task!r}")
        require(self.unit == "character", f"unit is {self.unit!r}")
        require(self.perplexity_per_character >= 1, "perplexity_per_character is below 1")
        require("\n" in self.vocabulary[2:], "vocabulary has no line end, which begins and ends a sentence")


@dataclass(frozen=True)
class TextZoo(Models[TextCard]):
    """The classifiers (`cards`) and the language models (`writers`) that may be used, and those that may not."""

    writers: dict[str, WritingCard] = field(default_factory=dict)

    def family(self, name: str) -> tuple[str, ...]:
        """Return the accepted models of the family `name`, or of a model's name that model, best (macro_accuracy)
        first.

        Raises ValueError for a name that is neither.
        """
        known = [*self.cards, *self.refused]
        members = [model for model in known if name in (model, family_of(model))]
        if not members:
            there = dict.fromkeys([*map(family_of, self.cards), *self.cards])
            raise ValueError(f"no model is named {name!r}; there are {', '.join(there)}")
        accepted = [member for member in members if member in self.cards]
        return tuple(sorted(accepted, key=lambda member: -self.cards[member].macro_accuracy))


def load(folder: Path | None = None) -> TextZoo:
    """Read all models of text under `folder` (default: models/)."""
    found = models.accept({"text": TextCard, "writing": WritingCard}, folder)
    writers = {name: found.cards.pop(name) for name, card in list(found.cards.items()) if card.role == "writing"}
    return TextZoo(found.cards, found.refused, found.files, writers)


def families(folder: Path | None = None) -> dict[str, tuple[str, ...]]:
    """Return the names of the classifiers under `folder`, accepted or not, by family: those of one task."""
    found: dict[str, tuple[str, ...]] = {}
    for name in models.names("text", folder=folder):
        found[family_of(name)] = (*found.get(family_of(name), ()), name)
    return found


def family_of(name: str) -> str:
    """Return the family of a classifier, its name without the cell's: "text_zh_gru" is one of "text_zh"."""
    family, _, cell = name.rpartition("_")
    return family if cell in CELLS else name
