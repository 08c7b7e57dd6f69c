"""A transformer's logit as a sum: what the token, its position, each head from each token, each neuron and bias add.

>>> reading = TransformerReader("models/poet_zh/1/model.onnx").read(ids)
>>> found = ledger(reading, position=11, token=7)
>>> [(entry.kind, entry.layer, entry.index, entry.amount) for entry in found.largest(3)]

Every part of a transformer adds a vector to the residual stream, and a logit is the stream's product with a direction,
so that it falls into one amount a part: direct logit attribution (Elhage et al., "A Mathematical Framework for
Transformer Circuits", 2021, https://transformer-circuits.pub/2021/framework/). Two things are taken as they came out
of this run, though they depend on what was read: the attention weights, and the scale of the last norm, 1 / the root of
the stream's mean square, which all parts set together. So an amount says what a part wrote here, and not how much
lower the logit were without it: a part that is taken away changes the scale, and all that reads from it. Of a text
read with interventions, the amounts and the sum are those of that run.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassbox.explain.terms.explain import Term
from glassbox.explain.transformer_reader import TransformerReading
from glassbox.graph.transformer import Attention

Array = NDArray[np.float64]
Selection = tuple[Any, ...]
ALL = slice(None)


@dataclass(frozen=True)
class Entry:
    """What one part adds to the logit: `kind`, `layer` and `index` say which, as in `Part`."""

    kind: str
    layer: int | None
    index: tuple[int, ...]
    amount: float


@dataclass(frozen=True)
class Part:
    """The amounts in logits of all entries of a kind in a layer.

    - "token", "position": of the two embeddings, ();
    - "head": (heads, T), by head and by the position that it reads, 0 where that is masked;
    - "neuron": (neurons,);
    - "head_mean": (heads,), of the mean that a head was set to, where one was; as a "head" it then adds nothing;
    - "head_bias", "neuron_bias": of the bias added to what a layer's heads or neurons write, ();
    - "steering": of the direction added to the stream behind the layer, or behind the embedding, ();
    - "bias": of the bias added to the logits, ().

    `layer` is counted from 0, and None outside the layers. Each amount is the sum of `tensor[selection]`, which has one
    axis more, times `weights` over that axis. `factor`: the tensor and selection of what the weights are a multiple of.
    """

    kind: str
    layer: int | None
    tensor: str
    selection: Selection
    weights: Array
    amounts: Array
    factor: tuple[str, Selection] | None = None


@dataclass(frozen=True)
class Ledger:
    """The logit of `token` for what follows `position`, less that of `against` unless it is None, as a sum of amounts.

    `scale`: what the last norm multiplies the stream with at this position, as it was in this run. `direction`
    (width,): what the stream is multiplied with for the logit, `scale` included. `engine`: ONNX Runtime's own number.
    """

    reading: TransformerReading
    position: int
    token: int
    against: int | None
    scale: float
    direction: Array
    parts: tuple[Part, ...]
    engine: float

    @property
    def amounts(self) -> Array:
        """All amounts, (entries,), part after part."""
        return np.concatenate([part.amounts.reshape(-1) for part in self.parts])

    @property
    def total(self) -> float:
        """The sum of all amounts."""
        return float(self.amounts.sum())

    @property
    def magnitude(self) -> float:
        """The sum of the sizes of all amounts: what a rounding error is in proportion to."""
        return float(np.abs(self.amounts).sum())

    @property
    def error(self) -> float:
        """How far `total` is from the engine's number, relative to `magnitude`; 0 where both are 0."""
        return abs(self.total - self.engine) / (self.magnitude or 1.0)

    def part(self, kind: str, layer: int | None = None) -> Part:
        """Return the entries of a kind in a layer. Raises ValueError, naming what exists, where there are none."""
        for part in self.parts:
            if (part.kind, part.layer) == (kind, layer):
                return part
        exist = ", ".join(f"{part.kind!r} in {part.layer}" for part in self.parts)
        raise ValueError(f"nothing of the kind {kind!r} is in layer {layer}; there are {exist}")

    def largest(self, count: int) -> list[Entry]:
        """Return the `count` entries whose amounts are largest in size, the largest first."""
        amounts, ends = self.amounts, np.cumsum([part.amounts.size for part in self.parts])
        found = []
        for place in np.argsort(-np.abs(amounts), kind="stable")[:count].tolist():
            which = int(np.searchsorted(ends, place, side="right"))
            part = self.parts[which]
            index = np.unravel_index(place - int(ends[which]) + part.amounts.size, part.amounts.shape)
            found.append(Entry(part.kind, part.layer, tuple(map(int, index)), float(amounts[place])))
        return found

    def terms(self, kind: str, layer: int | None = None, index: tuple[int, ...] = ()) -> list[Term]:
        """Return the products that an entry's amount is the sum of.

        Each names the cell that it reads: of an embedding, of a neuron, or of a head's value at the position that it
        reads, whose weight then comes from the cell of the attention. `reading.inside.terms` explains such a cell, and
        the cells behind it, back to the rows of the embeddings. Raises ValueError, naming what exists, for an entry
        that is not there.
        """
        part = self.part(kind, layer)
        shape = part.amounts.shape
        if len(index) != len(shape) or not all(0 <= i < size for i, size in zip(index, shape, strict=True)):
            raise ValueError(f"{kind!r} has no entry {index}; its shape is {shape}, counted from 0")
        every = self.reading.inside.products(part.tensor, part.selection, part.weights, part.factor)
        count = part.weights.shape[-1]
        place = int(np.ravel_multi_index(index, shape)) if shape else 0
        return every[place * count : (place + 1) * count]


