"""What the cards of all models share: what a model takes and gives, how good it is, and how it is shown.

A card is models/NAME/card.json, as `python -m export` writes it.
"""

import re
from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from glassbox.records import Amount, Fraction, Natural, Positive, PositiveAmount, require

ROLES = ("digits", "familiarity", "attacked", "compressed", "text", "text_familiarity", "writing", "transformer")
"""What a model is for: it reads digits, tells whether a picture is like its training pictures, is an MLP trained to be
attacked, a compressed version of another model, a classifier of text, tells whether a text is like the training texts
of one, is a language model, or a transformer (or what was trained beside one)."""
DEFAULT_LANGUAGE = "en"


@dataclass(frozen=True)
class Name:
    """What a model is called in one language: `short` ("CNN") and, where that is an abbreviation, `long`."""

    short: str
    long: str = ""

    def __post_init__(self) -> None:
        require(self.short != "", "display.names has an empty name")


@dataclass(frozen=True)
class Display:
    """How a model is shown: its `names` by language, its place in the `order` of models of its role, its `colour`
    (#RRGGBB), the `page` that shows it from inside, if one does, and whether it is one of the `article`'s three."""

    names: dict[str, Name]
    order: Natural
    colour: str = ""
    page: str = ""
    article: bool = False

    def __post_init__(self) -> None:
        require(DEFAULT_LANGUAGE in self.names, f"display.names lacks {DEFAULT_LANGUAGE}")
        require(re.fullmatch("|#[0-9A-Fa-f]{6}", self.colour) is not None, f"display.colour is {self.colour!r}")

    def name(self, language: str) -> Name:
        """Return the name in `language`, in English where the card has none."""
        return self.names.get(language, self.names[DEFAULT_LANGUAGE])


@dataclass(frozen=True)
class Input:
    """The tensor a model takes: `shape` with names for free dimensions, values within `range`."""

    name: str
    shape: tuple[Positive | str, ...]
    dtype: str
    range: tuple[float, float]


@dataclass(frozen=True)
class Output:
    """The tensor a model gives; `kind`: "logits" or "probabilities"."""

    name: str
    shape: tuple[Positive | str, ...]
    kind: str

    def __post_init__(self) -> None:
        require(self.kind in ("logits", "probabilities"), f"output.kind is {self.kind!r}")


@dataclass(frozen=True)
class Layer:
    """A layer as Keras names it; `multiply_adds` for one picture, `keras_difference` the largest to Keras' output,
    relative to the layer's largest value if that is above 1."""

    name: str
    type: str
    output: tuple[Positive | str | None, ...]
    parameters: Natural
    multiply_adds: Natural
    keras_difference: Amount


@dataclass(frozen=True)
class Dataset:
    """Where the training pictures come from, and how many were trained on and tested on."""

    name: str
    licence: str
    source: str
    train: Positive
    test: Positive


@dataclass(frozen=True)
class History:
    """One value an epoch; accuracies as fractions."""

    loss: Annotated[tuple[Amount, ...], Meta(min_length=1)]
    accuracy: tuple[Fraction, ...]
    val_loss: tuple[Amount, ...]
    val_accuracy: tuple[Fraction, ...]

    def __post_init__(self) -> None:
        lengths = {len(one) for one in (self.loss, self.accuracy, self.val_loss, self.val_accuracy)}
        require(len(lengths) == 1, "training.history has not as many of each value")


@dataclass(frozen=True)
class Accelerator:
    """The GPU that computed a training, by its maker's name, and the energy that its own counter says it took."""

    name: str
    joules: PositiveAmount


@dataclass(frozen=True)
class Teacher:
    """A larger network whose probabilities the model learned: its size, its passes over the data, how long it learned,
    and its loss (nats) on held-out tokens."""

    parameters: Positive
    epochs: Positive
    seconds: PositiveAmount
    nats: Amount


