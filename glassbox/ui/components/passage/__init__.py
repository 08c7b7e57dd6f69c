"""Texts side by side, coloured token by token, with what a network gives at the token pointed at."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec
import numpy as np
from numpy.typing import NDArray

from glassbox.text.tokens import Token
from glassbox.ui.base import formats, payload
from glassbox.ui.base.i18n import t
from glassbox.ui.components.register import register

# Not in a shadow root: the texts are the page's main text, for readers and for the page's own search.
_component = register(__file__, isolate_styles=False)


@dataclass(frozen=True)
class Passage:
    """A text and the `shades` of its tokens, (tokens,) from -1 to 1.

    The larger a shade, the stronger the colour: of a `signed` passage blue below 0 and orange above, of another one
    grey below 0 and `colour` above. `said`: the sentence about each token when it is pointed at; `marks`: words in the
    line before tokens, by the token's index;
    `shares`: probabilities (tokens, labels), drawn as bars of the `labels` at the token pointed at, else at the last
    one; None: no bars.
    """

    name: str
    title: str
    tokens: Sequence[Token]
    shades: NDArray[np.float64]
    said: Sequence[str]
    subtitle: str = ""
    colour: str = ""
    signed: bool = False
    verdict: str = ""
    note: str = ""
    marks: dict[int, str] = field(default_factory=dict)
    labels: Sequence[str] = ()
    shares: NDArray[np.float64] | None = None
    foot: str = ""


def passages(
    shown: Sequence[Passage],
    *,
    hint: str,
    key: str,
    summary: str = "",
    picked: Mapping[str, Sequence[int]] | None = None,
    on_picked: Callable[[str, int], None] | None = None,
) -> None:
    """Draw the texts; pointing at a token of one shows the same token of all that have as many.

    `hint`: what is written while none is pointed at; `summary`: what screen readers say when it changes; `picked`: the
    tokens that are framed, by the passage's name; `on_picked` gets the passage's name and the token that was clicked,
    None: tokens can't be clicked.
    """

    def clicked() -> None:
        found = checked(payload.sent(key, "picked"), shown)
        if on_picked and found:
            on_picked(*found)

    _component(
        key=key,
        data={
            "passages": [_passage(one) for one in shown],
            "picked": {name: list(tokens) for name, tokens in (picked or {}).items()},
            "pickable": on_picked is not None,
            "words": {
                "hint": hint,
                "summary": summary,
                "explore": t("components.passage.explore_pick" if on_picked else "components.passage.explore"),
                "unknown": t("components.passage.unknown"),
            },
        },
        on_picked_change=clicked,
    )


class _Picked(msgspec.Struct):
    name: str
    token: payload.Index


def checked(picked: object, shown: Sequence[Passage]) -> tuple[str, int] | None:
    """Return the passage's name and the token that the browser sent; None if there is no such token."""
    sent, sizes = payload.parse(picked, _Picked), {one.name: len(one.tokens) for one in shown}
    return (sent.name, sent.token) if sent and sent.token < sizes.get(sent.name, 0) else None


def _passage(one: Passage) -> dict[str, object]:
    ends = [0, *(token.end for token in one.tokens)]
    return {
        "name": one.name,
        "title": one.title,
        "subtitle": one.subtitle,
        "colour": one.colour,
        "signed": one.signed,
        "verdict": one.verdict,
        "note": one.note,
        # A word's token says where it stood, so that the spaces between words come back.
        "tokens": [
            [" " if token.start > before else "", token.text, token.known]
            for before, token in zip(ends, one.tokens, strict=False)
        ],
        "shades": [round(float(shade), 3) for shade in one.shades],
        "said": list(one.said),
        "marks": [[place, word] for place, word in one.marks.items()],
        "labels": list(one.labels),
        "foot": one.foot,
        "shares": None if one.shares is None else [[formats.shown(float(p)) for p in row] for row in one.shares],
    }
