"""What does a neuron do? Remove it, and see what becomes of the verdict. The whole network runs again without it.

Meyes, Lu, de Puiseau, Meisen, "Ablation Studies in Artificial Neural Networks", 2019, https://arxiv.org/abs/1901.08644
"""

from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassbox.explain.terms.explain import Inside, Tapped
from glassbox.graph.model import Model
from glassbox.graph.patch import with_patches

Array = NDArray[Any]


class Ablation:
    """A model with one input and a switch at each of the `units` of its layer `layer`, whose output is (N, units)."""

    def __init__(self, model: Model, layer: str, provider: str = "cpu") -> None:
        """Raises ValueError for a layer that the model does not have or whose output is not (N, units)."""
        patched, patches = with_patches(model, [layer])
        self._patch = patches[layer]
        self._tapped = Tapped(patched, provider)
        self.layer = layer
        self.output = self._tapped.session.outputs[0]
        shape = self._patch.shape
        if shape is None or len(shape) != 2 or not isinstance(shape[1], int):
            raise ValueError(f"layer {layer!r} gives {shape}, not (N, units)")
        self.units = shape[1]
        (self._input,) = self._tapped.session.inputs

    def run(self, picture: Array, removed: Collection[int] = ()) -> Inside:
        """Return every number inside the model as it reads `picture` (1, ...) without the units `removed`.

        Raises ValueError for a unit that is not there.
        """
        return self._tapped.run({self._input: picture} | self._patch.replaced(0, self._chosen(removed)))

    def each(self, picture: Array, removed: Collection[int] = ()) -> Array:
        """Return the model's outputs (units, labels): row j is what it gives for `picture` (1, ...) when unit j is
        removed as well as those `removed`. One run. Raises ValueError for a unit that is not there.
        """
        chosen = self._chosen(removed) | np.eye(self.units, dtype=bool)
        feeds = {self._input: np.repeat(picture, self.units, axis=0)} | self._patch.replaced(0, chosen)
        run = self._tapped.session.run(feeds, [self.output])
        answer: Array = run.outputs[self.output]
        return answer

    def _chosen(self, removed: Collection[int]) -> NDArray[np.bool_]:
        if unknown := [unit for unit in removed if not 0 <= unit < self.units]:
            raise ValueError(f"layer {self.layer!r} has no unit {unknown[0]}; it has {self.units}, counted from 0")
        chosen = np.zeros(self.units, bool)
        chosen[list(removed)] = True
        return chosen
