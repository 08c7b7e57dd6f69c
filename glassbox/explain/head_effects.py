"""How much does each head matter? What would come next without it, at every position of a text.

Attention says what a head reads from, its amount in the ledger what it writes towards a logit, and neither what the
network would say without it, since other parts read what it wrote and the last norm's scale changes (Jain and Wallace,
"Attention is not Explanation", 2019, https://arxiv.org/abs/1902.10186). So each head is switched off by itself, all of
them in one batch.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from glassbox.calibration import softmax
from glassbox.explain.interventions import HeadAblation
from glassbox.explain.transformer_reader import TransformerReading


def head_effects(reading: TransformerReading, tokens: Sequence[int], *, mean: bool = False) -> NDArray[np.float64]:
    """Return the probability of each position's one of `tokens` (T,) for what follows it, if one head alone were
    switched off, (layers, heads, T).

    That head writes 0 or, where `mean`, its mean write. What `reading` was read with holds here too. Raises ValueError
    for another number of tokens, one that is not known, and mean ablation without means.
    """
    reader = reading.reader
    if len(tokens) != reading.steps:
        raise ValueError(f"one token a position is asked for, {reading.steps} of them, not {len(tokens)}")
    reader.require_tokens(tokens)
    counts = [len(reader.weights[layer.attention.output]) for layer in reader.parts.layers]
    each = [(layer, head) for layer, count in enumerate(counts) for head in range(count)]
    ids = reading.feeds[reader.parts.ids][0]
    runs = [[*reading.interventions, HeadAblation(layer, head, mean)] for layer, head in each]
    logits = reader.read_batch(ids, runs, [reader.parts.logits])[reader.parts.logits]
    # Position by position, as the softmax in 64 bits of all takes four times what they take.
    found = [softmax(logits[:, position])[:, token] for position, token in enumerate(tokens)]
    return np.stack(found, axis=-1).reshape(len(counts), -1, reading.steps)
