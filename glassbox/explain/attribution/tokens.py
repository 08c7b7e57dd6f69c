"""Which tokens of a text made a network give its answer? As `methods` and `faithfulness` for pictures.

Here is what holds for any network that reads tokens. What a text is to a network, how a token is hidden from it and
what answer is asked about say `text`, for networks that give a label, and `next_token`, for one that writes. A map is
float64 (size,), what each of the tokens that can be hidden contributed to the score S, from which the network makes
the probability of its answer.
"""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from glassbox.explain.attribution.faithfulness import STEPS, PerturbationCurve, Scores, curve
from glassbox.explain.attribution.methods import STEPS as INTEGRATION_STEPS
from glassbox.explain.attribution.methods import Integrated

Map = NDArray[np.float64]
Shown = NDArray[np.bool_]


class Text(Protocol):
    """A text before a network, with an answer in question; `size` of its tokens can be hidden.

    `embedded` and `hidden` (size, width): what those tokens are embedded as, and what stands there of a hidden one.
    """

    @property
    def embedded(self) -> NDArray[Any]: ...
    @property
    def hidden(self) -> NDArray[Any]: ...

    def scores(self, shown: Shown) -> NDArray[np.float64]:
        """Return S (n,) with the tokens `shown` (n, size) and all others hidden."""

    def probabilities(self, shown: Shown) -> NDArray[np.float64]:
        """Return the probability of the answer (n,), likewise."""

    def gradients(self, embedded: NDArray[np.float32]) -> NDArray[Any]:
        """Return dS/de (n, size, width) of the vectors e (n, size, width) in the tokens' place."""


def integrated_gradients(text: Text, steps: int = INTEGRATION_STEPS) -> Integrated:
    """Return (e - h) times the mean of dS/de on the straight line from h to e, summed over each token's vector.

    e are the tokens' vectors and h those of hidden tokens. The map's sum should be S of the text less S with all of
    them hidden. The integral is taken at the middles of `steps` equal parts.
    Sundararajan et al., https://arxiv.org/abs/1703.01365
    """
    start, way = text.hidden, text.embedded - text.hidden
    at = ((np.arange(steps) + 0.5) / steps).astype(np.float32)
    gradients = text.gradients(start + at[:, None, None] * way).astype(np.float64)
    none, whole = text.scores(np.array([[False], [True]]).repeat(len(way), axis=1))
    return Integrated((way * gradients.mean(0)).sum(1), float(whole - none))


def occlusion(text: Text) -> Map:
    """Return what the score loses when each token by itself is hidden. Li et al., https://arxiv.org/abs/1612.08220"""
    size = len(text.embedded)
    scores = text.scores(np.concatenate([np.ones((1, size), bool), ~np.eye(size, dtype=bool)]))
    return np.asarray(scores[0] - scores[1:])


def deletion(text: Text, attribution: Map, steps: int = STEPS) -> PerturbationCurve:
    """Return the deletion curve, which hides the tokens of highest attribution first.

    A small area says that they matter.

    Petsiuk et al., https://arxiv.org/abs/1806.07421
    """
    return curve(attribution, min(steps, attribution.size), lambda changed: text.probabilities(~changed))


def insertion(text: Text, attribution: Map, steps: int = STEPS) -> PerturbationCurve:
    """Return the insertion curve, which hides all tokens and shows those of highest attribution first.

    A large area says that they suffice.

    Petsiuk et al., https://arxiv.org/abs/1806.07421
    """
    return curve(attribution, min(steps, attribution.size), text.probabilities)


def scores(text: Text, attribution: Map) -> Scores:
    """Return the scores of a map: its deletion should be small and its insertion large."""
    return Scores(deletion(text, attribution), insertion(text, attribution))


def baseline(text: Text, seeds: Sequence[int] = range(5)) -> Scores:
    """Return what chance alone scores: of several maps of random numbers the one of median deletion."""
    maps = (np.random.default_rng(seed).random(len(text.embedded)) for seed in seeds)
    found = sorted((scores(text, one) for one in maps), key=lambda x: x.deletion.area)
    return found[len(found) // 2]
