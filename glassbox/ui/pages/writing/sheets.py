"""The text under the visitor's settings: written in pieces ahead of the browser, or a poem at once."""

import re
from dataclasses import dataclass, field, replace

from glassbox.text import tokens
from glassbox.text.memorisation import NgramIndex, Run
from glassbox.text.plays import PlayWriter
from glassbox.text.poet import Poet, Request, acrostic
from glassbox.text.punctuation import full_width, half_width
from glassbox.text.quatrains import END, FORMS, LINES, Asked
from glassbox.text.sampling import Sampling, WrittenCharacter
from glassbox.text.tokens import TextError
from glassbox.text.writer import Writer
from glassbox.ui.base.state import Entry, Kind, declare
from glassbox.ui.pages.writing.state import (
    CHOICES,
    MAX_CHARACTERS,
    MAX_CHOICES,
    MAX_PROMPT,
    Settings,
    Wanted,
    settings,
)

CHUNK = 24
"""Characters written in one run: about a second and a half of reading."""
FIRST = 48
"""Characters written when the visitor comes to the page, so that there is something to look at."""
_SHEET: Entry["Sheet | None"] = declare("writing_sheet", Kind.TEXTS, None)
_NUMBER = declare("writing_number", Kind.INTERNAL, 0)
_BREAKS = re.compile(r"[\s/,.!?;:，。！？；：、…—]+")


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

    @property
    def limit(self) -> int:
        """How many characters there will be: of a poem, which is written at once, those that there are."""
        return len(self.written) if self.settings.wanted else MAX_CHARACTERS


def sheet(writer: Writer | PlayWriter | Poet) -> Sheet:
    """Return the sheet for the settings in use, a new one if these have changed.

    Raises TextError for what the visitor gives and can't be read.
    """
    current, previous = settings(), _SHEET.get()
    if previous is not None and previous.settings == current:
        extend(previous, writer, CHUNK)  # it may have been begun again
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


def extend(sheet: Sheet, writer: Writer | PlayWriter | Poet, length: int) -> None:
    """Write until the sheet has `length` characters, at most MAX_CHARACTERS; a poem to its end.

    Raises TextError for what the visitor gives and can't be read.
    """
    if isinstance(writer, Poet):
        sheet.written = sheet.written or _poem(sheet.settings, writer)
        return
    settings, choices = sheet.settings, dict(sheet.settings.choices)
    if len(settings.prompt) > MAX_PROMPT:
        raise TextError("too_long", count=len(settings.prompt), limit=MAX_PROMPT)
    length = min(length, MAX_CHARACTERS)
    sampling = _sampling(settings)
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


def request(wanted: Wanted) -> Request:
    """Return what the network is asked for. Raises TextError for words that no poem can begin with."""
    asked = Asked(wanted.form, wanted.dynasty, wanted.rule)
    given, words = wanted.given, wanted.words
    if given == "nothing" or not words:
        return Request(asked)
    if given == "theme":
        return Request(replace(asked, theme=words))
    if given == "acrostic":
        return Request(asked, acrostic(words))
    lines = tuple(line for line in _BREAKS.split(words) if line)
    if len(lines) > LINES:
        raise TextError("too_long", count=sum(map(len, lines)), limit=LINES * FORMS[wanted.form])
    if not lines:
        raise TextError("blank")
    return Request(asked, lines)


def _poem(settings: Settings, writer: Poet) -> list[WrittenCharacter]:
    """Return the whole poem; from the first choice on that could not come (a link may be forged), none is made."""
    if settings.wanted is None:
        raise ValueError("no poem is wanted")
    asked, sampling = request(settings.wanted), _sampling(settings)
    known = [(place, sign) for place, sign in settings.choices if writer.vocabulary.id(sign) not in writer.never]
    written = list(writer.write(asked, sampling, dict(known)))
    ways = {place: sign for place, sign in known if place < len(written)}
    impossible = min((place for place in ways if not written[place].probability), default=None)
    if impossible is None:
        return written
    return list(writer.write(asked, sampling, {place: sign for place, sign in ways.items() if place < impossible}))


def _sampling(settings: Settings) -> Sampling:
    top_p = settings.top_p if settings.top_p < 1 else None
    return Sampling(settings.temperature, settings.top_k or None, top_p, settings.seed)


def copied(sheet: Sheet, index: NgramIndex, least: int = 0) -> tuple[Run, ...]:
    """Return the runs of the written characters, `least` or more, that stand in the text behind `index`; they may begin
    in the prompt, and in a poem go over from one line to the next."""
    prompt = tokens.tokens(tokens.cleaned(sheet.settings.prompt.rpartition("\n")[2]), "character")
    written = [half_width(one.character).lower() for one in sheet.written]
    places = [place for place, sign in enumerate(written) if sign != END or not sheet.settings.wanted]
    runs = index.runs([*prompt, *(written[place] for place in places)], least)
    first = len(prompt)
    return tuple(
        Run(places[max(0, start - first)], places[stop - first - 1] + 1) for start, stop in runs if stop > first
    )


def taken(sheet: Sheet) -> list[int]:
    """Return the places where the visitor's choice stands: a forged link may ask for what could not come."""
    written = [one.character for one in sheet.written]
    return [place for place, sign in sheet.settings.choices if written[place : place + 1] == [sign]]


def choose(sheet: Sheet, position: int, character: str) -> None:
    """Write `character` at `position` instead of the one there; what stood behind it is written anew."""
    before = tuple(choice for choice in sheet.settings.choices if choice[0] < position)
    if len(before) < MAX_CHOICES:
        CHOICES.set((*before, (position, character)))


def restart() -> None:
    """Write the text of the same settings once more from its beginning, without the choices."""
    CHOICES.set(())
    _NUMBER.set(_NUMBER.get() + 1)
    _SHEET.set(Sheet(settings(), _NUMBER.get(), running=True))


def _in_full_width(drawn: WrittenCharacter, before: str) -> WrittenCharacter:
    """Return `drawn` with its punctuation in full width if the character `before` it is Chinese; the network reads both
    alike."""

    def convert(character: str) -> str:
        return full_width(before + character)[len(before) :]

    alternatives = tuple((convert(character), probability) for character, probability in drawn.alternatives)
    return WrittenCharacter(convert(drawn.character), drawn.probability, alternatives)
