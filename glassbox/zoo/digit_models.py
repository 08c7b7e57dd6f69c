"""The shipped models: what each takes and gives, how good it is and where it came from, read from its card.

A model and its card lie in models/NAME/1/model.onnx and models/NAME/card.json, as `python -m export` writes them.
"""

import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeVar

from glassbox import records
from glassbox.paths import MODELS
from glassbox.records import require

ARTICLE = ("mlp", "cnn", "rnn")
"""The three networks of the article."""
COMPARISON = ("cnn_deep", "lstm", "gru")
"""Three that it leads to."""
NAMES = ARTICLE + COMPARISON
FAMILIARITY = "familiarity"
"""The model that tells how unlike the training pictures a picture is: no reader of digits, so not one of NAMES."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Input:
    """The tensor a model takes: `shape` with names for free dimensions, values within `range`."""

    name: str
    shape: tuple[int | str, ...]
    dtype: str
    range: tuple[float, float]


@dataclass(frozen=True)
class Output:
    """The tensor a model gives; `kind`: "logits" or "probabilities"."""

    name: str
    shape: tuple[int | str, ...]
    kind: str

    def __post_init__(self) -> None:
        require(self.kind in ("logits", "probabilities"), f"output.kind is {self.kind!r}")


@dataclass(frozen=True)
class Layer:
    """A layer as Keras names it; `multiply_adds` for one picture, `keras_difference` the largest to Keras' output,
    relative to the layer's largest value if that is above 1."""

    name: str
    type: str
    output: tuple[int | str | None, ...]
    parameters: int
    multiply_adds: int
    keras_difference: float


@dataclass(frozen=True)
class Dataset:
    """Where the training pictures come from, and how many were trained on and tested on."""

    name: str
    licence: str
    source: str
    train: int
    test: int


@dataclass(frozen=True)
class History:
    """One value an epoch; accuracies as fractions."""

    loss: tuple[float, ...]
    accuracy: tuple[float, ...]
    val_loss: tuple[float, ...]
    val_accuracy: tuple[float, ...]


@dataclass(frozen=True)
class Training:
    """How the model was trained: `seconds` by the clock, `cpu_seconds` on all cores together."""

    seconds: float
    cpu_seconds: float
    epochs: int
    batch_size: int
    optimizer: str
    loss: str
    history: History


@dataclass(frozen=True)
class Accuracy:
    """The fraction of test pictures read rightly, within its 95 % interval from `low` to `high`."""

    value: float
    low: float
    high: float
    correct: int
    count: int

    def __post_init__(self) -> None:
        require(0 <= self.low <= self.value <= self.high <= 1, "accuracy is not a fraction within its interval")


@dataclass(frozen=True)
class Bin:
    """Pictures of like confidence: their mean confidence and accuracy (None where there are none)."""

    confidence: float | None
    accuracy: float | None
    count: int


@dataclass(frozen=True)
class Calibration:
    """The temperature that the app divides by, and the expected calibration error without and with it.

    Guo et al., "On Calibration of Modern Neural Networks", 2017, https://arxiv.org/abs/1706.04599
    """

    temperature: float
    ece_before: float
    ece_after: float
    bins_before: tuple[Bin, ...]
    bins_after: tuple[Bin, ...]

    def __post_init__(self) -> None:
        require(self.temperature > 0, "calibration.temperature is not above 0")


@dataclass(frozen=True)
class Pictures:
    """Accuracy on real pictures: photographs, scans, other pens."""

    correct: int
    count: int
    accuracy: float


@dataclass(frozen=True)
class Card:
    """All that is known of one model. `confusion`: test pictures by true label (rows) and read label (columns)."""

    name: str
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
    confusion: tuple[tuple[int, ...], ...]
    calibration: Calibration
    pictures: Pictures | None = None

    def __post_init__(self) -> None:
        require_classes(self.output, self.labels, self.confusion)


@dataclass(frozen=True)
class FamiliarityCard:
    """A picture whose unfamiliarity is above `threshold` is unlike what the networks learned.

    `auroc`: how well that tells digits from Fashion-MNIST's clothes, from 0.5 (not at all) to 1.
    """

    name: str
    threshold: float
    auroc: float
    sha256: str


