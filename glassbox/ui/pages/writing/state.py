"""A visitor's sheet: who writes, from which beginning, how boldly, and which ways were taken; all of it in the link."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple

from glassbox.text.punctuation import full_width
from glassbox.text.writer import Writer, WrittenCharacter
from glassbox.ui.base import link
from glassbox.ui.base.i18n import FALLBACK, language
from glassbox.ui.base.state import Entry, Kind, declare
from glassbox.ui.frame import texts
from glassbox.zoo.text_models import WritingCard

WRITERS = {"zh": "char_zh", "en": "char_en"}
PROMPTS = {
    "zh": ("我想", "你知道", "这部电影", "附近有没有", "帮我"),
    "en": ("the film ", "it is ", "play ", "a story about ", "what "),
}
"""Beginnings in the manner of what the networks learned from."""
TEMPERATURES = (0.2, 0.4, 0.6, 0.8, 1.0, 1.2, 1.5, 2.0)
TOP_K = (1, 2, 3, 5, 10, 20, 40, 0)
"""How many of the likeliest characters may come; 0: all."""
SEEDS = 1_000
LONGEST_PROMPT = 100
LONGEST = 400
"""Characters written on one sheet."""
CHUNK = 24
"""Characters that are written at once: about a second and a half of reading."""
FIRST = 48
"""Characters that stand on a new sheet, so that there is something to look at."""
MOST_WAYS = 20
_WAY = re.compile(r"(\d{1,3})\.(.)", re.DOTALL)


@dataclass(frozen=True)
class Settings:
    """What a text follows from, to the last character. `ways`: (place, character) taken instead of what was drawn."""

    writer: str
    prompt: str
    temperature: float
    top_k: int
    seed: int
    ways: tuple[tuple[int, str], ...] = ()


@dataclass
class Sheet:
    """What has been written under `settings`. `start`: how much of it is shown at once; the rest is written live if
    `running`."""

    settings: Settings
    number: int
    written: list[WrittenCharacter] = field(default_factory=list)
    start: int = 0
    running: bool = False


def follow_link() -> None:
    """Take the settings from the page's link, and keep it true. Call it before they are used."""
    asked = link.followed(tuple(_FIELDS))
    if asked is not None:
        for field in _FIELDS.values():
            field.entry.clear()
        for name, text in asked.items():
            value = _FIELDS[name].read(text)
            if value is not None:
                _FIELDS[name].entry.set(value)
    for name, value in _in_use().items():
        _FIELDS[name].entry.set(value)
    link.carry(tuple(_FIELDS), {name: field.write(field.entry.get()) for name, field in _FIELDS.items()})


def settings() -> Settings:
    """The settings in use."""
    return Settings(**_in_use())


def sheet(writer: Writer) -> Sheet:
    """The sheet for the settings in use, a new one if these have changed; raises TextError for a prompt that can't be
    read."""
    now, kept = settings(), _SHEET.get()
    if kept is not None and kept.settings == now:
        return kept
    new = Sheet(now, _NUMBER.get() + 1)
    last = max((place for place, _ in now.ways), default=-1)
    if kept is None:  # on coming to the page all stands there already
        write_on(new, writer, max(FIRST, last + CHUNK))
        new.start = len(new.written)
    else:
        branched = now.ways and now.ways[:-1] == kept.settings.ways
        write_on(new, writer, max(CHUNK, last + 1))
        new.start, new.running = last + 1 if branched else 0, True
    _NUMBER.set(new.number)
    _SHEET.set(new)
    return new


def write_on(on: Sheet, writer: Writer, upto: int) -> None:
    """Write until the sheet has `upto` characters, or LONGEST. Raises TextError for a prompt that can't be read."""
    s, ways = on.settings, dict(on.settings.ways)
    upto = min(upto, LONGEST)
    while len(on.written) < upto:
        here = len(on.written)
        turn = min((place for place in ways if place >= here), default=upto)
        text = s.prompt + "".join(one.character for one in on.written)
        # Writing taken up behind its own text goes on as it would have: see Writer.write.
        for drawn in writer.write(text, min(turn + 1, upto) - here, s.temperature, s.top_k or None, s.seed):
            on.written.append(_in_full_width(drawn, text[-1:]))
            text += on.written[-1].character
        if turn < upto:
            drawn = on.written[turn]
            share = dict(drawn.alternatives).get(ways[turn])
            if share is not None:  # a forged link may want what could never come
                on.written[turn] = WrittenCharacter(ways[turn], share, drawn.alternatives)


