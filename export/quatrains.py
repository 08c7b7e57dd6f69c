"""Classical Chinese quatrains (绝句) of the Tang and the Song: read, split, and written as ids.

A poem is five tokens that ask for it, then its characters, a line end after each line:

    form, dynasty, rule, theme, theme, 床 前 明 月 光 \\n ... \\n

`theme` is two neighbouring characters of the title, or twice ANY: so that characters stand at the same places with a
theme as without one.
"""

import csv
import gzip
import io
import itertools
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from export import poems
from glassbox.text import quatrains
from glassbox.text.prosody import Tones
from glassbox.text.quatrains import ASKED, END, FORMS, FRONT, LINES, RULES, Asked
from glassbox.text.tokens import PADDING, UNKNOWN, Vocabulary

CONTEXT = FRONT + LINES * (max(FORMS.values()) + 1) - 1
"""Tokens that are read to write the longest poem, whose last line end is written but never read."""
RAREST = 16
"""How often a character must stand in the training poems to be in the vocabulary."""
THEMED = 0.5
"""Share of the training poems that are read with a theme."""
VALIDATION, TEST = 0.01, 0.03
"""Shares of the poems held out: to watch the training by, and to measure what was trained."""
RUN = 8
"""Characters from which on a run that stands in a training poem counts as copied."""

SOURCE = "https://github.com/chinese-poetry/chinese-poetry"
LICENCE = "poems in the public domain; collection MIT, (c) 2016 JackeyGao"
NAME = "99,247 quatrains of chinese-poetry (全唐诗 and 全宋诗)"


@dataclass(frozen=True)
class Poem:
    """One quatrain; `tones` is as long as the characters of all lines, or empty where nobody marked them."""

    dynasty: str
    form: str
    title: str
    lines: tuple[str, ...]
    tones: str = ""

    @property
    def text(self) -> str:
        """All characters of the lines."""
        return "".join(self.lines)

    @cached_property
    def themes(self) -> tuple[str, ...]:
        """Neighbouring characters of the title's words: those of which one stands in the poem, or else all."""
        pairs = [word[i : i + 2] for word in self.title.split() for i in range(len(word) - 1)]
        return tuple(pair for pair in pairs if set(pair) & set(self.text)) or tuple(pairs)


@dataclass(frozen=True)
class Quatrains:
    """Poems in splits; those that share two lines or more, directly or through others, are in one split."""

    train: tuple[Poem, ...]
    validation: tuple[Poem, ...]
    test: tuple[Poem, ...]

    @cached_property
    def tones(self) -> Tones:
        """The tone of each character, from the marks of the training poems."""
        return poems.tones((poem.text, poem.tones) for poem in self.train if poem.tones)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The line end, the words that ask for a poem, and the training poems' characters, commonest first."""
        counts = Counter(character for poem in self.train for character in poem.text)
        kept = sorted((c for c, n in counts.items() if n >= RAREST), key=lambda c: (-counts[c], c))
        return Vocabulary("character", ("<padding>", "<unknown>", END, *ASKED, *kept))


def load(folder: Path | None) -> Quatrains:
    """Return the quatrains of `folder`/zh_quatrains/quatrains.tsv.gz, or the same downloaded, in their splits."""
    if folder is None:
        from export import quatrain_source

        return split(quatrain_source.download())
    return split(read(folder / "zh_quatrains" / "quatrains.tsv.gz"))


def read(path: Path) -> list[Poem]:
    """Return the poems of a table with the columns dynasty, form, title, lines (parted by /) and tones, as lines."""
    table = io.StringIO(gzip.decompress(path.read_bytes()).decode("utf-8"))
    rows = csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE)
    return [
        Poem(r["dynasty"], r["form"], r["title"], tuple(r["lines"].split("/")), r["tones"].replace("/", ""))
        for r in rows
    ]


