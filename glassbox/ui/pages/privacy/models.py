"""The networks that the page attacks."""

from glassbox.trust.attacks import study
from glassbox.trust.attacks.study import Guarantee
from glassbox.ui.frame.networks import target_models
from glassbox.ui.frame.shell import Page


def attacked_models(page: Page) -> list[str]:
    """Return the names of the attacked models that may be used."""
    usable = {*page.reader.zoo.cards, *target_models().cards}
    return [name for name in study.ATTACKED if name in usable]


def sha256(page: Page, name: str) -> str:
    """Return the SHA-256 of the attacked model `name`."""
    cards = page.reader.zoo.cards
    return cards[name].sha256 if name in cards else target_models().cards[name].sha256


def guarantee() -> Guarantee | None:
    """Return the guarantee of the model trained with differential privacy, None if the model may not be used."""
    card = target_models().cards.get("mlp_private")
    return card.guarantee if card else None