def take(on: Sheet, place: int, sign: str) -> None:
    """Write `sign` at `place` instead of what stands there, and go on from there."""
    ways = tuple(way for way in on.settings.ways if way[0] < place)
    if len(ways) < MOST_WAYS:
        _FIELDS["ways"].entry.set((*ways, (place, sign)))


def fresh(**changed: object) -> None:
    """Change settings; the ways taken belong to the old text and are forgotten."""
    for name, value in {**changed, "ways": ()}.items():
        _FIELDS[name].entry.set(value)


def again() -> None:
    """Write the same settings' text once more from its beginning, without the ways taken."""
    fresh()
    _NUMBER.set(_NUMBER.get() + 1)
    _SHEET.set(Sheet(settings(), _NUMBER.get(), running=True))


def parse_ways(asked: str) -> tuple[tuple[int, str], ...] | None:
    """'12.好40.天' -> ((12, "好"), (40, "天")); None for what is no such list."""
    found = tuple((int(place), sign) for place, sign in _WAY.findall(asked))
    rising = all(one[0] < other[0] for one, other in pairwise(found))
    whole = "".join(match.group() for match in _WAY.finditer(asked)) == asked
    return found if whole and rising and len(found) <= MOST_WAYS and all(p < LONGEST for p, _ in found) else None


def card() -> WritingCard | None:
    """The card of the network that writes; None if it is refused."""
    return texts.zoo().writers.get(WRITERS[settings().writer])


def _in_full_width(drawn: WrittenCharacter, before: str) -> WrittenCharacter:
    """Chinese punctuation as Chinese is written; the network reads both alike."""

    def full(sign: str) -> str:
        return full_width(before + sign)[len(before) :]

    alternatives = tuple((full(sign), share) for sign, share in drawn.alternatives)
    return WrittenCharacter(full(drawn.character), drawn.probability, alternatives)


def _in_use() -> dict[str, Any]:
    """Each setting as it is, at first as the visitor's language wants it."""
    name = next(name for name in (WRITER.get(), language(), FALLBACK) if name in WRITERS)
    first = {"writer": name, "prompt": PROMPTS[name][0]}
    return {
        key: first[key] if key in first and not field.entry.is_set else field.entry.get()
        for key, field in _FIELDS.items()
    }


def _one_of(asked: str, options: Sequence[float]) -> float | None:
    return next((one for one in options if _plain(one) == asked), None)


def _plain(number: float) -> str:
    return f"{number:g}"


class _Field(NamedTuple):
    """A setting's entry in the session, and its text in the link: read (None for what means nothing) and written."""

    entry: Entry[Any]
    read: Callable[[str], Any]
    write: Callable[[Any], str]


WRITER = declare("writing_writer", Kind.CONTROL, "")
_FIELDS = {
    "writer": _Field(WRITER, lambda asked: asked if asked in WRITERS else None, str),
    "prompt": _Field(
        declare("writing_prompt", Kind.TEXTS, ""),
        lambda asked: asked if len(asked) <= LONGEST_PROMPT else None,
        str,
    ),
    "temperature": _Field(
        declare("writing_temperature", Kind.CONTROL, 0.8), lambda asked: _one_of(asked, TEMPERATURES), _plain
    ),
    "top_k": _Field(declare("writing_top_k", Kind.CONTROL, 20), lambda asked: _one_of(asked, TOP_K), _plain),
    "seed": _Field(
        declare("writing_seed", Kind.CONTROL, 1),
        lambda asked: int(asked) if re.fullmatch("[0-9]{1,3}", asked) else None,
        str,
    ),
    "ways": _Field(
        declare("writing_ways", Kind.TEXTS, ()),
        parse_ways,
        lambda ways: "".join(f"{place}.{sign}" for place, sign in ways),
    ),
}
_SHEET: Entry[Sheet | None] = declare("writing_sheet", Kind.TEXTS, None)
_NUMBER = declare("writing_number", Kind.INTERNAL, 0)
