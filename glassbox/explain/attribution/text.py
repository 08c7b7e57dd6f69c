"""Which tokens of a text made a network give this label its score? As `attribution` and `faithfulness` for pictures.

A hidden token is one read as unknown, as the network reads what is not in its vocabulary; a map is float64 (T,), what
each of the T tokens contributed. The score S of a label is the network's output before the Softmax.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from glassbox.explain.attribution.faithfulness import STEPS, PerturbationCurve, Scores, changes
from glassbox.explain.attribution.methods import Integrated
from glassbox.text.recurrent import TextNetwork
from glassbox.text.tokens import UNKNOWN

Map = NDArray[np.float64]
Method = Callable[[TextNetwork, Sequence[int], int], Map]


def integrated_gradients(network: TextNetwork, ids: Sequence[int], label: int, steps: int = 50) -> Integrated:
    """Return (e - u) times the mean of dS/de on the straight line from u to e, summed over each token's vector.

    e are the vectors that the text's `ids` are embedded as, u the same count of unknown ones. The map's sum should be
    S of the text less S of that many unknown tokens. The integral is taken at the middles of `steps` equal parts.
    Sundararajan et al., https://arxiv.org/abs/1703.01365
    """
    hidden = [UNKNOWN] * len(ids)
    start, end = network.embedding[hidden], network.embedding[list(ids)]
    way = ((np.arange(steps) + 0.5) / steps).astype(np.float32)
    gradients = network.gradients(start + way[:, None, None] * (end - start), label).astype(np.float64)
    scores = network.outputs([hidden, ids], network.score)[:, label].astype(np.float64)
    return Integrated(((end - start) * gradients.mean(0)).sum(1), float(scores[1] - scores[0]))


def occlusion(network: TextNetwork, ids: Sequence[int], label: int) -> Map:
    """Return what the score loses when each token by itself is hidden. Li et al., https://arxiv.org/abs/1612.08220"""
    without = np.tile(np.array(ids), (len(ids), 1))
    np.fill_diagonal(without, UNKNOWN)
    scores = network.outputs([ids, *without.tolist()], network.score)[:, label].astype(np.float64)
    return np.asarray(scores[0] - scores[1:])


METHODS: dict[str, Method] = {
    "integrated_gradients": lambda *given: integrated_gradients(*given).map,
    "occlusion": occlusion,
}


def deletion(
    network: TextNetwork, ids: Sequence[int], label: int, attribution: Map, steps: int = STEPS
) -> PerturbationCurve:
    """Return the deletion curve, which hides the tokens of highest attribution first.

    A small area says that they matter.

    Petsiuk et al., https://arxiv.org/abs/1806.07421
    """
    return _curve(network, ids, [UNKNOWN] * len(ids), label, attribution, steps)


def insertion(
    network: TextNetwork, ids: Sequence[int], label: int, attribution: Map, steps: int = STEPS
) -> PerturbationCurve:
    """Return the insertion curve, which hides all tokens and shows those of highest attribution first.

    A large area says that they suffice.

    Petsiuk et al., https://arxiv.org/abs/1806.07421
    """
    return _curve(network, [UNKNOWN] * len(ids), ids, label, attribution, steps)


def _curve(
    network: TextNetwork, before: Sequence[int], after: Sequence[int], label: int, attribution: Map, steps: int
) -> PerturbationCurve:
    shares, changed = changes(attribution, min(steps, len(before)))
    texts = np.where(changed, np.array(after), np.array(before)).tolist()
    return PerturbationCurve(shares, network.probabilities(texts)[:, label])


def scores(network: TextNetwork, ids: Sequence[int], label: int, attribution: Map) -> Scores:
    """Return the scores of a map: its deletion should be small and its insertion large."""
    return Scores(deletion(network, ids, label, attribution), insertion(network, ids, label, attribution))


def baseline(network: TextNetwork, ids: Sequence[int], label: int, seeds: Sequence[int] = range(5)) -> Scores:
    """Return what chance alone scores: of several maps of random numbers the one of median deletion."""
    maps = (np.random.default_rng(seed).random(len(ids)) for seed in seeds)
    found = sorted((scores(network, ids, label, one) for one in maps), key=lambda x: x.deletion.area)
    return found[len(found) // 2]
