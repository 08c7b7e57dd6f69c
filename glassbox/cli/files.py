"""What is wrong with the files that Glassbox reads of itself: models, cards and files beside them, studies, tables."""

from collections.abc import Callable, Mapping
from pathlib import Path

from glassbox import records
from glassbox.history import language_models, milestones
from glassbox.history.study import STUDY as GROWTH
from glassbox.history.study import GrowthStudy
from glassbox.records import DamagedFileError
from glassbox.trust import forgetting, scoreboard
from glassbox.trust.attacks import study as attacks
from glassbox.trust.cost import carbon, compression
from glassbox.zoo import folder, text_models, transformer_models
from glassbox.zoo.cards import ModelCard
from glassbox.zoo.digit_models import Card, FamiliarityCard
from glassbox.zoo.text_models import TextCard, TextFamiliarityCard, WritingCard
from glassbox.zoo.transformer_models import TransformerCard


def _training_indexes() -> None:
    zoo = text_models.load()
    for name in zoo.writers:
        zoo.training_index(name)


def _beside_transformers() -> None:
    zoo = transformer_models.load()
    for name, card in zoo.cards.items():
        zoo.means(name)
        zoo.prosody(name)
        zoo.training_index(name)
        for checkpoint in card.checkpoints:
            zoo.checkpoint(name, checkpoint)


CARDS: Mapping[str, type[ModelCard]] = {
    "digits": Card,
    "familiarity": FamiliarityCard,
    "attacked": attacks.TargetCard,
    "compressed": compression.CompressedCard,
    "text": TextCard,
    "text_familiarity": TextFamiliarityCard,
    "writing": WritingCard,
    "transformer": TransformerCard,
}
"""The kind of card of each role."""
_READ: tuple[Callable[[], object], ...] = (
    lambda: records.load(GrowthStudy, GROWTH),
    lambda: records.load(attacks.PrivacyStudy, attacks.STUDY),
    lambda: scoreboard.load(),
    lambda: records.load(forgetting.ForgettingStudy, forgetting.STUDY),
    lambda: records.load(compression.PruningStudy, compression.STUDY),
    milestones.milestones,
    milestones.accelerators,
    language_models.architectures,
    carbon.grids,
    carbon.published,
    carbon.outlines,
    _training_indexes,
    _beside_transformers,
)
"""What reads each study, each table and each file beside a card."""


def model_problem(model: Path) -> str | None:
    """Return why the model in the folder `model` can't be used, or None."""
    return folder.problem(model, CARDS)


def damaged() -> list[str]:
    """Return what is wrong with each study, table or file beside a card that is missing or damaged, by its name."""
    found = []
    for read in _READ:
        try:
            read()
        except DamagedFileError as error:
            found.append(str(error))
    return found