def split(read: Sequence[Poem]) -> Quatrains:
    """Return `read` in splits of VALIDATION, TEST and the rest, the same in each run."""
    parts: dict[str, list[Poem]] = {"train": [], "validation": [], "test": []}
    for poem, family in zip(read, families(read), strict=True):
        chance = zlib.crc32(family.encode()) / 2**32
        part = "test" if chance < TEST else "validation" if chance < TEST + VALIDATION else "train"
        parts[part].append(poem)
    return Quatrains(*map(tuple, parts.values()))


def families(read: Sequence[Poem]) -> list[str]:
    """Return the text of each poem's family's first poem: poems that share two lines are of one family."""
    leader = list(range(len(read)))

    def first(i: int) -> int:
        while leader[i] != i:
            leader[i] = i = leader[leader[i]]
        return i

    seen: dict[tuple[str, str], int] = {}
    for i, poem in enumerate(read):
        for pair in itertools.combinations(sorted(set(poem.lines)), 2):
            one, other = sorted((first(seen.setdefault(pair, i)), first(i)))
            leader[other] = one
    return [read[first(i)].text for i in range(len(read))]


def front(words: Vocabulary, form: str, dynasty: str, rule: str, theme: str = "") -> list[int]:
    """Return the FRONT ids that ask for a poem; `theme` is two characters or none."""
    return [words.id(word) for word in quatrains.front(Asked(form, dynasty, rule, theme))]


def encode(poem: Poem, words: Vocabulary, tones: Tones, theme: str = "") -> list[int]:
    """Return the ids of what asks for `poem` and of the poem, its last line end included."""
    rule = RULES[0] if tones.regulated(poem.lines) else RULES[1]
    asked = front(words, poem.form, poem.dynasty, rule, theme)
    return asked + [words.id(character) for line in poem.lines for character in (*line, END)]


@dataclass(frozen=True)
class Encoded:
    """Poems as ids without themes, int64 (n, CONTEXT + 1), PADDING after each end, and each one's themes, int64
    (m, 2)."""

    ids: NDArray[np.int64]
    themes: tuple[NDArray[np.int64], ...]

    def batch(self, step: int, size: int, seed: int) -> NDArray[np.int64]:
        """Return the `size` poems that training reads at `step`, (size, CONTEXT + 1): each pass takes all in another
        order, and THEMED of them with one of their themes. It depends on nothing but the arguments."""
        turns, places = np.divmod(np.arange(step * size, (step + 1) * size), len(self.ids))
        chosen = [_order(len(self.ids), int(turn), seed)[place] for turn, place in zip(turns, places, strict=True)]
        ids = self.ids[chosen]
        rng = np.random.default_rng((seed, 1, step))
        for row, poem in zip(ids, chosen, strict=True):
            themes = self.themes[poem]
            if rng.random() < THEMED and len(themes):
                row[FRONT - 2 : FRONT] = themes[rng.integers(len(themes))]
        return ids


@lru_cache(maxsize=2)  # a batch may begin in one pass and end in the next
def _order(count: int, turn: int, seed: int) -> NDArray[np.int64]:
    return np.random.default_rng((seed, 0, turn)).permutation(count)


def encoded(read: Sequence[Poem], words: Vocabulary, tones: Tones) -> Encoded:
    """Return `read` as ids."""
    ids = np.full((len(read), CONTEXT + 1), PADDING, np.int64)
    for row, poem in zip(ids, read, strict=True):
        tokens = encode(poem, words, tones)
        row[: len(tokens)] = tokens
    return Encoded(ids, tuple(_themes(poem, words) for poem in read))


def _themes(poem: Poem, words: Vocabulary) -> NDArray[np.int64]:
    """Return the poem's themes of known characters, (m, 2)."""
    pairs = [[words.id(character) for character in theme] for theme in poem.themes]
    return np.array([pair for pair in pairs if UNKNOWN not in pair], np.int64).reshape(-1, 2)
