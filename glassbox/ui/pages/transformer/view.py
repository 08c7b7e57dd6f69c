"""The page's own part: the text, the main figure, and what is looked at more closely below."""

from collections.abc import Callable, Mapping

import numpy as np
import streamlit as st

from glassbox.ui.base.choice import choice
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import model_colour
from glassbox.ui.components.attention import Asked, Behind, Board, Chosen, attention
from glassbox.ui.frame.downloads import downloads
from glassbox.ui.pages.transformer import attributions, cache, controls, figure, opened, poets, rival, state, steering
from glassbox.ui.pages.transformer.look import Look, look

SECTIONS: Mapping[str, Callable[[Look], None]] = {
    "opened": opened.draw,
    "attributions": attributions.draw,
    "steering": steering.draw,
    "cache": cache.draw,
    state.RIVAL: rival.draw,
}


@st.fragment
def draw(provider: str) -> None:
    """Draw the choice of a network and of a text, the main figure, and one of the sections below it."""
    offered = poets.offered()
    card = state.follow_link(offered)
    controls.draw(card, offered)
    current = look(card, provider, state.read(card))
    _figure(current)
    st.header(t("transformer.closer"), anchor=False)
    section = choice(
        state.SECTION,
        t("transformer.closer"),
        state.sections(card),
        words=lambda name: t(f"transformer.section.{name}"),
        show_label=False,
    )
    SECTIONS[section](current)
    _downloads(current)


def _figure(look: Look) -> None:
    """Draw the main figure."""
    head = state.HEAD.get() or _heaviest(look.behind[look.at])
    board = Board(
        signs=look.signs,
        attention=figure.attention(look.reading),
        behind=look.behind,
        effects=look.effects,
        off=look.changes.off,
        ways=state.ways(look.plain.reader.means is not None),
        way=look.changes.way,
        changed=_changed(look),
        chosen=Chosen(look.at, *head),
        spaced=state.task(look.card).spaced,
        colour=model_colour(look.card.name),
    )
    with st.container(key="gb_look"):
        attention(board, on_asked=lambda asked: _take(look, asked))


def _downloads(look: Look) -> None:
    """Offer what the figure shows as a file: the tokens, all attention, each stream and the logits."""
    parts, tensors = look.reading.reader.parts, look.reading.tensors
    streams = {name: tensors[name][0] for name in parts.streams}
    ids = np.array(look.text.ids)
    given = {"ids": ids, "attention": figure.attention(look.reading), **streams, "logits": look.reading.logits}
    downloads("transformer", given)


def _changed(look: Look) -> str:
    """Return what the visitor changed in the network, as sentences."""
    said = []
    if off := [
        t("components.attention.head_short", layer=layer + 1, head=head + 1) for layer, head in look.changes.off
    ]:
        said.append(t("transformer.changed_off", heads=t("components.attention.comma").join(off)))
    if look.changes.dose:
        said.append(t("transformer.changed_dose", dose=steering.dose_words(look.card, look.changes.dose)))
    return t("components.attention.gap").join(said)


def _take(look: Look, asked: Asked) -> None:
    """Do what the visitor asks for in the figure; a token that the network does not know is none: it may be forged."""
    if asked.token and state.token(look.card, asked.token) is None:
        return
    state.point(look.text, asked.position, (asked.layer, asked.head))
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
            state.SECTION.set("opened")
            opened.open_entry(asked)


def _heaviest(behind: Behind) -> tuple[int, int]:
    """Return the layer and the head whose sum over what it reads weighs most in the score."""
    sums = np.abs(behind.score.heads.sum(axis=-1))
    layer, head = np.unravel_index(int(sums.argmax()), sums.shape)
    return int(layer), int(head)
