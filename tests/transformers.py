"""Small transformers: random weights, and what they compute, in plain NumPy."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

Array = NDArray[Any]
EPSILON = 1e-6


@dataclass(frozen=True)
class Shape:
    """Sizes; `size`: numbers in a head's query, key or value; `neurons` 0 for attention only; `biases` where a graph
    may have them, though the exported ones do without."""

    vocabulary: int
    context: int
    layers: int
    heads: int
    size: int
    width: int
    neurons: int
    biases: bool = False


shapes = st.builds(
    Shape,
    vocabulary=st.integers(2, 9),
    context=st.integers(1, 7),
    layers=st.integers(1, 3),
    heads=st.integers(1, 4),
    size=st.integers(1, 4),
    width=st.integers(2, 9),
    neurons=st.sampled_from([0, 1, 5]),
    biases=st.booleans(),
)


def weights(shape: Shape, seed: int = 0) -> dict[str, Array]:
    """Random float32 weights by the names in the graph."""
    rng = np.random.default_rng(seed)
    sizes: dict[str, tuple[int, ...]] = {
        "embedding": (shape.vocabulary, shape.width),
        "places": (shape.context, shape.width),
    }
    for i in range(shape.layers):
        for part in ("query", "key", "value"):
            sizes[f"attention{i}/W_{part}"] = (shape.heads, shape.width, shape.size)
        sizes[f"attention{i}/W_write"] = (shape.heads, shape.size, shape.width)
        if shape.biases:
            sizes[f"attention{i}/b_write"] = (shape.width,)
        if shape.neurons:
            sizes[f"feedforward{i}/W_read"] = (shape.width, shape.neurons)
            sizes[f"feedforward{i}/W_write"] = (shape.neurons, shape.width)
            if shape.biases:
                sizes[f"feedforward{i}/b_write"] = (shape.width,)
    if shape.biases:
        sizes["b_logits"] = (shape.vocabulary,)
    return {name: rng.normal(0, 0.7, size).astype(np.float32) for name, size in sizes.items()}


@dataclass
class Computed:
    """One text in float64, position by position: `streams`, T vectors behind the embedding and each layer; what was
    added to them, by (layer, head, position, source), (layer, neuron, position) and (layer, "attention" or
    "feedforward") of the biases; the logits (T, vocabulary)."""

    streams: list[Array] = field(default_factory=list)
    heads: dict[tuple[int, int, int, int], Array] = field(default_factory=dict)
    neurons: dict[tuple[int, int, int], Array] = field(default_factory=dict)
    biases: dict[tuple[int, str], Array] = field(default_factory=dict)
    logits: Array = field(default_factory=lambda: np.empty(0))


@dataclass(frozen=True)
class Changes:
    """What is changed: the vector that a (layer, head) writes at each position, the activations of a layer's neurons,
    and what is added to a stream."""

    heads: dict[tuple[int, int], Array] = field(default_factory=dict)
    neurons: dict[int, Array] = field(default_factory=dict)
    streams: dict[int, Array] = field(default_factory=dict)


def norm(vector: Array) -> Array:
    """The vector divided by the root of its mean square."""
    return vector / np.sqrt(np.mean(vector**2) + EPSILON)


UNCHANGED = Changes()


def compute(shape: Shape, held: dict[str, Array], ids: list[int], changes: Changes = UNCHANGED) -> Computed:
    """The formulas one number at a time, in no way that the graph takes.

    A head that `changes` sets is in no entry of `heads`."""
    w = {name: array.astype(np.float64) for name, array in held.items()}
    steps, found = range(len(ids)), Computed()
    stream = np.array([w["embedding"][ids[t]] + w["places"][t] for t in steps])
    stream += changes.streams.get(0, 0)
    found.streams.append(stream)
    for i in range(shape.layers):
        name, read, after = f"attention{i}", [norm(stream[t]) for t in steps], stream.copy()
        for head in range(shape.heads):
            if (i, head) in changes.heads:
                after += changes.heads[i, head]
                continue
            query, key, value = (w[f"{name}/W_{part}"][head] for part in ("query", "key", "value"))
            for t in steps:
                scores = [read[t] @ query @ (read[s] @ key) / np.sqrt(shape.size) for s in range(t + 1)]
                shares = np.exp(scores) / np.sum(np.exp(scores))
                for s in range(t + 1):
                    written = shares[s] * (read[s] @ value @ w[f"{name}/W_write"][head])
                    found.heads[i, head, t, s] = written
                    after[t] += written
        if shape.biases:
            after += w[f"{name}/b_write"]
            found.biases[i, "attention"] = w[f"{name}/b_write"]
        stream = after
        if shape.neurons:
            after = stream.copy()
            for t in steps:
                for n in range(shape.neurons):
                    active = max(0.0, float(norm(stream[t]) @ w[f"feedforward{i}/W_read"][:, n]))
                    active = changes.neurons[i][n] if i in changes.neurons else active
                    found.neurons[i, n, t] = active * w[f"feedforward{i}/W_write"][n]
                    after[t] += found.neurons[i, n, t]
            if shape.biases:
                after += w[f"feedforward{i}/b_write"]
                found.biases[i, "feedforward"] = w[f"feedforward{i}/b_write"]
            stream = after
        stream = stream + changes.streams.get(i + 1, 0)
        found.streams.append(stream)
    found.logits = np.array([w["embedding"] @ norm(stream[t]) for t in steps]) + w.get("b_logits", 0.0)
    return found
