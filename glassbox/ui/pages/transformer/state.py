"""What the visitor looks at: the text, what is asked for, a position, a head, a token; all of it in the link."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

from glassbox.text import quatrains
from glassbox.text.quatrains import DYNASTIES, END, FORMS, RULES, THEME, Asked, Lines
from glassbox.text.tokens import UNKNOWN, Vocabulary
from glassbox.ui.base import link
from glassbox.ui.base.state import Entry, Kind, declare
from glassbox.ui.frame import transformers
from glassbox.zoo.transformer_models import TransformerCard

MODEL = "poet_zh"


class Example(NamedTuple):
    """The opening of a well-known quatrain, in the public domain."""

    text: str
    poet: str


EXAMPLES = (
    Example("床前明月光，疑是地上霜。举头望明月，低头思故", "李白"),
    Example("月落乌啼霜满天，江枫渔火对愁", "张继"),
    Example("葡萄美酒夜光杯，欲饮琵琶马上", "王翰"),
    Example("朝辞白帝彩云间，千里江陵一日", "李白"),
    Example("春眠不觉晓，处处闻啼", "孟浩然"),
    Example("白日依山尽，黄河入海", "王之涣"),
)
MOST = 10_000
"""Characters of a text that a session keeps."""
LINKED = 64
"""Characters of a text that a link may bring: more than any poem has."""

TEXT = declare("look_text", Kind.TEXTS, EXAMPLES[0].text)
ASKED: Entry[Asked] = declare("look_asked", Kind.CONTROL, Asked())
POSITION: Entry[int | None] = declare("look_position", Kind.CONTROL, None)
"""Counted from the first character; below 0 in what asks for a poem. None: the last one."""
HEAD: Entry[tuple[int, int] | None] = declare("look_head", Kind.CONTROL, None)
"""A layer and its head, from 0. None: the one that adds most."""
WORD = declare("look_word", Kind.CONTROL, "")
"""The token whose score is explained at the position; "": the likeliest."""
AGAINST = declare("look_against", Kind.CONTROL, "")
OFF: Entry[tuple[tuple[int, int], ...]] = declare("look_off", Kind.CONTROL, ())
"""The heads that are switched off, by layer and head, from 0."""
WAYS = ("zero", "mean")
"""What a head that is switched off writes."""
WAY = declare("look_way", Kind.CONTROL, WAYS[0])

DOSES = tuple(round(0.05 * step, 2) for step in range(-10, 11))
"""From war to the moon: how much of the direction between them is added, as a share of the stream's length."""
DOSE = declare("look_dose", Kind.CONTROL, 0.0)
SEEDS = 1_000
SEED = declare("look_seed", Kind.CONTROL, 1)
SECTIONS = ("opened", "attributions", "steering", "cache")
SECTION = declare("look_section", Kind.CONTROL, SECTIONS[0])


def lines(card: TransformerCard) -> Lines:
    """Return the visitor's text as the network reads it."""
    return quatrains.read(TEXT.get(), ASKED.get(), words(card), card.context)


def words(card: TransformerCard) -> Vocabulary:
    """Return the network's vocabulary."""
    return transformers.vocabulary(card.name)


def follow_link(card: TransformerCard, heads: tuple[int, int]) -> Lines:
    """Take from the page's link what it says where it has changed, write there what is chosen, and return the text as
    it is read. `heads`: how many layers there are, and heads a layer.

    What a link says of a place, a head or a token that there is not is passed over.
    """
    parameters = _parameters(card, heads)
    asked = link.followed(tuple(parameters))
    if asked is not None:
        for name, one in parameters.items():
            one.entry.clear()
            value = one.read(asked[name]) if name in asked else None
            if value is not None:
                one.entry.set(value)
    carried = {name: one.write(one.entry.get()) for name, one in parameters.items() if one.entry.get() is not None}
    link.carry(tuple(parameters), {name: text for name, text in carried.items() if text})
    return lines(card)


def ways(means: bool) -> tuple[str, ...]:
    """Return what heads that are off can write; their mean only where the network's `means` are known."""
    return WAYS if means else WAYS[:1]


def position(read: Lines) -> int:
    """Return the position among all tokens that is pointed at, the last one where the visitor chose none."""
    last = len(read.ids) - 1
    chosen = POSITION.get()
    at = last if chosen is None else chosen + len(read.asked)
    return at if 0 <= at <= last else last


def example() -> Example | None:
    """Return the one of EXAMPLES that the text is, None where it is a visitor's own or asks for something else."""
    if ASKED.get() != Asked():
        return None
    return next((one for one in EXAMPLES if TEXT.get() in (one.text, _linked_text(one.text))), None)


