"""Texts unlike those that the text networks learn from, by kind: to choose their familiarity checks by, and others, by
which nothing is chosen, to measure these by.

What was written for it is in strange_texts.toml; the rest is from the sets of sentences, and made up of characters.
"""

import csv
import gzip
import io
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from export.sentences import Corpus

CHOOSING = {
    "topic": ("quatrains", "reviews", "characters", "numbers"),
    "sentiment": ("requests", "letters", "numbers", "shuffled"),
    "scenario": ("reviews", "letters", "numbers", "shuffled"),
}
"""By task, the kinds that the check is chosen by."""
MEASURED = {
    "topic": ("market_zh", "restaurants", "code", "languages", "requests", "shakespeare"),
    "sentiment": ("market_en", "code", "languages", "shakespeare"),
    "scenario": ("market_en", "code", "languages", "shakespeare"),
}
"""By task, the kinds that the check is measured by."""
COUNT = 500
"""Texts of a kind at most."""
SHORTEST, LONGEST = 6, 60
"""Characters of a text that is made up; no line of a play is shorter, and a review is cut to twice as many at most."""
_QUATRAINS = "zh_quatrains/quatrains.tsv.gz"
_PLAYS = "en_shakespeare/input.txt.gz"
_RESTAURANTS = "zh_asap_sample/{}_sample.csv"

Corpora = Mapping[str, Corpus]


def choosing(task: str, corpora: Corpora, folder: Path | None, seed: int) -> dict[str, list[str]]:
    """Return the texts of CHOOSING[task] by kind; without a `folder`, those whose set has no public file are left out.
    Sentences of other tasks are from their validation part."""
    return _sets(CHOOSING[task], task, corpora, folder, seed, "validation")


def measured(task: str, corpora: Corpora, folder: Path | None, seed: int) -> dict[str, list[str]]:
    """Return the texts of MEASURED[task] likewise; sentences of other tasks are from their test part."""
    return _sets(MEASURED[task], task, corpora, folder, seed, "test")


def _sets(
    kinds: Sequence[str], task: str, corpora: Corpora, folder: Path | None, seed: int, split: str
) -> dict[str, list[str]]:
    rng = np.random.default_rng(seed)
    own: Sequence[str] = corpora[task].validation.texts
    han = sorted({sign for text in own for sign in text if "\u4e00" <= sign <= "\u9fff"})
    makers: dict[str, Callable[[], Sequence[str]]] = {
        "reviews": lambda: getattr(corpora["sentiment"], split).texts,
        "requests": lambda: getattr(corpora["scenario"], split).texts,
        "characters": lambda: _made_up(han, rng),
        "letters": lambda: _made_up([*"abcdefghijklmnopqrstuvwxyz", *" " * 5], rng),
        "numbers": lambda: _made_up([*"0123456789", *" .,-"], rng),
        "shuffled": lambda: ["".join(rng.permutation(list(text))) for text in own],
    }
    if folder:
        makers |= {
            "quatrains": lambda: _quatrains(folder / _QUATRAINS),
            "shakespeare": lambda: _lines(folder / _PLAYS),
            "restaurants": lambda: _restaurants(folder),
        }
    written = tomllib.loads((Path(__file__).parent / "strange_texts.toml").read_text(encoding="utf-8"))
    makers |= {kind: lambda kind=kind: written[kind] for kind in written}
    return {kind: _some(makers[kind](), rng) for kind in kinds if kind in makers}


def _some(texts: Sequence[str], rng: np.random.Generator) -> list[str]:
    chosen = rng.choice(len(texts), min(COUNT, len(texts)), replace=False)
    return [texts[i] for i in sorted(chosen)]


def _made_up(signs: Sequence[str], rng: np.random.Generator) -> list[str]:
    return ["".join(rng.choice(signs, rng.integers(SHORTEST, LONGEST + 1))) for _ in range(COUNT)]


def _quatrains(path: Path) -> list[str]:
    table = csv.DictReader(io.StringIO(_unpacked(path)), dialect="excel-tab")
    return [row["lines"].replace("/", "，") + "。" for row in table]


def _lines(path: Path) -> list[str]:
    return [line.strip() for line in _unpacked(path).split("\n") if len(line.strip()) > SHORTEST]


def _restaurants(folder: Path) -> list[str]:
    texts = []
    for part in ("train", "dev", "test"):
        with (folder / _RESTAURANTS.format(part)).open(encoding="utf-8-sig", newline="") as file:
            texts += [row["reviewbody"][: 2 * LONGEST] for row in csv.DictReader(file)]
    return texts


def _unpacked(path: Path) -> str:
    return gzip.decompress(path.read_bytes()).decode("utf-8")
