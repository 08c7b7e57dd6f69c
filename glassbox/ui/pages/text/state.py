"""What a visitor's text is classified for and the text in the box, both in the page's link."""

import csv
import re
import tomllib
from collections.abc import Sequence

import streamlit as st

from glassbox.input_error import Reason
from glassbox.paths import CONTENT
from glassbox.text.punctuation import in_full_width
from glassbox.text.reader import TextReader, TextReading
from glassbox.text.tokens import LIMIT, TextError
from glassbox.ui.base import link
from glassbox.ui.base.i18n import language
from glassbox.ui.base.state import Entry, Kind, declare
from glassbox.zoo import text_models
from glassbox.zoo.text_models import TextCard, TextZoo

FAMILY = {"topic": "text_zh", "sentiment": "text_en", "scenario": "text_en_intent"}
"""The family of the networks of each task."""
TASKS = tuple(FAMILY)
LANGUAGE = {"topic": "zh-CN", "sentiment": "en", "scenario": "en"}
"""The language of a task's texts, as in HTML."""
RUNS = 3
"""Runs of each network, whose median time is shown."""
FIRST_TASK = {"zh": "topic", "en": "sentiment"}
"""The task at first, by the language of the page."""
TASK = declare("text_task", Kind.CONTROL, "")
BOX = declare("text_box", Kind.TEXTS, None)
_TEXT: Entry[str | None] = declare("text_text", Kind.TEXTS, None)
_IN_BOX: Entry[str | None] = declare("text_in_box", Kind.TEXTS, None)
"""The text that the box in the browser holds."""
_VERSION = declare("text_version", Kind.INTERNAL, 0)
_COUNT = declare("text_count", Kind.TEXTS, ("", 0))
"""The text last sent by the box, which may be the beginning of a longer one, and the longer one's characters."""
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_LETTER = re.compile(r"[^\W\d_]")


def follow_link() -> None:
    """Take task and text from the page's link where it has changed, and write them there. Call it once a run, first."""
    asked = link.followed(("task", "text"))
    if asked is not None:
        written = asked.get("text", "")
        TASK.set(asked.get("task", ""))
        if TASK.get() not in TASKS:
            TASK.set(task_for(written, task()))
        _TEXT.set(written if 0 < len(written) <= LIMIT else examples()[task()][0])
    TASK.set(task())
    _TEXT.set(text())
    link.carry(("task", "text"), {"task": task(), "text": text()[:LIMIT]})


def task() -> str:
    """Return what the text is classified for: the visitor's choice, at first what fits the page's language."""
    chosen = TASK.get()
    return chosen if chosen in TASKS else FIRST_TASK.get(language(), "sentiment")


def text() -> str:
    """Return the text in the box; at first the task's first example."""
    written = _TEXT.get()
    return examples()[task()][0] if written is None else written


def version() -> int:
    """Return the number of texts that came from elsewhere than the box, each of which replaces what is in it."""
    if _IN_BOX.get() != text():
        _IN_BOX.set(text())
        _VERSION.set(_VERSION.get() + 1)
    return _VERSION.get()


def typed(written: str, count: int) -> None:
    """Store what the box sent: `written`, the beginning of a text of `count` characters. The task follows its
    language."""
    _TEXT.set(written)
    _IN_BOX.set(written)
    _COUNT.set((written, count))
    TASK.set(task_for(written, task()))


def choose_text(task: str, text: str) -> None:
    """Put `text` into the box, to be classified for `task`."""
    TASK.set(task)
    _TEXT.set(text)


def choose_task(task: str) -> None:
    """Classify for `task`; a text in another language is replaced by the first example of `task`."""
    if task_for(text(), task) != task:
        choose_text(task, examples()[task][0])


def task_for(written: str, current: str) -> str:
    """Return `current` if the text has no letters or is in that task's language, else a task in its language."""
    letters = len(_LETTER.findall(written))
    if not letters:
        return current
    chinese = 3 * len(_HAN.findall(written)) >= letters
    if chinese == (LANGUAGE[current] == "zh-CN"):
        return current
    return "topic" if chinese else "sentiment"


def read(reader: TextReader) -> dict[str, TextReading] | Reason:
    """Return the readings of the text in the box by the task's networks, or why it can't be read."""
    written = text()
    sent, count = _COUNT.get()
    if sent == written and count > len(written):  # the rest of it was not sent
        return TextError("too_long", count=count, limit=LIMIT).reason
    try:
        return read_text(reader, written, [name for name in names(task()) if name in reader.zoo.cards])
    except TextError as error:
        return error.reason


def read_text(reader: TextReader, written: str, names: Sequence[str]) -> dict[str, TextReading]:
    """Return the readings of `written` by the networks `names`, their Chinese punctuation in full width. Raises
    TextError."""
    return {name: in_full_width(reading) for name, reading in reader.read(written, names, RUNS).items()}


def names(task: str) -> tuple[str, ...]:
    """Return the names of the task's networks, accepted or not."""
    return text_models.families().get(FAMILY[task], ())


def best_card(zoo: TextZoo, task: str) -> TextCard | None:
    """Return the card of the task's best network, None if there is none or all are refused."""
    cards = [card for name, card in zoo.cards.items() if text_models.family_of(name) == FAMILY[task]]
    return max(cards, key=lambda card: card.macro_accuracy, default=None)


@st.cache_data(max_entries=1, show_spinner=False)
def examples() -> dict[str, tuple[str, ...]]:
    """Return the example texts of each task."""
    given = tomllib.loads((CONTENT / "text_examples" / "examples.toml").read_text(encoding="utf-8"))
    return {task: tuple(given[task]) for task in TASKS}


def is_example(text: str) -> bool:
    """Return whether `text` is one of the examples, which no visitor wrote."""
    return any(text in texts for texts in examples().values())


@st.cache_data(max_entries=len(TASKS), show_spinner=False)
def collection(task: str) -> tuple[tuple[str, str], ...]:
    """Return the project's own texts for a task, each with its label."""
    with (CONTENT / "text_examples" / f"{task}.csv").open(encoding="utf-8", newline="") as file:
        return tuple((row["text"], row["about"]) for row in csv.DictReader(file))
