"""The networks that write: recurrent ones that go on with sentences, and transformers for plays and for quatrains."""

from typing import NamedTuple

from glassbox.text.memorisation import NgramIndex
from glassbox.text.plays import PlayWriter
from glassbox.text.poet import Poet
from glassbox.text.writer import Writer
from glassbox.ui.base.i18n import FALLBACK, language, t
from glassbox.ui.base.models import model_name
from glassbox.ui.frame import texts, transformers
from glassbox.zoo.text_models import Memorisation, WritingCard
from glassbox.zoo.transformer_models import TransformerCard

SENTENCES, PLAYS, QUATRAINS = "sentences", "plays", "quatrains"
RECURRENT = {"zh": "char_zh", "en": "char_en"}
"""Those that go on with sentences, by their names in the link: the languages that they write."""
_VERSE = {"zh": QUATRAINS, "en": PLAYS}
"""What a transformer writes in a language."""


class Offered(NamedTuple):
    """One of the networks: its name in the link, its model, and what it writes, of SENTENCES, PLAYS and QUATRAINS."""

    key: str
    model: str
    task: str


def offered() -> dict[str, Offered]:
    """Return the networks that a visitor can choose from, by their names in the link: the transformers first."""
    cards = [one for one in transformers.zoo().cards.values() if one.architecture == "transformer"]
    found = [Offered(one.name, one.name, one.task) for one in cards if one.task in _VERSE.values()]
    found += [Offered(key, model, SENTENCES) for key, model in RECURRENT.items()]
    return {one.key: one for one in found}


def fitting(key: str, *, sentences: bool = False) -> Offered:
    """Return the network `key`; where there is none by that name, the one that writes the page's language: the
    transformer, or where there is none or `sentences` are wanted the recurrent network."""
    found = offered()
    verse = [] if sentences else [one.key for one in found.values() if one.task == _VERSE.get(language())]
    return next(found[name] for name in (key, *verse, language(), FALLBACK) if name in found)


def name(key: str) -> str:
    """Return what a network is called where one is chosen: what it writes, and its kind."""
    one = offered()[key]
    if one.task == SENTENCES:
        return t("writing.writer_recurrent", language=t(f"writing.writer_{key}"))
    return t("writing.writer_transformer", name=model_name(one.model))


def card(one: Offered) -> WritingCard | TransformerCard | None:
    """Return the network's card; None if it is refused."""
    if one.task == SENTENCES:
        return texts.zoo().writers.get(one.model)
    return transformers.zoo().cards.get(one.model)


def writer(one: Offered, provider: str) -> Writer | PlayWriter | Poet:
    """Return the network, ready to write on `provider`."""
    if one.task == SENTENCES:
        return texts.writer(one.model, provider)
    if one.task == PLAYS:
        return transformers.play_writer(one.model, provider)
    return transformers.poet(one.model, provider)


def training_index(one: Offered) -> NgramIndex | None:
    """Return the index of what the network has learned from, None where there is none that can be used."""
    if one.task == SENTENCES:
        return texts.training_index(one.model)
    return transformers.training_index(one.model)


def memorisation(one: Offered) -> Memorisation | None:
    """Return how much of what the network writes was found to be copied, None where that was not measured."""
    found = card(one)
    return found.memorisation if found else None


def model_bytes(one: Offered) -> bytes:
    """Return the network's ONNX file."""
    zoo = texts.zoo() if one.task == SENTENCES else transformers.zoo()
    return zoo.model_bytes(one.model)
