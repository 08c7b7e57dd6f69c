"""What can be changed inside a transformer as it reads: heads and neurons switched off, a stream steered.

Zero ablation writes 0 in a part's place, mean ablation what the part writes on the average (Wang et al.,
"Interpretability in the Wild", 2022, https://arxiv.org/abs/2211.00593); steering adds a direction to a stream (Turner
et al., "Activation Addition", 2023, https://arxiv.org/abs/2308.10248). Layers, heads and streams are counted from 0:
stream 0 is the one behind the embedding, stream i + 1 the one behind layer i. All of it holds at every position.

>>> reader.read(ids, [HeadAblation(layer=0, head=2), NeuronAblation(layer=3, mean=True), Steering(2, direction, 0.5)])
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassbox.graph.patch import Feeds, Patch
from glassbox.graph.transformer import Transformer
from glassbox.zoo.means import Means


@dataclass(frozen=True)
class HeadAblation:
    """A head switched off: it writes 0 or, where `mean`, its mean write."""

    layer: int
    head: int
    mean: bool = False


@dataclass(frozen=True)
class NeuronAblation:
    """All neurons of a layer switched off: their activations are 0 or, where `mean`, their means."""

    layer: int
    mean: bool = False


@dataclass(frozen=True, eq=False)
class Steering:
    """`dose` times `direction` (width,) added to a stream."""

    stream: int
    direction: NDArray[Any]
    dose: float = 1.0


Intervention = HeadAblation | NeuronAblation | Steering
Interventions = Sequence[Intervention]


def patched_tensors(parts: Transformer) -> list[str]:
    """Return the tensors that are patched: what the heads of each layer write, its neurons, and the streams."""
    heads = [layer.attention.writes for layer in parts.layers]
    neurons = [layer.feedforward.neurons for layer in parts.layers if layer.feedforward]
    return [*heads, *neurons, *parts.streams]


class Patched:
    """The patches of a transformer's heads, neurons and streams, by layer or stream. A layer without neurons has
    None."""

    def __init__(
        self,
        patches: Mapping[str, Patch],
        parts: Transformer,
        weights: Mapping[str, NDArray[Any]],
        means: Means | None = None,
    ) -> None:
        """`patches`: those of `patched_tensors`; `weights`: the constants of the model. Raises ValueError for means of
        another transformer."""
        self.heads = [patches[layer.attention.writes] for layer in parts.layers]
        self.neurons = [patches[layer.feedforward.neurons] if layer.feedforward else None for layer in parts.layers]
        self.streams = [patches[name] for name in parts.streams]
        self.means = means
        self._head_counts = [len(weights[layer.attention.output]) for layer in parts.layers]
        self._neuron_counts = [
            len(weights[layer.feedforward.output]) if layer.feedforward else 0 for layer in parts.layers
        ]
        self._width = weights[parts.embedding].shape[1]
        if means is not None:
            self._check_means(means)

    def feeds(self, runs: Sequence[Interventions]) -> Feeds:
        """Return the feeds of a batch: of a text read once with each of `runs`, sets of interventions.

        Where two switch the same part off, the later one holds; directions on one stream add up. Raises ValueError,
        naming what exists, for a part that is not there, a direction of another width or of numbers that are not
        finite, and mean ablation without means.
        """
        found: Feeds = {}
        for run, interventions in enumerate(runs):
            for intervention in interventions:
                self._intervene(found, intervention, run, len(runs))
        return found

    def _intervene(self, feeds: Feeds, intervention: Intervention, run: int, count: int) -> None:
        """Enter one intervention into the feeds of run number `run` of `count`."""
        match intervention:
            case HeadAblation(layer, head, mean):
                _require("layer", layer, len(self.heads))
                heads = self._head_counts[layer]
                _require("head", head, heads)
                patch, means = self.heads[layer], self._means(mean)
                _entry(feeds, patch.keep, np.ones((count, heads, 1, 1), bool))[run, head] = False
                value = _entry(feeds, patch.value, np.zeros((count, heads, 1, self._width), patch.dtype))
                value[run, head] = means.heads[layer, head] if means else 0
            case NeuronAblation(layer, mean):
                _require("layer", layer, len(self.neurons))
                neurons, means = self.neurons[layer], self._means(mean)
                if neurons is None:
                    raise ValueError(f"layer {layer} has no neurons")
                _entry(feeds, neurons.keep, np.ones((count, 1, 1), bool))[run] = False
                value = np.zeros((count, 1, self._neuron_counts[layer]), neurons.dtype)
                _entry(feeds, neurons.value, value)[run] = means.neurons[layer] if means else 0
            case Steering(stream, direction, dose):
                _require("stream", stream, len(self.streams))
                patch = self.streams[stream]
                with np.errstate(over="ignore"):
                    added = (dose * np.asarray(direction)).astype(patch.dtype)
                if added.shape != (self._width,) or not np.isfinite(added).all():
                    raise ValueError(f"a direction is {self._width} finite numbers in a row; got {added.shape}")
                value = _entry(feeds, patch.value, np.zeros((count, 1, self._width), patch.dtype))
                value[run] += added

    def _means(self, wanted: bool) -> Means | None:
        if wanted and self.means is None:
            raise ValueError("nothing can be set to its mean: no means of this transformer are at hand")
        return self.means if wanted else None

    def _check_means(self, means: Means) -> None:
        layers, heads, width = means.heads.shape
        counts = {*self._neuron_counts}
        fits = len(self.heads) == layers and {*self._head_counts} == {heads} and self._width == width
        if not fits or counts != {means.neurons.shape[1]}:
            raise ValueError(f"the means of {layers} layers of {heads} heads, {width} wide, are another transformer's")


def _entry(feeds: Feeds, name: str, start: NDArray[Any]) -> NDArray[Any]:
    """The array fed as `name`, which is `start` at first."""
    return feeds.setdefault(name, start)


def _require(kind: str, number: int, count: int) -> None:
    if not 0 <= number < count:
        raise ValueError(f"there is no {kind} {number}; there are {count}, counted from 0")
