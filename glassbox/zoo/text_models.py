"""The shipped networks that read and write text."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from msgspec import Meta

from glassbox.records import Amount, DamagedFileError, Fraction, Natural, Positive, PositiveAmount, require
from glassbox.text.tokens import UNITS, Vocabulary
from glassbox.zoo import folder as models
from glassbox.zoo.cards import ClassifierCard, Dataset, ModelCard, TrainedCard
from glassbox.zoo.folder import Models

if TYPE_CHECKING:
    from glassbox.text.memorisation import NgramIndex

CELLS = ("rnn", "gru", "lstm")
TASKS = ("topic", "sentiment", "scenario")
INDEX = "training_ngrams.npz"
"""The file beside the card of a language model that `TextZoo.training_index` reads."""
MOST_TOKENS, MOST_HASHES = 8, 16
"""Of a run in a familiarity check, and of the hashes of its filter."""


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
class RunFilter:
    """A Bloom filter of `bits` that holds runs of `length` tokens, `hashes` bits each."""

    length: Positive
    hashes: Positive
    bits: Positive

    def __post_init__(self) -> None:
        require(self.length <= MOST_TOKENS and self.hashes <= MOST_HASHES, "filter is larger than any that is made")


@dataclass(frozen=True)
class Smoothing:
    """The `share` of new runs that is usual among held-out texts, and how many `tokens` with that share each text is
    taken to have besides its own."""

    share: Fraction
    tokens: Natural


@dataclass(frozen=True)
class Strange:
    """`count` texts of a `kind` that no network learned from.

    `auroc`: how well the share of new runs tells them from test texts, from 0.5 (not at all) to 1; `refused`: the
    fraction that the check finds unfamiliar.
    """

    kind: str
    count: Positive
    auroc: Fraction
    refused: Fraction


@dataclass(frozen=True, kw_only=True)
class TextFamiliarityCard(ModelCard):
    """All that is known of the check that tells whether a text is like those that a task's networks learned from.

    A text is unfamiliar if its share of runs that are not in the `filter`, smoothed by what is `usual`, is above
    `threshold`. `quantiles`: that share of the held-out texts, from the least to the most in steps of a hundredth.
    `passed`: the fraction of the test texts that count as familiar; `own_passed`: of the examples written for this
    project. `candidates`: the mean AUROC of each way that was tried, on held-out texts against the kinds `chosen_by`;
    `strange`: other kinds, by which nothing was chosen.
    """

    task: str
    unit: str
    filter: RunFilter
    usual: Smoothing
    threshold: Fraction
    quantiles: tuple[Fraction, ...]
    passed: Fraction
    own_passed: Fraction
    chosen_by: tuple[str, ...]
    candidates: dict[str, Fraction]
    strange: Annotated[tuple[Strange, ...], Meta(min_length=1)]
    dataset: Dataset

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self.task in TASKS, f"task is {self.task!r}")
        require(self.unit in UNITS, f"unit is {self.unit!r}")
        rising = len(self.quantiles) == 101 and sorted(self.quantiles) == list(self.quantiles)
        require(rising, "quantiles are not 101 rising fractions")

    @property
    def held_out_passed(self) -> float:
        """The fraction of the held-out texts that count as familiar."""
        return sum(share <= self.threshold for share in self.quantiles) / len(self.quantiles)


@dataclass(frozen=True)
class Unigram:
    """A yardstick for language models that knows only how often each character comes."""

    name: str
    perplexity_per_character: Annotated[float, Meta(ge=1, le=1e15)]


@dataclass(frozen=True)
class IndexFile:
    """The file INDEX: the hashes of all `ngrams` of `length` characters of the training texts.

    `run`: the characters from which on a run counts, `length` where it is None; `false_positive_rate`: the probability
    that it has another n-gram too. Of `absent` n-grams of the measured texts, which the training texts lack, it has
    `false_positives`.
    """

    bytes: Positive
    sha256: str
    length: Positive
    ngrams: Positive
    false_positive_rate: Fraction
    absent: Natural
    false_positives: Natural
    run: Positive | None = None

    def __post_init__(self) -> None:
        require(self.false_positives <= self.absent, "memorisation.index finds more than there are")
        require(self.least >= self.length, "memorisation.index.run is shorter than its n-grams")

    @property
    def least(self) -> int:
        """The characters from which on a run counts."""
        return self.run or self.length

    @property
    def false_run_rate(self) -> float:
        """The probability that `least` characters are found of which no n-gram stands in the training texts: each of
        the n-grams in them has to be, and its hash knows nothing of the next one's."""
        return float(self.false_positive_rate ** (self.least - self.length + 1))


