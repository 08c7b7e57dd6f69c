"""Text -> ids: cleaned, cut into characters or words, and looked up. Training and the app read through this one way."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from glassbox.input_error import InputError

LIMIT = 500
"""Characters (code points, after `normalise`) that a text may have."""
UNITS = ("character", "word")
PADDING, UNKNOWN = 0, 1
"""The ids of the first two entries of every vocabulary: what fills a batch and is never read, and what stands for all
that the vocabulary lacks."""
_RAW_LIMIT = 100_000  # what is longer is not even cleaned

# Marks that steer the direction of writing, or have no width: they change how a text is laid out, not what it says.
_LAYOUT = re.compile("[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")
# Joiners and selectors of a glyph; behind a letter they choose its shape, in an emoji they make it what it is.
_SHAPING = re.compile("(?<=\\w)[\u200c\u200d\ufe00-\ufe0f\U000e0100-\U000e01ef]+")
_JOINER = "\u200d"
_SKINS, _TAGS = range(0x1F3FB, 0x1F400), range(0xE0020, 0xE0080)
_FLAG_LETTERS = range(0x1F1E6, 0x1F200)
_APOSTROPHES = "'’"
# Words in a string that has one sign a character: s for an s, w for other letters and digits, an apostrophe, a space,
# and . for all else. An 's at a word's end is a word, as in "film's" and "it's": it would double the vocabulary.
_WORD = re.compile(r"'s(?![ws])|[ws]+(?:'(?!s(?![ws]))[ws]+)*|[^ ]")
PLAIN_QUOTES = str.maketrans("‘’“”", "''\"\"")

_SENTENCES = {
    "empty": "There is no text.",
    "blank": "There is nothing but white space.",
    "too_long": "The text has {count:,} characters; up to {limit:,} can be read.",
    "control": "Character {position:,} is {point}, a control character, which no text has; the file may be no text.",
    "unknown": "This network can't write {characters}; choose other characters.",
    "theme": "A theme has {length} characters, not {count}.",
    "unknown_only": "Nothing in it is known to this network: it would read only the stand-in for unknown {unit}s.",
}


class TextError(InputError):
    """Why a text can't be read. `code`: "empty", "blank", "too_long" (details: `count`, `limit`), "control" (`point`,
    such as U+0007, and its `position` in the text as it came, from 1), "unknown_only" (`unit`),
    "unknown" (`characters`, the first of those) or "theme" (`count`, `length`)."""

    def __init__(self, code: str, **details: object) -> None:
        super().__init__(code, _SENTENCES[code].format(**details), **details)


class Token(NamedTuple):
    """One character or word: `text` as it is written, from `start` to `end` in the normalised text; `known` unless it
    is read as UNKNOWN."""

    text: str
    id: int
    known: bool
    start: int
    end: int


def normalise(text: str) -> str:
    """Return `text` as the networks read it: Unicode's NFKC form (full-width letters become plain ones), without
    invisible marks of layout, each run of white space one space, none at the ends. Traditional characters stay.

    https://unicode.org/reports/tr15/
    """
    return re.sub(" +", " ", cleaned(text)).strip()


def cleaned(text: str) -> str:
    """Return `text` as `normalise` does, but with all its spaces."""
    plain = unicodedata.normalize("NFKC", _LAYOUT.sub("", text))
    return re.sub(r"\s", " ", _SHAPING.sub("", plain))


def checked(text: str, limit: int = LIMIT) -> str:
    """Return `text` normalised.

    Raises TextError if that leaves nothing, or more than `limit` characters, or if there are control characters (other
    than line ends and tabs, which are white space) or halves of surrogate pairs.
    """
    if not text:
        raise TextError("empty")
    if not text.strip():
        raise TextError("blank")
    if len(text) > _RAW_LIMIT:
        raise TextError("too_long", count=len(text), limit=limit)
    for position, sign in enumerate(text, 1):
        if unicodedata.category(sign) in ("Cc", "Cs") and not sign.isspace():
            raise TextError("control", point=f"U+{ord(sign):04X}", position=position)
    plain = normalise(text)
    if not plain:
        raise TextError("blank")
    if len(plain) > limit:
        raise TextError("too_long", count=len(plain), limit=limit)
    return plain


def tokens(text: str, unit: str) -> list[str]:
    """Return the characters or words (`unit`) of a normalised text, as a vocabulary holds them: in lower case, with
    straight quotation marks."""
    return [_entry(text[start:end]) for start, end in spans(text, unit)]


def spans(text: str, unit: str) -> list[tuple[int, int]]:
    """Return where each token of a normalised text begins and ends.

    A "character" is one that a reader sees: an accent or the parts of an emoji belong to what they change. Spaces are
    characters. A "word" is a run of letters and digits, with apostrophes inside, or the 's behind it; any other sign
    stands by itself.
    """
    cells = list(_characters(text))
    if unit == "character":
        return cells
    signs = "".join(_sign(text[start]) for start, _ in cells)
    found = (match.span() for match in _WORD.finditer(signs))
    return [(cells[first][0], cells[last - 1][1]) for first, last in found]


@dataclass(frozen=True)
class Vocabulary:
    """The tokens that a model knows: `entries`, by id; the first two stand for PADDING and UNKNOWN."""

    unit: str
    entries: tuple[str, ...]
    _ids: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.unit not in UNITS:
            raise ValueError(f"the unit of a vocabulary is one of {', '.join(UNITS)}, not {self.unit!r}")
        ids = {entry: place for place, entry in enumerate(self.entries) if place > UNKNOWN}
        if len(self.entries) <= UNKNOWN or len(ids) != len(self.entries) - 2:
            raise ValueError("a vocabulary has padding, unknown and then different entries")
        object.__setattr__(self, "_ids", ids)

    def __len__(self) -> int:
        return len(self.entries)

    def id(self, entry: str) -> int:
        """Return the id of `entry`, UNKNOWN if there is none."""
        return self._ids.get(entry, UNKNOWN)

    def encode(self, text: str, limit: int = LIMIT) -> tuple[Token, ...]:
        """Return the tokens of `text`. Raises TextError as `checked` does, and if none of them but spaces is known."""
        found = self.tokens(checked(text, limit))
        if not any(token.known and token.text != " " for token in found):
            raise TextError("unknown_only", unit=self.unit)
        return found

    def tokens(self, text: str) -> tuple[Token, ...]:
        """Return the tokens of a normalised text, which may be empty."""
        found = []
        for start, end in spans(text, self.unit):
            number = self.id(_entry(text[start:end]))
            token = Token(text=text[start:end], id=number, known=number != UNKNOWN, start=start, end=end)
            found.append(token)
        return tuple(found)


def _entry(token: str) -> str:
    return token.lower().translate(PLAIN_QUOTES)


def _sign(first: str) -> str:
    """Return the sign, for _WORD, of a character that begins with `first`."""
    if first.isalnum():
        return "s" if first in "sS" else "w"
    return "'" if first in _APOSTROPHES else " " if first == " " else "."


def _characters(text: str) -> Iterator[tuple[int, int]]:
    """Yield where characters begin and end: nearly the extended grapheme clusters of
    https://unicode.org/reports/tr29/, in a few lines."""
    start = 0
    for place in range(1, len(text) + 1):
        if place == len(text) or not _continues(text, start, place):
            yield start, place
            start = place


def _continues(text: str, start: int, place: int) -> bool:
    """Return whether text[place] belongs to the character that began at `start`."""
    point = ord(text[place])
    if point < 0x300 or text[start] == " ":  # plain text, decided fast; and a space carries nothing
        return False
    if text[place] == _JOINER or point in _SKINS or point in _TAGS or unicodedata.category(text[place])[0] == "M":
        return True
    if text[place - 1] == _JOINER:
        return not text[place].isalnum()
    return point in _FLAG_LETTERS and ord(text[start]) in _FLAG_LETTERS and place == start + 1
