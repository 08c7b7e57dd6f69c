"""The direction from war to the moon, in which the visitor steers what is written."""

from glassbox.explain.interventions import Intervention, Steering
from glassbox.explain.steering import STREAM, steering_direction
from glassbox.ui.frame import transformers
from glassbox.ui.pages.transformer import state
from glassbox.zoo.transformer_models import TransformerCard

MOON, WAR = "月夜明", "战兵军"
"""The characters that the direction leads to and from, by their mean embeddings."""


def steered(card: TransformerCard, provider: str, dose: float) -> list[Intervention]:
    """Return what the dose asks for, nothing for 0."""
    if not dose:
        return []
    words = state.words(card)
    toward, away = ([words.id(sign) for sign in signs] for signs in (MOON, WAR))
    reader = transformers.reader(card.name, provider)
    return [Steering(STREAM, steering_direction(reader, toward, away), dose)]
