"""How much of what a language model writes stands word for word in its training texts, beside how much of unseen
texts does; and the index by which the dashboard finds it.

All is sought among the runs of the texts themselves; the index of their hashes is held to what that finds.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from export.run import Run
from glassbox.intervals import NORMAL_QUANTILE
from glassbox.text import memorisation
from glassbox.text.memorisation import NgramIndex, characters_of
from glassbox.text.sampling import Sampling, WrittenCharacter
from glassbox.text.writer import BOUNDARY
from glassbox.zoo import text_models

NGRAM = 12
"""Characters from which on a run counts."""
BITS = 16
"""One in 2 ** BITS of the n-grams that do not stand in the training texts is found in the index."""
COUNT, LENGTH = 100, 400
"""How many texts are written at each setting, and the characters of each: a full sheet of the dashboard."""
QUICK_COUNT = 3
SETTINGS = ((0.2, 20), (0.8, 20), (1.0, None))
"""Temperatures and top-k. The second is what the dashboard begins with, the third writes as the model has learned."""
_GAP = "\0"  # nothing that is read or written has it, so that no passage runs on from one text to the next

Characters = Sequence[Sequence[str]]
"""Texts, each as its characters."""


@dataclass(frozen=True)
class Lengths:
    """Runs of `run` characters or more count; the index holds n-grams of `ngram`, with `bits` a false positive rate of
    2 ** -bits. If `ngram` is shorter than `run`, several in a row have to be found."""

    run: int = NGRAM
    ngram: int = NGRAM
    bits: int = BITS


OF_SENTENCES = Lengths()


@dataclass(frozen=True)
class Training:
    """Training texts as they are: `text`, all with _GAP between them, and their runs of `length` characters."""

    text: str
    length: int
    runs: frozenset[str]

    def found(self, characters: Sequence[str]) -> list[bool]:
        """Return for each run of `length` characters, by where it begins, whether it stands in the texts."""
        return [run in self.runs for run in _ngrams(characters, self.length)]

    def longest(self, characters: Sequence[str]) -> int:
        """Return the length of the longest passage that stands as a whole in one place; 0 if none has `length`."""
        longest = 0
        for start, known in enumerate(self.found(characters)):
            stop = start + max(self.length, longest + 1)
            while known and stop <= len(characters) and "".join(characters[start:stop]) in self.text:
                longest, stop = stop - start, stop + 1
        return longest


def training(texts: Sequence[str], length: int = NGRAM) -> Training:
    """Return `texts` as they can be searched for runs of `length` characters."""
    cut = [characters_of(text) for text in texts]
    runs = frozenset(run for characters in cut for run in _ngrams(characters, length))
    return Training(_GAP.join("".join(characters) for characters in cut), length, runs)


def measure(
    run: Run,
    name: str,
    train: Sequence[str],
    unseen: Characters,
    sample: Callable[[float, int | None], Characters],
    lengths: Lengths = OF_SENTENCES,
) -> None:
    """Write the index of the texts `train`, which the model `name` of run.out learned from, and tell of it in its card,
    with how much of `unseen` texts stands there, and of those that `sample` gives at a temperature and a top-k."""
    index = memorisation.index(train, lengths.ngram, lengths.bits)
    known = training(train, lengths.run)
    ngrams = known if lengths.ngram == lengths.run else training(train, lengths.ngram)
    sampled = {setting: sample(*setting) for setting in SETTINGS}
    told = run.write_beside(name, text_models.INDEX, index.to_bytes()) | {
        "length": index.length,
        "run": lengths.run,
        "ngrams": len(ngrams.runs),
        "false_positive_rate": index.false_positive_rate,
        **checked(index, ngrams, [text for texts in (unseen, *sampled.values()) for text in texts]),
    }
    measured = {
        "index": told,
        "held_out": copied(known, unseen),
        "sampled": [
            {"temperature": temperature, "top_k": top_k, "seed": run.seed, **copied(known, written)}
            for (temperature, top_k), written in sampled.items()
        ],
    }
    run.tell(name, "memorisation", measured)


class WritesOn(Protocol):
    """What writes `length` characters on from a prompt."""

    def write(self, prompt: str, length: int, sampling: Sampling) -> Sequence[WrittenCharacter]: ...


def sample(writer: WritesOn, temperature: float, top_k: int | None, seed: int, count: int) -> list[list[str]]:
    """Return `count` texts of LENGTH characters that `writer` writes from nothing, with the seeds from `seed` on."""
    seeds = range(seed, seed + count)
    samplings = [Sampling(temperature, top_k, seed=each) for each in seeds]
    return [[one.character for one in writer.write("", LENGTH, sampling)] for sampling in samplings]


def held_out(texts: Sequence[str], count: int) -> list[list[str]]:
    """Return `count` pieces of LENGTH characters, evenly apart, of `texts` as a writer would write them, BOUNDARY
    behind each."""
    characters = [character for text in texts for character in (*characters_of(text), BOUNDARY)]
    pieces = len(characters) // LENGTH
    chosen = np.linspace(0, pieces, min(count, pieces), endpoint=False, dtype=int)
    return [characters[piece * LENGTH :][:LENGTH] for piece in chosen]


def copied(known: Training, texts: Characters) -> dict[str, object]:
    """Return the share of the characters of `texts` that lie in runs of the training texts, with its 95 % interval over
    the texts, and the longest passage.

    The interval is that of a ratio of two means. Cochran, "Sampling Techniques", 3rd edition, 1977, chapter 6
    """
    inside = []
    for characters in texts:
        within = np.zeros(len(characters), bool)
        for start in np.flatnonzero(known.found(characters)):
            within[start : start + known.length] = True
        inside.append(within.sum())
    lengths = np.array([len(characters) for characters in texts])
    share = np.sum(inside) / lengths.sum()
    deviation = np.sqrt(np.sum((np.array(inside) - share * lengths) ** 2) / (len(texts) - 1))
    half = NORMAL_QUANTILE * deviation / (lengths.mean() * np.sqrt(len(texts)))
    return {
        "texts": len(texts),
        "characters": int(lengths.sum()),
        "share": float(share),
        "low": float(max(0, share - half)),
        "high": float(min(1, share + half)),
        "longest": max(map(known.longest, texts)),
    }


def checked(index: NgramIndex, known: Training, texts: Characters) -> dict[str, int]:
    """Return how many n-grams of `texts` do not stand in the training texts, and how many of these `index` finds.

    Raises ValueError if it does not find one that does stand there.
    """
    absent = wrong = 0
    for characters in texts:
        there, found = np.array(known.found(characters), bool), index.found(characters)
        if (there & ~found).any():
            raise ValueError("the index lacks an n-gram of the training texts")
        absent, wrong = absent + int((~there).sum()), wrong + int((found & ~there).sum())
    return {"absent": absent, "false_positives": wrong}


def _ngrams(characters: Sequence[str], length: int) -> list[str]:
    return ["".join(characters[start : start + length]) for start in range(len(characters) - length + 1)]
