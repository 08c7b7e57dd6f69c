"""Where does the difference between two texts pass through? Activation patching, cell by cell.

A transformer reads one text, but one of its parts at one position is set to what it was in the other text. How much of
the difference between the two answers this moves says what passes through there (Meng et al., "Locating and Editing
Factual Associations in GPT", 2022, https://arxiv.org/abs/2202.05262; the measure: Wang et al., "Interpretability in the
Wild", 2022, https://arxiv.org/abs/2211.00593). The shares need not add up to 1: what passes through one part and then
another counts in both.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glassbox.explain.transformer_reader import Ids, TransformerReader
from glassbox.graph.patch import Patch

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Moved:
    """The share of the answer that a part moves at each position, (T,): 0 nothing, 1 all of the difference.

    `kind`: "embedding" (the stream behind it), "head" or "neurons" (all of a layer's); `layer` and `head` are counted
    from 0, None where the kind has none.
    """

    kind: str
    layer: int | None
    head: int | None
    shares: NDArray[np.float64]


def moved(reader: TransformerReader, text: Ids, other: Ids, answer: int, other_answer: int) -> list[Moved]:
    """Return what each part of `text` (T,), taken over from `other` (T,), moves of what follows the last token: of how
    far the logit of `other_answer` is above that of `answer`.

    Raises ValueError for texts of different lengths, or where the two texts give the same.
    """
    pair = np.array([text, other], np.int64)
    values = reader.read_texts(pair, {}, list(reader.outputs))

    def margins(logits: Array) -> NDArray[np.float64]:
        last = logits[:, -1].astype(np.float64)
        found: NDArray[np.float64] = last[:, other_answer] - last[:, answer]
        return found

    here, there = margins(values[reader.parts.logits])
    if here == there:
        raise ValueError("both texts give the same: there is no difference to move")
    found = []
    for part in _parts(reader, values):
        cells = part.value.shape[0] * part.value.shape[1]
        patches = part.patch.replaced(part.value if part.by_head else part.value[0], _one_each(part))
        logits = reader.read_texts(np.repeat(pair[:1], cells, axis=0), patches, [reader.parts.logits])
        shares = (margins(logits[reader.parts.logits]) - here) / (there - here)
        rows = shares.reshape(part.value.shape[:2])
        found += [Moved(part.kind, part.layer, head if part.by_head else None, row) for head, row in enumerate(rows)]
    return found


@dataclass(frozen=True)
class _Part:
    """Cells of one tensor: `value` (heads or 1, T, numbers), as it is in the other text."""

    kind: str
    layer: int | None
    patch: Patch
    value: Array
    by_head: bool = False


def _parts(reader: TransformerReader, values: dict[str, Array]) -> Iterator[_Part]:
    yield _Part("embedding", None, reader.patched.streams[0], values[reader.parts.embedded][1:])
    for number, layer in enumerate(reader.parts.layers):
        attention = layer.attention
        mixed = values[attention.weights][1] @ values[attention.values][1]
        yield _Part("head", number, reader.patched.heads[number], mixed @ reader.weights[attention.output], True)
        neurons = reader.patched.neurons[number]
        if layer.feedforward and neurons:
            yield _Part("neurons", number, neurons, values[layer.feedforward.neurons][1:])


def _one_each(part: _Part) -> NDArray[np.bool_]:
    """Which cell each row of a batch replaces, as the patched tensor's axes are."""
    heads, steps, _ = part.value.shape
    chosen = np.eye(heads * steps, dtype=bool).reshape(heads * steps, heads, steps, 1)
    return chosen if part.by_head else chosen[:, 0]
