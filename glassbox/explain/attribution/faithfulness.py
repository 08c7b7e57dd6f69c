"""Faithfulness: does a map tell what the network looked at? Each attribution is shown with these scores.

A map of random numbers and one of the picture's edges, which know nothing of the network, are scored beside it: an
attribution that does no better explains nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glassbox.explain.attribution.methods import SIDE, Map, Network, Picture
from glassbox.graph.model import array
from glassbox.graph.training import trainable, with_weights
from glassbox.ranks import mid_ranks

STEPS = 49  # 16 of 784 pixels at a time

Method = Callable[[Network, Picture, int], Map]


class BlankMap(ValueError):
    """A score was asked of a map whose pixels are all alike."""


def blank(attribution: Map) -> bool:
    """Return whether all pixels of a map are alike, but for rounding: it names none before another, and what it would
    score is the order in which ties are broken."""
    return bool(np.ptp(attribution) <= 1e-9 * np.abs(attribution).max())


@dataclass(frozen=True)
class PerturbationCurve:
    """The label's calibrated probability (steps + 1,) when a share (steps + 1,) of the pixels is erased or put in."""

    shares: NDArray[np.float64]
    probabilities: NDArray[np.float64]

    @property
    def area(self) -> float:
        """The area under the curve, 0 to 1, by the trapezoidal rule."""
        return float(np.trapezoid(self.probabilities, self.shares))


def deletion(
    network: Network,
    picture: Picture,
    label: int,
    attribution: Map,
    steps: int = STEPS,
    *,
    baseline: Picture | None = None,
) -> PerturbationCurve:
    """Return the deletion curve, which erases the pixels of highest attribution first.

    A small area says that they matter. An erased pixel is that of `baseline`, of empty paper by default.

    Petsiuk et al., https://arxiv.org/abs/1806.07421
    """
    return _curve(network, picture, _or_empty(baseline, picture), label, attribution, steps)


def insertion(
    network: Network,
    picture: Picture,
    label: int,
    attribution: Map,
    steps: int = STEPS,
    *,
    baseline: Picture | None = None,
) -> PerturbationCurve:
    """Return the insertion curve, which puts the pixels of highest attribution on `baseline`, empty paper, first.

    A large area says that they suffice.

    Petsiuk et al., https://arxiv.org/abs/1806.07421
    """
    return _curve(network, _or_empty(baseline, picture), picture, label, attribution, steps)


def _or_empty(baseline: Picture | None, picture: Picture) -> Picture:
    return np.zeros_like(picture) if baseline is None else baseline


def _curve(
    network: Network, before: Picture, after: Picture, label: int, attribution: Map, steps: int
) -> PerturbationCurve:
    def probabilities(changed: NDArray[np.bool_]) -> NDArray[np.float64]:
        pictures = np.where(changed, after.reshape(1, -1), before.reshape(1, -1)).reshape(-1, SIDE, SIDE)
        return network.probabilities(pictures)[:, label]

    return curve(attribution, steps, probabilities)


def curve(
    attribution: Map, steps: int, probabilities: Callable[[NDArray[np.bool_]], NDArray[np.float64]]
) -> PerturbationCurve:
    """Return the curve of the `probabilities` (steps + 1,), given which of the n cells of `attribution` are changed,
    (steps + 1, n), as those of highest attribution are changed first."""
    shares, changed = changes(attribution, steps)
    return PerturbationCurve(shares, probabilities(changed))


def changes(attribution: Map, steps: int) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the shares (steps + 1,) from 0 to 1, and which of the n cells of `attribution` are changed at each,
    (steps + 1, n): those with the highest attribution first."""
    order = np.argsort(-attribution.reshape(-1), kind="stable")
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    shares = np.linspace(0, 1, steps + 1)
    return shares, rank[None] < np.round(shares * len(order))[:, None]


def random_map(seed: int = 0) -> Map:
    """Return a map of random numbers (28, 28): what chance alone scores."""
    return np.random.default_rng(seed).random((SIDE, SIDE))


def edge_map(picture: Picture) -> Map:
    """Return the strength of the picture's edges (Sobel): a map that knows the picture but not the network."""
    p = np.pad(picture.astype(np.float64), 1, mode="edge")
    across = p[:, 2:] - p[:, :-2]
    down = p[2:] - p[:-2]
    return np.hypot(across[:-2] + 2 * across[1:-1] + across[2:], down[:, :-2] + 2 * down[:, 1:-1] + down[:, 2:])


def sensitivity(
    network: Network,
    picture: Picture,
    label: int,
    method: Method,
    radius: float = 0.02,
    there: Map | None = None,
    samples: int = 3,
    seed: int = 0,
) -> float:
    """Return the largest change of the map, as a share of its norm, when each pixel changes by up to `radius`.

    Small is good.

    Estimated from a few random neighbours, so at least this large. `there` is the picture's own map, if it is at hand.
    Yeh et al., https://arxiv.org/abs/1901.09392

    Raises BlankMap for a map that is `blank`.
    """
    rng = np.random.default_rng(seed)
    there = method(network, picture, label) if there is None else there
    if blank(there):
        raise BlankMap("a map whose pixels are all alike has no change to measure")
    near = [picture + rng.uniform(-radius, radius, picture.shape).astype(np.float32) for _ in range(samples)]
    most = max(float(np.linalg.norm(method(network, other, label) - there)) for other in near)
    return most / float(np.linalg.norm(there))


