"""How much of what the models write stands in their training texts: written into their cards, without Keras."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from export import memorisation, quatrains, sentences, shakespeare
from export.memorisation import Lengths
from export.quatrains import Poem
from export.run import Run
from export.sentences import Texts
from glassbox.text.plays import PlayWriter
from glassbox.text.poet import Poet, Request
from glassbox.text.quatrains import END, RULES, Asked
from glassbox.text.sampling import Sampling
from glassbox.text.transformer import CachedTransformer
from glassbox.text.writer import Writer
from glassbox.zoo import folder, text_models, transformer_models
from glassbox.zoo.transformer_models import TransformerZoo

TEXTS: dict[str, Callable[[Path | None], Texts]] = {"char_zh": sentences.chinese, "char_en": sentences.english}
"""The sentences that each learned from."""
POEMS, QUICK_POEMS = 500, 20
"""Held-out poems, and as many that are written with the same asked for at each setting."""
OF_POEMS = Lengths(run=quatrains.RUN, ngram=quatrains.RUN - 1, bits=6)
"""Of 1.9 million n-grams, so that the file has less than 2 MB: by chance one is found of 64, two in a row of 4,096."""


def main(run: Run) -> None:
    """Measure every model of run.out that writes."""
    for name in folder.names("writing", folder=run.out):
        measure_sentences(run, name, run.some(TEXTS[name](run.text)))
    for name, card in transformer_models.load(run.out).cards.items():
        if (card.architecture, card.task) == ("transformer", "quatrains"):
            _quatrains(run, name)
        elif (card.architecture, card.task) == ("transformer", "plays"):
            _plays(run, name)


def measure_sentences(run: Run, name: str, texts: Texts) -> None:
    """Measure the recurrent network `name` of run.out, which writes sentences and learned from `texts`."""
    zoo = text_models.load(run.out)
    _writer(run, name, Writer(zoo.model_bytes(name), zoo.writers[name]), texts.train, texts.test)


def _plays(run: Run, name: str) -> None:
    zoo, plays = transformer_models.load(run.out), shakespeare.load(run.text)
    train, test = ("".join(plays.vocabulary[i] for i in part).split(END) for part in (plays.train, plays.test))
    _writer(run, name, PlayWriter(_cached(zoo, name), zoo.cards[name]), train, test)


def _writer(run: Run, name: str, writer: memorisation.WritesOn, train: Sequence[str], test: Sequence[str]) -> None:
    count = memorisation.QUICK_COUNT if run.quick else memorisation.COUNT

    def sample(temperature: float, top_k: int | None) -> memorisation.Characters:
        return memorisation.sample(writer, temperature, top_k, run.seed, count)

    memorisation.measure(run, name, train, memorisation.held_out(test, count), sample)


def _quatrains(run: Run, name: str) -> None:
    zoo, read = transformer_models.load(run.out), quatrains.load(run.text)
    poet, tones = Poet(_cached(zoo, name), zoo.cards[name]), read.tones
    count = min(QUICK_POEMS if run.quick else POEMS, len(read.test))
    unseen = [read.test[i] for i in np.linspace(0, len(read.test), count, endpoint=False, dtype=int)]

    def like(poem: Poem) -> Request:
        return Request(Asked(poem.form, poem.dynasty, RULES[not tones.regulated(poem.lines)]))

    def sample(temperature: float, top_k: int | None) -> memorisation.Characters:
        samplings = [Sampling(temperature, top_k, seed=run.seed + number) for number in range(count)]
        written = [poet.write(like(poem), sampling) for poem, sampling in zip(unseen, samplings, strict=True)]
        return [[one.character for one in poem if one.character != END] for poem in written]

    memorisation.measure(
        run, name, [poem.text for poem in read.train], [list(poem.text) for poem in unseen], sample, OF_POEMS
    )


def _cached(zoo: TransformerZoo, name: str) -> CachedTransformer:
    return CachedTransformer(zoo.model_bytes(name), zoo.cards[name].context)
