"""What a visitor has written: language, prompt, temperature, top-k, seed and choices, all in the link; and the text."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple, TypeVar

from glassbox.text import tokens
from glassbox.text.memorisation import NgramIndex, Run
from glassbox.text.punctuation import full_width, half_width
from glassbox.text.sampling import Sampling, WrittenCharacter
from glassbox.text.writer import Writer
from glassbox.ui.base import link
from glassbox.ui.base.i18n import FALLBACK, language
from glassbox.ui.base.state import Entry, Kind, declare
from glassbox.ui.frame import texts
from glassbox.zoo.text_models import WritingCard

Value = TypeVar("Value")

WRITERS = {"zh": "char_zh", "en": "char_en"}
PROMPTS = {
    "zh": ("我想", "你知道", "这部电影", "附近有没有", "帮我"),
    "en": ("the film ", "it is ", "play ", "a story about ", "what "),
}
"""Prompts in the style of the training texts, by language."""
TEMPERATURES = (0.2, 0.4, 0.6, 0.8, 1.0, 1.2, 1.5, 2.0)
TOP_KS = (1, 2, 3, 5, 10, 20, 40, 0)
"""Top-k sampling: how many of the likeliest characters may be drawn; 0: all."""
SEEDS = 1_000
MAX_PROMPT = 100
MAX_CHARACTERS = 400
"""Characters written after one prompt."""
CHUNK = 24
"""Characters written in one run: about a second and a half of reading."""
FIRST = 48
"""Characters written when the visitor comes to the page, so that there is something to look at."""
MAX_CHOICES = 20
WRITER = declare("writing_writer", Kind.CONTROL, "")
PROMPT: Entry[str | None] = declare("writing_prompt", Kind.TEXTS, None)
TEMPERATURE = declare("writing_temperature", Kind.CONTROL, 0.8)
TOP_K = declare("writing_top_k", Kind.CONTROL, 20)
SEED = declare("writing_seed", Kind.CONTROL, 1)
_CHOICES: Entry[tuple[tuple[int, str], ...]] = declare("writing_ways", Kind.TEXTS, ())
_SHEET: Entry["Sheet | None"] = declare("writing_sheet", Kind.TEXTS, None)
_NUMBER = declare("writing_number", Kind.INTERNAL, 0)
_CHOICE_IN_LINK = re.compile(r"(\d{1,3})\.(.)", re.DOTALL)


@dataclass(frozen=True)
class Settings:
    """What determines a text to its last character: the language of the `writer`, the prompt and how it is sampled.

    `choices`: (position behind the prompt, character) where the visitor chose one instead of the one drawn, in order.
    """

    writer: str
    prompt: str
    temperature: float
    top_k: int
    seed: int
    choices: tuple[tuple[int, str], ...] = ()


@dataclass
class Sheet:
    """A text under `settings`, the one with this `number` in the visit, and the characters `written` so far.

    `start`: how many of them are shown at once; the others appear one after the other if it is `running`.
    """

    settings: Settings
    number: int
    written: list[WrittenCharacter] = field(default_factory=list)
    start: int = 0
    running: bool = False


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
    PROMPT.set(current.prompt)
    link.carry(
        tuple(_PARAMETERS),
        {name: parameter.write(parameter.entry.get()) for name, parameter in _PARAMETERS.items()},
    )


def settings() -> Settings:
    """Return the settings in use; language and prompt at first as they fit the page's language."""
    writer = next(name for name in (WRITER.get(), language(), FALLBACK) if name in WRITERS)
    prompt = PROMPT.get()
    return Settings(
        writer=writer,
        prompt=PROMPTS[writer][0] if prompt is None else prompt,
        temperature=TEMPERATURE.get(),
        top_k=TOP_K.get(),
        seed=SEED.get(),
        choices=_CHOICES.get(),
    )


def sheet(writer: Writer) -> Sheet:
    """Return the sheet for the settings in use, a new one if these have changed.

    Raises TextError for a prompt that can't be read.
    """
    current, previous = settings(), _SHEET.get()
    if previous is not None and previous.settings == current:
        return previous
    new = Sheet(current, _NUMBER.get() + 1)
    last_choice = max((position for position, _ in current.choices), default=-1)
    if previous is None:  # the visitor has just come: the beginning is there already
        extend(new, writer, max(FIRST, last_choice + CHUNK))
        new.start = len(new.written)
    else:
        one_more_choice = current.choices and current.choices[:-1] == previous.settings.choices
        extend(new, writer, max(CHUNK, last_choice + 1))
        new.start, new.running = last_choice + 1 if one_more_choice else 0, True
    _NUMBER.set(new.number)
    _SHEET.set(new)
    return new


