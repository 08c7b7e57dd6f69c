"""What is measured of the two networks on texts that they did not learn from, once for all visitors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from glassbox.engine.session import PROVIDERS
from glassbox.explain import carrying, head_circuits
from glassbox.explain.activation_patching import Moved, moved
from glassbox.explain.carrying import Digits
from glassbox.explain.head_circuits import Head, Texts
from glassbox.explain.heads import HeadScores, uniform_scores
from glassbox.explain.interventions import Intervention
from glassbox.explain.transformer_reader import TransformerReader
from glassbox.text import repetition, sums
from glassbox.ui.frame import transformers
from glassbox.ui.pages.circuit.state import SAMPLES
from glassbox.ui.server.while_used import while_used
from glassbox.zoo.transformer_models import TransformerCard

INDUCTION, ADDITION = "induction", "addition"
SEQUENCES = 64
"""Held-out sequences that the heads are measured on."""
SUMS, PAIRS = 512, 32
"""Held-out sums that the parts are measured on, and others whose carries are moved."""
IDLE = 0.01
"""The share of its accuracy that a network may lose without a head that does not matter."""
SPARED = 0.05
"""The share of the digits without carry that may go wrong without a part that does nothing but the carrying."""
LOOKS = 0.5
"""The induction score from which on a head is said to look where an induction head does."""


@dataclass(frozen=True)
class AtStep:
    """The network at one checkpoint: the share of the letters it foresees, of those that can be; its heads'
    scores, layer by layer, and the attention that they pay to their `own` letter."""

    accuracy: float
    scores: tuple[HeadScores, ...]
    own: tuple[NDArray[np.float64], ...]

    def score(self, name: str, head: Head) -> float:
        """Return a score of HeadScores of one head."""
        return float(getattr(self.scores[head[0]], name)[head[1]])


@dataclass(frozen=True)
class Heads:
    """The heads of the network `induction`, measured on held-out sequences: at each checkpoint; the `direct`
    attribution and the accuracy by the heads that are on, of the trained network; `uniform`: the scores of attention
    that is spread evenly; `letters`: how many were to be foreseen."""

    steps: tuple[AtStep, ...]
    direct: tuple[NDArray[np.float64], ...]
    by_heads: Mapping[tuple[Head, ...], float]
    uniform: HeadScores
    letters: int

    @cached_property
    def every(self) -> tuple[Head, ...]:
        """All heads."""
        return max(self.by_heads, key=len)

    @cached_property
    def previous(self) -> Head:
        """The head that looks most at the letter before."""
        return max(self.every, key=lambda head: self.steps[-1].score("previous_token", head))

    @cached_property
    def induction(self) -> Head:
        """The head that adds most to the right letter's logit."""
        return max(self.every, key=lambda head: self.direct[head[0]][head[1]])

    @cached_property
    def fewest(self) -> tuple[Head, ...]:
        """The fewest heads that are as good as all."""
        return head_circuits.fewest(self.by_heads, IDLE)

    @cached_property
    def idle(self) -> tuple[Head, ...]:
        """The heads that look where an induction head looks, and without which nothing is lost."""
        all_on = self.by_heads[self.every]
        return tuple(
            head
            for head in self.every
            if self.steps[-1].score("induction", head) >= LOOKS and self.without(head) >= all_on - IDLE
        )

    def others(self, *off: Head) -> tuple[Head, ...]:
        """Return the heads but some."""
        return tuple(head for head in self.every if head not in off)

    def without(self, *off: Head) -> float:
        """Return the accuracy without some heads."""
        return self.by_heads[self.others(*off)]


def ids(card: TransformerCard, symbols: str | tuple[str, ...]) -> list[int]:
    """Return the tokens of `symbols`."""
    return [card.vocabulary.index(symbol) for symbol in symbols]


@while_used(len(PROVIDERS))
def checkpoints(provider: str) -> list[TransformerReader]:
    """Return the network `induction` at each of its checkpoints, some 2 MB each. Raises DamagedFileError."""
    zoo = transformers.zoo()
    told = zoo.cards[INDUCTION].checkpoints
    return [TransformerReader(zoo.checkpoint(INDUCTION, checkpoint), provider) for checkpoint in told]


