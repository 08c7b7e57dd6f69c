"""The reference for head_effects: every head at one position alone, its attention beside what removing it does.

Attention says what a head reads from, its amount in the ledger what it writes towards a logit, and neither what the
logit would be without it, since other parts read what it wrote and the last norm's scale changes (Jain and Wallace,
"Attention is not Explanation", 2019, https://arxiv.org/abs/1902.10186). So each head is switched off by itself, all of
them in one batch, by zero ablation and, where means are known, by mean ablation.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import NamedTuple

import numpy as np

from glassbox.calibration import softmax
from glassbox.explain.interventions import HeadAblation
from glassbox.explain.ledger import ledger
from glassbox.explain.transformer_reader import TransformerReading


class Change(NamedTuple):
    """What is added to a logit and to a probability where a head is switched off: below 0 if it spoke for them."""

    logit: float
    probability: float


@dataclass(frozen=True)
class HeadEffect:
    """A head at one position: the `attention` that it pays to `source` there, the `amount` that it writes towards the
    logit, from all positions together, and what switching it off changes, `mean` being None without means."""

    layer: int
    head: int
    source: int
    attention: float
    amount: float
    zero: Change
    mean: Change | None


def effects_at(
    reading: TransformerReading, position: int, token: int, against: int | None = None, source: int | None = None
) -> list[HeadEffect]:
    """Return every head's effect on the logit of `token` for what follows `position`, layer after layer: one run.

    The logit is less that of `against` unless it is None; the probability is that of `token`. `source` is the position
    whose attention is asked for, or for each head the one that it attends to most. What `reading` was read with holds
    here too. Raises ValueError, naming what exists, for a
    position that was not read or a token that is not known.
    """
    found = ledger(reading, position, token, against)
    if source is not None:
        reading.require(source)
    paid = [reading.tensors[layer.attention.weights][0, :, position] for layer in reading.reader.parts.layers]
    heads = [(layer, head) for layer, rows in enumerate(paid) for head in range(len(rows))]
    ways = (False, True) if reading.reader.means else (False,)
    alone = [HeadAblation(layer, head, mean) for mean in ways for layer, head in heads]
    changes = _changes(reading, alone, position, token, against)
    effects = []
    for (layer, head), zero, mean in zip_longest(heads, changes[: len(heads)], changes[len(heads) :]):
        read = int(paid[layer][head].argmax()) if source is None else source
        amount = float(found.part("head", layer).amounts[head].sum())
        effects.append(HeadEffect(layer, head, read, float(paid[layer][head, read]), amount, zero, mean))
    return effects


def _changes(
    reading: TransformerReading, alone: Sequence[HeadAblation], position: int, token: int, against: int | None
) -> list[Change]:
    """What each of the ablations by itself changes."""
    reader = reading.reader
    ids = reading.feeds[reader.parts.ids][0, : position + 1]  # nothing before reads what stands behind
    runs = [reading.interventions, *([*reading.interventions, ablation] for ablation in alone)]
    logits = reader.last_logits(ids, runs).astype(np.float64)
    scores = logits[:, token] - (0.0 if against is None else logits[:, against])
    shares = softmax(logits)[:, token]
    pairs = zip((scores[1:] - scores[0]).tolist(), (shares[1:] - shares[0]).tolist(), strict=True)
    return [Change(*pair) for pair in pairs]
