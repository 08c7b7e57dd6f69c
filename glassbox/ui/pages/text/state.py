"""A visitor's text: what it is read for and what stands in the box, both in the page's link, and the readers."""

import csv
import re
import tomllib
from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from glassbox.paths import CONTENT
from glassbox.text.punctuation import full_width
from glassbox.text.reader import TextReader, TextReading
from glassbox.text.tokens import LIMIT, TextError
from glassbox.ui.base import link
from glassbox.ui.base.i18n import language
from glassbox.ui.base.state import Entry, Kind, declare
from glassbox.zoo import text_models
from glassbox.zoo.text_models import TextCard, TextZoo

FAMILY = {"topic": "text_zh", "sentiment": "text_en", "scenario": "text_en_intent"}
"""The networks of each task, by their family."""
TASKS = tuple(FAMILY)
LANGUAGE = {"topic": "zh-CN", "sentiment": "en", "scenario": "en"}
"""What the texts of a task are written in."""
RUNS = 3
"""Runs of each network, whose median time is shown."""
FIRST = {"zh": "topic", "en": "sentiment"}
"""The task for those who read the page in a language."""
TASK = declare("text_task", Kind.CONTROL, "")
BOX = declare("text_box", Kind.TEXTS, None)
_TEXT: Entry[str | None] = declare("text_text", Kind.TEXTS, None)
_IN_BOX: Entry[str | None] = declare("text_in_box", Kind.TEXTS, None)
_VERSION = declare("text_version", Kind.INTERNAL, 0)
_COUNT = declare("text_count", Kind.TEXTS, ("", 0))
"""What came from the box, and of how many characters it is the beginning."""
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_LETTER = re.compile(r"[^\W\d_]")


def follow_link() -> None:
    """Take task and text from the page's link, and keep it true. Call it once a run, before they are used."""
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
    """What the text is read for: the visitor's choice, at first what fits the page's language."""
    chosen = TASK.get()
    return chosen if chosen in TASKS else FIRST.get(language(), "sentiment")


def text() -> str:
    """What stands in the box; at first the task's first example."""
    written = _TEXT.get()
    return examples()[task()][0] if written is None else written


def version() -> int:
    """Counts the texts that came from elsewhere than the box, which the box has to take over."""
    if _IN_BOX.get() != text():
        _IN_BOX.set(text())
        _VERSION.set(_VERSION.get() + 1)
    return _VERSION.get()


def typed(written: str, count: int) -> None:
    """Take what is being written in the box, `count` characters of which `written` came here; the task follows its
    language."""
    _TEXT.set(written)
    _IN_BOX.set(written)
    _COUNT.set((written, count))
    TASK.set(task_for(written, task()))


def choose(task: str, text: str) -> None:
    """Put an example into the box."""
    TASK.set(task)
    _TEXT.set(text)


def turn_to(task: str) -> None:
    """Read for another task; a text in another language makes way for that task's first example."""
    if task_for(text(), task) != task:
        choose(task, examples()[task][0])


def task_for(written: str, current: str) -> str:
    """The task for a text: `current` where it has no letters or is in that task's language, else one that fits."""
    letters = len(_LETTER.findall(written))
    if not letters:
        return current
    chinese = 3 * len(_HAN.findall(written)) >= letters
    if chinese == (LANGUAGE[current] == "zh-CN"):
        return current
    return "topic" if chinese else "sentiment"


def read(reader: TextReader) -> dict[str, TextReading] | TextError:
    """The text as the networks of the task read it, or why it can't be read."""
    written = text()
    counted, count = _COUNT.get()
    if counted == written and count > len(written):  # only its beginning came here
        return TextError("too_long", count=count, limit=LIMIT)
    try:
        return reading(reader, written, [name for name in names(task()) if name in reader.zoo.cards])
    except TextError as error:
        return error


def reading(reader: TextReader, written: str, names: Sequence[str]) -> dict[str, TextReading]:
    """`written` as the networks `names` read it, Chinese punctuation as Chinese is written. Raises TextError."""
    return {name: _in_full_width(one) for name, one in reader.read(written, names, RUNS).items()}


def _in_full_width(one: TextReading) -> TextReading:
    text = full_width(one.text)
    tokens = tuple(token._replace(text=text[token.start : token.end]) for token in one.tokens)
    return replace(one, text=text, tokens=tokens)


def names(task: str) -> tuple[str, ...]:
    """Return the names of the task's networks, accepted or not."""
    return text_models.families().get(FAMILY[task], ())


def best(zoo: TextZoo, task: str) -> TextCard | None:
    """The card of the task's best network, None if all are refused."""
    names = zoo.family(FAMILY[task])
    return zoo.cards[names[0]] if names else None


@st.cache_data(max_entries=1, show_spinner=False)
def examples() -> dict[str, tuple[str, ...]]:
    """Texts to begin with, by task."""
    given = tomllib.loads((CONTENT / "text_examples" / "examples.toml").read_text(encoding="utf-8"))
    return {task: tuple(given[task]) for task in TASKS}


@st.cache_data(max_entries=len(TASKS), show_spinner=False)
def collection(task: str) -> tuple[tuple[str, str], ...]:
    """Our own texts for a task, each with the label of what it is about."""
    with (CONTENT / "text_examples" / f"{task}.csv").open(encoding="utf-8", newline="") as file:
        return tuple((row["text"], row["about"]) for row in csv.DictReader(file))