@dataclass(frozen=True, kw_only=True)
class Copied:
    """The `share` of the `characters` of some `texts` that lie in runs which stand word for word in the training
    sentences, within its 95 % interval over the texts; `longest`: the characters of the longest passage that stands
    there as a whole, 0 if there is none."""

    texts: Positive
    characters: Positive
    share: Fraction
    low: Fraction
    high: Fraction
    longest: Natural

    def __post_init__(self) -> None:
        require(self.low <= self.share <= self.high, "memorisation has a share outside its interval")


@dataclass(frozen=True, kw_only=True)
class SampledCopied(Copied):
    """The same for texts that the model wrote, at a temperature, among the `top_k` likeliest or all, with the seeds
    from `seed` on."""

    temperature: PositiveAmount
    top_k: Positive | None
    seed: Natural


@dataclass(frozen=True)
class Memorisation:
    """How much of what a language model writes stands in its training sentences, in runs of `index.least` characters
    or more, beside how much of sentences `held_out` does, which it has not seen: see `export.memorisation`."""

    index: IndexFile
    held_out: Copied
    sampled: Annotated[tuple[SampledCopied, ...], Meta(min_length=1)]

    def at(self, temperature: float, top_k: int | None) -> SampledCopied | None:
        """Return what was measured of texts written at these settings, or None."""
        return next((one for one in self.sampled if (one.temperature, one.top_k) == (temperature, top_k)), None)


@dataclass(frozen=True, kw_only=True)
class WritingCard(RecurrentCard):
    """All that is known of one language model; it learned from `training_characters`.

    Perplexity, e to the mean of -ln p of the next character, is measured on sentences that it has not seen: between so
    many characters it hesitates. `memorisation` is None where that has not been measured.
    """

    training_characters: Positive
    perplexity_per_character: Amount
    baseline: Unigram
    memorisation: Memorisation | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self.task == "writing", f"task is {self.task!r}")
        require(self.unit == "character", f"unit is {self.unit!r}")
        require(self.perplexity_per_character >= 1, "perplexity_per_character is below 1")
        require("\n" in self.vocabulary[2:], "vocabulary has no line end, which begins and ends a sentence")


@dataclass(frozen=True)
class TextZoo(Models[TextCard]):
    """The classifiers (`cards`), the language models (`writers`) and the checks whether a text is familiar, by task,
    that may be used, and those that may not."""

    writers: dict[str, WritingCard] = field(default_factory=dict)
    familiarity: dict[str, TextFamiliarityCard] = field(default_factory=dict)

    def training_index(self, name: str) -> "NgramIndex":
        """Return the index of the n-grams that the language model `name` has learned from.

        Raises DamagedFileError if its card tells of none, or if the file is missing or not the one that it tells of.
        """
        from glassbox.text import memorisation  # it loads numpy, which those who only list the models do not need

        measured = self.writers[name].memorisation
        if measured is None:
            raise DamagedFileError(self.folder / name / "card.json", "it lacks memorisation", name)
        file = models.side_file(self.folder / name, INDEX, measured.index.sha256)
        return memorisation.from_bytes(file)

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
    kinds = {"text": TextCard, "writing": WritingCard, "text_familiarity": TextFamiliarityCard}
    found = models.accept(kinds, folder)
    cards, writers, checks = ({n: card for n, card in found.cards.items() if card.role == role} for role in kinds)
    familiarity = {card.task: card for card in checks.values()}
    return TextZoo(cards, found.refused, found.files, found.folder, writers, familiarity)


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