@dataclass(frozen=True)
class RandomisedLayer:
    """How much a map still resembles the true one once `weight` and all behind it are shuffled: rank correlation over
    the picture's ink; NaN where one of the two maps is constant there, so that nothing can be compared."""

    weight: str
    similarity: float


def weight_randomisation(
    network: Network, picture: Picture, label: int, method: Method, seed: int = 0
) -> list[RandomisedLayer]:
    """Return how far the map still resembles itself as the weights are shuffled from the last layer to the first.

    Over the ink alone: a map that multiplies by the picture is 0 on empty paper with any weights, and so many ties
    would make all such maps alike. A map that stays the same does not show what the network learned.
    Adebayo et al., https://arxiv.org/abs/1810.03292
    """
    ink = picture > 0 if (picture > 0).any() else np.ones(picture.shape, bool)
    there = method(network, picture, label)[ink]
    return [
        RandomisedLayer(name, rank_correlation(method(other, picture, label)[ink], there))
        for name, other in shuffled(network, seed)
    ]


def shuffled(network: Network, seed: int = 0) -> Iterator[tuple[str, Network]]:
    """Yield networks with the weights of one more layer shuffled each, from last to first, and its name."""
    rng = np.random.default_rng(seed)
    weights = {tensor.name: array(tensor) for tensor in network.model.graph.initializer}
    changed: dict[str, NDArray[np.float32]] = {}
    for name in in_order(network)[::-1]:
        changed[name] = rng.permutation(weights[name].reshape(-1)).reshape(weights[name].shape)
        yield name, Network(with_weights(network.model, changed), network.provider, network.temperature)


def in_order(network: Network) -> list[str]:
    """Return the weights of at least two axes (a shuffled bias changes little), in the order in which they are used."""
    chosen = set(trainable(network.model))
    wide = {tensor.name for tensor in network.model.graph.initializer if len(tensor.dims) > 1}
    used = [name for node in network.model.graph.node for name in node.input]
    return [name for name in dict.fromkeys(used) if name in chosen & wide]


def rank_correlation(one: Map, other: Map) -> float:
    """Return Spearman's correlation of the absolute values of two maps; NaN where one of them is constant."""
    return float(agreement(np.stack([one, other]))[0, 1])


def agreement(maps: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return Spearman's correlations (n, n) of the absolute values of maps (n, ...).

    A constant map has an order of no pixels, and NaN with any.
    """
    ranks = np.stack([mid_ranks(one) for one in np.abs(maps).reshape(len(maps), -1)])
    apart = ranks - ranks.mean(1, keepdims=True)
    norms = np.linalg.norm(apart, axis=1)
    lengths = norms[:, None] * norms
    found = np.divide(apart @ apart.T, lengths, out=np.full_like(lengths, np.nan), where=lengths > 0)
    np.fill_diagonal(found, np.where(norms > 0, 1, np.nan))
    return np.asarray(np.clip(found, -1, 1))


def missed(
    network: Network, picture: Picture, label: int, attribution: Map, *, baseline: Picture | None = None
) -> float:
    """Return the share of S(x) - S(baseline) by which the sum of the map misses it: 0 for a complete one.

    The baseline is that of the map, empty paper by default.

    Sundararajan et al., https://arxiv.org/abs/1703.01365, proposition 1
    """
    full, empty = network.scores(np.stack([picture, _or_empty(baseline, picture)]))[:, label].astype(np.float64)
    return float(abs(attribution.sum() - (full - empty)) / max(abs(full - empty), 1e-9))


@dataclass(frozen=True)
class Scores:
    """How far a map can be trusted: deletion small, insertion large, sensitivity small (None for a given map)."""

    deletion: PerturbationCurve
    insertion: PerturbationCurve
    sensitivity: float | None = None


def scores(
    network: Network,
    picture: Picture,
    label: int,
    attribution: Map,
    method: Method | None = None,
    *,
    baseline: Picture | None = None,
) -> Scores:
    """Return the scores of a map, erased to `baseline`; its sensitivity too if the method that made it is given."""
    return Scores(
        deletion(network, picture, label, attribution, baseline=baseline),
        insertion(network, picture, label, attribution, baseline=baseline),
        None if method is None else sensitivity(network, picture, label, method, there=attribution),
    )


def baselines(
    network: Network,
    picture: Picture,
    label: int,
    seeds: Sequence[int] = range(5),
    *,
    baseline: Picture | None = None,
) -> dict[str, Scores]:
    """Return the scores of the edge map and of the random map whose deletion is the median of several."""
    chance = sorted(
        (scores(network, picture, label, random_map(s), baseline=baseline) for s in seeds),
        key=lambda x: x.deletion.area,
    )
    edges = scores(network, picture, label, edge_map(picture), baseline=baseline)
    return {"random": chance[len(chance) // 2], "edges": edges}
