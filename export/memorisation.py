"""How much of what a language model writes stands word for word in its training sentences, beside how much of unseen
sentences does; and the index by which the dashboard finds it.

All is sought among the n-grams of the sentences themselves; the index of their hashes is held to what that finds.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from export.run import Run
from export.sentences import Texts
from glassbox.intervals import NORMAL_QUANTILE
from glassbox.text import memorisation
from glassbox.text.memorisation import NgramIndex, characters_of
from glassbox.text.sampling import Sampling
from glassbox.text.writer import BOUNDARY, Writer
from glassbox.zoo import text_models

NGRAM = 12
"""Characters from which on a run counts."""
BITS = 16
"""One in 2 ** BITS of the n-grams that do not stand in the training sentences is found in the index."""
COUNT, LENGTH = 100, 400
"""How many texts are written at each setting, and the characters of each: a full sheet of the dashboard."""
QUICK_COUNT = 3
SETTINGS = ((0.2, 20), (0.8, 20), (1.0, None))
"""Temperatures and top-k. The second is what the dashboard begins with, the third writes as the model has learned."""
_GAP = "\0"  # nothing that is read or written has it, so that no passage runs on from one sentence to the next


@dataclass(frozen=True)
class Training:
    """Training sentences as they are: `text`, all with _GAP between them, and their `ngrams`."""

    text: str
    ngrams: frozenset[str]

    def found(self, characters: Sequence[str]) -> list[bool]:
        """Return for each n-gram of `characters`, by where it begins, whether it stands in the sentences."""
        return [ngram in self.ngrams for ngram in _ngrams(characters)]

    def longest(self, characters: Sequence[str]) -> int:
        """Return the length of the longest passage that stands as a whole in one place; 0 if none is an n-gram's."""
        longest = 0
        for start, known in enumerate(self.found(characters)):
            stop = start + max(NGRAM, longest + 1)
            while known and stop <= len(characters) and "".join(characters[start:stop]) in self.text:
                longest, stop = stop - start, stop + 1
        return longest


def training(texts: Sequence[str]) -> Training:
    """Return the sentences `texts` as they can be searched."""
    cut = [characters_of(text) for text in texts]
    ngrams = frozenset(ngram for characters in cut for ngram in _ngrams(characters))
    return Training(_GAP.join("".join(characters) for characters in cut), ngrams)


def measure(run: Run, name: str, texts: Texts) -> None:
    """Write the index of `texts`, which the model `name` of run.out learned from, and measure it into its card."""
    zoo = text_models.load(run.out)
    writer = Writer(zoo.model_bytes(name), zoo.writers[name])
    known, index = training(texts.train), memorisation.index(texts.train, NGRAM, BITS)
    count = QUICK_COUNT if run.quick else COUNT
    unseen, sampled = (
        held_out(texts.test, count),
        {setting: sample(writer, *setting, run.seed, count) for setting in SETTINGS},
    )
    file = index.to_bytes()
    (run.out / name / text_models.INDEX).write_bytes(file)
    path = run.out / name / "card.json"
    described = json.loads(path.read_text(encoding="utf-8"))
    described["memorisation"] = {
        "index": {
            "bytes": len(file),
            "sha256": hashlib.sha256(file).hexdigest(),
            "length": index.length,
            "ngrams": len(known.ngrams),
            "false_positive_rate": index.false_positive_rate,
            **checked(index, known, [text for texts in (unseen, *sampled.values()) for text in texts]),
        },
        "held_out": copied(known, unseen),
        "sampled": [
            {"temperature": temperature, "top_k": top_k, "seed": run.seed, **copied(known, written)}
            for (temperature, top_k), written in sampled.items()
        ],
    }
    print(name, described["memorisation"], flush=True)
    run.write_card(path, described)


def sample(writer: Writer, temperature: float, top_k: int | None, seed: int, count: int) -> list[list[str]]:
    """Return `count` texts of LENGTH characters that `writer` writes from nothing, with the seeds from `seed` on."""
    seeds = range(seed, seed + count)
    samplings = [Sampling(temperature, top_k, seed=each) for each in seeds]
    return [[one.character for one in writer.write("", LENGTH, sampling)] for sampling in samplings]


def held_out(texts: Sequence[str], count: int) -> list[list[str]]:
    """Return `count` pieces of LENGTH characters, evenly apart, of the sentences `texts` as a writer would write them,
    BOUNDARY behind each."""
    characters = [character for text in texts for character in (*characters_of(text), BOUNDARY)]
    pieces = len(characters) // LENGTH
    chosen = np.linspace(0, pieces, min(count, pieces), endpoint=False, dtype=int)
    return [characters[piece * LENGTH :][:LENGTH] for piece in chosen]


def copied(known: Training, texts: Sequence[Sequence[str]]) -> dict[str, object]:
    """Return the share of the characters of `texts`, all of one length, that lie in an n-gram of the training
    sentences, with its 95 % interval over the texts, and the longest passage."""
    shares = []
    for characters in texts:
        within = np.zeros(len(characters), bool)
        for start in np.flatnonzero(known.found(characters)):
            within[start : start + NGRAM] = True
        shares.append(within.mean())
    share = np.mean(shares)
    half = NORMAL_QUANTILE * np.std(shares, ddof=1) / np.sqrt(len(shares))
    return {
        "texts": len(texts),
        "characters": sum(map(len, texts)),
        "share": float(share),
        "low": float(max(0, share - half)),
        "high": float(min(1, share + half)),
        "longest": max(map(known.longest, texts)),
    }


def checked(index: NgramIndex, known: Training, texts: Sequence[Sequence[str]]) -> dict[str, int]:
    """Return how many n-grams of `texts` do not stand in the training sentences, and how many of these `index` finds.

    Raises ValueError if it does not find one that does stand there.
    """
    absent = wrong = 0
    for characters in texts:
        there, found = np.array(known.found(characters)), index.found(characters)
        if (there & ~found).any():
            raise ValueError("the index lacks an n-gram of the training sentences")
        absent, wrong = absent + int((~there).sum()), wrong + int((found & ~there).sum())
    return {"absent": absent, "false_positives": wrong}


def _ngrams(characters: Sequence[str]) -> list[str]:
    return ["".join(characters[start : start + NGRAM]) for start in range(len(characters) - NGRAM + 1)]
