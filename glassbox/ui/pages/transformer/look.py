"""What is looked at: the visitor's text as the network reads it, with what was changed in it, kept for a while."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glassbox.explain.head_effects import head_effects
from glassbox.explain.interventions import HeadAblation, Intervention
from glassbox.explain.transformer_reader import TransformerReading
from glassbox.text.quatrains import Lines
from glassbox.ui.base.i18n import language
from glassbox.ui.base.results import Results, kept
from glassbox.ui.base.state import Entry, Kind, declare
from glassbox.ui.components.attention import Behind, Sign
from glassbox.ui.frame import transformers
from glassbox.ui.pages.transformer import directions, figure, state
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
    """A text: the `lines` that are read on `provider`, `plain` and with the `changes`, `reading`; what each position is
    followed by, `behind`; and the `effects` of all heads.

    `at` is the position that is pointed at, `token` the one whose score is explained there, less that of `against`.
    `everybodys`: whether the text is one of the page's own, so that all visitors share what is kept.
    """

    card: TransformerCard
    provider: str
    lines: Lines
    everybodys: bool
    plain: TransformerReading
    reading: TransformerReading
    changes: Changes
    behind: list[Behind]
    effects: NDArray[np.float64]
    at: int
    token: int
    against: int | None

    @property
    def signs(self) -> list[Sign]:
        """The tokens as they are shown."""
        return figure.signs(self.lines)


def look(card: TransformerCard, provider: str, lines: Lines) -> Look:
    """Return the text `lines` as it is looked at."""
    everybodys, at = state.example() is not None, state.position(lines)
    plain = _reading.of(everybodys)(provider, lines.ids, Changes(), card)
    ways = state.ways(plain.reader.means is not None)
    changes = Changes(state.OFF.get(), state.WAY.get() if state.WAY.get() in ways else ways[0], state.DOSE.get())
    reading = _reading.of(everybodys)(provider, lines.ids, changes, card) if changes.any else plain
    token, against = (state.token(card, entry.get()) for entry in (state.WORD, state.AGAINST))
    explained: Explained = () if token is against is None else ((at, token, against),)
    behind = _behind.of(everybodys)(provider, lines.ids, explained, changes, language(), card, reading, plain)
    return Look(
        card=card,
        provider=provider,
        lines=lines,
        everybodys=everybodys,
        plain=plain,
        reading=reading,
        changes=changes,
        behind=behind,
        effects=_effects.of(everybodys)(provider, lines.ids, explained, changes.way, plain),
        at=at,
        token=int(plain.logits[at].argmax()) if token is None else token,
        against=against,
    )


@kept(_READINGS, shared=2 * len(state.EXAMPLES), own=3)
def _reading(provider: str, ids: tuple[int, ...], changes: Changes, _card: TransformerCard) -> TransformerReading:
    off = [HeadAblation(layer, head, mean=changes.way == "mean") for layer, head in changes.off]
    made: list[Intervention] = [*off, *directions.steered(_card, provider, changes.dose)]
    return transformers.reader(_card.name, provider).read(ids, made)


@kept(_FIGURES, shared=32, own=4)
def _behind(
    provider: str,
    ids: tuple[int, ...],
    explained: Explained,
    changes: Changes,
    language: str,
    _card: TransformerCard,
    _reading: TransformerReading,
    _plain: TransformerReading,
) -> list[Behind]:
    lens = transformers.lens(_card.name, provider)
    return figure.behind(_reading, _plain, lens, _card.vocabulary, _by_position(explained))


@kept(_EFFECTS, shared=32, own=4)
def _effects(
    provider: str, ids: tuple[int, ...], explained: Explained, way: str, _plain: TransformerReading
) -> NDArray[np.float64]:
    return head_effects(_plain, figure.explained_tokens(_plain, _by_position(explained)), mean=way == "mean")


def _by_position(explained: Explained) -> figure.Explained:
    return {position: (token, against) for position, token, against in explained}
