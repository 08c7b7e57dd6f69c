"""The shipped transformers, and the recurrent networks that were trained beside them to compare."""

import logging
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from glassbox.records import Amount, DamagedFileError, Fraction, Natural, Positive, PositiveAmount, require
from glassbox.zoo import folder as models
from glassbox.zoo.cards import Accuracy, TrainedCard
from glassbox.zoo.folder import Models
from glassbox.zoo.text_models import INDEX, Memorisation

if TYPE_CHECKING:
    from glassbox.text.memorisation import NgramIndex
    from glassbox.text.prosody import Prosody
    from glassbox.zoo.means import Means

_log = logging.getLogger(__name__)
ROLE = "transformer"
TASKS = ("quatrains", "plays", "repetition", "sums")
ARCHITECTURES = ("transformer", "gru")
MEANS = "means.npz"
"""The file beside a card that `TransformerZoo.means` reads."""
PROSODY = "prosody.npz"
"""The file beside a card that `TransformerZoo.prosody` reads."""


@dataclass(frozen=True)
class Loss:
    """On `tokens` that the network has not seen: the mean of -ln p of the next token (nats) and how often it was the
    likeliest; `unigram`: the same mean for how often each token comes, and nothing else."""

    nats: Amount
    accuracy: Fraction
    tokens: Positive
    unigram: Amount


@dataclass(frozen=True)
class PoemShares:
    """What share of `count` quatrains of one `form` has four lines of its length (`right_form`), rhymes today, and may
    keep the rule of tones (`regulated`); what share of their lines stands whole in the training poems, and of the poems
    holds a run of RUN characters or more from them, of which the longest is `longest_run`.

    `kind`: "sampled", with `rule` asked for ("regulated" or "free"), "real" (held out), or "characters" drawn by how
    often each comes.
    """

    kind: str
    form: str
    rule: str
    count: Positive
    right_form: Fraction
    rhyme: Fraction
    regulated: Fraction
    copied_lines: Fraction
    copied_runs: Fraction
    longest_run: Natural

    def __post_init__(self) -> None:
        require(self.kind in ("sampled", "real", "characters"), f"poems.kind is {self.kind!r}")


@dataclass(frozen=True)
class Poems:
    """Measured quatrains: those sampled at `temperature` from the `top_k` likeliest characters, and what to compare."""

    temperature: PositiveAmount
    top_k: Positive
    run: Positive
    shares: tuple[PoemShares, ...]


@dataclass(frozen=True)
class Checkpoint:
    """The network after so many steps of training: its loss and accuracy on held-out tokens, and its `file` beside the
    card, NAME.onnx in a folder of its own."""

    step: Positive
    nats: Amount
    accuracy: Fraction
    file: str
    bytes: Positive
    sha256: str

    def __post_init__(self) -> None:
        require(re.fullmatch(r"(\w+/)?\w+\.onnx", self.file) is not None, f"checkpoints has the file {self.file!r}")


@dataclass(frozen=True)
class MeansFile:
    """The file MEANS: means over the `positions` of `texts` training texts at which a token behind the front is
    written."""

    bytes: Positive
    sha256: str
    texts: Positive
    positions: Positive


@dataclass(frozen=True)
class ProsodyFile:
    """The file PROSODY: the tones of `toned` tokens, as they are marked in training poems, and the rhymes and
    readings of `rhymed`."""

    bytes: Positive
    sha256: str
    toned: Natural
    rhymed: Natural


@dataclass(frozen=True, kw_only=True)
class TransformerCard(TrainedCard):
    """All that is known of one transformer, or of the recurrent network beside it.

    `vocabulary`: the tokens by id; `context`: the tokens that it reads at most, of which the first `front` ask for what
    is to be written; `heads` a layer, 0 of a recurrent network; `sums`: sums wholly right, of those held out;
    `means`, `prosody`, `memorisation`: None where there is no such file beside the card.
    """

    task: str
    architecture: str
    vocabulary: tuple[str, ...]
    context: Positive
    front: Natural
    heads: Natural
    held_out: Loss
    poems: Poems | None = None
    sums: Accuracy | None = None
    checkpoints: tuple[Checkpoint, ...] = ()
    means: MeansFile | None = None
    prosody: ProsodyFile | None = None
    memorisation: Memorisation | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self.role == ROLE, f"role is {self.role!r}")
        require(self.task in TASKS, f"task is {self.task!r}")
        require(self.architecture in ARCHITECTURES, f"architecture is {self.architecture!r}")
        require(self.output.shape[-1:] == (len(self.vocabulary),), "output.shape does not end with the vocabulary")
        require(len(set(self.vocabulary)) == len(self.vocabulary), "vocabulary has a token twice")
        steps = [checkpoint.step for checkpoint in self.checkpoints]
        require(steps == sorted(set(steps)), "checkpoints are not in the order of their steps")


@dataclass(frozen=True)
class TransformerZoo(Models[TransformerCard]):
    """The transformers that may be used, and those that may not."""

    def means(self, name: str) -> "Means | None":
        """Return what the parts of the transformer `name` compute on the average; None if its card tells of none.

        Raises DamagedFileError if the file is missing, or is not the one that the card tells of.
        """
        from glassbox.zoo import means  # it loads numpy, which those who only list the models do not need

        told = self.cards[name].means
        return means.from_bytes(models.side_file(self.folder / name, MEANS, told.sha256)) if told else None

    def prosody(self, name: str) -> "Prosody | None":
        """Return the tones, rhymes and readings of the tokens of the transformer `name`; None where its card tells of
        none.

        Raises DamagedFileError if the file is missing, or is not the one that the card tells of.
        """
        from glassbox.text import prosody  # it loads numpy, as above

        card = self.cards[name]
        if card.prosody is None:
            return None
        file = models.side_file(self.folder / name, PROSODY, card.prosody.sha256)
        return prosody.from_bytes(file, card.vocabulary)

    def training_index(self, name: str) -> "NgramIndex | None":
        """Return the index of the n-grams that the transformer `name` has learned from; None if its card tells of
        none.

        Raises DamagedFileError if the file is missing, or is not the one that the card tells of.
        """
        from glassbox.text import memorisation  # it loads numpy, as above

        told = self.cards[name].memorisation
        if told is None:
            return None
        return memorisation.from_bytes(models.side_file(self.folder / name, INDEX, told.index.sha256))

    def checkpoint(self, name: str, checkpoint: Checkpoint) -> bytes:
        """Return the ONNX file of the transformer `name` as it was at one of its card's checkpoints.

        Raises DamagedFileError if the file is missing, or is not the one that the card tells of.
        """
        return models.side_file(self.folder / name, checkpoint.file, checkpoint.sha256)

    def means_or_none(self, name: str) -> "Means | None":
        """Return what `means` returns; None, with the reason in the log, where it raises."""
        try:
            return self.means(name)
        except DamagedFileError as error:
            _log.warning("the means can't be used: %s", error)
            return None


def load(folder: Path | None = None) -> TransformerZoo:
    """Read all transformers under `folder` (default: models/)."""
    found = models.accept({ROLE: TransformerCard}, folder)
    return TransformerZoo(found.cards, found.refused, found.files, found.folder)
