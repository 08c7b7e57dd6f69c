"""What is looked at: the visitor's text as the network reads it, with what was changed in it, kept for a while."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from glassbox.explain.head_effects import head_effects
from glassbox.explain.interventions import HeadAblation, Intervention
from glassbox.explain.transformer_reader import TransformerReading
from glassbox.text.read_text import ReadText
from glassbox.ui.base.i18n import language
from glassbox.ui.base.results import Results, kept
from glassbox.ui.base.state import Entry, Kind, declare
from glassbox.ui.components.attention import Behind, Sign
from glassbox.ui.frame import transformers
from glassbox.ui.pages.transformer import directions, figure, state
from glassbox.ui.pages.transformer.copied import copied
from glassbox.zoo.transformer_models import TransformerCard

_READINGS: Entry[Results] = declare("look_readings", Kind.RESULTS, {})
_FIGURES: Entry[Results] = declare("look_figures", Kind.RESULTS, {})
_EFFECTS: Entry[Results] = declare("look_effects", Kind.RESULTS, {})
Explained = tuple[tuple[int, int | None, int | None], ...]
"""A position, the token whose score is explained there, and the one it is held against; None: not chosen."""


@dataclass(frozen=True)
class Changes:
    """What the visitor changed in the network: the heads that are `off`, which write 0 or their mean by the `way`, and
    the `dose` of the direction that is added."""

    off: tuple[tuple[int, int], ...] = ()
    way: str = ""
    dose: float = 0.0

    @property
    def any(self) -> bool:
        """Whether anything was changed."""
        return bool(self.off or self.dose)


@dataclass(frozen=True)
class Look:
    """A text: the `text` that is read on `provider`, `plain` and with the `changes`, `reading`; what each position is
    followed by, `behind`; and the `effects` of all heads.

    `at` is the position that is pointed at, `token` the one whose score is explained there, less that of `against`.
    `everybodys`: whether the text is one of the page's own, so that all visitors share what is kept.
    """

    card: TransformerCard
    provider: str
    text: ReadText
    everybodys: bool
    plain: TransformerReading
    reading: TransformerReading
    changes: Changes
    behind: list[Behind]
    effects: NDArray[np.float64]
    at: int
    token: int
    against: int | None

    @cached_property
    def signs(self) -> list[Sign]:
        """The tokens as they are shown."""
        return figure.signs(self.text, self.readings, copied(self.card, self.text.signs))

    @property
    def readings(self) -> Mapping[str, str]:
        """How the characters are read today, for those who may not know; else none."""
        if language() == state.task(self.card).language:
            return {}
        prosody = transformers.prosody(self.card.name)
        return prosody.readings if prosody else {}


def look(card: TransformerCard, provider: str, text: ReadText) -> Look:
    """Return `text` as it is looked at."""
    everybodys, at, name = state.example(card) is not None, state.position(text), card.name
    plain = _reading.of(everybodys)(name, provider, text.ids, Changes(), card)
    ways = state.ways(plain.reader.means is not None)
    changes = Changes(state.OFF.get(), state.WAY.get() if state.WAY.get() in ways else ways[0], state.dose(card))
    reading = _reading.of(everybodys)(name, provider, text.ids, changes, card) if changes.any else plain
    token, against = (state.token(card, entry.get()) for entry in (state.WORD, state.AGAINST))
    explained: Explained = () if token is against is None else ((at, token, against),)
    behind = _behind.of(everybodys)(name, provider, text.ids, explained, changes, language(), card, reading, plain)
    return Look(
        card=card,
        provider=provider,
        text=text,
        everybodys=everybodys,
        plain=plain,
        reading=reading,
        changes=changes,
        behind=behind,
        effects=_effects.of(everybodys)(name, provider, text.ids, explained, changes.way, plain),
        at=at,
        token=int(plain.logits[at].argmax()) if token is None else token,
        against=against,
    )


@kept(_READINGS, shared=24, own=3, large=True)
def _reading(
    name: str, provider: str, ids: tuple[int, ...], changes: Changes, _card: TransformerCard
) -> TransformerReading:
    off = [HeadAblation(layer, head, mean=changes.way == "mean") for layer, head in changes.off]
    made: list[Intervention] = [*off, *directions.steered(_card, provider, changes.dose)]
    return transformers.reader(name, provider).read(ids, made)


@kept(_FIGURES, shared=32, own=4)
def _behind(
    name: str,
    provider: str,
    ids: tuple[int, ...],
    explained: Explained,
    changes: Changes,
    language: str,
    _card: TransformerCard,
    _reading: TransformerReading,
    _plain: TransformerReading,
) -> list[Behind]:
    lens = transformers.lens(name, provider)
    return figure.behind(_reading, _plain, lens, _card.vocabulary, _by_position(explained))


@kept(_EFFECTS, shared=32, own=4)
def _effects(
    name: str, provider: str, ids: tuple[int, ...], explained: Explained, way: str, _plain: TransformerReading
) -> NDArray[np.float64]:
    return head_effects(_plain, figure.explained_tokens(_plain, _by_position(explained)), mean=way == "mean")


def _by_position(explained: Explained) -> figure.Explained:
    return {position: (token, against) for position, token, against in explained}
