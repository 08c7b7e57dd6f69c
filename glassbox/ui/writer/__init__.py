"""A text that is being written, character by character, with what else could have come at each place.

The browser shows what is there at a reader's pace and asks for more before it runs out; a click on another character
goes back to its place and on from there.
"""

from collections.abc import Callable, Sequence

import streamlit as st

from glassbox.ui.component import register
from glassbox.ui.i18n import t
from glassbox.writing import Written

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
    "text",
)
# Not in a shadow root: what is written is the page's main text.
_component = register(__file__, isolate_styles=False)


def writer(
    prompt: str,
    written: Sequence[Written],
    number: int,
    start: int,
    running: bool,
    limit: int,
    colour: str,
    taken: Sequence[int],
    on_more: Callable[[int], None],
    on_taken: Callable[[int, str], None],
    on_again: Callable[[], None],
    key: str = "writer",
) -> None:
    """Draw the sheet `number`: `prompt` and the characters `written`, the first `start` at once, the rest live if it is
    `running`. `taken`: the places where the visitor chose.

    `on_more` gets how many characters the browser has when it wants more (up to `limit`); `on_taken` a place and the
    character, one of its alternatives, to write there instead; `on_again`: the visitor wants to start again.
    """

    def asked() -> None:
        given = st.session_state[key].get("asked")
        if not isinstance(given, dict) or given.get("number") != number:
            return
        place, sign = given.get("place"), given.get("sign")
        if given.get("kind") == "more" and type(place) is int and 0 <= place <= len(written):
            on_more(place)
        elif given.get("kind") == "again":
            on_again()
        elif given.get("kind") == "take" and type(place) is int and 0 <= place < len(written):
            offered = [other for other, _ in written[place].alternatives]
            if sign in offered:
                on_taken(place, str(sign))

    _component(
        key=key,
        data={
            "prompt": prompt,
            "number": number,
            "start": start,
            "running": running,
            "limit": limit,
            "colour": colour,
            "taken": list(taken),
            "characters": [
                [
                    one.character,
                    round(one.probability, 4),
                    [[sign, round(share, 4)] for sign, share in one.alternatives[:MOST_SHOWN]],
                ]
                for one in written
            ],
            "words": {word: t(f"writer.{word}") for word in _WORDS},
        },
        on_asked_change=asked,
    )
