"""A visitor's lines as the network that writes quatrains reads them: what is asked for in front, then the characters.

The tokens in front are form, dynasty, rule and two characters of a theme; a line end stands behind each line.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

from glassbox.text import tokens
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
MOST = 100_000
"""Characters of a text that are looked at."""
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


@dataclass(frozen=True)
class Lines:
    """A text as it is read: the tokens `asked` in front and `signs`, and the `ids` of both.

    `unknown`: the signs that the vocabulary lacks, each once; `removed`: how many control characters were left out;
    `behind`: how many signs stand behind what fits into the context, and are not read.
    """

    form: str
    asked: tuple[str, ...]
    signs: tuple[str, ...]
    ids: tuple[int, ...]
    unknown: tuple[str, ...]
    removed: int
    behind: int

    @property
    def text(self) -> str:
        """The signs that are read, "/" for the end of a line."""
        return "".join("/" if sign == END else sign for sign in self.signs)


def read(text: str, asked: Asked, words: Vocabulary, context: int) -> Lines:
    """Return `text` as at most `context` tokens. White space, punctuation and "/" end a line, as its full length does.

    Nothing in it is refused: an empty text is that of a poem of which nothing is written.
    """
    cleaned, removed = _without_controls(text[:MOST])
    parts = [part for part in _BREAKS.split(cleaned) if part]
    form = asked.form if asked.form in FORMS else form_of(parts[0] if parts else "")
    signs = _signs(parts, FORMS[form], ended=bool(parts) and _BREAKS.fullmatch(cleaned[-1:]) is not None)
    before = front(replace(asked, form=form, theme=_theme(asked.theme, words)))
    kept = signs[: context - FRONT]
    ids = tuple(words.id(token) for token in (*before, *kept))
    missing = [sign for sign in kept if words.id(sign) == tokens.UNKNOWN]
    return Lines(form, before, kept, ids, tuple(dict.fromkeys(missing)), removed, len(signs) - len(kept))


def form_of(line: str) -> str:
    """Return the form that a poem with the first line `line` has: by its length, or, of several lines in one, by the
    length that divides it."""
    short, long = FORMS.values()
    count = len(line)
    return "wujue" if count <= short or (count % short == 0 and count % long) else "qijue"


def _without_controls(text: str) -> tuple[str, int]:
    """Return `text` in the form in which the vocabulary has it, and how many control characters were left out."""
    kept = [sign for sign in text if sign.isspace() or unicodedata.category(sign) not in ("Cc", "Cs", "Co", "Cn")]
    return tokens.cleaned("".join(kept)), len(text) - len(kept)


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