def ledger(reading: TransformerReading, position: int, token: int, against: int | None = None) -> Ledger:
    """Return the logit of `token` at `position` of a text, or the difference of it and that of `against`, as a sum.

    What follows the token at `position` is what the logit is about. Raises ValueError, naming what exists, for a
    position that was not read or a token that is not known.
    """
    tokens = [token] if against is None else [token, against]
    signs = np.array([1.0, -1.0][: len(tokens)])
    reading.require(position, *tokens)
    names = reading.reader.parts
    scale = 1 / float(reading.tensors[names.size][0, position, 0])
    direction = scale * (signs @ reading.reader.unembedding[tokens])
    return Ledger(
        reading=reading,
        position=position,
        token=token,
        against=against,
        scale=scale,
        direction=direction,
        parts=tuple(_parts(reading, position, direction, tokens, signs)),
        engine=float(signs @ reading.logits[position, tokens]),
    )


def _parts(
    reading: TransformerReading, position: int, direction: Array, tokens: list[int], signs: Array
) -> Iterator[Part]:
    """All parts, in the order in which they write into the stream."""
    names = reading.reader.parts
    here = (0, position, ALL)
    yield _part(reading, "token", None, names.token, here, direction)
    yield _part(reading, "position", None, names.position, here[1:], direction)
    yield from _steering(reading, None, direction)
    for number, layer in enumerate(names.layers):
        yield from _heads(reading, number, layer.attention, position, direction)
        if layer.attention.bias:
            yield _part(reading, "head_bias", number, layer.attention.bias, (ALL,), direction)
        if layer.feedforward:
            into = reading.reader.weights[layer.feedforward.output] @ direction
            yield _part(reading, "neuron", number, layer.feedforward.neurons, (*here, None), into[:, None])
            if layer.feedforward.bias:
                yield _part(reading, "neuron_bias", number, layer.feedforward.bias, (ALL,), direction)
        yield from _steering(reading, number, direction)
    if names.bias:
        yield _part(reading, "bias", None, names.bias, (tokens,), signs)


def _heads(
    reading: TransformerReading, layer: int, attention: Attention, position: int, direction: Array
) -> Iterator[Part]:
    """A head's entry for a source: its attention weight times its value there, through W_O towards the direction.

    One that was switched off writes what its patch was fed instead.
    """
    into = reading.reader.weights[attention.output] @ direction  # (heads, size)
    patch = reading.reader.patched.heads[layer]
    if patch.keep in reading.feeds:
        into = into * reading.feeds[patch.keep][0, :, 0]
    read = (0, ALL, position, ALL, None)
    weights = reading.tensors[attention.weights][read] * into[:, None, :]
    part = _part(reading, "head", layer, attention.values, (0,), weights)
    yield replace(part, factor=(attention.weights, read))
    if patch.value in reading.feeds and reading.feeds[patch.value].any():
        toward = np.broadcast_to(direction, (len(into), len(direction)))
        yield _part(reading, "head_mean", layer, patch.value, (0, ALL, 0), toward)


def _steering(reading: TransformerReading, layer: int | None, direction: Array) -> Iterator[Part]:
    """What was added to the stream behind a layer."""
    patch = reading.reader.patched.streams[0 if layer is None else layer + 1]
    if patch.value in reading.feeds:
        yield _part(reading, "steering", layer, patch.value, (0, 0), direction)


def _part(
    reading: TransformerReading, kind: str, layer: int | None, tensor: str, selection: Selection, weights: Array
) -> Part:
    held = next(held for held in (reading.tensors, reading.feeds, reading.reader.weights) if tensor in held)
    values = held[tensor][selection]
    return Part(kind, layer, tensor, selection, weights, (values * weights).sum(-1))
