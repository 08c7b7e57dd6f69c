"""The parts of the page on text: the box and the three readings, coloured by the verdict after each token."""

import html
import re
from collections.abc import Mapping

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from glassbox.digits.reader import Verdict
from glassbox.text.reader import TextReader, TextReading
from glassbox.text.tokens import LIMIT, TextError, Token
from glassbox.ui.base import formats
from glassbox.ui.base.choice import choice, linked_choice
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import long_model_name, model_colour
from glassbox.ui.base.state import Kind, bound, declare
from glassbox.ui.components.passage import Passage, passages
from glassbox.ui.components.text_box import text_box
from glassbox.ui.frame import notices, texts
from glassbox.ui.pages.text import state
from glassbox.zoo.text_models import TextCard

_MARKDOWN = re.compile(r"[\\`*_{}\[\]()<>#+\-.!|~$:&]")
_CELL = declare("text_cell", Kind.CONTROL, "", parameter="cell")
_EXAMPLE = declare("text_example", Kind.TEXTS, None)
SPACE = "␣"
"""A space, where it has to be seen."""


def desk() -> None:
    """What to read, and for what: the task, the examples, the box."""
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    with left:
        choice(
            state.TASK,
            t("text.task"),
            state.TASKS,
            lambda name: t(f"text.task_{name}"),
            on_chosen=lambda: state.turn_to(state.TASK.get()),
        )
    task = state.task()
    with right:
        _examples(task)
    text_box(
        state.text(),
        version=state.version(),
        label=t(f"text.box_{task}"),
        placeholder=t("text.placeholder"),
        limit=LIMIT,
        on_typed=state.typed,
        key=state.BOX.key,
        language=state.LANGUAGE[task],
    )


def _examples(task: str) -> None:
    offered = state.examples()
    shown = [text for name in (task, *state.TASKS) for text in offered[name]]

    def take(text: str | None) -> None:
        if text is not None:
            state.choose(next(name for name in state.TASKS if text in offered[name]), text)

    st.selectbox(
        t("text.example"),
        list(dict.fromkeys(shown)),
        placeholder=t("text.example_none"),
        **bound(_EXAMPLE.key, state.text() if state.text() in shown else None, take, shown),
    )


def readings(reader: TextReader) -> dict[str, TextReading]:
    """Read what is in the box, and say where that can't be read; gives the readings by the network's name."""
    notices.refused(reader.zoo, state.names(state.task()))
    found = state.read(reader)
    if isinstance(found, TextError):
        st.error(texts.sentence(found), icon=":material/error:")
        return {}
    return found


def verdicts(reader: TextReader, found: Mapping[str, TextReading]) -> None:
    """The texts coloured by the verdict after each token, one a network."""
    cards = reader.zoo.cards
    said = agreement(reader, found)
    st.html(f'<p class="gb-summary">{html.escape(said)}</p>')
    with st.container(key="gb_passages"):
        shown = [passage(cards[name], one) for name, one in found.items()]
        passages(shown, hint=t("text.hint"), key="text_verdicts", summary=said)
    st.caption(t(f"text.legend_{'signed' if len(cards[next(iter(found))].labels) == 2 else 'shade'}"))


def agreement(reader: TextReader, found: Mapping[str, TextReading]) -> str:
    """What the networks agree on, or who says what, in a sentence."""
    cards = reader.zoo.cards
    if len(found) > 1:
        return notices.agreement(
            {name: _verdict(one) for name, one in found.items()}, lambda name: cards[name].cell.upper()
        )
    ((name, one),) = found.items()
    words = {"label": t(f"text.label.{one.label}"), "share": formats.percent(one.confidence)}
    return t("text.single", model=cards[name].cell.upper(), **words)


def passage(card: TextCard, reading: TextReading, title: str = "") -> Passage:
    """A network's reading as a coloured text; `title` instead of the network's name."""
    words = labels(card)
    best = reading.after.argmax(axis=1)
    changed = [0, *(np.flatnonzero(np.diff(best)) + 1)]
    signed = "positive" in card.labels
    return Passage(
        name=card.name,
        title=title or card.cell.upper(),
        subtitle="" if title else long_model_name(card.name),
        colour=model_colour(card.name),
        tokens=reading.tokens,
        shades=shades(reading.after, card.labels.index("positive") if signed else None),
        signed=signed,
        said=[
            t("text.after", token=visible(token), label=words[k], share=formats.percent(float(row[k])))
            for token, row, k in zip(reading.tokens, reading.after, best, strict=True)
        ],
        verdict=words[card.labels.index(reading.label)],
        note=_sure(reading),
        marks={int(place): words[best[place]] for place in changed},
        labels=words,
        shares=reading.after,
        foot=t(
            "components.cards.foot",
            time=formats.duration(reading.seconds),
            runs=reading.runs,
            provider=t(f"frame.provider.{reading.provider}"),
        ),
    )


def shades(after: NDArray[np.float64], positive: int | None) -> NDArray[np.float64]:
    """Probabilities after each token, (tokens, labels) -> the shade of each token: with two labels from -1 to 1, surely
    not to surely `positive`; else from 0, which is chance, to 1."""
    if positive is not None:
        return np.asarray(2 * after[:, positive] - 1)
    chance = 1 / after.shape[1]
    return np.asarray((after.max(axis=1) - chance) / (1 - chance))


def network(reader: TextReader, found: Mapping[str, TextReading]) -> tuple[str, TextCard, TextReading]:
    """Let the visitor choose one of the networks that read the text, at first the best; its name, card and reading."""
    cards = reader.zoo.cards
    ranked = [name for name in reader.zoo.family(state.FAMILY[cards[next(iter(found))].task]) if name in found]
    cells = {cards[name].cell: name for name in ranked}
    cell = next(iter(cells))
    if len(cells) > 1:
        cell = linked_choice(_CELL, t("text.network"), list(cells), str.upper)
    return cells[cell], cards[cells[cell]], found[cells[cell]]


def turning(reading: TextReading) -> int:
    """The token after which the verdict's probability rose most."""
    share = reading.after[:, reading.probabilities.argmax()]
    return int(np.diff(share, prepend=1 / reading.after.shape[1]).argmax())


def labels(card: TextCard) -> list[str]:
    """The words for a network's labels."""
    return [t(f"text.label.{label}") for label in card.labels]


def literal(text: str) -> str:
    """A visitor's words within Markdown, as they are: a link must not bring pictures or links of its own."""
    return _MARKDOWN.sub(r"\\\g<0>", text)


def visible(token: Token) -> str:
    """A token as it is spoken of: a space can be seen."""
    return SPACE if token.text == " " else token.text


def _sure(reading: TextReading) -> str:
    words = {"share": formats.percent(reading.confidence), "token": visible(reading.tokens[reading.decided])}
    return t("text.sure_since" if reading.decided else "text.sure_always", **words)


def _verdict(reading: TextReading) -> Verdict:
    label = t("text.quoted", label=t(f"text.label.{reading.label}"))
    return Verdict(
        model=reading.model,
        label=label,
        confidence=reading.confidence,
        probabilities=reading.probabilities,
        seconds=reading.seconds,
        runs=reading.runs,
        provider=reading.provider,
    )
