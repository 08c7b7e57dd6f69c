"""What the visitor looks at: the text, what is asked for, a position, a head, a token; all of it in the link."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from glassbox.text import plays, quatrains
from glassbox.text.quatrains import DYNASTIES, END, FORMS, RULES, THEME, Asked
from glassbox.text.read_text import ReadText
from glassbox.text.tokens import UNKNOWN, Vocabulary
from glassbox.ui.base import link
from glassbox.ui.base.state import Entry, Kind, declare
from glassbox.ui.frame import transformers
from glassbox.ui.pages.transformer.poets import PLAYS, QUATRAINS, TASKS, Example, Task
from glassbox.zoo.transformer_models import TransformerCard

MOST = 10_000
"""Characters of a text that a session keeps."""
LINKED = {QUATRAINS: 64, PLAYS: 256}
"""Characters of a text that a link may bring, by task: more than are read."""

MODEL = declare("look_model", Kind.CONTROL, "")
"""The transformer by its name; "": the one that writes the page's language."""
TEXT: Entry[str | None] = declare("look_text", Kind.TEXTS, None)
"""What is read; None: the first example."""
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
"""How much of the direction is added in which the network is steered, as a share of the stream's length."""
DOSE: Entry[float | None] = declare("look_dose", Kind.CONTROL, None)
"""None: the visitor chose none."""
SEEDS = 1_000
SEED = declare("look_seed", Kind.CONTROL, 3)
STEERING = "steering"
RIVAL = "rival"
SECTIONS = ("opened", "attributions", STEERING, "cache", RIVAL)
SECTION = declare("look_section", Kind.CONTROL, SECTIONS[0])
SHOWN = {END: "⏎", " ": "␣"}
"""What stands on the page and in the link for tokens that can't be seen."""
_MEANT = {shown: meant for meant, shown in SHOWN.items()}


def text(card: TransformerCard) -> str:
    """Return what the visitor has it read."""
    chosen = TEXT.get()
    return task(card).examples[0].text if chosen is None else chosen


def read(card: TransformerCard) -> ReadText:
    """Return the visitor's text as the network reads it."""
    return reads(card, text(card), ASKED.get())


def reads(card: TransformerCard, text: str, asked: Asked = Asked()) -> ReadText:  # noqa: B008
    """Return `text` as the network reads it, behind what a poem is asked to be."""
    if card.task == PLAYS:
        return plays.read(text, words(card), card.context)
    return quatrains.read(text, asked, words(card), card.context)


def task(card: TransformerCard) -> Task:
    """Return what the network writes."""
    return TASKS[card.task]


def rival(card: TransformerCard) -> TransformerCard | None:
    """Return the recurrent network that learned from the same texts with as many weights, None where there is none."""
    found = (one for one in transformers.zoo().cards.values() if one.architecture != card.architecture)
    return next((one for one in found if (one.task, one.vocabulary) == (card.task, card.vocabulary)), None)


def sections(card: TransformerCard) -> tuple[str, ...]:
    """Return the sections that there are of a network."""
    return SECTIONS if rival(card) else tuple(name for name in SECTIONS if name != RIVAL)


def words(card: TransformerCard) -> Vocabulary:
    """Return the network's vocabulary."""
    return transformers.vocabulary(card.name)


def follow_link(offered: Mapping[str, TransformerCard]) -> TransformerCard:
    """Take from the page's link what it says where it has changed, write there what is chosen, and return the card of
    the network, one of those `offered`.

    What a link says of a network, a place, a head or a token that there is not is passed over. One that asks for a
    poem and names no network is older than the choice of one.
    """
    asked = link.followed(("model", *_NAMES))
    if asked is not None:
        of_poems = next((name for name, one in offered.items() if one.task == QUATRAINS), "")
        MODEL.set(asked.get("model", of_poems if "ask" in asked else MODEL.get()))
    card = offered.get(MODEL.get()) or next(iter(offered.values()))
    MODEL.set(card.name)
    parameters = _parameters(card)
    if asked is not None:
        for name, one in parameters.items():
            one.entry.clear()
            value = one.read(asked[name]) if name in asked else None
            if value is not None:
                one.entry.set(value)
    held = {name: one.write(one.entry.get()) for name, one in parameters.items() if one.entry.get() is not None}
    carried = {"model": card.name, "text": _linked_text(text(card), card), **held}
    link.carry(("model", *_NAMES), {name: value for name, value in carried.items() if value})
    return card


def begin_anew() -> None:
    """Let another network read its own first example, with nothing changed in it."""
    for entry in (TEXT, ASKED, POSITION, HEAD, WORD, AGAINST, OFF, DOSE):
        entry.clear()


