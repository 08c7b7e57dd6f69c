"""A visitor's lines as the network that writes quatrains reads them: what is asked for in front, then the characters.

The tokens in front are form, dynasty, rule and two characters of a theme; a line end stands behind each line.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from glassbox.text import tokens
from glassbox.text.read_text import MOST, ReadText, read_as, without_controls
from glassbox.text.tokens import Vocabulary

FORMS = {"wujue": 5, "qijue": 7}
"""Each form's characters a line; both have four lines."""
DYNASTIES = ("tang", "song")
RULES = ("regulated", "free")
END, ANY = "\n", "<any>"
LINES = 4
THEME = 2
"""Characters that a theme has."""
ASKED = (*(f"<{word}>" for word in (*FORMS, *DYNASTIES, *RULES)), ANY)
"""The words that ask for a poem."""
FRONT = 3 + THEME
"""Tokens before a poem's first character: its form, dynasty, rule and theme."""
_BREAKS = re.compile(r"[\s/,.!?;:，。！？；：、…—]+")


@dataclass(frozen=True)
class Asked:
    """What is asked for: `form` of FORMS or "", by the length of the first line; `theme` THEME characters or none."""

    form: str = ""
    dynasty: str = DYNASTIES[0]
    rule: str = RULES[0]
    theme: str = ""


def front(asked: Asked) -> tuple[str, ...]:
    """Return the FRONT tokens that ask for a poem of the form `asked.form`; with no theme they are twice ANY."""
    return f"<{asked.form}>", f"<{asked.dynasty}>", f"<{asked.rule}>", *(asked.theme or (ANY,) * THEME)


def read(text: str, asked: Asked, words: Vocabulary, context: int) -> ReadText:
    """Return `text` as at most `context` tokens. White space, punctuation and "/" end a line, as its full length does.

    Nothing in it is refused: an empty text is that of a poem of which nothing is written.
    """
    cleaned, removed = without_controls(text[:MOST])
    parts = [part for part in _BREAKS.split(cleaned) if part]
    form = asked.form if asked.form in FORMS else form_of(parts[0] if parts else "")
    signs = _signs(parts, FORMS[form], ended=bool(parts) and _BREAKS.fullmatch(cleaned[-1:]) is not None)
    before = front(replace(asked, form=form, theme=_theme(asked.theme, words)))
    return read_as(before, signs, words, context, removed)


def form_of(line: str) -> str:
    """Return the form that a poem with the first line `line` has: by its length, or, of several lines in one, by the
    length that divides it."""
    short, long = FORMS.values()
    count = len(line)
    return "wujue" if count <= short or (count % short == 0 and count % long) else "qijue"


def _signs(parts: Sequence[str], length: int, ended: bool) -> tuple[str, ...]:
    """Return the characters of all lines, END between two lines, and behind the last one if it is `ended`."""
    lines = []
    for part in parts:
        characters = [part[start:end] for start, end in tokens.spans(part, "character")]
        lines += [characters[i : i + length] for i in range(0, len(characters), length)]
    joined = [sign for line in lines for sign in (*line, END)]
    return tuple(joined if ended or not joined else joined[:-1])


def _theme(theme: str, words: Vocabulary) -> str:
    """Return the theme; "" for what is no two characters that are known."""
    return theme if len(theme) == THEME and all(words.id(sign) != tokens.UNKNOWN for sign in theme) else ""
