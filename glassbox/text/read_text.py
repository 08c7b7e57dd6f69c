"""A visitor's text as a transformer reads it: the tokens in front, then the characters, as far as the context goes."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from glassbox.text import tokens
from glassbox.text.tokens import Vocabulary

MOST = 100_000
"""Characters of a text that are looked at."""


@dataclass(frozen=True)
class ReadText:
    """A text as it is read: the tokens `asked` in front and `signs`, and the `ids` of both.

    `unknown`: the signs that the vocabulary lacks, each once; `removed`: how many control characters were left out;
    `behind`: how many signs stand behind what fits into the context, and are not read.
    """

    asked: tuple[str, ...]
    signs: tuple[str, ...]
    ids: tuple[int, ...]
    unknown: tuple[str, ...]
    removed: int
    behind: int


def read_as(asked: Sequence[str], signs: Sequence[str], words: Vocabulary, context: int, removed: int = 0) -> ReadText:
    """Return the first `signs` that fit into `context` behind `asked`; `removed` is kept as it is."""
    kept = tuple(signs[: context - len(asked)])
    ids = tuple(words.id(token) for token in (*asked, *kept))
    missing = [sign for sign in kept if words.id(sign) == tokens.UNKNOWN]
    return ReadText(tuple(asked), kept, ids, tuple(dict.fromkeys(missing)), removed, len(signs) - len(kept))


def without_controls(text: str) -> tuple[str, int]:
    """Return `text` in the form in which a vocabulary has it, each white space a space, and how many control characters
    were left out."""
    kept = [sign for sign in text if sign.isspace() or unicodedata.category(sign) not in ("Cc", "Cs", "Co", "Cn")]
    return tokens.cleaned("".join(kept)), len(text) - len(kept)
