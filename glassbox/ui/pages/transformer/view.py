"""The text and its main figure: what each head reads, what would come next, and the sum behind a score."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from glassbox.explain.interventions import HeadAblation
from glassbox.explain.transformer_reader import TransformerReading
from glassbox.text.quatrains import Lines
from glassbox.ui.base.i18n import language, t
from glassbox.ui.base.models import model_colour
from glassbox.ui.base.results import Results, kept
from glassbox.ui.base.state import Entry, Kind, declare
from glassbox.ui.components.attention import Asked, Behind, Board, Chosen, attention
from glassbox.ui.frame import transformers
from glassbox.ui.pages.transformer import controls, figure, opened, state
from glassbox.zoo.transformer_models import TransformerCard

_READINGS: Entry[Results] = declare("look_readings", Kind.RESULTS, {})
_FIGURES: Entry[Results] = declare("look_figures", Kind.RESULTS, {})
_EFFECTS: Entry[Results] = declare("look_effects", Kind.RESULTS, {})


Explained = tuple[tuple[int, int | None, int | None], ...]
"""A position, the token whose score is explained there, and the one it is held against; None: not chosen."""
Off = tuple[tuple[int, int], ...]


@st.fragment
def draw(card: TransformerCard, provider: str) -> None:
    """Draw the page's own part: the choice of a text, the main figure, and what is looked at more closely."""
    reader = transformers.reader(card.name, provider)
    layers = reader.parts.layers
    heads = len(layers), len(reader.weights[layers[0].attention.output])
    read = state.follow_link(card, heads)
    controls.draw(read)
    reading = looking(card, provider, read)
    st.header(t("transformer.closer"), anchor=False)
    opened.entry(reading, figure.signs(read), state.position(read), *_scored(card, reading, read))


def _scored(card: TransformerCard, reading: TransformerReading, read: Lines) -> tuple[int, int | None]:
    """Return the token whose score is explained at the position that is pointed at, and the one it is held against."""
    token, against = (state.token(card, entry.get()) for entry in (state.WORD, state.AGAINST))
    return int(reading.logits[state.position(read)].argmax()) if token is None else token, against


def looking(card: TransformerCard, provider: str, read: Lines) -> TransformerReading:
    """Draw the main figure; return the text as it was read."""
    at = state.position(read)
    explained = _explained(card, at)
    shared = state.example() is not None
    plain = _reading.of(shared)(provider, read.ids, (), "")
    off, ways = state.OFF.get(), state.WAYS[: 1 if plain.reader.means is None else None]
    way = state.WAY.get() if state.WAY.get() in ways else ways[0]
    reading = _reading.of(shared)(provider, read.ids, off, way) if off else plain
    given = (provider, read.ids, explained, off, way, language())
    behind = _behind.of(shared)(*given, card, reading, plain)
    head = state.HEAD.get() or _heaviest(behind[at])
    board = Board(
        signs=figure.signs(read),
        attention=figure.attention(reading),
        behind=behind,
        effects=_effects.of(shared)(provider, read.ids, explained, way, plain),
        off=off,
        ways=ways,
        way=way,
        changed=bool(off),
        chosen=Chosen(at, *head),
        colour=model_colour(card.name),
    )
    with st.container(key="gb_look"):
        attention(board, on_asked=lambda asked: _take(card, read, asked))
    return reading


def _take(card: TransformerCard, read: Lines, asked: Asked) -> None:
    """Do what the visitor asks for in the figure; a token that the network does not know is none: it may be forged."""
    if asked.token and state.token(card, asked.token) is None:
        return
    state.point(read, asked.position, (asked.layer, asked.head))
    match asked.kind:
        case "switch":
            state.switch((asked.layer, asked.head))
        case "all_on":
            state.OFF.clear()
        case "way":
            state.WAY.set(asked.way)
        case "explain":
            state.WORD.set(asked.token)
            state.AGAINST.clear()
        case "against":
            state.AGAINST.set(asked.token)
        case "open":
            opened.open_entry(asked)


@kept(_READINGS, shared=2 * len(state.EXAMPLES), own=2)
def _reading(provider: str, ids: tuple[int, ...], off: Off, way: str) -> TransformerReading:
    """Return a text as it is read with the heads `off`."""
    ablations = [HeadAblation(layer, head, mean=way == "mean") for layer, head in off]
    return transformers.reader(state.MODEL, provider).read(ids, ablations)


@kept(_FIGURES, shared=32, own=4)
def _behind(
    provider: str,
    ids: tuple[int, ...],
    explained: Explained,
    off: Off,
    way: str,
    language: str,
    _card: TransformerCard,
    _reading: TransformerReading,
    _plain: TransformerReading,
) -> list[Behind]:
    lens = transformers.lens(state.MODEL, provider)
    return figure.behind(_reading, _plain, lens, _card.vocabulary, _by_position(explained))


@kept(_EFFECTS, shared=32, own=4)
def _effects(
    provider: str, ids: tuple[int, ...], explained: Explained, way: str, _plain: TransformerReading
) -> NDArray[np.float64]:
    return figure.effects(_plain, _by_position(explained), way == "mean")


def _by_position(explained: Explained) -> figure.Explained:
    return {position: (token, against) for position, token, against in explained}


def _explained(card: TransformerCard, at: int) -> Explained:
    """Return the tokens that the visitor chose at the position `at`: whose score is explained, and against which."""
    token, against = (state.token(card, entry.get()) for entry in (state.WORD, state.AGAINST))
    return () if token is against is None else ((at, token, against),)


def _heaviest(behind: Behind) -> tuple[int, int]:
    """Return the layer and the head whose sum over what it reads weighs most in the score."""
    sums = np.abs(behind.score.heads.sum(axis=-1))
    layer, head = np.unravel_index(int(sums.argmax()), sums.shape)
    return int(layer), int(head)
