"""The shipped networks that read and write text, read from their cards as `digit_models` reads those for digits."""

from dataclasses import dataclass, field
from pathlib import Path

from glassbox.paths import MODELS
from glassbox.records import require
from glassbox.text.tokens import Vocabulary
from glassbox.zoo import digit_models
from glassbox.zoo.digit_models import Accuracy, Calibration, Dataset, Input, Layer, Output, Training

CELLS = ("rnn", "gru", "lstm")
FAMILIES = {
    "text_zh": ("text_zh_rnn", "text_zh_gru", "text_zh_lstm"),
    "text_en": ("text_en_rnn", "text_en_gru", "text_en_lstm"),
    "text_en_intent": ("text_en_intent",),
}
"""The classifiers of each task: the topic of a Chinese sentence, the mood of an English film review, and the scenario
that an English request to an assistant belongs to."""
CLASSIFIERS = tuple(name for names in FAMILIES.values() for name in names)
WRITERS = ("char_zh", "char_en")
"""The language models, which write."""
TASKS = ("topic", "sentiment", "scenario")


@dataclass(frozen=True)
class Yardstick:
    """A classical classifier, trained and tested on the same split."""

    name: str
    accuracy: float
    macro_accuracy: float


@dataclass(frozen=True)
class TextCard:
    """All that is known of one classifier of text. `vocabulary`: its entries by id, and there is no second list.

    `macro_accuracy`: the mean of the labels' accuracies, each counting the same; `confusion`: test texts by true label
    (rows) and read label (columns).
    """

    name: str
    task: str
    unit: str
    cell: str
    bidirectional: bool
    vocabulary: tuple[str, ...]
    input: Input
    output: Output
    labels: tuple[str, ...]
    layers: tuple[Layer, ...]
    parameters: int
    flops: int
    bytes: int
    sha256: str
    seed: int
    versions: dict[str, str]
    dataset: Dataset
    training: Training
    accuracy: Accuracy
    macro_accuracy: float
    baseline: Yardstick
    confusion: tuple[tuple[int, ...], ...]
    calibration: Calibration

    def __post_init__(self) -> None:
        require(self.task in TASKS, f"task is {self.task!r}")
        require(self.cell in CELLS, f"cell is {self.cell!r}")
        require(0 <= self.macro_accuracy <= 1, "macro_accuracy is not a fraction")
        digit_models.require_classes(self.output, self.labels, self.confusion)
        self.words()

    def words(self) -> Vocabulary:
        """What turns a text into this model's ids. Raises ValueError for a vocabulary that can't be."""
        return Vocabulary(self.unit, self.vocabulary)


@dataclass(frozen=True)
class Unigram:
    """A yardstick for writers that knows only how often each character comes."""

    name: str
    perplexity_per_character: float


@dataclass(frozen=True)
class WritingCard:
    """All that is known of one language model; it learned from `training_characters`.

    Perplexity, e to the mean of -ln p of the next character, is measured on sentences that it has not seen: between so
    many characters it hesitates.
    """

    name: str
    task: str
    unit: str
    cell: str
    vocabulary: tuple[str, ...]
    input: Input
    output: Output
    layers: tuple[Layer, ...]
    parameters: int
    flops: int
    bytes: int
    sha256: str
    seed: int
    versions: dict[str, str]
    dataset: Dataset
    training: Training
    training_characters: int
    perplexity_per_character: float
    baseline: Unigram

    def __post_init__(self) -> None:
        require(self.task == "writing", f"task is {self.task!r}")
        require(self.unit == "character", f"unit is {self.unit!r}")
        require(self.cell in CELLS, f"cell is {self.cell!r}")
        require(self.perplexity_per_character >= 1, "perplexity_per_character is below 1")
        require("\n" in self.vocabulary[2:], "vocabulary has no line end, which begins and ends a sentence")
        self.words()

    def words(self) -> Vocabulary:
        """What turns a text into this model's ids. Raises ValueError for a vocabulary that can't be."""
        return Vocabulary(self.unit, self.vocabulary)


@dataclass(frozen=True)
class TextZoo:
    """The classifiers (`cards`) and `writers` that may be used, and those that may not with the reason, as in Zoo."""

    cards: dict[str, TextCard]
    writers: dict[str, WritingCard]
    refused: dict[str, str]
    _models: dict[str, bytes] = field(default_factory=dict, repr=False)

    def model_bytes(self, name: str) -> bytes:
        """The ONNX file of an accepted model, as it was when its sha256 was checked. Raises ValueError for another."""
        return digit_models.model_bytes(name, self._models, self.refused)

    def family(self, name: str) -> tuple[str, ...]:
        """The accepted models of a family, or of a model's name that model, best (macro_accuracy) first.

        Raises ValueError for a name that is neither.
        """
        if name not in FAMILIES and name not in CLASSIFIERS:
            raise ValueError(f"no model is named {name!r}; there are {', '.join([*FAMILIES, *CLASSIFIERS])}")
        accepted = [member for member in FAMILIES.get(name, (name,)) if member in self.cards]
        return tuple(sorted(accepted, key=lambda member: -self.cards[member].macro_accuracy))


def load(folder: Path = MODELS) -> TextZoo:
    """Read all cards and models of text under `folder`. One that is refused stops no other."""
    cards, refused, models = digit_models.accept(
        folder, dict.fromkeys(CLASSIFIERS, TextCard) | dict.fromkeys(WRITERS, WritingCard)
    )
    writers = {name: cards.pop(name) for name in WRITERS if name in cards}
    return TextZoo(cards, writers, refused, models)
