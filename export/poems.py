"""What the marks of poems and a dictionary tell of characters: the tones of the Tang, the rhymes of today."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import cache

from glassbox.text.prosody import EITHER, LEVEL, OBLIQUE, RHYMES, Prosody, Tones

MINORITY = 0.1
"""A character is read in either tone if its rarer one stands in at least this share of its places."""


def tones(marked: Iterable[tuple[str, str]]) -> Tones:
    """Return each character's tone as it is marked most often in `marked`, pairs of a text and its tones."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for text, pattern in marked:
        for character, tone in zip(text, pattern, strict=True):
            counts[character][tone] += 1
    return Tones({character: _tone(count) for character, count in counts.items()})


def _tone(count: Counter[str]) -> str:
    total = count.total()
    level, oblique = count[LEVEL], count[OBLIQUE]
    if min(level, oblique) >= MINORITY * total or count[EITHER] > total / 2:
        return EITHER
    return LEVEL if level >= oblique else OBLIQUE


@cache
def rhymes_of(character: str) -> frozenset[int]:
    """Return the classes of RHYMES that the readings of `character` belong to."""
    from pypinyin import Style, pinyin  # a dictionary of all characters, which training needs not

    (finals,) = pinyin(character, style=Style.FINALS, heteronym=True, v_to_u=False, errors="ignore") or [[]]
    return frozenset(number for number, rhyme in enumerate(RHYMES) if set(rhyme) & set(finals))


def reading_of(character: str) -> str:
    """Return the most common reading of `character` in pinyin, "" if it has none."""
    from pypinyin import pinyin

    return next((reading for (reading,) in pinyin(character, errors="ignore")), "")


def prosody(tones: Tones, characters: Iterable[str]) -> Prosody:
    """Return `tones`, and the rhymes and readings of `characters`."""
    listed = list(characters)
    return Prosody(tones, {sign: rhymes_of(sign) for sign in listed}, {sign: reading_of(sign) for sign in listed})


def rhymes(lines: Sequence[str]) -> bool:
    """Return whether the second and the fourth line rhyme as they are read today: some rhymes of the Tang are lost."""
    ends = [line[-1] for line in lines if line]
    return bool(prosody(Tones({}), ends).rhyme(lines))
