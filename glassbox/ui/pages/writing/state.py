"""What a visitor asks for: the network, what it begins with or what poem it writes, the sampling; all in the link."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple, TypeVar

from glassbox.text.quatrains import DYNASTIES, FORMS, RULES
from glassbox.ui.base import link
from glassbox.ui.base.state import Entry, Kind, declare
from glassbox.ui.pages.writing import writers
from glassbox.ui.pages.writing.writers import PLAYS, QUATRAINS, SENTENCES, Offered

Value = TypeVar("Value")

PROMPTS = {
    "zh": ("我想", "你知道", "这部电影", "附近有没有", "帮我"),
    "en": ("the film ", "it is ", "play ", "a story about ", "what "),
    PLAYS: ("ROMEO:", "My lord, ", "O, ", "What is ", "Enter "),
}
"""Prompts in the style of the training texts, by language, or by task where it is not SENTENCES."""
TEMPERATURES = (0.2, 0.4, 0.6, 0.8, 1.0, 1.2, 1.5, 2.0)
TOP_KS = (1, 2, 3, 5, 10, 20, 40, 0)
"""Top-k sampling: how many of the likeliest characters may be drawn; 0: all."""
TOP_PS = (0.5, 0.7, 0.8, 0.9, 0.95, 1.0)
"""Top-p sampling: the probability that the likeliest characters, which alone may be drawn, reach together; 1: all."""
GIVEN = ("nothing", "lines", "acrostic", "theme")
"""What of a poem may be given: its first lines, the first characters of its lines, two characters of a theme."""
EXAMPLES = {"lines": "床前明月光", "acrostic": "春夏秋冬", "theme": "明月"}
"""What may be given, to show how it looks."""
SEEDS = 1_000
MAX_PROMPT = 100
MAX_WORDS = 10_000
"""Characters of what the visitor gives that are kept, and named if they are too many."""
MAX_LINKED = 64
"""Characters given for a poem that are in the link: more than any poem has."""
MAX_CHARACTERS = 400
"""Characters written after one prompt."""
MAX_CHOICES = 20
WRITER = declare("writing_writer", Kind.CONTROL, "")
PROMPT: Entry[str | None] = declare("writing_prompt", Kind.TEXTS, None)
FORM = declare("writing_form", Kind.CONTROL, "qijue")
DYNASTY = declare("writing_dynasty", Kind.CONTROL, DYNASTIES[0])
RULE = declare("writing_rule", Kind.CONTROL, RULES[0])
GIVES = declare("writing_gives", Kind.CONTROL, GIVEN[0])
WORDS = declare("writing_words", Kind.TEXTS, "")
TEMPERATURE = declare("writing_temperature", Kind.CONTROL, 0.8)
TOP_K = declare("writing_top_k", Kind.CONTROL, 20)
TOP_P = declare("writing_top_p", Kind.CONTROL, 1.0)
SEED = declare("writing_seed", Kind.CONTROL, 1)
LAYOUTS = ("vertical", "horizontal")
LAYOUT = declare("writing_layout", Kind.CONTROL, LAYOUTS[0])
CHOICES: Entry[tuple[tuple[int, str], ...]] = declare("writing_ways", Kind.TEXTS, ())
_CHOICE_IN_LINK = re.compile(r"(\d{1,3})\.(.)", re.DOTALL)


@dataclass(frozen=True)
class Wanted:
    """A poem as the visitor wants it: `given`, of GIVEN, says what the `words` are."""

    form: str
    dynasty: str
    rule: str
    given: str = GIVEN[0]
    words: str = ""


@dataclass(frozen=True)
class Settings:
    """What determines a text to its last character: the `writer` by its name in the link, the prompt, or the poem that
    is `wanted` of one that writes quatrains, and how it is sampled.

    `choices`: (position behind the prompt, character) where the visitor chose one instead of the one drawn, in order.
    """

    writer: str
    prompt: str
    temperature: float
    top_k: int
    seed: int
    choices: tuple[tuple[int, str], ...] = ()
    top_p: float = 1.0
    wanted: Wanted | None = None


def follow_link() -> None:
    """Take the settings from the page's link where it has changed, and write them there. Call it before they are
    used."""
    asked = link.followed(tuple(_PARAMETERS))
    if asked is not None:
        for name, parameter in _PARAMETERS.items():
            parameter.entry.clear()
            value = parameter.read(asked[name]) if name in asked else None
            if value is not None:
                parameter.entry.set(value)
    current = settings()
    WRITER.set(current.writer)
    passed_over = ["prompt"] if current.wanted else [*_OF_POEMS]
    if not current.wanted:
        PROMPT.set(current.prompt)
    link.carry(
        tuple(_PARAMETERS),
        {
            name: parameter.write(parameter.entry.get())
            for name, parameter in _PARAMETERS.items()
            if name not in passed_over
        },
    )


def chosen() -> Offered:
    """Return the network that writes; a beginning without one, as in a link that names none, is of a sentence."""
    return writers.fitting(WRITER.get(), sentences=PROMPT.get() is not None)


def settings() -> Settings:
    """Return the settings in use; network and prompt at first as they fit the page's language."""
    writer, prompt = chosen(), PROMPT.get()
    of_poem = writer.task == QUATRAINS
    return Settings(
        writer=writer.key,
        prompt="" if of_poem else prompts(writer)[0] if prompt is None else prompt,
        temperature=TEMPERATURE.get(),
        top_k=TOP_K.get(),
        seed=SEED.get(),
        choices=CHOICES.get(),
        top_p=TOP_P.get(),
        wanted=Wanted(FORM.get(), DYNASTY.get(), RULE.get(), GIVES.get(), WORDS.get()) if of_poem else None,
    )


