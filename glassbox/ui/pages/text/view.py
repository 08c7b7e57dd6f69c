"""The upper part of the page on text: the box, and the text coloured by each network's verdict after each token.

The page's colours mean one thing each: a network's own how sure it is of the verdict above the text, grey how sure of
another one; orange and blue are numbers above and below zero, and so what speaks for and against a verdict.
"""

import html
from collections.abc import Mapping

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from glassbox.digits.reader import Verdict
from glassbox.input_error import Reason
from glassbox.text.reader import TextReader, TextReading
from glassbox.text.tokens import LIMIT, Token
from glassbox.ui.base import formats
from glassbox.ui.base.choice import choice, linked_choice
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import long_model_name, model_colour
from glassbox.ui.base.state import Kind, bound, declare
from glassbox.ui.components.cards import foot
from glassbox.ui.components.passage import Passage, passages
from glassbox.ui.components.text_box import text_box
from glassbox.ui.frame import notices
from glassbox.ui.frame.texts import error_message
from glassbox.ui.pages.text import state
from glassbox.ui.pages.text.familiarity import familiarity_notice
from glassbox.zoo.text_models import TextCard, family_of

_CELL = declare("text_cell", Kind.CONTROL, "", parameter="cell")
_EXAMPLE = declare("text_example", Kind.TEXTS, None)
SPACE = "␣"
"""What stands for a space that has to be seen."""


def controls() -> None:
    """Draw the choice of the task, the examples and the text box."""
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    with left:
        choice(
            state.TASK,
            t("text.task"),
            state.TASKS,
            words=lambda name: t(f"text.task_{name}"),
            on_chosen=lambda: state.choose_task(state.TASK.get()),
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
    """Draw the list of example texts, those of `task` first."""
    by_task = state.examples()
    texts = list(dict.fromkeys(text for name in (task, *state.TASKS) for text in by_task[name]))

    def take(text: str | None) -> None:
        if text is not None:
            state.choose_text(next(name for name in state.TASKS if text in by_task[name]), text)

    st.selectbox(
        t("text.example"),
        texts,
        placeholder=t("text.example_none"),
        **bound(_EXAMPLE.key, state.text() if state.text() in texts else None, take=take, options=texts),
    )


def read(reader: TextReader) -> dict[str, TextReading]:
    """Return the readings of the text in the box by the networks' names; show why there are none or fewer."""
    family = state.FAMILY[state.task()]
    notices.refused(reader.zoo, [name for name in reader.zoo.refused if family_of(name) == family])
    readings = state.read(reader)
    if isinstance(readings, Reason):
        st.error(error_message(readings), icon=":material/error:")
        return {}
    return readings


def verdicts(reader: TextReader, readings: Mapping[str, TextReading]) -> None:
    """Draw the text once for each network, coloured by its verdict after each token."""
    cards = reader.zoo.cards
    summary = agreement(reader, readings)
    st.html(f'<p class="gb-summary">{html.escape(summary)}</p>')
    reading = next(iter(readings.values()))
    summary += f" {familiarity_notice(reader, cards[reading.model].task, reading.text)}"
    with st.container(key="gb_passages"):
        shown = [passage(cards[name], reading) for name, reading in readings.items()]
        passages(shown, hint=t("text.hint"), key="text_verdicts", summary=summary)
    st.caption(t("text.legend"))


def agreement(reader: TextReader, readings: Mapping[str, TextReading]) -> str:
    """Return a sentence: the label that the networks agree on, or which network gives which label."""
    cards = reader.zoo.cards
    if len(readings) > 1:
        quoted = {name: _with_quoted_label(reading) for name, reading in readings.items()}
        return notices.agreement(quoted, lambda name: cards[name].cell.upper())
    ((name, reading),) = readings.items()
    label, share = t(f"text.label.{reading.label}"), formats.percent(reading.confidence)
    return t("text.single", model=cards[name].cell.upper(), label=label, share=share)


def passage(card: TextCard, reading: TextReading, title: str = "") -> Passage:
    """Return a network's reading as a coloured text, entitled `title` or else by the network's name."""
    words = labels(card)
    best = reading.after.argmax(axis=1)
    changes = [0, *(np.flatnonzero(np.diff(best)) + 1)]
    return Passage(
        name=card.name,
        title=title or card.cell.upper(),
        subtitle="" if title else long_model_name(card.name),
        colour=model_colour(card.name),
        tokens=reading.tokens,
        shades=shades(reading.after),
        said=[
            t("text.after", token=visible(token), label=words[label], share=formats.percent(float(row[label])))
            for token, row, label in zip(reading.tokens, reading.after, best, strict=True)
        ],
        verdict=words[card.labels.index(reading.label)],
        note=_confidence_note(reading),
        marks={int(index): words[best[index]] for index in changes},
        labels=words,
        shares=reading.after,
        foot=foot(reading),
    )


def shades(after: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the shade of each token, (tokens,), from the probabilities after it, (tokens, labels).

    Its size is the largest probability, from 0, as large as by chance, to 1; it is above 0 if that is of the label with
    which the text ends.
    """
    best, chance = after.argmax(axis=1), 1 / after.shape[1]
    return np.asarray(np.where(best == best[-1], 1, -1) * (after.max(axis=1) - chance) / (1 - chance))


def choose_network(reader: TextReader, readings: Mapping[str, TextReading]) -> tuple[str, TextCard, TextReading]:
    """Let the visitor choose one of the networks that read the text, at first the best; return its name, card and
    reading."""
    cards = reader.zoo.cards
    ranked = [name for name in reader.zoo.family(state.FAMILY[cards[next(iter(readings))].task]) if name in readings]
    by_cell = {cards[name].cell: name for name in ranked}
    cell = next(iter(by_cell))
    if len(by_cell) > 1:
        cell = linked_choice(_CELL, t("text.network"), list(by_cell), words=str.upper)
    name = by_cell[cell]
    return name, cards[name], readings[name]


def decisive_token(reading: TextReading) -> int:
    """Return the index of the token after which the probability of the final label rose most."""
    probability = reading.after[:, reading.probabilities.argmax()]
    return int(np.diff(probability, prepend=1 / reading.after.shape[1]).argmax())


def labels(card: TextCard) -> list[str]:
    """Return the names of a network's labels in the visitor's language."""
    return [t(f"text.label.{label}") for label in card.labels]


def visible(token: Token) -> str:
    """Return the token's text, a space as SPACE."""
    return SPACE if token.text == " " else token.text


def _confidence_note(reading: TextReading) -> str:
    """Return how sure the network is, and from which token on the verdict has been the same."""
    share = formats.percent(reading.confidence)
    if not reading.decided:
        return t("text.sure_always", share=share)
    return t("text.sure_since", share=share, token=visible(reading.tokens[reading.decided]))


def _with_quoted_label(reading: TextReading) -> Verdict:
    return Verdict(
        model=reading.model,
        label=t("text.quoted", label=t(f"text.label.{reading.label}")),
        confidence=reading.confidence,
        probabilities=reading.probabilities,
        seconds=reading.seconds,
        runs=reading.runs,
        provider=reading.provider,
    )
