"""Do these heads do it? How often a transformer is right with all its heads, without some of them, with these alone.

That heads look at the right places, or write towards the right token, proposes a circuit; that the network is as good
with nothing else, and fails without, is what speaks for it (Wang et al., "Interpretability in the Wild", 2022,
https://arxiv.org/abs/2211.00593, call the first faithfulness).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from glassbox.explain.heads import HeadScores, head_scores
from glassbox.explain.interventions import HeadAblation, Interventions
from glassbox.explain.transformer_reader import TransformerReader

Head = tuple[int, int]
"""Its layer and its place in it, both counted from 0."""
MOST_HEADS = 8
"""Heads of whose sets all can be tried."""


@dataclass(frozen=True)
class Texts:
    """Texts that a network is held to: `ids` (N, T + 1), and which tokens of `ids[:, 1:]` are `counted`, (N, T)."""

    ids: NDArray[np.int64]
    counted: NDArray[np.bool_]

    @property
    def read(self) -> NDArray[np.int64]:
        """What the network reads, (N, T)."""
        return self.ids[:, :-1]

    @property
    def following(self) -> NDArray[np.int64]:
        """What it should give the largest logit to, (N, T)."""
        return self.ids[:, 1:]


def heads(reader: TransformerReader) -> tuple[Head, ...]:
    """Return all heads, layer by layer."""
    counts = [len(reader.weights[layer.attention.output]) for layer in reader.parts.layers]
    return tuple((layer, head) for layer, count in enumerate(counts) for head in range(count))


def foreseen(reader: TransformerReader, texts: Texts, interventions: Interventions = ()) -> NDArray[np.int64]:
    """Return the token with the largest logit behind each that is read, (N, T), with the `interventions` made.

    Raises ValueError for a part that is not there.
    """
    patches = reader.patched.feeds([interventions])
    logits = reader.read_texts(texts.read, patches, [reader.parts.logits])[reader.parts.logits]
    found: NDArray[np.int64] = logits.argmax(axis=-1)
    return found


def accuracy(reader: TransformerReader, texts: Texts, off: Collection[Head] = ()) -> float:
    """Return the share of the counted tokens that are foreseen while the heads `off` write zeros.

    Raises ValueError for a head that is not there, or where no token is counted.
    """
    if not texts.counted.any():
        raise ValueError("no token is counted")
    found = foreseen(reader, texts, [HeadAblation(*head) for head in off])
    return float((found == texts.following)[texts.counted].mean())


def only(reader: TransformerReader, kept: Collection[Head]) -> tuple[Head, ...]:
    """Return all heads but `kept`: those that are off where these are alone. Raises ValueError for one not there."""
    every = heads(reader)
    if unknown := [head for head in kept if head not in every]:
        raise ValueError(f"there is no head {unknown[0]}; there are {', '.join(map(str, every))}")
    return tuple(head for head in every if head not in kept)


def scores(reader: TransformerReader, texts: Texts) -> tuple[HeadScores, ...]:
    """Return what the heads of each layer look at in `texts`."""
    names = [layer.attention.weights for layer in reader.parts.layers]
    patterns = reader.read_texts(texts.read, {}, names)
    return tuple(head_scores(patterns[name], texts.read) for name in names)


def direct_attribution(reader: TransformerReader, texts: Texts) -> tuple[NDArray[np.float64], ...]:
    """Return what each head of each layer, (heads,), adds to the logit of the token that follows beyond what it adds to
    all tokens' on the average: the mean over the counted tokens.

    As in `ledger`, the last norm's scale is taken as it came out.
    """
    found = reader.read_texts(texts.read, {}, reader.outputs)
    directions = (reader.unembedding - reader.unembedding.mean(axis=0))[texts.following].astype(np.float64)
    directions = (directions / found[reader.parts.size])[texts.counted]
    amounts = []
    for layer in reader.parts.layers:
        attention = layer.attention
        writes = found[attention.weights] @ found[attention.values] @ reader.weights[attention.output]
        amounts.append(np.einsum("nhw,nw->h", writes.swapaxes(1, 2)[texts.counted], directions) / len(directions))
    return tuple(amounts)


def own_token(reader: TransformerReader, texts: Texts) -> tuple[NDArray[np.float64], ...]:
    """Return the share of its attention that each head of each layer, (heads,), pays to the position it is at itself,
    over all positions but the first, which can look nowhere else."""
    names = [layer.attention.weights for layer in reader.parts.layers]
    patterns = reader.read_texts(texts.read, {}, names)
    own = (patterns[name].diagonal(axis1=2, axis2=3)[..., 1:].astype(np.float64) for name in names)
    return tuple(shares.mean(axis=(0, 2)) for shares in own)


def accuracy_by_heads(reader: TransformerReader, texts: Texts) -> dict[tuple[Head, ...], float]:
    """Return the accuracy with each set of heads on and the others off, by the heads that are on.

    2 to the number of heads runs. Raises ValueError for more than MOST_HEADS heads, or where no token is counted.
    """
    every = heads(reader)
    if len(every) > MOST_HEADS:
        raise ValueError(f"{len(every)} heads have too many sets to run the network with each: {MOST_HEADS} at most")
    sets = [on for count in range(len(every) + 1) for on in combinations(every, count)]
    return {on: accuracy(reader, texts, only(reader, on)) for on in sets}


def fewest(by_heads: Mapping[tuple[Head, ...], float], within: float = 0.01) -> tuple[Head, ...]:
    """Return the fewest heads whose accuracy is within `within` of that of all; of as few ones, the best."""
    enough = by_heads[max(by_heads, key=len)] - within
    return min((on for on in by_heads if by_heads[on] >= enough), key=lambda on: (len(on), -by_heads[on]))
