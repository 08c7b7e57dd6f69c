"""What can be measured of a Chinese quatrain by its characters alone: form, tones and rhyme."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from glassbox.text.quatrains import FORMS, LINES

LEVEL, OBLIQUE, EITHER = "平", "仄", "○"
MINORITY = 0.1
"""A character is read in either tone if its rarer one stands in at least this share of its places."""


@dataclass(frozen=True)
class Tones:
    """The tone of each character, LEVEL, OBLIQUE or EITHER; what it lacks is EITHER."""

    of: dict[str, str]

    def pattern(self, line: str) -> str:
        """Return one tone a character of `line`."""
        return "".join(self.of.get(character, EITHER) for character in line)

    def regulated(self, lines: Sequence[str]) -> bool:
        """Return whether a quatrain may keep the rule of tones: in each line the second, fourth and sixth characters
        alternate, and in each couplet they stand opposite to those of the other line.

        This is the rule's core (二四六分明 and 对); how the couplets join (粘) and the ends of lines are left out.
        """
        tones = [self.pattern(line) for line in lines]
        within = all(_opposed(line[i], line[i + 2]) for line in tones for i in range(1, len(line) - 2, 2))
        across = (zip(tones[i][1:-1:2], tones[i + 1][1:-1:2], strict=True) for i in range(0, len(tones) - 1, 2))
        return within and all(_opposed(one, other) for couplet in across for one, other in couplet)


def _opposed(one: str, other: str) -> bool:
    return one == EITHER or other == EITHER or one != other


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


def has_form(lines: Sequence[str], form: str) -> bool:
    """Return whether `lines` are the four lines, each as long as all, of `form`."""
    return [len(line) for line in lines] == [FORMS[form]] * LINES


# --- Rhyme ------------------------------------------------------------------------------------------------------------

RHYMES = (
    ("a", "ia", "ua"),
    ("o", "e", "uo"),
    ("ie", "ve"),
    ("i", "v", "er"),
    ("u",),
    ("ai", "uai"),
    ("ei", "uei"),
    ("ao", "iao"),
    ("ou", "iou"),
    ("an", "ian", "uan", "van"),
    ("en", "in", "uen", "vn"),
    ("ang", "iang", "uang"),
    ("eng", "ing", "ueng", "ong", "iong"),
)
"""The finals of modern Chinese that rhyme, in the thirteen classes of the opera (十三辙), as pypinyin writes them."""


@cache
def rhymes_of(character: str) -> frozenset[int]:
    """Return the classes of RHYMES that the readings of `character` belong to."""
    from pypinyin import Style, pinyin  # a dictionary of all characters, which training needs not

    (finals,) = pinyin(character, style=Style.FINALS, heteronym=True, v_to_u=False, errors="ignore") or [[]]
    return frozenset(number for number, rhyme in enumerate(RHYMES) if set(rhyme) & set(finals))


def rhymes(lines: Sequence[str]) -> bool:
    """Return whether the second and the fourth line rhyme as they are read today: some rhymes of the Tang are lost."""
    return bool(rhymes_of(lines[1][-1]) & rhymes_of(lines[3][-1]))