def prompts(writer: Offered) -> tuple[str, ...]:
    """Return beginnings that a visitor may choose for a network; none for one that writes quatrains."""
    return PROMPTS.get(writer.key if writer.task == SENTENCES else writer.task, ())


def change(entry: Entry[Value], value: Value) -> None:
    """Change a setting, and forget the choices, which belong to the old text."""
    entry.set(value)
    CHOICES.set(())


def begin_anew() -> None:
    """Let the text of another network begin as it fits that one."""
    PROMPT.clear()
    CHOICES.set(())


def parse_choices(text: str) -> tuple[tuple[int, str], ...] | None:
    """Return the choices in a link's text: '12.好40.天' -> ((12, "好"), (40, "天")); None for what is no such list."""
    choices = tuple((int(position), character) for position, character in _CHOICE_IN_LINK.findall(text))
    complete = format_choices(choices) == text
    ascending = all(first < second for (first, _), (second, _) in pairwise(choices))
    possible = len(choices) <= MAX_CHOICES and all(position < MAX_CHARACTERS for position, _ in choices)
    return choices if complete and ascending and possible else None


def format_choices(choices: Iterable[tuple[int, str]]) -> str:
    """Return the text of choices in a link; `parse_choices` reads it."""
    return "".join(f"{position}.{character}" for position, character in choices)


class _LinkParameter(NamedTuple):
    """An entry in the link: `read` gives its value from the text there, None for an invalid one; `write` that text."""

    entry: Entry[Any]
    read: Callable[[str], Any]
    write: Callable[[Any], str]


def _number(entry: Entry[Any], options: Sequence[float]) -> _LinkParameter:
    return _LinkParameter(
        entry, lambda text: next((option for option in options if f"{option:g}" == text), None), "{:g}".format
    )


def _word(entry: Entry[str], options: Iterable[str]) -> _LinkParameter:
    return _LinkParameter(entry, lambda text: text if text in options else None, str)


def _text(entry: Entry[Any], most: int) -> _LinkParameter:
    """A text of the visitor's; one that is too long is not in the link."""
    return _LinkParameter(
        entry, lambda text: text if len(text) <= most else None, lambda text: text if len(text) <= most else ""
    )


_OF_POEMS = {
    "form": _word(FORM, FORMS),
    "dynasty": _word(DYNASTY, DYNASTIES),
    "rule": _word(RULE, RULES),
    "given": _word(GIVES, GIVEN),
    "words": _text(WORDS, MAX_LINKED),
    "layout": _word(LAYOUT, LAYOUTS),
}
_PARAMETERS = {
    "writer": _LinkParameter(WRITER, read=lambda text: text if text in writers.offered() else None, write=str),
    "prompt": _text(PROMPT, MAX_PROMPT),
    **_OF_POEMS,
    "temperature": _number(TEMPERATURE, TEMPERATURES),
    "top_k": _number(TOP_K, TOP_KS),
    "top_p": _number(TOP_P, TOP_PS),
    "seed": _LinkParameter(SEED, read=lambda text: int(text) if re.fullmatch("[0-9]{1,3}", text) else None, write=str),
    "ways": _LinkParameter(CHOICES, read=parse_choices, write=format_choices),
}