def extend(sheet: Sheet, writer: Writer, length: int) -> None:
    """Write until the sheet has `length` characters, at most MAX_CHARACTERS. Raises TextError for a prompt that can't
    be read."""
    settings, choices = sheet.settings, dict(sheet.settings.choices)
    length = min(length, MAX_CHARACTERS)
    sampling = Sampling(settings.temperature, settings.top_k or None, seed=settings.seed)
    while len(sheet.written) < length:
        position = len(sheet.written)
        next_choice = min((chosen for chosen in choices if chosen >= position), default=length)
        text = settings.prompt + "".join(written.character for written in sheet.written)
        # What is written in pieces is what would have been written at once: see Writer.write.
        for drawn in writer.write(text, min(next_choice + 1, length) - position, sampling):
            sheet.written.append(_in_full_width(drawn, text[-1:]))
            text += sheet.written[-1].character
        if next_choice < length:
            drawn, chosen = sheet.written[next_choice], choices[next_choice]
            probability = dict(drawn.alternatives).get(chosen)
            if probability is not None:  # a forged link may ask for a character that could not be drawn
                sheet.written[next_choice] = WrittenCharacter(chosen, probability, drawn.alternatives)


def copied(sheet: Sheet, index: NgramIndex) -> tuple[Run, ...]:
    """Return the runs of the written characters that stand in the text behind `index`; they may begin in the
    prompt."""
    prompt = tokens.tokens(tokens.cleaned(sheet.settings.prompt.rpartition("\n")[2]), "character")
    runs = index.runs([*prompt, *(half_width(written.character) for written in sheet.written)])
    first = len(prompt)
    return tuple(Run(max(0, start - first), stop - first) for start, stop in runs if stop > first)


def choose(sheet: Sheet, position: int, character: str) -> None:
    """Write `character` at `position` instead of the one there; what stood behind it is written anew."""
    before = tuple(choice for choice in sheet.settings.choices if choice[0] < position)
    if len(before) < MAX_CHOICES:
        _CHOICES.set((*before, (position, character)))


def change(entry: Entry[Value], value: Value) -> None:
    """Change a setting, and forget the choices, which belong to the old text."""
    entry.set(value)
    _CHOICES.set(())


def restart() -> None:
    """Write the text of the same settings once more from its beginning, without the choices."""
    _CHOICES.set(())
    _NUMBER.set(_NUMBER.get() + 1)
    _SHEET.set(Sheet(settings(), _NUMBER.get(), running=True))


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


def card() -> WritingCard | None:
    """Return the card of the network that writes; None if it is refused."""
    return texts.zoo().writers.get(WRITERS[settings().writer])


def _in_full_width(drawn: WrittenCharacter, before: str) -> WrittenCharacter:
    """Return `drawn` with its punctuation in full width if the character `before` it is Chinese; the network reads both
    alike."""

    def convert(character: str) -> str:
        return full_width(before + character)[len(before) :]

    alternatives = tuple((convert(character), probability) for character, probability in drawn.alternatives)
    return WrittenCharacter(convert(drawn.character), drawn.probability, alternatives)


def _parse_option(text: str, options: Sequence[float]) -> float | None:
    return next((option for option in options if f"{option:g}" == text), None)


class _LinkParameter(NamedTuple):
    """An entry in the link: `read` gives its value from the text there, None for an invalid one; `write` that text."""

    entry: Entry[Any]
    read: Callable[[str], Any]
    write: Callable[[Any], str]


_PARAMETERS = {
    "writer": _LinkParameter(WRITER, read=lambda text: text if text in WRITERS else None, write=str),
    "prompt": _LinkParameter(PROMPT, read=lambda text: text if len(text) <= MAX_PROMPT else None, write=str),
    "temperature": _LinkParameter(
        TEMPERATURE, read=lambda text: _parse_option(text, TEMPERATURES), write="{:g}".format
    ),
    "top_k": _LinkParameter(TOP_K, read=lambda text: _parse_option(text, TOP_KS), write="{:g}".format),
    "seed": _LinkParameter(SEED, read=lambda text: int(text) if re.fullmatch("[0-9]{1,3}", text) else None, write=str),
    "ways": _LinkParameter(_CHOICES, read=parse_choices, write=format_choices),
}