def card() -> TransformerCard | None:
    """Return the network's card, None where it may not be used."""
    return transformers.zoo().cards.get(MODEL)


def point(read: Lines, at: int, head: tuple[int, int]) -> None:
    """Point at another position among all tokens, and another head; a token chosen at the old one is forgotten."""
    if at != position(read):
        WORD.clear()
        AGAINST.clear()
    POSITION.set(at - len(read.asked))
    HEAD.set(head)


def use(text: str) -> None:
    """Read another text, from its end on; heads that are off stay so."""
    TEXT.set(text[:MOST])
    for entry in (POSITION, HEAD, WORD, AGAINST):
        entry.clear()


def ask(**changes: str) -> None:
    """Ask for another kind of poem."""
    changed = replace(ASKED.get(), **changes)
    ASKED.set(replace(changed, theme=changed.theme[:THEME]))
    use(TEXT.get())


def switch(head: tuple[int, int]) -> None:
    """Switch a head off, or on again."""
    off = set(OFF.get()) ^ {head}
    OFF.set(tuple(sorted(off)))


def token(card: TransformerCard, shown: str) -> int | None:
    """Return the id of a token by what stands for it on the page or in the link, None for "" and for one that the
    network does not know; "⏎" is a line end."""
    found = words(card).id(END if shown == "⏎" else shown) if shown else UNKNOWN
    return found if found != UNKNOWN else None


class _Parameter(NamedTuple):
    """An entry in the link: `read` gives its value from the text there, None for an invalid one; `write` that text."""

    entry: Entry[Any]
    read: Callable[[str], Any]
    write: Callable[[Any], str]


def _parameters(card: TransformerCard, heads: tuple[int, int]) -> dict[str, _Parameter]:
    def known(text: str) -> str | None:
        return text if token(card, text) is not None else None

    return {
        "text": _Parameter(TEXT, lambda text: text if len(text) <= LINKED else None, _linked_text),
        "ask": _Parameter(ASKED, _asked, _asked_text),
        "at": _Parameter(POSITION, lambda text: int(text) if re.fullmatch("-?[0-9]{1,3}", text) else None, str),
        "head": _Parameter(HEAD, lambda text: _head(text, heads), _head_text),
        "off": _Parameter(OFF, lambda text: _heads(text, heads), lambda off: "-".join(map(_head_text, off))),
        "way": _Parameter(WAY, lambda text: text if text in WAYS else None, str),
        "word": _Parameter(WORD, known, str),
        "against": _Parameter(AGAINST, known, str),
        "dose": _Parameter(DOSE, _dose, lambda dose: f"{dose:g}" if dose else ""),
        "seed": _Parameter(SEED, lambda text: int(text) if re.fullmatch("[0-9]{1,3}", text) else None, str),
        "section": _Parameter(SECTION, lambda text: text if text in SECTIONS else None, str),
    }


def _linked_text(text: str) -> str:
    """Return a text as it is in the link: in one line, as far as a poem goes."""
    return re.sub(r"[\s/，。！？；,.!?;]+", "/", text)[:LINKED]


_PARTS = (FORMS, DYNASTIES, RULES)


def _asked(text: str) -> Asked | None:
    """Return what a link asks for, "wujue.tang.regulated.山水"; form and theme may be empty."""
    parts = text.split(".")
    if len(parts) != len(_PARTS) + 1:
        return None
    form, dynasty, rule, theme = parts
    fits = form in ("", *FORMS) and dynasty in DYNASTIES and rule in RULES and len(theme) in (0, THEME)
    return Asked(form, dynasty, rule, theme) if fits else None


def _asked_text(asked: Asked) -> str:
    return ".".join((asked.form, asked.dynasty, asked.rule, asked.theme))


def _dose(text: str) -> float | None:
    return next((dose for dose in DOSES if f"{dose:g}" == text), None)


def _head(text: str, heads: tuple[int, int]) -> tuple[int, int] | None:
    """Return the head of a link, "2.3" with both counted from 1, where there is one."""
    found = re.fullmatch(r"([0-9]{1,3})\.([0-9]{1,3})", text)
    if found is None:
        return None
    layer, head = int(found[1]) - 1, int(found[2]) - 1
    return (layer, head) if 0 <= layer < heads[0] and 0 <= head < heads[1] else None


def _head_text(head: tuple[int, int]) -> str:
    return f"{head[0] + 1}.{head[1] + 1}"


def _heads(text: str, heads: tuple[int, int]) -> tuple[tuple[int, int], ...] | None:
    """Return the heads of a link, "1.2-4.4", without those that there are not."""
    found = {head for part in text.split("-")[: heads[0] * heads[1]] if (head := _head(part, heads))}
    return tuple(sorted(found)) or None