def dose(card: TransformerCard) -> float:
    """Return how far the network is steered; who chose nothing sees in the section on steering what it does."""
    chosen = DOSE.get()
    if chosen is not None:
        return chosen
    return task(card).direction.dose if SECTION.get() == STEERING else 0.0


def ways(means: bool) -> tuple[str, ...]:
    """Return what heads that are off can write; their mean only where the network's `means` are known."""
    return WAYS if means else WAYS[:1]


def position(read: ReadText) -> int:
    """Return the position among all tokens that is pointed at, the last one where the visitor chose none."""
    last = len(read.ids) - 1
    chosen = POSITION.get()
    at = last if chosen is None else chosen + len(read.asked)
    return at if 0 <= at <= last else last


def example(card: TransformerCard) -> Example | None:
    """Return the example that the text is, None where it is a visitor's own or asks for something else."""
    if card.task == QUATRAINS and ASKED.get() != Asked():
        return None
    now = _linked_text(text(card), card)
    return next((one for one in task(card).examples if now == _linked_text(one.text, card)), None)


def point(read: ReadText, at: int, head: tuple[int, int]) -> None:
    """Point at another position among all tokens, and another head; a token chosen at the old one is forgotten."""
    if at != position(read):
        WORD.clear()
        AGAINST.clear()
    POSITION.set(at - len(read.asked))
    HEAD.set(head)


def use(text: str) -> None:
    """Read another text, from its end on; heads that are off stay so."""
    TEXT.set(text[:MOST])
    _point_nowhere()


def ask(**changes: str) -> None:
    """Ask for another kind of poem."""
    changed = replace(ASKED.get(), **changes)
    ASKED.set(replace(changed, theme=changed.theme[:THEME]))
    _point_nowhere()


def _point_nowhere() -> None:
    for entry in (POSITION, HEAD, WORD, AGAINST):
        entry.clear()


def switch(head: tuple[int, int]) -> None:
    """Switch a head off, or on again."""
    off = set(OFF.get()) ^ {head}
    OFF.set(tuple(sorted(off)))


def token(card: TransformerCard, shown: str) -> int | None:
    """Return the id of a token by what stands for it on the page or in the link (see SHOWN), None for "" and for one
    that the network does not know."""
    found = words(card).id(_MEANT.get(shown, shown)) if shown else UNKNOWN
    return found if found != UNKNOWN else None


class _Parameter(NamedTuple):
    """An entry in the link: `read` gives its value from the text there, None for an invalid one; `write` that text."""

    entry: Entry[Any]
    read: Callable[[str], Any]
    write: Callable[[Any], str]


_NAMES = ("text", "ask", "at", "head", "off", "way", "word", "against", "dose", "seed", "section")


def _parameters(card: TransformerCard) -> dict[str, _Parameter]:
    heads = (sum(layer.name.startswith("attention") for layer in card.layers), card.heads)

    def known(text: str) -> str | None:
        return text if token(card, text) is not None else None

    def linked(text: str) -> str | None:
        if len(text) > LINKED[card.task]:
            return None
        return text.replace("/", "\n") if card.task == QUATRAINS else text

    found = {
        "text": _Parameter(TEXT, linked, lambda text: _linked_text(text, card)),
        "at": _Parameter(POSITION, lambda text: int(text) if re.fullmatch("-?[0-9]{1,3}", text) else None, str),
        "head": _Parameter(HEAD, lambda text: _head(text, heads), _head_text),
        "off": _Parameter(OFF, lambda text: _heads(text, heads), lambda off: "-".join(map(_head_text, off))),
        "way": _Parameter(WAY, lambda text: text if text in WAYS else None, str),
        "word": _Parameter(WORD, known, str),
        "against": _Parameter(AGAINST, known, str),
        "dose": _Parameter(DOSE, _dose, "{:g}".format),
        "seed": _Parameter(SEED, lambda text: int(text) if re.fullmatch("[0-9]{1,3}", text) else None, str),
        "section": _Parameter(SECTION, lambda text: text if text in sections(card) else None, str),
    }
    return found | ({"ask": _Parameter(ASKED, _asked, _asked_text)} if card.task == QUATRAINS else {})


def _linked_text(text: str, card: TransformerCard) -> str:
    """Return a text as it is in the link: a poem in one line, as far as it goes."""
    if card.task == QUATRAINS:
        text = re.sub(r"[\s/，。！？；,.!?;]+", "/", text)
    return text[: LINKED[card.task]]


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
