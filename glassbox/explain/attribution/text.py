"""Which tokens of a text made a network give this label its score? See `tokens` for what the methods do.

A hidden token is one read as unknown, as the network reads what is not in its vocabulary. The score S of a label is
the network's output before the Softmax.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glassbox.explain.attribution import tokens
from glassbox.explain.attribution.faithfulness import Scores
from glassbox.explain.attribution.methods import STEPS as INTEGRATION_STEPS
from glassbox.explain.attribution.methods import Integrated
from glassbox.explain.attribution.tokens import Map, Shown
from glassbox.text.recurrent import TextNetwork
from glassbox.text.tokens import UNKNOWN

Method = Callable[[TextNetwork, Sequence[int], int], Map]


@dataclass(frozen=True)
class LabelledText:
    """The text of the tokens `ids` before a classifier, with a label in question: a `tokens.Text`."""

    network: TextNetwork
    ids: Sequence[int]
    label: int

    @property
    def embedded(self) -> NDArray[np.float32]:
        """The tokens' vectors, (T, E)."""
        return self.network.embedding[list(self.ids)]

    @property
    def hidden(self) -> NDArray[np.float32]:
        """As many vectors of the unknown token."""
        return self.network.embedding[[UNKNOWN] * len(self.ids)]

    def scores(self, shown: Shown) -> NDArray[np.float64]:
        """Return S (n,) with the tokens `shown` (n, T)."""
        return self.network.outputs(self._texts(shown), self.network.score)[:, self.label].astype(np.float64)

    def probabilities(self, shown: Shown) -> NDArray[np.float64]:
        """Return the label's calibrated probability (n,), likewise."""
        return self.network.probabilities(self._texts(shown))[:, self.label]

    def gradients(self, embedded: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return dS/de of vectors e (n, T, E)."""
        return self.network.gradients(embedded, self.label)

    def _texts(self, shown: Shown) -> list[list[int]]:
        texts: list[list[int]] = np.where(shown, np.array(self.ids), UNKNOWN).tolist()
        return texts


def integrated_gradients(
    network: TextNetwork, ids: Sequence[int], label: int, steps: int = INTEGRATION_STEPS
) -> Integrated:
    """Return `tokens.integrated_gradients` of a label."""
    return tokens.integrated_gradients(LabelledText(network, ids, label), steps)


def occlusion(network: TextNetwork, ids: Sequence[int], label: int) -> Map:
    """Return `tokens.occlusion` of a label."""
    return tokens.occlusion(LabelledText(network, ids, label))


METHODS: dict[str, Method] = {
    "integrated_gradients": lambda *given: integrated_gradients(*given).map,
    "occlusion": occlusion,
}


def scores(network: TextNetwork, ids: Sequence[int], label: int, attribution: Map) -> Scores:
    """Return the scores of a map: its deletion should be small and its insertion large."""
    return tokens.scores(LabelledText(network, ids, label), attribution)


def baseline(network: TextNetwork, ids: Sequence[int], label: int, seeds: Sequence[int] = range(5)) -> Scores:
    """Return what chance alone scores: of several maps of random numbers the one of median deletion."""
    return tokens.baseline(LabelledText(network, ids, label), seeds)