@st.cache_resource(max_entries=SAMPLES * len(PROVIDERS), show_spinner=False)
def heads(sample: int, provider: str) -> Heads:
    """Return what is measured on a sample of SEQUENCES held-out sequences. Raises DamagedFileError."""
    card = transformers.zoo().cards[INDUCTION]
    rng = np.random.default_rng((card.seed, 3, sample))  # 0 to 2 are the training's own: export/models/induction.py
    sequences, periods = repetition.random(rng, SEQUENCES, ids(card, repetition.LETTERS), held_out=True)
    texts = Texts(sequences, repetition.foreseeable(periods))
    readers = checkpoints(provider)
    last = readers[-1]
    return Heads(
        steps=tuple(
            AtStep(
                accuracy=head_circuits.accuracy(reader, texts),
                scores=head_circuits.scores(reader, texts),
                own=head_circuits.own_token(reader, texts),
            )
            for reader in readers
        ),
        direct=head_circuits.direct_attribution(last, texts),
        by_heads=head_circuits.accuracy_by_heads(last, texts),
        uniform=uniform_scores(texts.read),
        letters=int(texts.counted.sum()),
    )


@st.cache_resource(max_entries=1, show_spinner=False)
def held_out_sums(seed: int) -> NDArray[np.int64]:
    """Return SUMS + PAIRS pairs of numbers whose sums the network `addition` has not learned, (n, 2)."""
    return sums.split(seed)[0][: SUMS + PAIRS].copy()


@st.cache_resource(max_entries=len(PROVIDERS), show_spinner=False)
def digits(provider: str) -> list[Digits]:
    """Return what becomes of the digits of SUMS held-out sums without each part of the network `addition`."""
    card = transformers.zoo().cards[ADDITION]
    a, b = held_out_sums(card.seed)[:SUMS].T
    return carrying.digits(transformers.reader(ADDITION, provider), a, b, ids(card, sums.SYMBOLS))


@st.cache_resource(max_entries=sums.DIGITS * len(PROVIDERS), show_spinner=False)
def patched_on_average(place: int, provider: str) -> list[Moved]:
    """Return the mean of what each part moves at a place of PAIRS held-out sums."""
    card = transformers.zoo().cards[ADDITION]
    pairs = held_out_sums(card.seed)[SUMS:].tolist()
    every = [patched(a, b, place, provider) for a, b in pairs]
    return [replace(rows[0], shares=np.mean([row.shares for row in rows], axis=0)) for rows in zip(*every, strict=True)]


def patched(a: int, b: int, place: int, provider: str) -> list[Moved]:
    """Return what each part moves of the digit at `place` of the sum of `a` and `b`, taken over from the sum that
    differs from it in the carry alone."""
    card = transformers.zoo().cards[ADDITION]
    first, second = zip((a, b), sums.with_other_carry(a, b, place), strict=True)
    text, other = sums.encoded(np.array(first), np.array(second), ids(card, sums.SYMBOLS))
    asked = sums.ASKED + place
    reader = transformers.reader(ADDITION, provider)
    return moved(reader, text[:asked], other[:asked], int(text[asked]), int(other[asked]))


def attention(a: int, b: int, provider: str) -> NDArray[np.float32]:
    """Return the heads' patterns on the sum of `a` and `b`, (heads, T, T)."""
    reader = transformers.reader(ADDITION, provider)
    tokens = sums.encoded(np.array([a]), np.array([b]), ids(transformers.zoo().cards[ADDITION], sums.SYMBOLS))
    name = reader.parts.layers[0].attention.weights
    patterns: NDArray[np.float32] = reader.read_texts(tokens[:, :-1], {}, [name])[name][0]
    return patterns


def written(a: int, b: int, provider: str, off: Sequence[Intervention | None] = (None,)) -> list[list[str]]:
    """Return what the network writes as the sum of `a` and `b` while each of the parts `off` is off, or none, (off,
    digits): from the ones on, each symbol read again before the next."""
    reader, card = transformers.reader(ADDITION, provider), transformers.zoo().cards[ADDITION]
    asked = sums.encoded(np.array([a]), np.array([b]), ids(card, sums.SYMBOLS))[:, : sums.ASKED]
    tokens = np.repeat(asked, len(off), axis=0)
    patches = reader.patched.feeds([[part] if part else [] for part in off])
    for _ in range(sums.DIGITS + 1):
        logits = reader.read_texts(tokens, patches, [reader.parts.logits])[reader.parts.logits]
        tokens = np.append(tokens, logits[:, -1].argmax(axis=1)[:, None], axis=1)
    symbols = [[card.vocabulary[token] for token in row] for row in tokens[:, sums.ASKED :].tolist()]
    return [[symbol if symbol in sums.SYMBOLS else "·" for symbol in row] for row in symbols]
