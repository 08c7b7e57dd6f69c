"""Texts that activate the same hidden units, by which to see what these units stand for.

Someone marks a span of a text. The units that are strongly active all through it, on the same side of zero, are the
pattern; then in every other text the span of that length is found in which most of them are active again.
Strobelt et al., "LSTMVis", https://arxiv.org/abs/1606.07461; here with the sign, as a tanh unit has two sides.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glassbox.text.reader import TextReader
from glassbox.text.tokens import TextError, Token, normalise

MAX_TEXTS = 2_000
MAX_TOKENS = 100_000
"""What all texts together may have: as half-precision states of 2 x 128 units they take 51 MB."""
THRESHOLD = 0.4


@dataclass(frozen=True)
class Match:
    """The span of tokens from `first` to `last` in the text `index` of a corpus: `share` of the pattern's units are
    active in it, averaged over its tokens."""

    index: int
    first: int
    last: int
    share: float


@dataclass(frozen=True)
class Corpus:
    """Texts with the states of one model. `rows`: the index of each in what was given; `left_out`, by that index: the
    code of its TextError, or "limit" for what came after MAX_TEXTS or would have taken more than MAX_TOKENS."""

    model: str
    texts: tuple[str, ...]
    tokens: tuple[tuple[Token, ...], ...]
    rows: tuple[int, ...]
    left_out: dict[int, str]
    _states: NDArray[np.float16]
    _ends: NDArray[np.int64]

    def nearest(self, pattern: NDArray[np.int8], length: int, threshold: float, count: int) -> tuple[Match, ...]:
        """Return the `count` texts with the best span of `length` tokens (the whole text if it is shorter), best first.

        `pattern` as `active_pattern` returns it. Of equally good texts the first comes first. No text matches an empty
        pattern.
        """
        chosen = np.flatnonzero(pattern)
        if not chosen.size:
            return ()
        signed = self._states[:, chosen] * pattern[chosen]
        active = np.concatenate([[0], np.cumsum((signed >= threshold).sum(1))])  # integers, so that equals are equal
        found = []
        for index, (start, end) in enumerate(zip([0, *self._ends[:-1]], self._ends, strict=True)):
            width = min(length, int(end - start))
            sums = active[start + width : end + 1] - active[start : end + 1 - width]
            best = int(sums.argmax())
            share = int(sums[best]) / (width * chosen.size)
            found.append(Match(index, first=best, last=best + width - 1, share=share))
        return tuple(sorted(found, key=lambda match: -match.share)[:count])


def corpus(reader: TextReader, model: str, texts: Sequence[str]) -> Corpus:
    """Read `texts` with the classifier `model`; texts that can't be read are left out.

    Raises ValueError for a name that is no model's, or if no text is left.
    """
    vocabulary = reader.vocabulary(model)
    kept: list[tuple[int, tuple[Token, ...]]] = []
    left_out: dict[int, str] = {}
    total = 0
    for index, text in enumerate(texts):
        if len(kept) == MAX_TEXTS:
            left_out[index] = "limit"
            continue
        try:
            tokens = vocabulary.encode(text)
        except TextError as error:
            left_out[index] = error.code
            continue
        if total + len(tokens) > MAX_TOKENS:
            left_out[index] = "limit"
            continue
        total += len(tokens)
        kept.append((index, tokens))
    if not kept:
        raise ValueError("not one of these texts can be read")
    states = reader.network(model).all_states([[token.id for token in tokens] for _, tokens in kept])
    return Corpus(
        model=model,
        texts=tuple(normalise(texts[index]) for index, _ in kept),
        tokens=tuple(tokens for _, tokens in kept),
        rows=tuple(index for index, _ in kept),
        left_out=left_out,
        _states=np.concatenate([part.astype(np.float16) for part in states]),
        _ends=np.cumsum([len(part) for part in states]),
    )


def active_pattern(
    states: NDArray[np.floating], first: int, last: int, threshold: float = THRESHOLD, alone: bool = False
) -> NDArray[np.int8]:
    """Return the pattern (units,) of the tokens `first` to `last` of `states` (T, units): 1 for a unit that is at least
    `threshold` at all of them, -1 for one that is at most -`threshold`, 0 for the others.

    With `alone`, units that are active just before or just after the span, too, don't count. Raises ValueError for a
    span outside the text or a threshold that is not above 0.
    """
    if not 0 <= first <= last < len(states):
        raise ValueError(f"the text has no tokens {first} to {last}; it has {len(states)}")
    if not threshold > 0:
        raise ValueError(f"the threshold is above 0, not {threshold}")
    sides = np.where(states >= threshold, 1, np.where(states <= -threshold, -1, 0)).astype(np.int8)
    span = sides[first : last + 1]
    pattern = np.where((span == span[0]).all(0), span[0], 0).astype(np.int8)
    if alone:
        for beside in (first - 1, last + 1):
            if 0 <= beside < len(sides):
                pattern[sides[beside] == pattern] = 0
    return pattern
