"""What can be told of a Chinese quatrain by its characters alone: form, tones and rhyme.

The tones (平仄) are those of the Tang, as they are marked in poems; the rhymes are those of today.
"""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from glassbox.text.quatrains import FORMS, LINES

LEVEL, OBLIQUE, EITHER = "平", "仄", "○"
_TONES = ("", LEVEL, OBLIQUE, EITHER)
"""By their numbers in the file; "" where nobody marked one."""
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
RHYMING = (1, 3)
"""The lines, from 0, whose last characters are to rhyme."""


class Place(NamedTuple):
    """A character of a poem: its line and its place there, from 0."""

    line: int
    place: int


@dataclass(frozen=True)
class Tones:
    """The tone of each character, LEVEL, OBLIQUE or EITHER; what it lacks may be either."""

    of: Mapping[str, str]

    def pattern(self, line: str) -> str:
        """Return one tone a character of `line`."""
        return "".join(self.of.get(character, EITHER) for character in line)

    def broken(self, lines: Sequence[str]) -> Iterator[tuple[Place, Place]]:
        """Yield the pairs of places whose tones have to be opposed and are not: in each line the second, fourth and
        sixth characters alternate, and in each couplet they stand opposite to those of the other line.

        This is the rule's core (二四六分明 and 对); how the couplets join (粘) and the ends of lines are left out.
        """
        for one, other in opposed(lines):
            first, second = (self.pattern(lines[at.line][at.place]) for at in (one, other))
            if first == second != EITHER:
                yield one, other

    def regulated(self, lines: Sequence[str]) -> bool:
        """Return whether a quatrain may keep the rule of tones."""
        return next(self.broken(lines), None) is None


def opposed(lines: Sequence[str]) -> Iterator[tuple[Place, Place]]:
    """Yield the pairs of places whose tones the rule wants opposed, the first before the second."""
    for number, line in enumerate(lines):
        for one, other in pairwise(ruled(line)):
            yield Place(number, one), Place(number, other)
        if number % 2:
            for place in ruled(lines[number - 1]):
                if place in ruled(line):
                    yield Place(number - 1, place), Place(number, place)


def ruled(line: str) -> range:
    """Return the places of `line` whose tones the rule looks at: the second, fourth and sixth, but no line's last."""
    return range(1, len(line) - 1, 2)


def has_form(lines: Sequence[str], form: str) -> bool:
    """Return whether `lines` are the four lines, each as long as all, of `form`."""
    return [len(line) for line in lines] == [FORMS[form]] * LINES


@dataclass(frozen=True)
class Prosody:
    """The tones of characters, the numbers of the classes of RHYMES that each one's readings belong to, and the most
    common of these in pinyin ("yuè"), as it is read today."""

    tones: Tones
    rhymes: Mapping[str, frozenset[int]]
    readings: Mapping[str, str] = field(default_factory=dict)

    def rhyme(self, lines: Sequence[str]) -> frozenset[int]:
        """Return the classes in which the second and the fourth line rhyme as they are read today, none if they do
        not: some rhymes of the Tang are lost, and a character that is repeated is no rhyme."""
        ends = [lines[number][-1:] for number in RHYMING]
        first, second = (self.rhymes.get(end, frozenset()) for end in ends)
        return first & second if ends[0] != ends[1] else frozenset()

    def to_bytes(self, vocabulary: Sequence[str]) -> bytes:
        """Return the file that `from_bytes` reads: an .npz of each entry's tone, uint8, rhymes, a bit each in
        uint16, and reading."""
        file = io.BytesIO()
        np.savez_compressed(
            file,
            tones=np.array([_TONES.index(self.tones.of.get(entry, "")) for entry in vocabulary], np.uint8),
            rhymes=np.array([sum(1 << n for n in self.rhymes.get(entry, ())) for entry in vocabulary], np.uint16),
            readings=np.array([self.readings.get(entry, "") for entry in vocabulary]),
        )
        return file.getvalue()


def from_bytes(file: bytes, vocabulary: Sequence[str]) -> Prosody:
    """Return what is told of the entries of `vocabulary` in a file that `Prosody.to_bytes` made; a damaged one raises
    some exception or other."""
    with np.load(io.BytesIO(file), allow_pickle=False) as held:
        tones = zip(vocabulary, held["tones"].tolist(), strict=True)
        rhymes = zip(vocabulary, held["rhymes"].tolist(), strict=True)
        readings = zip(vocabulary, held["readings"].tolist(), strict=True)
        return Prosody(
            Tones({entry: _TONES[tone] for entry, tone in tones if tone}),
            {entry: frozenset(n for n in range(len(RHYMES)) if bits >> n & 1) for entry, bits in rhymes if bits},
            {entry: reading for entry, reading in readings if reading},
        )