@dataclass(frozen=True)
class Training:
    """How the model was trained: `seconds` by the clock, `cpu_seconds` on all cores together, and the GPU, if any; all
    with what its teacher took, if it had one."""

    seconds: PositiveAmount
    cpu_seconds: PositiveAmount
    epochs: Positive
    batch_size: Positive
    optimizer: str
    loss: str
    history: History
    accelerator: Accelerator | None = None
    teacher: Teacher | None = None


@dataclass(frozen=True)
class Accuracy:
    """The fraction of test pictures read rightly, within its 95 % interval from `low` to `high`."""

    value: float
    low: float
    high: float
    correct: Natural
    count: Positive

    def __post_init__(self) -> None:
        require(0 <= self.low <= self.value <= self.high <= 1, "accuracy is not a fraction within its interval")
        require(self.correct <= self.count, "accuracy counts more right than there are")


@dataclass(frozen=True)
class Bin:
    """Pictures of like confidence: their mean confidence and accuracy (None where there are none)."""

    confidence: Fraction | None
    accuracy: Fraction | None
    count: Natural


@dataclass(frozen=True)
class HeldOut:
    """What a temperature is worth on `count` examples that the network did not learn from, by cross-validation.

    `gain`: the log-likelihood that it adds (nats an example); `ece_before` and `ece_after`: the calibration error
    without and with it, of parts of the examples that it was not fitted on; `fitted`: the temperature of all of them.
    It `helps` if it betters both by more than a standard error: see `export.measures.held_out`.
    """

    count: Positive
    fitted: PositiveAmount
    gain: float
    ece_before: Fraction
    ece_after: Fraction
    helps: bool


@dataclass(frozen=True)
class Calibration:
    """The temperature that the app divides by, and the expected calibration error on the test without and with it.

    It is 1, which changes nothing, unless one helps on the examples that were `held_out`.
    Guo et al., "On Calibration of Modern Neural Networks", 2017, https://arxiv.org/abs/1706.04599
    """

    temperature: Amount
    held_out: HeldOut
    ece_before: Fraction
    ece_after: Fraction
    bins_before: Annotated[tuple[Bin, ...], Meta(min_length=1)]
    bins_after: Annotated[tuple[Bin, ...], Meta(min_length=1)]

    def __post_init__(self) -> None:
        require(self.temperature > 0, "calibration.temperature is not above 0")
        chosen = self.held_out.fitted if self.held_out.helps else 1.0
        require(self.temperature == chosen, "calibration.temperature is not what the held-out examples chose")


@dataclass(frozen=True, kw_only=True)
class ModelCard:
    """What every card tells: the folder that it belongs to, what the model is for, and the sha256 of its file."""

    name: str
    role: str
    sha256: str
    bytes: Positive
    display: Display | None = None

    def __post_init__(self) -> None:
        require(self.role in ROLES, f"role is {self.role!r}")


@dataclass(frozen=True, kw_only=True)
class NetworkCard(ModelCard):
    """The card of a network with one input and one output: also its shapes, and with which seed and versions of which
    packages it was made."""

    input: Input
    output: Output
    seed: int
    versions: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class TrainedCard(NetworkCard):
    """The card of a network that `python -m export` trained with Keras: also its layers, costs, data and training."""

    layers: Annotated[tuple[Layer, ...], Meta(min_length=1)]
    parameters: Positive
    flops: Positive
    dataset: Dataset
    training: Training


@dataclass(frozen=True, kw_only=True)
class ClassifierCard(TrainedCard):
    """The card of a classifier. `confusion`: test examples by true label (rows) and predicted label (columns)."""

    labels: tuple[str, ...]
    accuracy: Accuracy
    confusion: tuple[tuple[Natural, ...], ...]
    calibration: Calibration

    def __post_init__(self) -> None:
        super().__post_init__()
        classes = len(self.labels)
        require(self.output.shape[-1:] == (classes,), "output.shape does not end with the number of labels")
        square = len(self.confusion) == classes and all(len(row) == classes for row in self.confusion)
        require(square, "confusion is not one row and one column a label")
