"""A text that is being written, character by character, with the likeliest characters at each place.

The browser shows what is there at a reader's pace and asks for more before it runs out; a click on another character
goes back to its place and on from there. A poem is drawn as one, each character's tone beside it.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

import msgspec

from glassbox.text.sampling import WrittenCharacter
from glassbox.ui.base import formats, payload
from glassbox.ui.base.i18n import t
from glassbox.ui.components.register import register

MOST_SHOWN = 8
"""Characters offered at a place."""
_WORDS = (
    "write",
    "pause",
    "again",
    "next",
    "instead",
    "hint",
    "explore",
    "line_end",
    "space",
    "full",
    "taken",
    "copied",
    "copied_here",
    "text",
    "at_once",
    "speed",
    "pace",
    "vertical",
    "horizontal",
    "finished",
    "given",
    "level",
    "oblique",
    "either",
    "rhymed",
    "broken",
)
# Not in a shadow root: what is written is the page's main text.
_component = register(__file__, isolate_styles=False)


@dataclass(frozen=True)
class Poem:
    """How a text is drawn as a poem: `vertical`, its columns from right to left, or in lines.

    `said`: sentences that are shown once it is written. `tones`: "level", "oblique" or "either" by place, "" where
    there is none; `ruled`: the places that the rule of tones looks at; `broken`: pairs of places that break it;
    `rhymed`: the places of characters that rhyme.
    """

    vertical: bool
    said: Sequence[str] = ()
    tones: Sequence[str] = ()
    ruled: Sequence[int] = ()
    broken: Sequence[tuple[int, int]] = ()
    rhymed: Sequence[int] = ()


@dataclass(frozen=True)
class Sheet:
    """A text that is being written, the one with this `number` in the visit.

    `prompt` and then the characters `written`: the first `start` are shown at once, the others one after the other if
    it is `running`, up to `limit`; `taken`: the places where the visitor chose the character; `colour`: of the network,
    in CSS. `copied`: the runs of `run_length` characters or more, (start, stop), that stand in what the network has
    read; None where that is not known. `poem`: how it is drawn where it is one.
    """

    number: int
    prompt: str
    written: Sequence[WrittenCharacter]
    start: int
    running: bool
    limit: int
    taken: Sequence[int]
    colour: str
    copied: Sequence[tuple[int, int]] | None = None
    run_length: int = 0
    poem: Poem | None = None


def text_writer(
    sheet: Sheet,
    *,
    on_more: Callable[[int], None],
    on_all: Callable[[], None],
    on_taken: Callable[[int, str], None],
    on_again: Callable[[], None],
    on_layout: Callable[[bool], None],
    key: str = "writer",
) -> None:
    """Draw `sheet`, and beside it the characters that could stand at a place.

    `on_more` gets how many characters the browser has when it needs more; `on_all` is called when the visitor wants the
    rest at once; `on_taken` gets a place and the character,
    one of its alternatives, to write there instead; `on_again` is called to start again;
    `on_layout` gets whether a poem is to be vertical.
    """

    def asked() -> None:
        kind, place, sign = checked(payload.sent(key, "asked"), sheet.number, sheet.written)
        if kind == "more":
            on_more(place)
        elif kind == "take":
            on_taken(place, sign)
        elif kind == "again":
            on_again()
        elif kind == "all":
            on_all()
        elif kind:
            on_layout(kind == "vertical")

    _component(
        key=key,
        data={
            "prompt": sheet.prompt,
            "number": sheet.number,
            "start": sheet.start,
            "running": sheet.running,
            "limit": sheet.limit,
            "colour": sheet.colour,
            "taken": list(sheet.taken),
            "copied": None if sheet.copied is None else [list(run) for run in sheet.copied],
            "run_length": sheet.run_length,
            "poem": sheet.poem and asdict(sheet.poem),
            "given": [place for place, one in enumerate(sheet.written) if one.given and place not in sheet.taken],
            "characters": [
                [
                    one.character,
                    formats.shown(one.probability),
                    [[sign, formats.shown(share)] for sign, share in one.alternatives[:MOST_SHOWN]],
                ]
                for one in sheet.written
            ],
            "words": {word: t(f"components.text_writer.{word}") for word in _WORDS},
        },
        on_asked_change=asked,
    )


class _Asked(msgspec.Struct):
    number: int
    kind: Literal["more", "take", "again", "all", "vertical", "horizontal"]
    place: payload.Index = 0
    sign: str = ""


def checked(asked: object, number: int, written: Sequence[WrittenCharacter]) -> tuple[str, int, str]:
    """Return what the browser asks ("more", "take", "again", "all", or a poem's layout), the place and the character.

    What is not possible on the sheet `number` with the characters `written` is "": it may be forged.
    """
    nothing = ("", 0, "")
    sent = payload.parse(asked, _Asked)
    if sent is None or sent.number != number:
        return nothing
    if sent.kind not in ("more", "take"):
        return sent.kind, 0, ""
    if sent.place > len(written):
        return nothing
    if sent.kind == "more":
        return sent.kind, sent.place, ""
    offered = [other for other, _ in written[sent.place].alternatives] if sent.place < len(written) else []
    return (sent.kind, sent.place, sent.sign) if sent.sign in offered else nothing