class Described(Protocol):
    """What every card tells: the folder that it belongs to, and the sha256 of the model's file."""

    @property
    def name(self) -> str: ...
    @property
    def sha256(self) -> str: ...


AnyCard = TypeVar("AnyCard", bound=Described)


@dataclass(frozen=True)
class Zoo:
    """The models that may be used, in the order of NAMES, and those that may not, with the reason.

    `refused`, by name: "missing" (no model or card), "sha256" (the model is not the one the card was written for),
    "card" (the card lacks something or says something that can't be). `familiarity` is None when it is refused.
    """

    cards: dict[str, Card]
    refused: dict[str, str]
    familiarity: FamiliarityCard | None = None
    _models: dict[str, bytes] = field(default_factory=dict, repr=False)

    def model_bytes(self, name: str) -> bytes:
        """The ONNX file of an accepted model, as it was when its sha256 was checked. Raises ValueError for another."""
        return model_bytes(name, self._models, self.refused)


def load(folder: Path = MODELS) -> Zoo:
    """Read all cards and models under `folder`, under two megabytes together. One that is refused stops no other."""
    cards, refused, models = accept(folder, dict.fromkeys(NAMES, Card) | {FAMILIARITY: FamiliarityCard})
    familiarity = cards.pop(FAMILIARITY, None)
    return Zoo(cards, refused, familiarity, models)


def accept(
    folder: Path, kinds: Mapping[str, type[Described]]
) -> tuple[dict[str, Any], dict[str, str], dict[str, bytes]]:
    """Read the models that `kinds` names under `folder`, each with a card of its kind: the cards, each of the kind
    asked for, the refused with the reason (see Zoo) and the models' files, all by name, in the order asked."""
    cards: dict[str, Any] = {}
    refused: dict[str, str] = {}
    models: dict[str, bytes] = {}
    for name, kind in kinds.items():
        try:
            cards[name], models[name] = _accept(folder / name, kind)
        except _RefusedError as refusal:
            refused[name] = refusal.reason
            _log.warning("the model %s is refused: %s", name, refusal)
    return cards, refused, models


def model_bytes(name: str, models: Mapping[str, bytes], refused: Mapping[str, str]) -> bytes:
    """The file of `name` among `models`. Raises ValueError for one that is refused or that nobody knows."""
    if name in models:
        return models[name]
    if name in refused:
        raise ValueError(f"the model {name} is refused ({refused[name]})")
    raise ValueError(f"no model is named {name!r}; there are {', '.join(models)}")


def require_classes(output: Output, labels: tuple[str, ...], confusion: tuple[tuple[int, ...], ...]) -> None:
    """Raise ValueError unless a classifier's output and confusion matrix have one place a label."""
    classes = len(labels)
    require(output.shape[-1:] == (classes,), "output.shape does not end with the number of labels")
    square = len(confusion) == classes and all(len(row) == classes for row in confusion)
    require(square, "confusion is not one row and one column a label")


def read_card(text: bytes, kind: type[AnyCard]) -> AnyCard:
    """A card's JSON -> `kind`. Raises ValueError naming the first field that is missing or wrong."""
    return records.read(kind, text)


class _RefusedError(Exception):
    def __init__(self, reason: str, detail: object) -> None:
        super().__init__(detail)
        self.reason = reason


def _accept(folder: Path, kind: type[AnyCard]) -> tuple[AnyCard, bytes]:
    try:
        text = (folder / "card.json").read_bytes()
        model = (folder / "1" / "model.onnx").read_bytes()
    except OSError as error:
        raise _RefusedError("missing", error) from error
    try:
        card = read_card(text, kind)
        require(card.name == folder.name, f"it is the card of {card.name}")
    except ValueError as error:
        raise _RefusedError("card", f"its card is not right: {error}") from error
    if hashlib.sha256(model).hexdigest() != card.sha256:
        raise _RefusedError("sha256", "its file's sha256 is not the one in its card")
    return card, model
