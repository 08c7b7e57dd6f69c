"""Texts coloured token by token, side by side: what a network made of each character or word, on pointing at it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from glassbox.text.tokens import Token
from glassbox.ui.base.i18n import t
from glassbox.ui.base.state import held
from glassbox.ui.components.register import register

# Not in a shadow root: the texts are the page's main text, for readers and for the page's own search.
_component = register(__file__, isolate_styles=False)


@dataclass(frozen=True)
class Passage:
    """A text with its tokens' shades, from -1 to 1, (tokens,): blue below 0 and orange above if `signed`, else the more
    of `colour` the larger.

    `said`: what is told of each token when it is pointed at. `marks`: a word over the token where it begins to hold.
    `shares`: (tokens, labels), drawn as bars of `labels` at the token pointed at, else at the last; None for no bars.
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
    hint: str,
    key: str,
    summary: str = "",
    picked: Mapping[str, Sequence[int]] | None = None,
    on_picked: Callable[[str, int], None] | None = None,
) -> None:
    """Draw the texts; pointing at a token of one points at the same place in those with as many tokens.

    `hint` stands where a token's read-out will be. `summary`: the sentence that screen readers say when it changes.
    `on_picked` gets the passage's name and the token that was clicked; None: none can be. `picked`: tokens that are
    framed, by the passage's name.
    """

    def clicked() -> None:
        found = checked(held(key).get("picked"), shown)
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


def checked(picked: object, shown: Sequence[Passage]) -> tuple[str, int] | None:
    """The passage's name and the token that the browser sent, if there is such a one."""
    if not isinstance(picked, dict):
        return None
    name, token = picked.get("name"), picked.get("token")
    sizes = {one.name: len(one.tokens) for one in shown}
    known = isinstance(name, str) and type(token) is int and 0 <= token < sizes.get(name, 0)
    return (str(name), token) if known and type(token) is int else None


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
        "shares": None if one.shares is None else [[round(float(p), 4) for p in row] for row in one.shares],
    }
